"""The model a person uses: images in, arrays out."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from ssvae.config.settings import FORMAT, Config, upgraded
from ssvae.data.images import as_floats, checked_images
from ssvae.types import ArrayLike, PathLike
from ssvae.vae import answers, inference
from ssvae.vae.arrays import class_numbers, class_rows, in_chunks
from ssvae.vae.feature_classifier import PROJECTED
from ssvae.vae.fitted import Fitted, is_fitted
from ssvae.vae.m2 import M2
from ssvae.vae.prior import MixturePrior
from ssvae.vae.texture import add_noise


@keras.saving.register_keras_serializable(package="ssvae")
class SSVAE(M2):
    """Semi-supervised variational autoencoder: a classifier and a generator in one.

    For learning from a few labeled and many unlabeled images.

    Reference:
        Kingma, Rezende, Mohamed, Welling, "Semi-supervised Learning with Deep
        Generative Models", 2014 (arXiv:1406.5298), model M2.

    Args:
        image_shape: Height, width and channels.
        class_names: One name per class.
        config: `Config`, or a dict of its fields. Default: every setting's default.
        backbone: What describes the pretrained network of a saved model, if its config
            names one that is not of this package.

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

    def __init__(
        self,
        image_shape: Sequence[int],
        class_names: Sequence[str],
        config: Config | dict[str, Any] | None = None,
        backbone: dict[str, Any] | None = None,
        **kwargs: Any,
    ):
        if not isinstance(config, Config):
            config = Config(**upgraded(config or {}))
        super().__init__(image_shape, len(class_names), config, backbone, **kwargs)
        self.class_names = tuple(class_names)
        self.fitted = Fitted(MixturePrior.normal(self.num_classes, config.latent_dim))

    def save_own_variables(self, store: Any) -> None:
        """Save the variables of no layer, and the values fitted after training."""
        super().save_own_variables(store)
        self.fitted.save(store)

    def load_own_variables(self, store: Any) -> None:
        """Load the values that `save_own_variables` saved."""
        super().load_own_variables(store)
        if "temperature" in store:
            sizes = self.num_classes, self.config.latent_dim, 0
            if self.has_features:
                sizes = *sizes[:2], self.classifier.get_layer(PROJECTED).units
            self.fitted = Fitted.load(store, *sizes, self.pixel_shape)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that build the same model, with other weights."""
        settings = {
            "image_shape": self.image_shape,
            "class_names": self.class_names,
            "config": dataclasses.asdict(self.config),
        }
        backbone = self.backbone
        return settings | ({"backbone": backbone} if backbone else {})

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "SSVAE":
        """Build a model from what `get_config` returned, now or in an older version."""
        stated = config["config"]
        # Files of format 3 and older do not have this setting.
        number = FORMAT if "conv_strides" in stated else 3
        return cls(**config | {"config": upgraded(stated, number)})

    def save_to_preset(self, preset_dir: PathLike) -> None:
        """Write the model into a new folder, from which `from_preset` loads it back.

        It holds files of a run folder: `model.keras`, `config.toml` and a card,
        `README.md`. So every command takes it too.

        Args:
            preset_dir: Path of a folder that does not exist.

        Raises:
            InputError: If the folder exists or cannot be written.
        """
        from ssvae.runs.preset import save_preset

        save_preset(self, preset_dir)

    @classmethod
    def from_preset(cls, preset: PathLike) -> "SSVAE":
        """Load a trained model, bit for bit as it was saved.

        Files from elsewhere are checked before they are opened: none can run code.

        Example:
            ```python
            model = ssvae.SSVAE.from_preset("mnist-100")
            model.save_to_preset("digits")
            same = ssvae.SSVAE.from_preset("digits")
            theirs = ssvae.SSVAE.from_preset("hf://USER/NAME@v1")
            ```

        Args:
            preset: hf://USER/NAME of a model on the Hugging Face hub, or
                hf://USER/NAME@REVISION; a folder of `save_to_preset`, a run folder or a
                `.keras` file; or the name of a shipped model.

        Raises:
            InputError: If there is no model, or the file holds none of this package.
        """
        from ssvae.runs.preset import load_preset

        return load_preset(preset)

    def logits(self, images: ArrayLike) -> np.ndarray:
        """Return the classifier's logits of q(y|x), for the images without views.

        Args:
            images: `(n, h, w)` or `(n, h, w, c)`.

        Returns:
            float32 array `(n, num_classes)`.
        """
        return answers.logits(self, self._checked(images))

    def predict_proba(
        self,
        images: ArrayLike,
        temperature: float | None = None,
        logits: np.ndarray | None = None,
    ) -> np.ndarray:
        """Return the probability of every class: softmax(log q / T).

        q(y|x) is the classifier's. For an image of which no class has the probability
        `inference.SURE`, log q is the mean over the image and four slightly shifted
        views, if training warped images.

        Args:
            images: `(n, h, w)` or `(n, h, w, c)`.
            temperature: T; 1 leaves the probabilities as they are. Default: the
                temperature that was fitted to calibrate them.
            logits: What `logits` returned for the images, if it was called already.

        Returns:
            float32 array `(n, num_classes)`, rows that sum to one.
        """
        checked = self._checked(images)
        return answers.probabilities(self, checked, temperature, logits)

    def predict(
        self,
        x: ArrayLike,
        batch_size: int | None = None,
        verbose: Any = "auto",
        steps: int | None = None,
        callbacks: Any = None,
    ) -> np.ndarray:
        """Return the probability of every class: Keras's name of `predict_proba`.

        Args:
            x: Images `(n, h, w)` or `(n, h, w, c)`.
            batch_size: Has no effect: the model chooses how many images pass at once.
            verbose: Has no effect, like `steps` and `callbacks`: there is no progress
                bar, and every image is answered.
            steps: Has no effect.
            callbacks: Has no effect.

        Returns:
            float32 array `(n, num_classes)`, rows that sum to one.
        """
        return self.predict_proba(x)

    def predict_on_batch(self, x: ArrayLike) -> np.ndarray:
        """Return the probability of every class; the same as `predict_proba`."""
        return self.predict_proba(x)

    def encode(
        self, images: ArrayLike, classes: ArrayLike | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and log-variance of q(z|x,y).

        Args:
            images: `(n, h, w)` or `(n, h, w, c)`.
            classes: Numbers or names of classes, `(n,)`; default: the likeliest class
                of each image.

        Returns:
            Two float32 arrays `(n, latent_dim)`.
        """
        checked = self._checked(images)
        known = None if classes is None else self._class_rows(classes)
        one_hot = answers.class_weights(self, checked, known)
        return answers.posterior_moments(self, checked, one_hot)

    def decode(self, z: ArrayLike, classes: ArrayLike) -> np.ndarray:
        """Return the mean of p(x|y,z).

        Args:
            z: Float array `(n, latent_dim)`.
            classes: Numbers or names of classes, `(n,)`; or float array
                `(n, num_classes)`, a weight for each class, for images between classes.

        Returns:
            float32 array `(n, h, w, c)` in [0, 1].
        """
        one_hot = self._class_rows(classes)
        codes = np.asarray(z, np.float32)
        return in_chunks(self.mean_px, 1, codes, one_hot, drawn=self.pixel_shape)

    def generate(
        self,
        classes: ArrayLike,
        seed: int = 0,
        temperature: float = 1.0,
        prior: str = "fitted",
        texture: bool = True,
    ) -> np.ndarray:
        """Return a new image of each class: the mean of p(x|y,z), z drawn, and texture.

        Args:
            classes: Numbers or names of classes, `(n,)`.
            seed: Seed of the noise; the same on every backend.
            temperature: Scale of the noise, 0 or more: below 1 the images are plainer,
                above 1 stranger.
            prior: The distribution of z: `"fitted"`, the mixture fitted to the codes of
                training images of the class, or `"normal"`, p(z) = N(0, I).
            texture: Whether to add noise like what the decoder leaves of training
                images of the class. Only some models of features have such a texture,
                `fitted.texture`; reconstructions and exports but `keras` show none.

        Returns:
            float32 array `(n, h, w, c)` in [0, 1].
        """
        one_hot = self._class_rows(classes)
        noise = inference.draw_noise(len(one_hot), self.noise_size, seed)
        z = temperature * noise[:, : self.config.latent_dim]
        if is_fitted(prior):
            z = self.fitted.prior.draw(one_hot.argmax(axis=1), z, seed)
        images = self.decode(z, one_hot)
        scales = self.fitted.texture
        if not texture or scales is None:
            return images
        return add_noise(images, one_hot, scales, seed, temperature)

    def reconstruct(
        self, images: ArrayLike, classes: ArrayLike | None = None
    ) -> np.ndarray:
        """Return each image as it is decoded from its latent mean.

        Args:
            images: `(n, h, w)` or `(n, h, w, c)`.
            classes: Numbers or names of classes, `(n,)`; default: the likeliest class
                of each image.

        Returns:
            float32 array `(n, h, w, c)` in [0, 1].
        """
        checked = self._checked(images)
        known = None if classes is None else self._class_rows(classes)
        one_hot = answers.class_weights(self, checked, known)
        mean, _ = answers.posterior_moments(self, checked, one_hot)
        return self.decode(mean, one_hot)

    def as_drawn(self, images: ArrayLike) -> np.ndarray:
        """Return images in the size in which they are reconstructed and generated.

        Args:
            images: `(n, h, w)` or `(n, h, w, c)`.

        Returns:
            float32 array `(n, *pixel_shape)` in [0, 1].
        """
        return as_floats(answers.as_drawn(self, self._checked(images)))

    def elbo(
        self, images: ArrayLike, seed: int = 0, logits: np.ndarray | None = None
    ) -> np.ndarray:
        """Return U(x), equation 7, a lower bound of log p(x), with one sample of z.

        Args:
            images: `(n, h, w)` or `(n, h, w, c)`.
            seed: Seed of the noise; the same on every backend.
            logits: What `logits` returned for the images, if it was called already.

        Returns:
            float32 array `(n,)`, nats.
        """
        parts = self.elbo_parts(images, seed, logits)
        return parts["reconstruction"] - parts["kl_z"] - parts["kl_y"]

    def elbo_parts(
        self, images: ArrayLike, seed: int = 0, logits: np.ndarray | None = None
    ) -> dict[str, np.ndarray]:
        """Return the terms of `elbo`.

        U(x) = E[log p(x|y,z)] - E[KL(q(z|x,y) || p(z))] - KL(q(y|x) || p(y)), the
        expectations over q(y|x) and q(z|x,y).

        Args:
            images: `(n, h, w)` or `(n, h, w, c)`.
            seed: Seed of the noise; the same on every backend.
            logits: What `logits` returned for the images, if it was called already.

        Returns:
            Dict of float32 arrays `(n,)`, nats: `reconstruction`, `kl_z`, `kl_y`.
        """
        columns = answers.elbo_parts(self, self._checked(images), seed, logits)
        return dict(zip(("reconstruction", "kl_z", "kl_y"), columns.T, strict=True))

    def log_likelihood(
        self,
        images: ArrayLike,
        num_samples: int = 100,
        seed: int = 0,
        classes: ArrayLike | None = None,
        prior: str = "fitted",
        same_noise: bool = False,
    ) -> np.ndarray:
        """Return an importance-weighted lower bound of log p(x).

        log p(x) >= log sum_y mean_s p(x|y,z_s) p(y) p(z_s) / q(z_s|x,y), z_s drawn
        from q(z|x,y) (Burda et al. 2016, equation 8, with y summed out). More samples
        make it tighter.

        Args:
            images: `(n, h, w)` or `(n, h, w, c)`.
            num_samples: Samples of z per class, 1 or more.
            seed: Seed of the noise; the same on every backend.
            classes: Numbers or names of classes, `(n,)`, for log p(x, y) of these
                classes instead.
            prior: The model's p(z); see `generate`.
            same_noise: Whether all images share the noise. Then an image's answer does
                not depend on its place, but the mean over images is less exact.

        Returns:
            float64 array `(n,)`, nats.

        Raises:
            ValueError: If there are no samples, or images or classes do not fit.
        """
        checked = self._checked(images)
        one_hot = None if classes is None else self._class_rows(classes)
        fitted = self.fitted.prior if is_fitted(prior) else None
        return answers.log_likelihood(
            self, checked, one_hot, num_samples, seed, fitted, same_noise
        )

    def score(
        self,
        images: ArrayLike,
        num_samples: int = 10,
        seed: int = 0,
        logits: np.ndarray | None = None,
    ) -> np.ndarray:
        """Return how unusual each image is, in standard deviations from the usual.

        It is the soft maximum of both of `score_parts`, each in standard deviations
        over images held out of training; see `inference.score`.

        Args:
            images: `(n, h, w)` or `(n, h, w, c)`.
            num_samples: Samples of z, 1 or more.
            seed: Seed of the noise; the same on every backend.
            logits: What `logits` returned for the images, if it was called already.

        Returns:
            float64 array `(n,)`.
        """
        return self.fitted.score(*self.score_parts(images, num_samples, seed, logits))

    def score_parts(
        self,
        images: ArrayLike,
        num_samples: int = 10,
        seed: int = 0,
        logits: np.ndarray | None = None,
        surprise: np.ndarray | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the two parts of `score`: deviance, or surprise, and energy.

        A model of features has the surprise -log p(f), of the mixture of Gaussians that
        describes them, in place of the deviance of the pixels. The arguments are those
        of `score`, and the surprise of the images if it is known, float64 `(n,)`; see
        `inference.score_parts`.

        Returns:
            Two float64 arrays `(n,)`, nats.
        """
        checked = self._checked(images)
        return answers.score_parts(self, checked, num_samples, seed, logits, surprise)

    def assess(self, images: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        """Return what `predict_proba` and `score` return, in less time than both take.

        Args:
            images: `(n, h, w)` or `(n, h, w, c)`.

        Returns:
            float32 array `(n, num_classes)` and float64 array `(n,)`.
        """
        checked = self._checked(images)
        logits, surprise = answers.opinions(self, checked)
        probabilities = answers.probabilities(self, checked, known_logits=logits)
        parts = answers.score_parts(
            self, checked, known_logits=logits, surprise=surprise
        )
        return probabilities, self.fitted.score(*parts)

    def _class_rows(self, classes):
        """Return classes, given by number or name, as rows of weights."""
        return class_rows(class_numbers(classes, self.class_names), self.num_classes)

    def _checked(self, images):
        """Return images as uint8 or float32 `(n, h, w, c)`; see `checked_images`."""
        return checked_images(images, self.image_shape, self.has_features)
