"""What the figures show, by the part of the book that they belong to."""
