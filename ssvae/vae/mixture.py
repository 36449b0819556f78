"""M2 over features with a linear decoder: a mixture of Gaussians, fitted by EM.

The generative model of a feature vector f is p(y) p(z) p(f|y,z), with p(z) = N(0, I)
and p(f|y,z) = N(f; m_y + W z, s^2 I). With z integrated out, p(f|y) = N(f; m_y, S) with
S = W W^T + s^2 I for all classes. Then log p(f) is known, so the bounds of Kingma et
al. 2014, equations 6 and 7, are tight for q(y|f) = p(y|f). This is a linear classifier,
and EM maximizes the bounds in closed form.
"""

from dataclasses import dataclass

import numpy as np
from scipy import linalg
from scipy.special import logsumexp, softmax

from ssvae.data import UNLABELED
from ssvae.data.balance import ABSENT
from ssvae.data.coarse import classes_and_groups

# Rounds of EM. The error does not change any more after about 20.
NUM_ROUNDS = 30
# Weight of a labeled vector; an unlabeled one has 1. A label is certain, and the few
# labels should not drown among thousands of guesses.
LABEL_WEIGHT = 10.0
# Variance added in every direction, as a fraction of the mean variance. With fewer than
# five vectors for each direction the covariance says less, and FEW_RIDGE counts too,
# times the cube of directions per vector. Without it, a hundred photographs have logits
# of several hundred. Measured on labels left out of 100 to 1,800 photographs.
RIDGE, FEW_RIDGE = 0.1, 4.0
# Vectors that EM learns from, at most: more do not change directions of which there are
# three hundred, and a million would take gigabytes.
MAX_ROWS = 100_000
# Corrections of the classes' weights per round, which bring each class to its share.
NUM_CORRECTIONS = 8


@dataclass(frozen=True)
class Linear:
    """A linear classifier.

    Attributes:
        kernel: float32 array `(d, num_classes)`.
        bias: float32 array `(num_classes,)`.
    """

    kernel: np.ndarray
    bias: np.ndarray

    def __call__(self, vectors: np.ndarray) -> np.ndarray:
        """Return the logits of vectors `(n, d)`, float32 `(n, num_classes)`."""
        return vectors @ self.kernel + self.bias


@dataclass(frozen=True)
class Deep(Linear):
    """A linear classifier of vectors and of hidden units beside them.

    Attributes:
        kernel: float32 array `(d + h, num_classes)`.
        bias: float32 array `(num_classes,)`.
        hidden: `Linear` from vectors to the h hidden units, before their ReLU.
    """

    hidden: Linear

    def __call__(self, vectors: np.ndarray) -> np.ndarray:
        """Return the logits of vectors `(n, d)`, float32 `(n, num_classes)`."""
        units = np.maximum(self.hidden(vectors), 0)
        size = vectors.shape[1]
        return vectors @ self.kernel[:size] + units @ self.kernel[size:] + self.bias


@dataclass(frozen=True)
class GaussianMixture:
    """Gaussians of one covariance, one for each class.

    Attributes:
        means: float32 array `(num_classes, d)`.
        covariance: float32 array `(d, d)`, S.
        log_shares: float32 array `(num_classes,)`, log p(y).
    """

    means: np.ndarray
    covariance: np.ndarray
    log_shares: np.ndarray

    def classifier(self) -> Linear:
        """Return q(y|f), proportional to p(y) p(f|y)."""
        kernel = linalg.solve(self.covariance, self.means.T, assume_a="pos")
        squares = np.einsum("kd,dk->k", self.means, kernel)
        bias = self.log_shares - 0.5 * squares
        return Linear(kernel, bias.astype(np.float32))

    def log_density(self, vectors: np.ndarray) -> np.ndarray:
        """Return log p(f) of vectors `(n, d)`, nats, float64 `(n,)`."""
        factor = linalg.cholesky(self.covariance.astype(np.float64), lower=True)
        constant = np.log(np.diag(factor)).sum()
        constant += 0.5 * len(factor) * np.log(2 * np.pi)

        def distances(mean):
            white = linalg.solve_triangular(factor, (vectors - mean).T, lower=True)
            return 0.5 * np.einsum("dn,dn->n", white, white)

        each = np.stack([distances(mean) for mean in self.means], axis=1)
        return logsumexp(self.log_shares - each, axis=1) - constant


