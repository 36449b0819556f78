"""M2 on tensors: its networks, distributions, bounds, and state of training."""

import math

from keras import initializers, ops

from ssvae.augment import changed_views
from ssvae.backends.current import Seeds
from ssvae.vae import inference, losses, networks, objective
from ssvae.vae.learner import EpochMean, Learner

# The likelihoods that have a learned scale, and the logarithm that it starts from.
STARTS = {"gaussian": 0.0, "logistic": -2.0}
WITH_SCALE = {
    "gaussian": losses.gaussian_log_likelihood,
    "logistic": losses.logistic_log_likelihood,
}


class M2(Learner):
    """Model M2 of Kingma et al. 2014.

    p(x, y, z) = p(y) p(z) p(x|y,z), with p(z) = N(0, I) and p(y) uniform unless
    `log_prior`, its logarithm, is set to something else, and the inference q(y|x), the
    classifier, and q(z|x,y). With one class it is the plain VAE.
    Where `config.m1_epochs` asks for M1, a plain VAE trained before, its latents take
    the place of x in all of these, and p(x|z1) draws the image from them: the paper's
    M1+M2.

    Args:
        image_shape: Height, width and channels.
        num_classes: Number of classes.
        config: `Config`.
    """

    def __init__(self, image_shape, num_classes, config, **kwargs):
        super().__init__(**kwargs)
        self.image_shape = tuple(image_shape)
        self.num_classes = num_classes
        self.config = config
        networks.check_size(image_shape, num_classes, config)
        self.m1, shape = None, self.image_shape
        if config.m1_epochs:
            self.m1, shape = M2(image_shape, 1, config.m1()), (config.m1_latent_dim,)
            self.m1.trainable = False
        self.classifier = networks.build_classifier(shape, num_classes, config)
        self.encoder_body = networks.build_encoder_body(shape, config)
        self.encoder_head = networks.build_encoder_head(num_classes, config)
        self.decoder = networks.build_decoder(shape, num_classes, config)
        self.likelihood = config.likelihood if self.m1 is None else "gaussian"
        self.has_scale = self.likelihood != "bernoulli"
        if self.has_scale:
            # One scale for all pixels, one for each of M1's latents, whose standard
            # deviation is one: starting there, z has nothing to explain and is given
            # up for good.
            scales, start = (shape, -0.5) if self.m1 else ((), STARTS[self.likelihood])
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

    def save_own_variables(self, store):
        """Save what belongs to no layer, the state of the noise among it.

        With that state a resumed run draws on where it stopped.
        """
        for name, variable in self._own_variables().items():
            store[name] = variable.numpy()

    def load_own_variables(self, store):
        """Load what `save_own_variables` saved."""
        for name, variable in self._own_variables().items():
            # Models of before there was a prior were of the uniform one.
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
    def noise_size(self) -> int:
        """Numbers of noise that one sample takes: for z, and for M1's latents."""
        m1_size = 0 if self.m1 is None else self.config.m1_latent_dim
        return self.config.latent_dim + m1_size

    # The distributions, on tensors.

    def call(self, images, training=False):
        """Return the classifier's logits, as `model(images)` does.

        Args:
            images: uint8 tensor `(batch, h, w, c)`, or float in [0, 1].
            training: Whether batch normalisation uses the batch's own statistics.

        Returns:
            Float tensor `(batch, num_classes)`.
        """
        return self.classify(inference.as_floats(images), training)

    def classify(self, images, training=False):
        """q(y|x): float images `(batch, h, w, c)` to logits `(batch, num_classes)`."""
        x, _ = self.observe(images)
        return self.classifier(x, training=training)

    def classify_views(self, images):
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
        """Whether there are shifted views: where training warps."""
        return self.config.augment != "none" and self.config.view_shift > 0

    def observe(self, images, noise=None):
        """Return the x that M2 describes: the images, or M1's latents of them.

        Args:
            images: Float tensor `(batch, h, w, c)` in [0, 1].
            noise: Float tensor `(batch, m1_latent_dim)`, drawn from N(0, I), for a
                sample of M1's q(z1|x); its mean where none is given.

        Returns:
            Float tensor `(batch, ...)`, and what turns a bound of log p(z1) into one of
            the image's log-likelihood: log p(x|z1) - log q(z1|x), nats, `(batch,)`;
            0 for images.
        """
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

    def posterior(self, features, one_hot):
        """q(z|x,y): the encoder body's features and y to mean and log-variance of z.

        Args:
            features: Float tensor `(batch, hidden_units)`, `encoder_body(x)`.
            one_hot: Float tensor `(batch, num_classes)`.

        Returns:
            Two float tensors `(batch, latent_dim)`.
        """
        return ops.split(self.encoder_head([features, one_hot]), 2, axis=-1)

    def log_px(self, x, z, one_hot):
        """Log p(x|y,z), nats, `(batch,)`; of M1's latents a Gaussian."""
        outputs = self.decoder([z, one_hot])
        if self.has_scale:
            return WITH_SCALE[self.likelihood](x, outputs, self.log_scale)
        return losses.bernoulli_log_likelihood(x, outputs)

    def mean_px(self, z, one_hot):
        """Return the mean of p(x|y,z), pixels in [0, 1], `(batch, h, w, c)`."""
        outputs = self.decoder([z, one_hot])
        if self.m1 is not None:
            return self.m1.mean_px(outputs, ops.ones_like(one_hot[:, :1]))
        return ops.clip(outputs, 0.0, 1.0) if self.has_scale else ops.sigmoid(outputs)

    def best_log_px(self, images):
        """Return log p(x|y,z) of a decoder that knows the image, nats, `(batch,)`."""
        likely = self if self.m1 is None else self.m1
        if likely.has_scale:
            mean = images
            if likely.likelihood == "logistic":
                # Black and white are the likelier the farther beyond them the mean is.
                mean = ops.where(
                    images <= 0.0, -1e3, ops.where(images < 1, images, 1e3)
                )
            return WITH_SCALE[likely.likelihood](images, mean, likely.log_scale)
        return -losses.bernoulli_entropy(images)

    def log_py(self, one_hot):
        """Log p(y), nats, `(batch,)`."""
        return ops.sum(one_hot * self.log_prior, axis=-1)
