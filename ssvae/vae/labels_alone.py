"""A classifier of feature vectors that learns from the labels alone."""

import numpy as np

from ssvae.data.balance import ABSENT
from ssvae.vae.mixture import Linear

# Root mean square length that vectors are scaled to. With it the usual strength of the
# regularization, C = 1, suits few labels and many.
LENGTH = 10.0
# Rounds of the optimizer, at most.
MAX_ROUNDS = 300


def fit_labels_alone(
    vectors: np.ndarray, labels: np.ndarray, num_classes: int
) -> Linear:
    """Fit a logistic regression to labeled vectors.

    It is what unlabeled images must improve on.

    Args:
        vectors: float32 array `(k, d)`, of labeled images only.
        labels: int array `(k,)`, their classes.
        num_classes: Number of classes; one without labels is never guessed.
    """
    # Imported here, because it takes a second.
    from sklearn.linear_model import LogisticRegression

    present = np.unique(labels)
    kernel = np.zeros((vectors.shape[1], num_classes), np.float32)
    bias = np.full(num_classes, np.log(ABSENT), np.float32)
    bias[present] = 0
    if len(present) > 1:
        scale = LENGTH / np.sqrt(np.mean(np.sum(vectors**2, axis=1)))
        model = LogisticRegression(max_iter=MAX_ROUNDS, tol=1e-3)
        # Each label twice with half the weight is the same sum. Of single labels
        # scikit-learn warns that they may be numbers to regress.
        twice = np.repeat(scale * vectors, 2, axis=0), np.repeat(labels, 2)
        model.fit(*twice, sample_weight=np.full(2 * len(labels), 0.5))
        weights, biases = scale * model.coef_, model.intercept_
        if len(present) == 2:
            # scikit-learn gives the second class only.
            weights, biases = np.r_[-weights, weights] / 2, np.r_[-biases, biases] / 2
        kernel[:, present], bias[present] = weights.T, biases
    return Linear(kernel, bias)