def fit_em(
    vectors: np.ndarray,
    labels: np.ndarray,
    start: np.ndarray,
    shares: np.ndarray,
    estimate_shares: bool = False,
    num_rounds: int = NUM_ROUNDS,
    keep_shares: bool = True,
) -> GaussianMixture:
    """Fit the mixture to labeled and unlabeled vectors together, by EM.

    The E-step computes q(y|f) of the unlabeled vectors, so that the mean of q over all
    of them is `shares`: a constraint on the posterior (Ganchev, Graca, Gillenwater and
    Taskar 2010), without which one class swallows others. With `estimate_shares` it is
    lifted in the second half of the rounds, and p(y) estimated.

    Args:
        vectors: float32 array `(n, d)`.
        labels: int array `(n,)`, classes; -1 for unlabeled. Or bool array `(n,
            num_classes)`, which classes each may be, see `classes_and_groups`.
        start: Float array `(n, num_classes)`, q(y|f) to start from, rows that sum to 1.
        shares: Float array `(num_classes,)`, p(y), sums to 1; see `class_shares`.
        estimate_shares: Whether p(y) is estimated at the end.
        num_rounds: Rounds of EM, 1 or more.
        keep_shares: Whether that constraint holds at all.
    """
    labels, groups = classes_and_groups(labels)
    rows = _learned_from(labels, groups)
    if len(rows) < len(labels):
        vectors, labels, start = vectors[rows], labels[rows], start[rows]
        groups = groups and groups.within(rows)
    labeled = labels != UNLABELED
    given = np.eye(len(shares), dtype=np.float32)[labels[labeled]]
    weights = np.where(labeled, LABEL_WEIGHT, 1.0).astype(np.float32)
    if groups is not None:
        weights[groups.rows] += (LABEL_WEIGHT - 1) * groups.information
        start = groups.kept_to(np.log(np.maximum(start, 1e-30)))
        start = softmax(start, axis=1)
    ridge = _ridge(vectors)
    # The same in every round, and most of the work.
    moments = (vectors * weights[:, None]).T @ vectors
    log_shares, q = np.log(shares), start.astype(np.float32)
    for number in range(num_rounds):
        q[labeled] = given
        means, covariance = _maximized(vectors, q, weights, moments, ridge)
        if estimate_shares and number >= num_rounds // 2:
            sizes = q[~labeled].mean(axis=0)
            log_shares = np.log(np.maximum(sizes, ABSENT))
        values = GaussianMixture(means, covariance, log_shares).classifier()(vectors)
        if groups is not None:
            values = groups.kept_to(values)
        if keep_shares and not (estimate_shares and number >= num_rounds // 2):
            added = corrections(values, shares)
            log_shares, values = log_shares + added, values + added
        q = softmax(values, axis=1)
    return GaussianMixture(means, covariance, log_shares - logsumexp(log_shares))


def _learned_from(labels, groups):
    """Return the rows that EM learns from: all, or the labeled ones and some others."""
    rows = np.arange(len(labels))
    if len(rows) <= MAX_ROWS:
        return rows
    order = np.random.default_rng(0).permutation(rows)
    labeled = labels[order] != UNLABELED
    if groups is not None:
        labeled |= np.isin(order, groups.rows)
    return np.sort(np.concatenate([order[labeled], order[~labeled]])[:MAX_ROWS])


def _ridge(vectors):
    """Return the variance that is added in every direction; see `RIDGE`."""
    # Directions that too few images leave unknown are 0.
    known = max(1, np.count_nonzero(vectors.any(axis=0)))
    variance = np.sum(vectors**2) / len(vectors) / known
    few = min(1.0, known / len(vectors))
    return (RIDGE + FEW_RIDGE * few**3) * variance


def _maximized(vectors, q, weights, moments, ridge):
    """Return the means and the covariance that suit q(y|f) best."""
    weighted = q * weights[:, None]
    sizes = weighted.sum(axis=0)
    means = (weighted.T @ vectors) / np.maximum(sizes, 1e-4)[:, None]
    covariance = moments - (means.T * sizes) @ means
    covariance /= weights.sum()
    covariance[np.diag_indices_from(covariance)] += ridge
    return means, covariance


def corrections(values: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Return what to add to logits, so that the mean of q(y|f) is `shares`.

    Args:
        values: Float array `(n, num_classes)`, logits.
        shares: Float array `(num_classes,)`, sums to 1.

    Returns:
        float32 array `(num_classes,)`.
    """
    known = shares > ABSENT
    added = np.zeros(len(shares), np.float32)
    for _ in range(NUM_CORRECTIONS):
        means = softmax(values + added, axis=1).mean(axis=0)[known]
        added[known] += np.log(shares[known] / np.maximum(means, 1e-6))
    return added
