"""Data sets in, model bundles and evaluations out."""
