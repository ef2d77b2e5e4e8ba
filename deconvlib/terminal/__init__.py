"""The package's answers at a terminal: a pasted line is read, the package is asked, and the answer is written down."""
