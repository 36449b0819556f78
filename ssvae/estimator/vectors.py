"""M2 with a linear decoder over vectors: what an estimator learns from them.

It is what a training run does with the features of photographs, see
`ssvae.training.feature_learning`, in the same order and with the same functions.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from scipy import linalg
from scipy.special import softmax

from ssvae.config.settings import Config
from ssvae.data import UNLABELED, Dataset
from ssvae.data.balance import class_shares
from ssvae.estimator.directions import Directions
from ssvae.runs.shares import AUTO, Shares
from ssvae.training.label_issues import find_label_issues
from ssvae.training.learners import DEEP
from ssvae.training.left_out import Belief
from ssvae.training.putting_aside import FIND, believe_inside, outside_of_vectors
from ssvae.training.shares import shares_of_vectors
from ssvae.training.trusting import MAX_LABELS, by_vectors
from ssvae.vae.mixture import GaussianMixture

# Variance added in every direction of the density, in units of the mean variance.
TINY = 1e-9


@dataclass(frozen=True)
class VectorModel:
    """What was learned from vectors.

    Attributes:
        directions: `Directions` of the vectors. Everything else is said of places in
            them.
        belief: `Belief`, the classifier that is believed, and how it was chosen.
        mixture: `GaussianMixture`, p(x, y), of the classes as they are told apart.
        shares: `Shares` of the classes.
    """

    directions: Directions
    belief: Belief
    mixture: GaussianMixture
    shares: Shares

    def figures(self) -> dict[str, Any]:
        """Return what was found of classes and accuracy, by name."""
        estimate = self.belief.estimate
        return {
            "class_prior": self.shares.values,
            "believed": self.belief.name,
            "estimated_accuracy": estimate and estimate.accuracy,
            "estimated_accuracy_interval": estimate and (estimate.low, estimate.high),
        }

    def probabilities(self, vectors: np.ndarray) -> np.ndarray:
        """Return q(y|x) of vectors `(n, d)`, float64 `(n, num_classes)`."""
        places, _ = self.directions(vectors)
        logits = self.belief.linear(places).astype(np.float64)
        return softmax(logits / self.belief.temperature, axis=1)

    def codes(self, vectors: np.ndarray) -> np.ndarray:
        """Return vectors `(n, d)` where every class has unit covariance, `(n, k)`."""
        places, _ = self.directions(vectors)
        return places @ self._white()

    @property
    def num_codes(self) -> int:
        """Columns of `codes`."""
        return self.directions.kernel.shape[1]

    def log_density(self, vectors: np.ndarray) -> np.ndarray:
        """Return log p(x) of vectors `(n, d)`, nats, float64 `(n,)`."""
        places, rest = self.directions(vectors)
        return self.mixture.log_density(places) + self.directions.log_density(rest)

    def sample(self, classes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return a new vector of each class, p(x|y), float64 `(n, d)`.

        Args:
            classes: int array `(n,)`, numbers of classes.
            rng: Generator of the noise.
        """
        noise = rng.standard_normal((len(classes), len(self.mixture.covariance)))
        places = self.mixture.means[classes] + noise @ self._factor().T
        return self.directions.back(places, rng)

    def _factor(self):
        """Return the lower triangle L of the covariance L L^T."""
        return linalg.cholesky(self.mixture.covariance.astype(np.float64), lower=True)

    def _white(self):
        """Return what makes the covariance of every class the unit matrix."""
        factor = self._factor()
        return linalg.solve_triangular(factor, np.eye(len(factor)), lower=True).T


def learn_vectors(
    vectors: np.ndarray, labels: np.ndarray, num_classes: int, config: Config
) -> VectorModel:
    """Return what labels and unlabeled vectors teach.

    Args:
        vectors: float64 array `(n, d)`.
        labels: int array `(n,)`, classes; -1 for unlabeled.
        num_classes: Number of classes, each with a label.
        config: `Config`; `class_prior`, `trust_labels`, `put_aside`, `feature_decoder`
            and `seed` are read.

    Raises:
        InputError: If `class_prior` does not fit the classes.
    """
    directions = Directions.of(vectors, config.seed)
    places = directions(vectors)[0].astype(np.float32)
    names = tuple(map(str, range(num_classes)))
    nothing = np.zeros((len(labels), 0), np.uint8)
    dataset = Dataset("X", nothing, labels, names, None)
    prior = config.class_prior
    if prior == AUTO and not len(dataset.unlabeled):
        # The labels are all there is of the classes.
        prior = "labels"
    given = class_shares(dataset, prior)
    dataset = _trusted(places, dataset, given, config)
    if config.put_aside == FIND and len(dataset.unlabeled):
        dataset = outside_of_vectors(places, dataset, config.seed).put_aside(dataset)
    inside = np.setdiff1d(np.arange(len(labels)), dataset.outside)
    places, known = places[inside], dataset.labels[inside]
    shares = Shares.given(given, prior)
    if prior == AUTO:
        shares = shares_of_vectors(places, known, given, config.seed)
    values = shares.values
    belief = _believed(places, dataset.rows(inside), values, config)
    mixture = _density(places.astype(np.float64), known, belief, values)
    return VectorModel(directions, belief, mixture, shares)


def _trusted(places, dataset, shares, config):
    """Return the data set without the labels that are not learned from."""
    if config.trust_labels != "auto" or len(dataset.labeled) > MAX_LABELS:
        return dataset
    predict = by_vectors(places, dataset.labels, shares, config.seed)
    issues = find_label_issues(predict, dataset.labels, config.seed)
    return dataset if issues is None else issues.trusted(dataset)


def _believed(places, dataset, shares, config):
    """Return the `Belief`; only a deep decoder needs Keras."""
    more = {}
    if config.feature_decoder == "deep":
        from ssvae.training.deep_learner import learn_deep

        more[DEEP] = partial(learn_deep, seed=config.seed)
    return believe_inside(places, dataset, shares, config.seed, more)


def _density(places, labels, belief, shares):
    """Return p(x, y): Gaussians of the classes as the believed classifier sees them.

    The covariance is shrunk towards a multiple of the unit matrix by the "oracle
    approximating" estimator (Chen, Wiesel, Eldar and Hero 2010). New vectors are
    likelier then than with the ridge of `vae.mixture`, which is made for classifying.
    """
    # Imported here, because it takes a second.
    from sklearn.covariance import oas

    q = softmax(belief.linear(places) / belief.temperature, axis=1)
    known = labels != UNLABELED
    q[known] = np.eye(len(shares))[labels[known]]
    means = (q.T @ places) / q.sum(axis=0)[:, None]
    covariance, _ = oas(places - means[q.argmax(axis=1)], assume_centered=True)
    # Vectors that are all alike have none.
    covariance[np.diag_indices_from(covariance)] += TINY
    return GaussianMixture(means, covariance, np.log(shares))
