"""Components of the app's own: JavaScript and CSS, and the Python that mounts them."""
