"""The model as functions of plain tensors, to be exported: no state, no random draws.

The draws are inputs: noise from N(0, I), and choices from the uniform distribution on
[0, 1). Images are uint8.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keras import ops

from ssvae.types import Tensor
from ssvae.vae import bounds, inference
from ssvae.vae.feature_classifier import with_vectors

if TYPE_CHECKING:
    from ssvae.model import SSVAE


@dataclass(frozen=True)
class Endpoint:
    """A function of tensors, with its inputs and outputs.

    Attributes:
        function: Takes tensors in the order of `inputs` and returns a dict of tensors.
        inputs: Shape and dtype by name. The first axis, None, has any length: it is the
            batch, except for `noise` of `score`, where it counts samples.
        outputs: Names of the tensors in the dict.
    """

    function: Callable[..., dict[str, Tensor]]
    inputs: dict[str, tuple[tuple, str]]
    outputs: tuple[str, ...]


def endpoints(model: "SSVAE") -> dict[str, Endpoint]:
    """Return the functions of an `SSVAE`, by name.

    - `classify`: calibrated `probabilities` `(n, num_classes)`.
    - `encode`: `mean` and `log_variance` of q(z|x,y) for the likeliest y,
      `(n, latent_dim)`.
    - `generate`: `images` `(n, h, w, c)` in [0, 1] of `classes`, from `noise` and
      `choice`, which picks the Gaussian of the prior.
    - `reconstruct`: `reconstructions` of images from their latent means,
      `(n, h, w, c)`.
    - `score`: how unusual each image is, `scores` `(n,)`. All images share the `noise`
      `(k, ...)` of k samples of z. See `SSVAE.score`.
    """
    functions = _Functions(model)
    shape: tuple[int | None, ...] = model.image_shape
    if model.has_features:
        # The classifier and the encoder bring images to the sizes that they need.
        shape = None, None, shape[-1]
    images = {"images": ((None, *shape), "uint8")}
    return {
        "classify": Endpoint(functions.classify, images, ("probabilities",)),
        "encode": Endpoint(functions.encode, images, ("mean", "log_variance")),
        "generate": Endpoint(
            functions.generate,
            {
                "classes": ((None,), "int32"),
                "noise": ((None, model.config.latent_dim), "float32"),
                "choice": ((None,), "float32"),
            },
            ("images",),
        ),
        "reconstruct": Endpoint(functions.reconstruct, images, ("reconstructions",)),
        "score": Endpoint(
            functions.score,
            images | {"noise": ((None, model.noise_size), "float32")},
            ("scores",),
        ),
    }


class _Functions:
    """The endpoints of one model."""

    def __init__(self, model):
        self.model = model

    def classify(self, images):
        log_q, temperature = self._log_q(images), self.model.fitted.temperature
        return {"probabilities": inference.probabilities(log_q, temperature, ops)}

    def encode(self, images):
        mean, log_variance, _ = self._codes(images)
        return {"mean": mean, "log_variance": log_variance}

    def generate(self, classes, noise, choice):
        model = self.model
        z = inference.draw_codes(model.fitted.prior, classes, noise, choice, ops)
        one_hot = ops.one_hot(classes, model.num_classes)
        return {"images": model.mean_px(z, one_hot)}

    def reconstruct(self, images):
        mean, _, one_hot = self._codes(images)
        return {"reconstructions": self.model.mean_px(mean, one_hot)}

    def score(self, images, noise):
        model, fitted = self.model, self.model.fitted
        means, scales = fitted.score_means, fitted.score_scales
        if model.has_features and fitted.density is not None:
            parts = self._feature_parts(images)
            # Every model has the same inputs, and exports keep those that are used.
            parts = parts[0] + 0.0 * ops.mean(noise), parts[1]
            return {"scores": inference.score(*parts, means, scales, _logaddexp)}
        logits, images = model(images), inference.as_floats(images)
        count, (samples, width) = ops.shape(images)[0], ops.shape(noise)
        weights = bounds.summed_log_weights(
            model,
            ops.broadcast_to(noise, (count, samples, width)),
            images,
            self._likeliest(logits),
            fitted.prior.log_density,
        )
        log_pxy = ops.logsumexp(weights, axis=1) - ops.log(ops.cast(samples, "float32"))
        best = model.best_log_px(images)
        parts = inference.score_parts(best, log_pxy, logits, ops.logsumexp)
        return {"scores": inference.score(*parts, means, scales, _logaddexp)}

    def _feature_parts(self, images):
        """Return surprise and energy; see `SSVAE.score_parts`."""
        density = self.model.fitted.density
        both = with_vectors(self.model.classifier)(inference.as_floats(images))
        vectors, logits = ops.split(both, [len(density.white)], axis=-1)
        surprise = density.surprise(vectors, ops, ops.logsumexp)
        return surprise, -ops.logsumexp(logits, axis=-1)

    def _log_q(self, images):
        """Return log q(y|x), up to a constant per image; see `SSVAE.predict_proba`."""
        logits = self.model(images)
        if not self.model.has_views:
            return logits
        doubtful = ops.expand_dims(inference.is_doubtful(logits, ops), 1)
        views = self.model.classify_views(inference.as_floats(images))
        return ops.where(doubtful, views, logits)

    def _codes(self, images):
        """Return the moments of q(z|x,y) and the likeliest y."""
        one_hot = self._likeliest(self._log_q(images))
        images = inference.as_floats(images)
        return *inference.posterior_moments(self.model, images, one_hot), one_hot

    def _likeliest(self, log_q):
        # Not ops.argmax: Keras writes it as operations that LiteRT does not have.
        _, classes = ops.top_k(log_q, 1)
        return ops.one_hot(classes[:, 0], self.model.num_classes)


def _logaddexp(one, other):
    # Not ops.logaddexp: its log1p is no operation of ONNX.
    return ops.logsumexp(ops.stack([one, other], axis=1), axis=1)
