"""Projects: a folder of images, classes, labels that people give, and models."""
