"""Values fitted to a trained model: prior, temperature, and scores of usual images."""

import dataclasses
from typing import Any

import numpy as np

from ssvae.data import UNLABELED, Dataset
from ssvae.data.ink_data import InkData
from ssvae.errors import InputError
from ssvae.vae import inference
from ssvae.vae.feature_density import FeatureDensity
from ssvae.vae.interface import Answering
from ssvae.vae.prior import MixturePrior, fit_prior
from ssvae.vae.temperature import fit_temperature
from ssvae.vae.texture import add_texture

# Training images whose scores count as usual too, if fewer images than FEW_USUAL are
# held out: the scores of a handful do not tell what is usual.
USUAL_IMAGES, FEW_USUAL = 2_000, 20
# Most training images to whose codes the prior is fitted.
MIXTURE_IMAGES = 60_000


@dataclasses.dataclass(frozen=True)
class Fitted:
    """Values of a trained model in addition to the weights of its networks.

    Attributes:
        prior: `MixturePrior`, p(z|y).
        temperature: Divisor of the logits that calibrates the probabilities.
        score_means: float64 array `(2,)`, mean deviance and energy of usual images,
            nats.
        score_scales: float64 array `(2,)`, their standard deviations.
        usual_scores: float64 array `(m,)`, ascending: scores of usual images.
        density: `FeatureDensity`, log p(f) of a model of features; None for others.
        texture: float32 array `(num_classes, *pixel_shape)`, standard deviations of
            the noise at each frequency, see `vae.texture`; None if the model has none.
        ink: `InkData` of the images; None if they are not of ink, or if the model was
            saved before this was kept, see `runs.ink`.
    """

    prior: MixturePrior
    temperature: float = 1.0
    score_means: np.ndarray = dataclasses.field(default_factory=lambda: np.zeros(2))
    score_scales: np.ndarray = dataclasses.field(default_factory=lambda: np.ones(2))
    usual_scores: np.ndarray = dataclasses.field(default_factory=lambda: np.zeros(0))
    density: FeatureDensity | None = None
    texture: np.ndarray | None = None
    ink: InkData | None = None

    def save(self, store: Any) -> None:
        """Put every value into a store of arrays, as Keras gives it to layers."""
        values = dataclasses.asdict(dataclasses.replace(self, ink=None))
        if self.ink is not None:
            values["ink"] = self.ink.as_array()
        for part in ("prior", "density"):
            for name, value in (values.pop(part) or {}).items():
                store[f"{part}_{name}"] = value
        for name, value in values.items():
            if value is not None:
                store[name] = np.asarray(value)

    @classmethod
    def load(
        cls,
        store: Any,
        num_classes: int,
        latent_dim: int,
        num_values: int = 0,
        pixel_shape: tuple[int, ...] = (),
    ) -> "Fitted":
        """Return the values that `save` put into a store.

        Args:
            store: The store.
            num_classes: Number of classes of the model.
            latent_dim: Dimensions of its z.
            num_values: Values of a feature vector; 0 if the model has no features.
            pixel_shape: Height, width and channels of the images that it draws.

        Raises:
            ValueError: If they are for other numbers of classes or dimensions.
        """
        kinds = [(MixturePrior, "prior_"), (cls, "")]
        if num_values and "density_white" in store:
            kinds.append((FeatureDensity, "density_"))
        prior, rest, *more = (
            {
                field.name: np.array(store[f"{start}{field.name}"])
                for field in dataclasses.fields(kind)
                if field.name not in ("prior", "density", "texture", "ink")
            }
            for kind, start in kinds
        )
        temperature = float(rest.pop("temperature"))
        count = prior["weights"].shape[1:]
        shapes = [prior[name].shape for name in ("weights", "means", "factors")]
        size = (latent_dim,)
        if shapes != [(num_classes, *count, *size * axes) for axes in range(3)]:
            raise ValueError("the prior does not fit the networks")
        if rest["score_means"].shape != (2,) or rest["score_scales"].shape != (2,):
            raise ValueError("the scores are not of two parts")
        density = FeatureDensity(**more[0]) if more else None
        if density is not None:
            density.check(num_values, num_classes)
        texture = np.array(store["texture"]) if "texture" in store else None
        if texture is not None and texture.shape != (num_classes, *pixel_shape):
            raise ValueError("the texture does not fit the networks")
        ink = InkData.from_array(np.array(store["ink"])) if "ink" in store else None
        return cls(
            MixturePrior(**prior),
            temperature,
            density=density,
            texture=texture,
            ink=ink,
            **rest,
        )

    def score(self, deviance: np.ndarray, energy: np.ndarray) -> np.ndarray:
        """Return how unusual images are; see `inference.score`.

        Args:
            deviance: Float array `(n,)`, nats, or the surprise; see
                `SSVAE.score_parts`.
            energy: Float array `(n,)`, nats.

        Returns:
            float64 array `(n,)`.
        """
        return inference.score(
            deviance, energy, self.score_means, self.score_scales, np.logaddexp
        )

    def threshold(self, false_alarms: float) -> float:
        """Return the score that a fraction of usual images exceeds.

        Args:
            false_alarms: Fraction of usual images that may be called unusual, 0 to 1.

        Raises:
            InputError: If no scores of usual images are known.
        """
        if not len(self.usual_scores):
            raise InputError(
                "the model does not know what is usual: it was saved before "
                "`ssvae.vae.fitted.fit` was called; train it again"
            )
        return float(np.quantile(self.usual_scores, 1 - false_alarms))


