"""Blocks that run in the page: which of them can, and the files that they need."""
