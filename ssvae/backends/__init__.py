"""Code that depends on the Keras backend: TensorFlow, JAX or PyTorch."""
