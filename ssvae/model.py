"""The model a person uses: images in, arrays out."""

import dataclasses
import math
from functools import partial

import keras
import numpy as np
from keras import ops
from scipy.special import logsumexp, softmax

from ssvae.config.settings import FORMAT, Config, upgraded
from ssvae.data.images import checked_images
from ssvae.vae import bounds
from ssvae.vae.arrays import CHUNK_ROWS, class_rows, in_chunks
from ssvae.vae.fitted import Fitted, is_fitted
from ssvae.vae.m2 import M2
from ssvae.vae.prior import MixturePrior

# A prediction of less looks at more views: of digits one in thirty.
SURE = 0.99
# Samples of z of an image at once: it is encoded once for all of them.
SAMPLES = 10


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
            config = Config(**upgraded(config or {}))
        super().__init__(image_shape, len(class_names), config, **kwargs)
        self.class_names = tuple(class_names)
        self.fitted = Fitted(MixturePrior.normal(self.num_classes, config.latent_dim))

    def save_own_variables(self, store):
        """Save what belongs to no layer, what was fitted after training among it."""
        super().save_own_variables(store)
        self.fitted.save(store)

    def load_own_variables(self, store):
        """Load what `save_own_variables` saved."""
        super().load_own_variables(store)
        if "temperature" in store:
            classes, size = self.num_classes, self.config.latent_dim
            self.fitted = Fitted.load(store, classes, size)

    def get_config(self):
        """Return what rebuilds the model, without its weights."""
        return {
            "image_shape": self.image_shape,
            "class_names": self.class_names,
            "config": dataclasses.asdict(self.config),
        }

    @classmethod
    def from_config(cls, config):
        """Rebuild a model from what `get_config` returned, once or today."""
        stated = config["config"]
        # Files of format 3 and before do not state it.
        number = FORMAT if "conv_strides" in stated else 3
        return cls(**config | {"config": upgraded(stated, number)})

    def logits(self, images) -> np.ndarray:
        """Return the classifier's logits of q(y|x), of the images as they are.

        Args:
            images: `(n, h, w)` or `(n, h, w, c)`.

        Returns:
            float32 array `(n, num_classes)`.
        """
        return self._in_chunks(self.classify, images)

    def predict_proba(self, images, temperature=None, logits=None) -> np.ndarray:
        """Return the probability of every class: softmax(log q / T).

        q(y|x) is the classifier's; where it is less than `SURE` of a class and training
        warped, the mean of log q over the image and four slightly shifted views.

        Args:
            images: `(n, h, w)` or `(n, h, w, c)`.
            temperature: T; 1 leaves them as they are. The one that calibrates (Guo et
                al. 2017, equation 9), if one was fitted, where not given.
            logits: What `logits` returned for the images, if it was asked already.

        Returns:
            float32 array `(n, num_classes)`, rows that sum to one.
        """
        if temperature is None:
            temperature = self.fitted.temperature
        images = checked_images(images, self.image_shape)
        logits = self.logits(images) if logits is None else logits
        # log q, but for what is the same for every class.
        log_q = logits.copy()
        doubtful = softmax(logits, axis=1).max(axis=1, initial=0) < SURE
        if self.has_views and doubtful.any():
            log_q[doubtful] = self._in_chunks(self.classify_views, images[doubtful])
        return softmax(log_q / np.float32(temperature), axis=1)

    def encode(self, images, classes=None) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and log-variance of q(z|x,y).

        Args:
            images: `(n, h, w)` or `(n, h, w, c)`.
            classes: int array `(n,)`; the likeliest class of each where not given.

        Returns:
            Two float32 arrays `(n, latent_dim)`.
        """
        one_hot = self._class_rows(images, classes)

        def moments(x, one_hot):
            x, _ = self.observe(x)
            return ops.concatenate(self.posterior(self.encoder_body(x), one_hot), -1)

        return tuple(np.split(self._in_chunks(moments, images, one_hot), 2, axis=-1))

    def decode(self, z, classes) -> np.ndarray:
        """Return the mean of p(x|y,z).

        Args:
            z: Float array `(n, latent_dim)`.
            classes: int array `(n,)`; or a weight for each class, float array
                `(n, num_classes)`, for what lies between classes.

        Returns:
            float32 array `(n, h, w, c)` in [0, 1].
        """
        one_hot = class_rows(classes, self.num_classes)
        return in_chunks(self.mean_px, 1, np.asarray(z, np.float32), one_hot)

    def generate(self, classes, seed=0, temperature=1.0, prior="fitted") -> np.ndarray:
        """Return a new image of each class asked for: the mean of p(x|y,z), z drawn.

        Args:
            classes: int array `(n,)`.
            seed: Seed of the noise; the same on every backend.
            temperature: Scale of the noise, 0 or more: below 1 the images are plainer,
                above 1 stranger.
            prior: Where z is drawn from: `"fitted"`, the mixture fitted to the codes of
                training images of the class, or `"normal"`, p(z) = N(0, I).

        Returns:
            float32 array `(n, h, w, c)` in [0, 1].
        """
        one_hot = class_rows(classes, self.num_classes)
        noise = self._noise(len(one_hot), seed)[:, : self.config.latent_dim]
        z = temperature * noise
        if is_fitted(prior):
            z = self.fitted.prior.draw(one_hot.argmax(axis=1), z, seed)
        return self.decode(z, one_hot)

    def reconstruct(self, images, classes=None) -> np.ndarray:
        """Return each image as its latent mean decodes it.

        Args:
            images: `(n, h, w)` or `(n, h, w, c)`.
            classes: int array `(n,)`; the likeliest class of each where not given.

        Returns:
            float32 array `(n, h, w, c)` in [0, 1].
        """
        rows = self._class_rows(images, classes)
        return self.decode(self.encode(images, rows)[0], rows)

    def elbo(self, images, seed=0) -> np.ndarray:
        """Return U(x), equation 7, a lower bound of log p(x), with one sample of z.

        Args:
            images: `(n, h, w)` or `(n, h, w, c)`.
            seed: Seed of the noise; the same on every backend.

        Returns:
            float32 array `(n,)`, nats.
        """
        parts = self.elbo_parts(images, seed)
        return parts["reconstruction"] - parts["kl_z"] - parts["kl_y"]

    def elbo_parts(self, images, seed=0) -> dict[str, np.ndarray]:
        """Return what `elbo` is made of.

        U(x) = E[log p(x|y,z)] - E[KL(q(z|x,y) || p(z))] - KL(q(y|x) || p(y)), the
        expectations over q(y|x) and q(z|x,y).

        Args:
            images: `(n, h, w)` or `(n, h, w, c)`.
            seed: Seed of the noise; the same on every backend.

        Returns:
            Dict of float32 arrays `(n,)`, nats: `reconstruction`, `kl_z`, `kl_y`.
        """
        noise = self._noise(len(images), seed)
        columns = self._in_chunks(
            partial(bounds.unlabeled_bound_parts, self), images, noise
        )
        return dict(zip(("reconstruction", "kl_z", "kl_y"), columns.T, strict=True))

    def log_likelihood(
        self,
        images,
        num_samples=100,
        seed=0,
        classes=None,
        prior="fitted",
        same_noise=False,
    ) -> np.ndarray:
        """Return an importance-weighted lower bound of log p(x), the tighter the more.

        log p(x) >= log sum_y mean_s p(x|y,z_s) p(y) p(z_s) / q(z_s|x,y), z_s drawn
        from q(z|x,y) (Burda et al. 2016, equation 8, with y summed out).

        Args:
            images: `(n, h, w)` or `(n, h, w, c)`.
            num_samples: Samples of z a class, 1 or more.
            seed: Seed of the noise; the same on every backend.
            classes: int array `(n,)`, for log p(x, y) of these classes instead.
            prior: Which p(z) the model has; see `generate`.
            same_noise: Whether all images have the same noise, so that the answer does
                not depend on an image's place; their mean is then less exact.

        Returns:
            float64 array `(n,)`, nats.
        """
        if num_samples < 1:
            raise ValueError(f"num_samples is {num_samples}; need 1 or more")
        log_weights = partial(
            bounds.summed_log_weights,
            self,
            log_prior=self.fitted.prior.log_density if is_fitted(prior) else None,
        )
        images = checked_images(images, self.image_shape)
        arrays, rows_each = [images], self.num_classes
        if classes is not None:
            arrays, rows_each = [images, class_rows(classes, self.num_classes)], 1
        total = np.full(len(images), -np.inf)
        # Few images go through with many samples at once.
        group = max(SAMPLES, CHUNK_ROWS // max(1, len(images) * rows_each))
        for start in range(0, num_samples, group):
            samples = range(start, min(start + group, num_samples))
            count = 1 if same_noise else len(images)
            noise = np.stack([self._noise(count, (seed, s)) for s in samples], axis=1)
            noise = np.broadcast_to(noise, (len(images), *noise.shape[1:]))
            weights = in_chunks(log_weights, rows_each * len(samples), noise, *arrays)
            weights = logsumexp(weights.astype(np.float64), axis=1)
            total = np.logaddexp(total, weights)
        return total - math.log(num_samples)

    def score(self, images, num_samples=10, seed=0, logits=None) -> np.ndarray:
        """Return how unusual each image is, in standard deviations from the usual.

        It is the soft maximum of both of `score_parts`, each in standard deviations
        over images held out of training; see `Fitted.score`.

        Args:
            images: `(n, h, w)` or `(n, h, w, c)`.
            num_samples: Samples of z, 1 or more.
            seed: Seed of the noise; the same on every backend.
            logits: What `logits` returned for the images, if it was asked already.

        Returns:
            float64 array `(n,)`.
        """
        return self.fitted.score(*self.score_parts(images, num_samples, seed, logits))

    def score_parts(self, images, num_samples=10, seed=0, logits=None):
        """Return what `score` is made of: the generator's doubt and the classifier's.

        Returns:
            Two float64 arrays `(n,)`, nats: the deviance, max_p log p(x) - log p(x, y)
            for the likeliest y, the maximum over every p that knows x; and the energy,
            -logsumexp of the logits (Liu et al. 2020, arXiv:2010.03759).
        """
        images = checked_images(images, self.image_shape)
        logits = self.logits(images) if logits is None else logits
        classes = logits.argmax(axis=-1)
        best = self._in_chunks(self.best_log_px, images)
        log_pxy = self.log_likelihood(
            images, num_samples, seed, classes, same_noise=True
        )
        return best - log_pxy, -logsumexp(logits.astype(np.float64), axis=-1)

    def _in_chunks(self, function, images, *arrays):
        """Apply a function of tensors to images and arrays, some rows at a time."""
        images = checked_images(images, self.image_shape)
        return in_chunks(function, self.num_classes, images, *arrays)

    def _class_rows(self, images, classes):
        """Return the classes of images as rows; the likeliest where none are given."""
        if classes is None:
            classes = self.predict_proba(images).argmax(axis=-1)
        return class_rows(classes, self.num_classes)

    def _noise(self, count, seed):
        """Return draws of N(0, I) for z and M1, the same on every backend."""
        width = self.config.latent_dim
        if self.m1 is not None:
            width += self.config.m1_latent_dim
        return np.random.default_rng(seed).standard_normal((count, width), np.float32)
