"""Features: the vectors by which images are compared."""
