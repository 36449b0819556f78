"""Image files are decoded: formats, headers, values, colors."""
