"""`SSVAEClassifier`: the model with scikit-learn's interface."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import (
    BaseEstimator,
    ClassifierMixin,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
)
from sklearn.utils.validation import check_is_fitted, validate_data

from ssvae.config.settings import Config
from ssvae.data import UNLABELED
from ssvae.errors import InputError
from ssvae.estimator.images import ImageModel, learn_images
from ssvae.estimator.parameters import seed_of, stated_settings
from ssvae.estimator.pictures import are_images
from ssvae.estimator.targets import check_rows, classes_of, numbered, targets
from ssvae.estimator.vectors import VectorModel, learn_vectors
from ssvae.types import ArrayLike

if TYPE_CHECKING:
    from ssvae.model import SSVAE


class SSVAEClassifier(
    ClassNamePrefixFeaturesOutMixin, ClassifierMixin, TransformerMixin, BaseEstimator
):
    """Semi-supervised classifier and generator, with scikit-learn's interface.

    It learns from a few labels and many samples without one. What it learns depends on
    X:

    - **Vectors**, an array `(n_samples, n_features)`, such as measurements, or the
      embeddings of any network. Then it is M2 with a linear decoder: a mixture of
      Gaussians, fitted by EM to labeled and unlabeled vectors together. It takes
      seconds, and log p(x) is exact. Several ways to use the unlabeled vectors are
      compared by labels that are left out in turn, also with the labels alone, and the
      best is taken. Features of different units belong scaled first, as with most of
      scikit-learn: `make_pipeline(StandardScaler(), SSVAEClassifier())`.
    - **Images**: an array `(n, height, width)` or `(n, height, width, channels)` of
      bytes, or of floats in [0, 1]; or a list of paths, or of PIL images, of any sizes.
      Then `fit` is a whole training, as `ssvae.train` does it, and takes minutes.

    Parameters with the name of a setting come before `config`; None leaves it to it.

    Reference:
        Kingma, Rezende, Mohamed, Welling, "Semi-supervised Learning with Deep
        Generative Models", 2014 (arXiv:1406.5298), model M2.

    Args:
        features: Setting of that name, for images: what classes are told apart by.
        epochs: Setting of that name, for images.
        class_prior: Setting of that name: "auto", "uniform", "labels"; or one number
            per class, in the order of `classes_`, as a list or a text. With "auto",
            where no sample is unlabeled, it is "labels".
        trust_labels: Setting of that name: "auto" to leave out labels that the others
            surely contradict; or "all".
        config: `ssvae.Config` with all other settings. Of vectors `put_aside`,
            `feature_decoder` and `seed` are read too. None for the defaults; for images
            for those that suit the images.
        random_state: int, the seed; or a `RandomState`. None for the seed of `config`,
            or without one for a seed from NumPy's global generator.
        verbose: Whether training on images tells its progress on standard error.

    Attributes:
        classes_: Array `(n_classes,)` of the classes that y names, sorted.
        transduction_: Array `(n_samples,)`: y, with a prediction where it has no label.
        class_prior_: float64 array `(n_classes,)`, the share of each class.
        estimated_accuracy_: The accuracy to expect on new samples, a fraction; None if
            a class has a single label.
        estimated_accuracy_interval_: Two fractions that hold it with 90 %; or None.
        believed_: What the classifier learned from: "labels alone", or the name of a
            mixture, see `ssvae.training.learners`; None if it learned from pixels.
        model_: The trained `ssvae.SSVAE`, if X are images.
        n_features_in_: Number of features, if X are vectors.
        feature_names_in_: Names of the features, if X is a data frame with names.

    Which samples are unlabeled: those whose y is -1, None, NaN, NaT, pandas' NA, the
    empty text, or the text "-1" (which NumPy makes of -1 among texts). There must be
    labels of two classes or more. scikit-learn's `check_estimator` passes with vectors,
    but for the part of `check_classifiers_classes` that names two classes -1 and 1.

    A fitted estimator of images is copied and pickled as the bytes of its model's
    `.keras` file; Keras is imported when it is used. Estimators of vectors do not
    import Keras.

    Example:
        ```python
        from sklearn.datasets import load_digits
        from sklearn.model_selection import train_test_split
        from ssvae import SSVAEClassifier

        X, y = load_digits(return_X_y=True)
        X, X_test, y, y_test = train_test_split(X, y, random_state=0)
        y[100:] = -1  # labels of 100 samples are enough
        model = SSVAEClassifier(random_state=0).fit(X, y)
        print(model.score(X_test, y_test), model.estimated_accuracy_)
        drawn, classes = model.sample(5, y=3)  # five vectors of the class 3
        ```
    """

    def __init__(
        self,
        features: str | None = None,
        epochs: int | None = None,
        class_prior: str | ArrayLike | None = None,
        trust_labels: str | None = None,
        config: Config | None = None,
        random_state: int | np.random.RandomState | None = None,
        verbose: bool = False,
    ):
        self.features = features
        self.epochs = epochs
        self.class_prior = class_prior
        self.trust_labels = trust_labels
        self.config = config
        self.random_state = random_state
        self.verbose = verbose

    def __sklearn_tags__(self) -> Any:
        """Say what the estimator takes, for scikit-learn."""
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags

    def fit(self, X: Any, y: ArrayLike) -> SSVAEClassifier:  # noqa: N803
        """Learn from samples of which some have a label.

        Args:
            X: Vectors or images, see the class.
            y: Labels, `(n_samples,)`: whole numbers, texts or booleans.

        Raises:
            InputError: If X or y are something else, or a parameter is not valid. It is
                a `ValueError`.
        """
        stated = stated_settings(self)
        labels, known = targets(y)
        images = are_images(X)
        if images:
            # Of an earlier fit to vectors.
            self.__dict__.pop("n_features_in_", None)
            self.__dict__.pop("feature_names_in_", None)
        else:
            X = self._vectors(X, reset=True)  # noqa: N806
            check_rows(len(X), len(labels))
        self.classes_ = classes_of(labels, known)
        numbers = np.full(len(labels), UNLABELED)
        numbers[known] = numbered(labels[known], self.classes_)
        self._learned: ImageModel | VectorModel
        if images:
            given = X, numbers, self.classes_, self.config
            self._learned = learn_images(*given, stated, bool(self.verbose))
        else:
            config = (self.config or Config()).replace(**stated)
            self._learned = learn_vectors(X, numbers, len(self.classes_), config)
        for name, value in self._learned.figures().items():
            setattr(self, f"{name}_", value)
        if not known.all():
            samples = self._taken(X) if images else X
            guesses = self._learned.probabilities(samples).argmax(axis=1)
            numbers = np.where(known, numbers, guesses)
        self.transduction_ = self.classes_[numbers]
        return self

    def predict(self, X: Any) -> np.ndarray:  # noqa: N803
        """Return the likeliest class of each sample, `(n_samples,)`."""
        best = self.predict_proba(X).argmax(axis=1)
        return self.classes_[best]

    def predict_proba(self, X: Any) -> np.ndarray:  # noqa: N803
        """Return q(y|x), calibrated: float array `(n_samples, n_classes)`."""
        samples = self._taken(X)
        return self._learned.probabilities(samples)

    def transform(self, X: Any) -> np.ndarray:  # noqa: N803
        """Return codes of the samples, float array `(n_samples, k)`.

        Of vectors, and of images that are told apart by features, they are the main
        directions, at most 300, scaled so that every class has unit covariance: their
        distances are those by which classes are told apart. Of images that are told
        apart by their pixels they are the means of q(z|x, y) for the likeliest y.
        """
        samples = self._taken(X)
        return self._learned.codes(samples)

    def score_samples(self, X: Any) -> np.ndarray:  # noqa: N803
        """Return log p(x) of each sample, float64 `(n_samples,)`, nats.

        It is exact for vectors. Of images that are told apart by features it is that of
        the features; of others a lower bound, see `SSVAE.log_likelihood`.
        """
        samples = self._taken(X)
        return self._learned.log_density(samples)

    def score(
        self,
        X: Any,  # noqa: N803
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
    ) -> float:
        """Return the accuracy on the samples that have a label.

        Args:
            X: Samples.
            y: Labels; samples without one do not count.
            sample_weight: Float array `(n_samples,)`, how much each counts.

        Raises:
            InputError: If no sample has a label.
        """
        right = self.predict(X)
        labels, known = targets(y)
        check_rows(len(right), len(labels))
        if not known.any():
            raise InputError("y has no label, so nothing can be counted as right")
        weights = None if sample_weight is None else np.asarray(sample_weight)[known]
        return float(np.average(right[known] == labels[known], weights=weights))

    def sample(
        self,
        n_samples: int = 1,
        y: Any = None,
        random_state: int | np.random.RandomState | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return new samples, and the class of each.

        Args:
            n_samples: Number of samples, 1 or more.
            y: A class, or an array `(n_samples,)` of classes; None to draw them from
                `class_prior_`.
            random_state: Seed of the draw; None for NumPy's global generator.

        Returns:
            float array `(n_samples, n_features)`, of p(x|y); or images `(n_samples,
            height, width, channels)` in [0, 1]; and array `(n_samples,)`.

        Raises:
            InputError: If y names another class.
        """
        check_is_fitted(self, "classes_")
        if n_samples < 1:
            raise InputError(f"n_samples: got {n_samples}, need 1 or more")
        rng = np.random.default_rng(seed_of(random_state))
        count = len(self.classes_)
        if y is None:
            classes = rng.choice(count, n_samples, p=self.class_prior_)
        else:
            classes = numbered(np.broadcast_to(y, (n_samples,)), self.classes_)
        return self._learned.sample(classes, rng), self.classes_[classes]

    @property
    def model_(self) -> SSVAE:
        """The trained model of images."""
        learned = getattr(self, "_learned", None)
        if not isinstance(learned, ImageModel):
            raise AttributeError("only an estimator that learned from images has one")
        return learned.model

    @property
    def _n_features_out(self):
        """Number of columns of `transform`, for `get_feature_names_out`."""
        return self._learned.num_codes

    def _vectors(self, samples, reset):
        """Return vectors as float64 `(n, d)`; with `reset`, note their features."""
        return validate_data(self, samples, reset=reset, dtype=np.float64)

    def _taken(self, samples):
        """Return samples as what was learned takes them."""
        check_is_fitted(self, "classes_")
        if isinstance(self._learned, ImageModel):
            return self._learned.taken(samples)
        if are_images(samples):
            raise InputError(
                "X holds images, but the estimator learned from vectors: need an array "
                f"(n_samples, {self.n_features_in_})"
            )
        return self._vectors(samples, reset=False)
