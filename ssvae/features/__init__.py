"""What images are compared by."""
