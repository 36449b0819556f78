"""The graph of similar images, and the labels spread over it."""
