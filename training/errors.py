"""What can go wrong in training with a sentence for it. Here, because the modules that raise them load Keras."""


class ImagenetMissing(Exception):
    """ImageNet's weights can't be downloaded, or the file given for them is not theirs. The message says what to do."""


class CheckpointUnusable(Exception):
    """A checkpoint can't be written (no room on the disk), or can't be read, or is of another network."""