def fit(
    model: Answering,
    dataset: Dataset,
    targets: np.ndarray | None = None,
    logits: np.ndarray | None = None,
    temperature: float = 1.0,
    surprise: np.ndarray | None = None,
    density: FeatureDensity | None = None,
) -> None:
    """Fit prior, temperature, scores, texture and ink; set `model.fitted`.

    No label beyond the budget is read. The temperature and the usual scores come from
    the images held out of training, and from training images too if these are few.

    Args:
        model: A trained `SSVAE`.
        dataset: The data set that it was trained on, with the labels of the budget.
        targets: int array `(n,)`, labels and pseudo-labels of the images, -1 for none,
            to calibrate by. Default: none, and `temperature` stays.
        logits: float32 array `(n, num_classes)`, what `model.logits` returns for the
            images, if it is known already.
        temperature: The temperature if there is nothing to calibrate by.
        surprise: Float array `(n,)`, -log p(f) of the images, if it is known.
        density: `FeatureDensity` of a model of features.
    """
    rng = np.random.default_rng((model.config.seed, 3))
    trained = np.setdiff1d(np.arange(len(dataset.images)), dataset.held_out)
    usual = dataset.held_out
    if len(usual) < FEW_USUAL:
        usual = np.concatenate([usual, rng.permutation(trained)[:USUAL_IMAGES]])
    images = dataset.images[usual]
    some = trained[rng.permutation(len(trained))[:MIXTURE_IMAGES]]
    classes = None if logits is None else logits[some].argmax(axis=1)
    prior = fit_prior(model, dataset.images[some], rng, classes)
    model.fitted = Fitted(prior, density=density)
    if targets is not None and (known := targets[usual] != UNLABELED).any():
        log_q = np.log(np.maximum(model.predict_proba(images[known]), 1e-30))
        temperature = fit_temperature(log_q, targets[usual][known])
    told, unlike = (
        None if known is None else known[usual] for known in (logits, surprise)
    )
    both = model.score_parts(images, logits=told, surprise=unlike)
    parts = np.stack(both, axis=-1)
    scales = parts.std(axis=0)
    fitted = Fitted(
        model.fitted.prior,
        temperature,
        score_means=parts.mean(axis=0),
        # With one class the energy is constant: its rounding errors are no scale.
        score_scales=np.where(scales > 1e-6, scales, 1.0),
        density=density,
    )
    scores = np.sort(fitted.score(*parts.T))
    ink = InkData.of(dataset.images)
    model.fitted = dataclasses.replace(fitted, usual_scores=scores, ink=ink)
    if model.has_features:
        if classes is None:
            classes = model.predict_proba(dataset.images[some]).argmax(axis=1)
        add_texture(model, dataset.images[some], classes, rng)


def is_fitted(prior: str) -> bool:
    """Return whether the name of a prior is that of the fitted one.

    Args:
        prior: `"fitted"` or `"normal"`.

    Raises:
        ValueError: If it is another name.
    """
    if prior not in ("fitted", "normal"):
        raise ValueError(f"prior is {prior!r}; need 'fitted' or 'normal'")
    return prior == "fitted"
