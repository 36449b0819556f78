"""The model as functions of plain tensors, to be exported: no state, no chance.

What is random elsewhere is an input here: noise from N(0, I), or from the uniform
distribution on [0, 1). Images go in as uint8.
"""

import math
from dataclasses import dataclass

from keras import ops

from ssvae.model import SURE
from ssvae.vae import bounds


@dataclass(frozen=True)
class Endpoint:
    """A function of tensors and what it takes and gives.

    Attributes:
        function: From tensors, in the order of `inputs`, to a dict of tensors.
        inputs: Dict of name to (shape, dtype); the first axis, None, is free, and of
            all inputs but `noise` of `score` it is the batch.
        outputs: Names of the tensors it gives.
    """

    function: object
    inputs: dict[str, tuple[tuple, str]]
    outputs: tuple[str, ...]


def endpoints(model) -> dict[str, Endpoint]:
    """Return the functions of an `SSVAE`, by name.

    - `classify`: calibrated `probabilities` `(n, num_classes)`.
    - `encode`: `mean` and `log_variance` of q(z|x,y) for the likeliest y,
      `(n, latent_dim)`.
    - `generate`: `images` `(n, h, w, c)` in [0, 1] of `classes`, from `noise` and
      `choice`, which picks the Gaussian of the prior.
    - `reconstruct`: the `reconstructions` of images from their latent means.
    - `score`: how unusual each image is, `scores` `(n,)`; `noise` `(k, ...)` is for k
      samples of z, shared by all images. See `SSVAE.score`.
    """
    functions = _Functions(model)
    height, width, channels = model.image_shape
    images = {"images": ((None, height, width, channels), "uint8")}
    config = model.config
    sample = config.latent_dim + (config.m1_latent_dim if model.m1 is not None else 0)
    return {
        "classify": Endpoint(functions.classify, images, ("probabilities",)),
        "encode": Endpoint(functions.encode, images, ("mean", "log_variance")),
        "generate": Endpoint(
            functions.generate,
            {
                "classes": ((None,), "int32"),
                "noise": ((None, config.latent_dim), "float32"),
                "choice": ((None,), "float32"),
            },
            ("images",),
        ),
        "reconstruct": Endpoint(functions.reconstruct, images, ("reconstructions",)),
        "score": Endpoint(
            functions.score,
            images | {"noise": ((None, sample), "float32")},
            ("scores",),
        ),
    }


class _Functions:
    """The endpoints of one model."""

    def __init__(self, model):
        self.model = model

    def classify(self, images):
        log_q = self._log_q(_floats(images))
        return {"probabilities": ops.softmax(log_q / self.model.fitted.temperature)}

    def encode(self, images):
        mean, log_variance, _ = self._codes(_floats(images))
        return {"mean": mean, "log_variance": log_variance}

    def generate(self, classes, noise, choice):
        model, prior = self.model, self.model.fitted.prior
        one_hot = ops.one_hot(classes, model.num_classes)
        chances = ops.cumsum(ops.matmul(one_hot, prior.weights), axis=1)
        # The last may fall short of one by a rounding error.
        passed = ops.expand_dims(choice, 1) > chances[:, :-1]
        chosen = ops.sum(ops.cast(passed, "int32"), axis=1)
        num_classes, count, size = prior.means.shape
        row = ops.one_hot(classes * count + chosen, num_classes * count)
        means = ops.matmul(row, prior.means.reshape(-1, size))
        factors = ops.matmul(row, prior.factors.reshape(-1, size * size))
        factors = ops.reshape(factors, (-1, size, size))
        z = means + ops.sum(factors * ops.expand_dims(noise, 1), axis=2)
        return {"images": model.mean_px(z, one_hot)}

    def reconstruct(self, images):
        mean, _, one_hot = self._codes(_floats(images))
        return {"reconstructions": self.model.mean_px(mean, one_hot)}

    def score(self, images, noise):
        model, images = self.model, _floats(images)
        logits = model.classify(images)
        one_hot = self._likeliest(logits)
        count, (samples, width) = ops.shape(images)[0], ops.shape(noise)
        weights = bounds.summed_log_weights(
            model,
            ops.broadcast_to(noise, (count, samples, width)),
            images,
            one_hot,
            model.fitted.prior.log_density,
        )
        log_pxy = ops.logsumexp(weights, axis=1) - ops.log(ops.cast(samples, "float32"))
        parts = ops.stack(
            [model.best_log_px(images) - log_pxy, -ops.logsumexp(logits, axis=1)],
            axis=1,
        )
        means, scales = model.fitted.score_means, model.fitted.score_scales
        parts = (parts - ops.cast(means, "float32")) / ops.cast(scales, "float32")
        return {"scores": ops.logsumexp(parts, axis=1)}

    def _log_q(self, images):
        """Return what `SSVAE.predict_proba` goes by."""
        log_q = ops.log_softmax(self.model.classify(images))
        if not self.model.has_views:
            return log_q
        sure = ops.max(log_q, axis=1, keepdims=True) >= math.log(SURE)
        return ops.where(sure, log_q, self.model.classify_views(images))

    def _codes(self, images):
        """Return the moments of q(z|x,y) and the likeliest y."""
        model = self.model
        one_hot = self._likeliest(self._log_q(images))
        x, _ = model.observe(images)
        return *model.posterior(model.encoder_body(x), one_hot), one_hot

    def _likeliest(self, logits):
        # Not argmax, for which Keras knows a way that LiteRT does not.
        _, classes = ops.top_k(logits, 1)
        return ops.one_hot(classes[:, 0], self.model.num_classes)


def _floats(images):
    return ops.cast(images, "float32") / 255.0
