"""Labels from tables as people have them."""
