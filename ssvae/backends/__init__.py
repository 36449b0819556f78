"""The training step of each Keras backend, and what only a backend can do."""
