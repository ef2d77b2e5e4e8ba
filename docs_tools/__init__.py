"""What builds the site and keeps it true.  Not part of the package."""
