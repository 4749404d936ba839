"""Arithmetic of ImageJ on arrays: no files, no tables."""
