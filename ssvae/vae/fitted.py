"""What is fitted to a trained model afterwards, without labels beyond the budget."""

import dataclasses

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from ssvae.data import UNLABELED
from ssvae.errors import InputError
from ssvae.vae import inference
from ssvae.vae.prior import MixturePrior, fit_prior

# Training images that scores are called usual by, where none are held out.
USUAL_IMAGES = 2_000
# Images whose codes the prior is fitted to.
MIXTURE_IMAGES = 60_000
# The least and the greatest temperature.
TEMPERATURES = (0.05, 50.0)


@dataclasses.dataclass(frozen=True)
class Fitted:
    """What a trained model knows beside the weights of its networks.

    Attributes:
        prior: `MixturePrior`, p(z|y).
        temperature: What logits are divided by, so that probabilities are calibrated.
        score_means: float64 array `(2,)`, mean deviance and energy of usual images.
        score_scales: float64 array `(2,)`, their standard deviations.
        usual_scores: float64 array `(m,)`, ascending: scores of usual images.
    """

    prior: MixturePrior
    temperature: float = 1.0
    score_means: np.ndarray = dataclasses.field(default_factory=lambda: np.zeros(2))
    score_scales: np.ndarray = dataclasses.field(default_factory=lambda: np.ones(2))
    usual_scores: np.ndarray = dataclasses.field(default_factory=lambda: np.zeros(0))

    def save(self, store):
        """Put every value into a store of arrays."""
        values = dataclasses.asdict(self)
        for name, value in values.pop("prior").items():
            store[f"prior_{name}"] = value
        for name, value in values.items():
            store[name] = np.asarray(value)

    @classmethod
    def load(cls, store, num_classes, latent_dim) -> "Fitted":
        """Return what `save` put into a store.

        Raises:
            ValueError: If it is for other numbers of classes or dimensions.
        """
        prior, rest = (
            {
                field.name: np.array(store[f"{start}{field.name}"])
                for field in dataclasses.fields(kind)
                if field.name != "prior"
            }
            for kind, start in ((MixturePrior, "prior_"), (cls, ""))
        )
        temperature = float(rest.pop("temperature"))
        count = prior["weights"].shape[1:]
        shapes = [prior[name].shape for name in ("weights", "means", "factors")]
        size = (latent_dim,)
        if shapes != [(num_classes, *count, *size * axes) for axes in range(3)]:
            raise ValueError("the prior does not fit the networks")
        if rest["score_means"].shape != (2,) or rest["score_scales"].shape != (2,):
            raise ValueError("the scores are not of two parts")
        return cls(MixturePrior(**prior), temperature, **rest)

    def score(self, deviance, energy) -> np.ndarray:
        """Return how unusual images are, in standard deviations from the usual.

        See `inference.score`.

        Args:
            deviance: Float array `(n,)`, nats; see `SSVAE.score_parts`.
            energy: Float array `(n,)`, nats.

        Returns:
            float64 array `(n,)`.
        """
        return inference.score(
            deviance, energy, self.score_means, self.score_scales, np.logaddexp
        )

    def threshold(self, false_alarms) -> float:
        """Return the score that a fraction of usual images exceeds.

        Args:
            false_alarms: Fraction of usual images that may be called unusual, 0 to 1.

        Raises:
            InputError: If no scores of usual images are known.
        """
        if not len(self.usual_scores):
            raise InputError(
                "the model does not know what is usual: it was saved before "
                "`ssvae.vae.fitted.fit` was called; train it anew"
            )
        return float(np.quantile(self.usual_scores, 1 - false_alarms))


def fit(model, dataset, targets=None):
    """Set what a trained model knows beside its networks' weights: `model.fitted`.

    No label beyond the budget is read. The temperature and the usual scores come from
    the images held out of training; from training images where none are.

    Args:
        model: A trained `SSVAE`.
        dataset: The data set that it was trained on, with the labels of the budget.
        targets: int array `(n,)`, classes that the images are taken for, -1 for none,
            to calibrate by; the temperature stays 1 where not given.
    """
    rng = np.random.default_rng((model.config.seed, 3))
    trained = np.setdiff1d(np.arange(len(dataset.images)), dataset.held_out)
    usual = dataset.held_out
    if not len(usual):
        usual = rng.permutation(trained)[:USUAL_IMAGES]
    images = dataset.images[usual]
    some = trained[rng.permutation(len(trained))[:MIXTURE_IMAGES]]
    model.fitted = Fitted(fit_prior(model, dataset.images[some], rng))
    temperature = 1.0
    if targets is not None and (known := targets[usual] != UNLABELED).any():
        log_q = np.log(np.maximum(model.predict_proba(images[known]), 1e-30))
        temperature = fit_temperature(log_q, targets[usual][known])
    parts = np.stack(model.score_parts(images), axis=-1)
    scales = parts.std(axis=0)
    fitted = Fitted(
        model.fitted.prior,
        temperature,
        score_means=parts.mean(axis=0),
        # Without classes the energy is constant; rounding errors are no scale.
        score_scales=np.where(scales > 1e-6, scales, 1.0),
    )
    scores = np.sort(fitted.score(*parts.T))
    model.fitted = dataclasses.replace(fitted, usual_scores=scores)


def fit_temperature(logits, targets) -> float:
    """Return the temperature T with the least cross-entropy of softmax(logits / T).

    Args:
        logits: Float array `(n, num_classes)`.
        targets: int array `(n,)`, classes.
    """

    def loss(log_temperature):
        log_q = log_softmax(logits / np.exp(log_temperature), axis=1)
        return -log_q[np.arange(len(targets)), targets].mean()

    best = minimize_scalar(loss, bounds=np.log(TEMPERATURES), method="bounded")
    return float(np.exp(best.x))


def is_fitted(prior):
    """Return whether the fitted prior is asked for."""
    if prior not in ("fitted", "normal"):
        raise ValueError(f"prior is {prior!r}; need 'fitted' or 'normal'")
    return prior == "fitted"
