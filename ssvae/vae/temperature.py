"""The temperature of a classifier: the divisor of its logits that calibrates them."""

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

# The lowest and the highest temperature.
TEMPERATURES = (0.05, 50.0)


def fit_temperature(
    logits: np.ndarray, targets: np.ndarray, weights: np.ndarray | None = None
) -> float:
    """Return the temperature T with the lowest cross-entropy of softmax(logits / T).

    Args:
        logits: Float array `(n, num_classes)`.
        targets: int array `(n,)`, classes.
        weights: Float array `(n,)`, how much each row counts; None for each alike.
    """

    def loss(log_temperature):
        log_q = log_softmax(logits / np.exp(log_temperature), axis=1)
        losses = -log_q[np.arange(len(targets)), targets]
        return np.average(losses, weights=weights)

    best = minimize_scalar(loss, bounds=np.log(TEMPERATURES), method="bounded")
    return float(np.exp(best.x))
