"""The model a person uses: images in, arrays out."""

import dataclasses
import math

import keras
import numpy as np
from keras import ops

from ssvae import losses
from ssvae.config import Config
from ssvae.data import as_float_images
from ssvae.m2 import M2

# Rows that pass through the decoder at once.
CHUNK_ROWS = 10_000


@keras.saving.register_keras_serializable(package="ssvae")
class SSVAE(M2):
    """Semi-supervised variational autoencoder: a classifier and a generator in one.

    For learning from a few labeled and many unlabeled images.

    Reference:
        Kingma, Rezende, Mohamed, Welling, "Semi-supervised Learning with Deep
        Generative Models", 2014 (arXiv:1406.5298), model M2.

    Args:
        image_shape: Height, width and channels.
        class_names: A name a class.
        config: `Config`, or a dict of its fields; the defaults where none is given.

    Images go in as uint8 or as floats in [0, 1], of shape `(n, h, w)` or
    `(n, h, w, c)`; anything else is a `ValueError` that says what came and what is
    needed.

    Example:
        ```python
        model = ssvae.load_model("mnist-100")
        probabilities = model.predict_proba(images)
        digits = model.generate([3, 3, 7], seed=0)
        ```
    """

    def __init__(self, image_shape, class_names, config=None, **kwargs):
        if not isinstance(config, Config):
            config = Config(**(config or {}))
        super().__init__(image_shape, len(class_names), config, **kwargs)
        self.class_names = tuple(class_names)

    def get_config(self):
        """Return what rebuilds the model, without its weights."""
        return {
            "image_shape": self.image_shape,
            "class_names": self.class_names,
            "config": dataclasses.asdict(self.config),
        }

    def averaged(self) -> "SSVAE":
        """Return an uncompiled model with the averaged weights: the one to keep."""
        model = SSVAE(self.image_shape, self.class_names, self.config)
        weights = self.trainable_variables
        if self.average is not None:
            weights = self.average.averages
        # The averages come last among the others and have no partner.
        pairs = [
            *zip(model.trainable_variables, weights, strict=True),
            *zip(
                model.non_trainable_variables,
                self.non_trainable_variables,
                strict=False,
            ),
        ]
        for kept, trained in pairs:
            kept.assign(ops.copy(trained))
        return model

    def predict_proba(self, images) -> np.ndarray:
        """Return q(y|x) of each image.

        Args:
            images: `(n, h, w)` or `(n, h, w, c)`.

        Returns:
            float32 array `(n, num_classes)`, rows that sum to one.
        """
        return self._in_chunks(lambda x: ops.softmax(self.classify(x)), images)

    def encode(self, images, classes=None) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and log-variance of q(z|x,y).

        Args:
            images: `(n, h, w)` or `(n, h, w, c)`.
            classes: int array `(n,)`; the likeliest class of each where not given.

        Returns:
            Two float32 arrays `(n, latent_dim)`.
        """
        if classes is None:
            classes = self.predict_proba(images).argmax(-1)
        one_hot = self._one_hot(classes)

        def moments(x, one_hot):
            x, _ = self.observe(x)
            return ops.concatenate(self.posterior(self.encoder_body(x), one_hot), -1)

        return tuple(np.split(self._in_chunks(moments, images, one_hot), 2, axis=-1))

    def decode(self, z, classes) -> np.ndarray:
        """Return the mean of p(x|y,z).

        Args:
            z: Float array `(n, latent_dim)`.
            classes: int array `(n,)`.

        Returns:
            float32 array `(n, h, w, c)` in [0, 1].
        """
        one_hot = self._one_hot(classes)
        if not len(one_hot):
            return np.zeros((0, *self.image_shape), np.float32)
        pixels = self.decoder([np.asarray(z, np.float32), one_hot])
        if self.m1 is not None:
            pixels = self.m1.decoder([pixels, ops.ones((len(one_hot), 1))])
        if self.config.likelihood == "gaussian":
            return ops.convert_to_numpy(ops.clip(pixels, 0.0, 1.0))
        return ops.convert_to_numpy(ops.sigmoid(pixels))

    def generate(self, classes, seed=0) -> np.ndarray:
        """Return a new image of each class asked for, the mean of p(x|y,z), z ~ p(z).

        Args:
            classes: int array `(n,)`.
            seed: Seed of the noise; the same on every backend.

        Returns:
            float32 array `(n, h, w, c)` in [0, 1].
        """
        z = self._noise(np.size(classes), seed)[:, : self.config.latent_dim]
        return self.decode(z, classes)

    def reconstruct(self, images, classes=None) -> np.ndarray:
        """Return each image as its latent mean decodes it.

        Args:
            images: `(n, h, w)` or `(n, h, w, c)`.
            classes: int array `(n,)`; the likeliest class of each where not given.

        Returns:
            float32 array `(n, h, w, c)` in [0, 1].
        """
        if classes is None:
            classes = self.predict_proba(images).argmax(-1)
        return self.decode(self.encode(images, classes)[0], classes)

    def elbo(self, images, seed=0) -> np.ndarray:
        """Return U(x), equation 7, a lower bound of log p(x), with one sample of z.

        Args:
            images: `(n, h, w)` or `(n, h, w, c)`.
            seed: Seed of the noise; the same on every backend.

        Returns:
            float32 array `(n,)`, nats.
        """

        def bound(x, noise):
            bounds = self._per_class(self.bound, x, noise)
            return losses.unlabeled_bound(self.classify(x), bounds)

        return self._in_chunks(bound, images, self._noise(len(images), seed))

    def log_likelihood(self, images, num_samples=100, seed=0) -> np.ndarray:
        """Return an importance-weighted lower bound of log p(x), the tighter the more.

        log p(x) >= log sum_y mean_s p(x|y,z_s) p(y) p(z_s) / q(z_s|x,y), z_s drawn
        from q(z|x,y) (Burda et al. 2016, equation 8, with y summed out).

        Args:
            images: `(n, h, w)` or `(n, h, w, c)`.
            num_samples: Samples of z a class.
            seed: Seed of the noise; the same on every backend.

        Returns:
            float64 array `(n,)`, nats.
        """
        total = np.full(len(images), -np.inf)
        for sample in range(num_samples):
            noise = self._noise(len(images), (seed, sample))
            weights = self._in_chunks(
                lambda x, noise: ops.logsumexp(
                    self._per_class(self.log_weight, x, noise), axis=-1
                ),
                images,
                noise,
            )
            total = np.logaddexp(total, weights)
        return total - math.log(num_samples)

    def score(self, images, num_samples=10, seed=0) -> np.ndarray:
        """Return how unusual each image is: minus `log_likelihood`, nats, `(n,)`."""
        return -self.log_likelihood(images, num_samples, seed)

    def _per_class(self, function, images, noise):
        """Return `bound` or `log_weight` of every class, `(batch, num_classes)`."""
        noise, m1_noise = ops.split(noise, [self.config.latent_dim], axis=-1)
        x, ratio = self.observe(images, m1_noise)
        rows = self.every_class(x, self.encoder_body(x), noise)
        values = ops.reshape(function(*rows), (-1, self.num_classes))
        return values + ops.expand_dims(ratio, -1)

    def _in_chunks(self, function, images, *arrays):
        """Apply a function of tensors to images and arrays, some rows at a time."""
        images = as_float_images(images, self.image_shape)
        count, size = len(images), max(1, CHUNK_ROWS // self.num_classes)
        arrays = [images, *arrays]
        if not count:
            # One row of zeros, cut off again, tells the shape of the answer.
            arrays = [np.zeros((1, *a.shape[1:]), a.dtype) for a in arrays]
        parts = []
        for start in range(0, max(1, count), size):
            chunk = [ops.convert_to_tensor(a[start : start + size]) for a in arrays]
            parts.append(ops.convert_to_numpy(function(*chunk)))
        return np.concatenate(parts)[:count]

    def _one_hot(self, classes):
        """Return checked classes as float32 rows."""
        given = np.asarray(classes)
        whole = given.size == 0 or np.issubdtype(given.dtype, np.integer)
        if (
            given.ndim != 1
            or not whole
            or not np.all((given >= 0) & (given < self.num_classes))
        ):
            raise ValueError(
                f"classes are {classes!r}; need a list of whole numbers from 0 to "
                f"{self.num_classes - 1}"
            )
        return np.eye(self.num_classes, dtype=np.float32)[given.astype(int)]

    def _noise(self, count, seed):
        """Return draws of N(0, I) for z and M1, the same on every backend."""
        width = self.config.latent_dim
        if self.m1 is not None:
            width += self.config.m1_latent_dim
        return np.random.default_rng(seed).standard_normal((count, width), np.float32)
