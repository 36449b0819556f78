"""Where classes and parts are, from the names of image files alone."""
