import pytest

from dashboard.player import obstacle


@pytest.mark.parametrize(
    ("name", "codec", "plays"),
    [("a.mp4", "h264", True), ("a.MOV", "h264", True), ("a.webm", "vp9", True), ("a.mp4", None, True)]
    + [("a.avi", "mpeg4", False), ("a.mkv", "h264", False), ("a.mp4", "hevc", False), ("a.gif", "gif", False)],
)
def test_what_browsers_play(tmp_path, name, codec, plays):
    path = tmp_path / name
    path.write_bytes(b"x")
    assert (obstacle(path, codec) is None) == plays


def test_missing_file(tmp_path):
    assert "not where it was" in obstacle(tmp_path / "gone.mp4", "h264")
