"""p(y) of unlabeled images, by a classifier whose labels were drawn otherwise.

It is known as label shift: p(x|y) is the same, p(y) is not. The estimate is that of
maximum likelihood (Saerens, Latinne and Decaestecker 2002), with a classifier that is
calibrated for each class (Alexandari, Kundaje and Shrikumar 2020), and with a Dirichlet
prior.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

# Rounds of EM. They converge slowly where classes look alike.
NUM_ROUNDS = 200
# Logarithm of the factor of the logits: mean and standard deviation of its prior. A
# regression on few labels is unsure, so its logits are too small. Without the prior, a
# few labels that are all predicted right make the factor infinite.
LOG_FACTOR, FACTOR_SPREAD = 0.5, 0.3
# Standard deviation of the prior of each class's bias, nats.
BIAS_SPREAD = 0.5


@dataclass(frozen=True)
class Calibration:
    """A factor of the logits, and a bias for each class.

    Attributes:
        factor: Factor above 0.
        bias: float64 array `(num_classes,)`, nats.
    """

    factor: float
    bias: np.ndarray

    @classmethod
    def of(cls, logits: np.ndarray, classes: np.ndarray) -> Calibration:
        """Fit it to labels that were left out.

        Args:
            logits: Float array `(k, num_classes)`, each without the image's own label.
            classes: int array `(k,)`, these labels; none leaves the prior's values.
        """
        rows = np.arange(len(classes))

        def loss(values):
            factor, bias = np.exp(values[0]), values[1:]
            log_q = log_softmax(logits * factor + bias, axis=1)
            away = (values[0] - LOG_FACTOR) / FACTOR_SPREAD
            penalty = 0.5 * away**2 + 0.5 * np.sum((bias / BIAS_SPREAD) ** 2)
            slopes = np.exp(log_q)
            slopes[rows, classes] -= 1
            gradient = np.r_[
                np.sum(slopes * logits) * factor + away / FACTOR_SPREAD,
                slopes.sum(axis=0) + bias / BIAS_SPREAD**2,
            ]
            return penalty - log_q[rows, classes].sum(), gradient

        start = np.r_[LOG_FACTOR, np.zeros(logits.shape[1])]
        found = minimize(loss, start, jac=True, method="L-BFGS-B").x
        return cls(float(np.exp(found[0])), found[1:])

    def __call__(self, logits: np.ndarray) -> np.ndarray:
        """Return calibrated logits `(n, num_classes)`."""
        return logits * self.factor + self.bias


def shares_by_em(
    logits: np.ndarray, learned: np.ndarray, center: np.ndarray, strength: float
) -> np.ndarray:
    """Return the shares of classes among unlabeled images that are most probable.

    Each round computes q(y|x), proportional to p(y) q0(y|x) / p0(y) where q0 learned
    from classes with shares p0; then p(y) as the mean of q(y|x) and of the prior.

    Args:
        logits: Float array `(n, num_classes)`, log q0(y|x) up to a constant per image.
        learned: Float array `(num_classes,)`, p0(y); a class with 0 gets no image.
        center: Float array `(num_classes,)`, mean of the Dirichlet prior.
        strength: Weight of the prior, in images.

    Returns:
        float64 array `(num_classes,)` that sums to 1.
    """
    with np.errstate(divide="ignore"):
        likelihood = np.where(learned > 0, logits - np.log(learned), -np.inf)
        shares = np.where(learned > 0, center, 0) / center[learned > 0].sum()
        prior = strength * shares
        for _ in range(NUM_ROUNDS):
            q = softmax(likelihood + np.log(shares), axis=1)
            shares = (q.sum(axis=0) + prior) / (len(q) + strength)
    return shares
