"""The processor: video in, observations out."""
