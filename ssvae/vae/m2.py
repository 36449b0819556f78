"""M2 on tensors: its networks and its distributions."""

import json
import math
from collections.abc import Sequence
from typing import Any

from keras import initializers, ops

from ssvae.augment import changed_views
from ssvae.backends.current import Seeds
from ssvae.config.presets import PIXELS
from ssvae.config.settings import Config
from ssvae.features.resize import resized
from ssvae.types import Tensor
from ssvae.vae import inference, losses, networks, objective
from ssvae.vae.feature_classifier import build_feature_classifier, find_backbone
from ssvae.vae.learner import EpochMean, Learner

# Likelihoods with a learned scale: the first value of the scale's logarithm.
STARTS = {"gaussian": 0.0, "logistic": -2.0}
WITH_SCALE = {
    "gaussian": losses.gaussian_log_likelihood,
    "logistic": losses.logistic_log_likelihood,
}


class M2(Learner):
    """Model M2 of Kingma et al. 2014.

    The generative model is p(x, y, z) = p(y) p(z) p(x|y,z), with p(z) = N(0, I), and
    p(y) uniform unless `log_prior`, its logarithm, is assigned other values. The
    inference is q(y|x), the classifier, and q(z|x,y). With one class this is the plain
    VAE.

    If `config.m1_epochs` asks for M1, a plain VAE that is trained first, its latents z1
    replace x in all of these distributions, and p(x|z1) draws the image from them. This
    is the paper's M1+M2.

    If `config.features` names features, q(y|x) stands on them: a linear classifier, the
    posterior of a mixture of Gaussians that describes them; see `vae.mixture`. It sees
    the images as they come, and is not changed by training. Encoder and decoder learn
    the images in `pixel_shape`.

    Args:
        image_shape: Height, width and channels.
        num_classes: Number of classes.
        config: `Config`.
        backbone: What describes the backbone of a saved model, see
            `backbones.to_config`; None if the config's names say what it is.

    Attributes:
        has_features: Whether q(y|x) stands on features.
        pixel_shape: Height, width and channels of the images that the decoder draws.
        scale_each: Whether each value of x has a learned scale of its own.
    """

    scale_each = False

    def __init__(
        self,
        image_shape: Sequence[int],
        num_classes: int,
        config: Config,
        backbone: dict[str, Any] | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        # Plain numbers, for they are saved as JSON.
        self.image_shape = tuple(map(int, image_shape))
        self.num_classes = num_classes
        self.config = config
        networks.check_size(image_shape, num_classes, config)
        self.has_features = config.features != PIXELS
        self.pixel_shape = networks.pixel_shape(self.image_shape, config)
        self.m1: M2 | None = None
        shape: tuple[int, ...] = self.pixel_shape
        if config.m1_epochs:
            self.m1, shape = M2(image_shape, 1, config.m1()), (config.m1_latent_dim,)
            self.m1.trainable = False
        self._build_networks(shape, backbone)
        self.likelihood = config.likelihood if self.m1 is None else "gaussian"
        self.has_scale = self.likelihood != "bernoulli"
        if self.has_scale:
            # One scale for all pixels, or one per latent of M1. The latents' standard
            # deviation is 1: a scale that began there would leave z nothing to explain,
            # and training would never use z.
            each = self.scale_each or self.m1 is not None
            scales, start = (shape, -0.5) if each else ((), STARTS[self.likelihood])
            self.log_scale = self.add_weight(
                scales, initializers.Constant(start), name="log_scale"
            )
        self.log_prior = self.add_weight(
            (num_classes,),
            initializers.Constant(-math.log(num_classes)),
            trainable=False,
            name="log_prior",
        )
        self.step = self.add_weight(
            (), "zeros", dtype="int32", trainable=False, name="step"
        )
        self.seed_generator = Seeds(config.seed)
        self.trackers = {name: EpochMean(name) for name in ("loss", *objective.TERMS)}
        self.average = None
        self.built = True

    def _build_networks(self, shape, backbone):
        """Build classifier, encoder and decoder of an x of this shape."""
        config, num_classes = self.config, self.num_classes
        # As text: Keras would look for layers in a dict.
        self._backbone = ""
        if self.has_features:
            found, self._backbone = find_backbone(config, backbone)
            self.classifier = build_feature_classifier(
                self.image_shape[-1], num_classes, config, backbone=found
            )
        else:
            self.classifier = networks.build_classifier(shape, num_classes, config)
        self.encoder_body = networks.build_encoder_body(shape, config)
        self.encoder_head = networks.build_encoder_head(num_classes, config)
        self.decoder = networks.build_decoder(shape, num_classes, config)

    def save_own_variables(self, store: Any) -> None:
        """Save the variables that belong to no layer.

        One of them is the state of the noise: a resumed run continues with its draws.
        """
        for name, variable in self._own_variables().items():
            store[name] = variable.numpy()

    def load_own_variables(self, store: Any) -> None:
        """Load the variables that `save_own_variables` saved."""
        for name, variable in self._own_variables().items():
            # Older models have no prior in their file: theirs is the uniform one.
            if name in store or name != "log_prior":
                variable.assign(store[name])

    def _own_variables(self):
        own = {
            "step": self.step,
            "seed_generator": self.seed_generator.state,
            "log_prior": self.log_prior,
        }
        if self.has_scale:
            own["log_scale"] = self.log_scale
        return own

    @property
    def backbone(self) -> dict[str, Any] | None:
        """What describes the backbone, if its name does not; see `to_config`."""
        return json.loads(self._backbone) if self._backbone else None

    @property
    def noise_size(self) -> int:
        """Size of the noise of one sample: of z, and of M1's latents if there is M1."""
        m1_size = 0 if self.m1 is None else self.config.m1_latent_dim
        return self.config.latent_dim + m1_size

    # The distributions, on tensors.

    def call(self, images: Tensor, training: bool = False) -> Tensor:
        """Return the classifier's logits, as `model(images)` does.

        Args:
            images: uint8 tensor `(batch, h, w, c)`, or float in [0, 1].
            training: Whether batch normalisation uses the batch's own statistics.

        Returns:
            Float tensor `(batch, num_classes)`.
        """
        return self.classify(inference.as_floats(images), training)

    def classify(self, images: Tensor, training: bool = False) -> Tensor:
        """q(y|x): float images `(batch, h, w, c)` to logits `(batch, num_classes)`."""
        if self.has_features:
            return self.classifier(images)
        x, _ = self.observe(images)
        return self.classifier(x, training=training)

    def classify_views(self, images: Tensor) -> Tensor:
        """Return the mean of log q(y|x) over the image and slightly changed views.

        Training has seen such views, if it warps images, and their mean errs less often
        than one view.

        Args:
            images: Float tensor `(batch, h, w, c)` in [0, 1].

        Returns:
            Float tensor `(batch, num_classes)`, nats.
        """
        views = changed_views(images, self.config) if self.has_views else [images]
        log_q = [ops.log_softmax(self.classify(view), axis=-1) for view in views]
        return sum(log_q) / len(log_q)

    @property
    def has_views(self) -> bool:
        """Whether shifted views are classified too: only if training warps images."""
        if self.has_features:
            return False
        return self.config.augment != "none" and self.config.view_shift > 0

    def observe(
        self, images: Tensor, noise: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return the x that M2 draws: small images, or M1's latents of images.

        Small images have the `pixel_shape`.

        Args:
            images: Float tensor `(batch, h, w, c)` in [0, 1].
            noise: Float tensor `(batch, m1_latent_dim)`, drawn from N(0, I), for a
                sample of M1's q(z1|x). Default: the mean of q(z1|x).

        Returns:
            x, a float tensor `(batch, ...)`; and log p(x|z1) - log q(z1|x), nats,
            `(batch,)`, which added to a bound of log p(z1) gives one of the image's
            log-likelihood. It is 0 without M1, and for the mean.
        """
        images = resized(images, *self.pixel_shape[:2])
        count = ops.shape(images)[0]
        if self.m1 is None:
            return images, ops.zeros((count,))
        one_hot = ops.ones((count, 1))
        mean, log_var = self.m1.posterior(self.m1.encoder_body(images), one_hot)
        if noise is None:
            return mean, ops.zeros((count,))
        z1 = mean + ops.exp(0.5 * log_var) * noise
        log_q = losses.gaussian_log_likelihood(z1, mean, 0.5 * log_var)
        return z1, self.m1.log_px(images, z1, one_hot) - log_q

    def posterior(self, features: Tensor, one_hot: Tensor) -> tuple[Tensor, Tensor]:
        """q(z|x,y): the encoder body's features and y to mean and log-variance of z.

        Args:
            features: Float tensor `(batch, hidden_units)`, `encoder_body(x)`.
            one_hot: Float tensor `(batch, num_classes)`.

        Returns:
            Two float tensors `(batch, latent_dim)`.
        """
        moments = self.encoder_head([features, one_hot])
        mean, log_var = ops.split(moments, 2, axis=-1)
        return mean, log_var

    def log_px(self, x: Tensor, z: Tensor, one_hot: Tensor) -> Tensor:
        """Log p(x|y,z), nats, `(batch,)`; p is Gaussian if x are M1's latents."""
        outputs = self.decoder([z, one_hot])
        if self.has_scale:
            return WITH_SCALE[self.likelihood](x, outputs, self.log_scale)
        return losses.bernoulli_log_likelihood(x, outputs)

    def mean_px(self, z: Tensor, one_hot: Tensor) -> Tensor:
        """Return the mean of p(x|y,z), pixels in [0, 1], `(batch, h, w, c)`."""
        outputs = self.decoder([z, one_hot])
        if self.m1 is not None:
            return self.m1.mean_px(outputs, ops.ones_like(one_hot[:, :1]))
        return ops.clip(outputs, 0.0, 1.0) if self.has_scale else ops.sigmoid(outputs)

    def best_log_px(self, images: Tensor) -> Tensor:
        """Return the highest log p(x|y,z) that any decoder could reach.

        Args:
            images: Float tensor `(batch, h, w, c)` in [0, 1].

        Returns:
            Float tensor `(batch,)`, nats.
        """
        images = resized(images, *self.pixel_shape[:2])
        likely = self if self.m1 is None else self.m1
        if likely.has_scale:
            mean = images
            if likely.likelihood == "logistic":
                # Black and white are likeliest with a mean far beyond them.
                mean = ops.where(
                    images <= 0.0, -1e3, ops.where(images < 1, images, 1e3)
                )
            return WITH_SCALE[likely.likelihood](images, mean, likely.log_scale)
        return -losses.bernoulli_entropy(images)

    def log_py(self, one_hot: Tensor) -> Tensor:
        """Log p(y), nats, `(batch,)`."""
        return ops.sum(one_hot * self.log_prior, axis=-1)
