"""Wrong on purpose: small changes of the pages and of the package, one at a time; a doc test must notice each."""
