"""The model as an estimator of scikit-learn, of vectors and of images."""
