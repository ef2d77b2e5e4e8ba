"""What the figures show, a module for each kind of picture."""
