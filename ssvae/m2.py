"""M2 on tensors: its networks, distributions, bounds, and state of training."""

import math

import keras
from keras import initializers, ops

from ssvae import losses, networks, objective
from ssvae.average import WeightAverage
from ssvae.backends import Trainer


class M2(Trainer):
    """Model M2 of Kingma et al. 2014.

    p(x, y, z) = p(y) p(z) p(x|y,z), with p(y) uniform and p(z) = N(0, I), and the
    inference q(y|x), the classifier, and q(z|x,y). With one class it is the plain VAE.
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
        self.m1, shape = None, self.image_shape
        if config.m1_epochs:
            self.m1, shape = M2(image_shape, 1, config.m1()), (config.m1_latent_dim,)
            self.m1.trainable = False
        self.classifier = networks.build_classifier(shape, num_classes, config)
        self.encoder_body = networks.build_encoder_body(shape, config)
        self.encoder_head = networks.build_encoder_head(num_classes, config)
        self.decoder = networks.build_decoder(shape, num_classes, config)
        self.gaussian = self.m1 is not None or config.likelihood == "gaussian"
        if self.gaussian:
            # One scale for all pixels, one for each of M1's latents, whose standard
            # deviation is one: starting there, z has nothing to explain and is given
            # up for good.
            scales, start = ((), 0.0) if self.m1 is None else (shape, -0.5)
            self.log_scale = self.add_weight(
                scales, initializers.Constant(start), name="log_scale"
            )
        self.step = self.add_weight(
            (), "zeros", dtype="int32", trainable=False, name="step"
        )
        self.seed_generator = keras.random.SeedGenerator(config.seed)
        self.trackers = {
            name: keras.metrics.Mean(name) for name in ("loss", *objective.TERMS)
        }
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
            variable.assign(store[name])

    def _own_variables(self):
        own = {"step": self.step, "seed_generator": self.seed_generator.state}
        if self.gaussian:
            own["log_scale"] = self.log_scale
        return own

    # The distributions, on tensors.

    def call(self, images, training=False):
        """Return the classifier's logits; see `classify`."""
        return self.classify(images, training)

    def classify(self, images, training=False):
        """q(y|x): float images `(batch, h, w, c)` to logits `(batch, num_classes)`."""
        x, _ = self.observe(images)
        return self.classifier(x, training=training)

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
        if self.gaussian:
            return losses.gaussian_log_likelihood(x, outputs, self.log_scale)
        return losses.bernoulli_log_likelihood(x, outputs)

    def best_log_px(self, images):
        """Return log p(x|y,z) of a decoder that knows the image, nats, `(batch,)`."""
        likely = self if self.m1 is None else self.m1
        if likely.gaussian:
            return losses.gaussian_log_likelihood(images, images, likely.log_scale)
        return -losses.bernoulli_entropy(images)

    def bound(self, one_hot, x, features, noise, kl_weight=1.0, free_bits=0.0):
        """L(x, y), equation 6, with one sample of z a row.

        Args:
            one_hot: Float tensor `(batch, num_classes)`.
            x: Float tensor `(batch, ...)`, what `observe` returned.
            features: Float tensor `(batch, hidden_units)`, `encoder_body(x)`.
            noise: Float tensor `(batch, latent_dim)`, drawn from N(0, I).
            kl_weight: Weight of the KL of z; 1 gives the bound.
            free_bits: See `losses.gaussian_kl`; 0 gives the bound.

        Returns:
            Float tensor `(batch,)`, nats.
        """
        log_px, kl = self.bound_parts(one_hot, x, features, noise, free_bits)
        return losses.labeled_bound(log_px, self.log_py, kl_weight * kl)

    def bound_parts(self, one_hot, x, features, noise, free_bits=0.0):
        """Return log p(x|y,z) of one sample of z a row, and KL(q(z|x,y) || p(z)).

        The arguments are those of `bound`; two float tensors `(batch,)`, nats.
        """
        mean, log_var = self.posterior(features, one_hot)
        z = mean + ops.exp(0.5 * log_var) * noise
        kl = losses.gaussian_kl(mean, log_var, free_bits)
        return self.log_px(x, z, one_hot), kl

    def log_weight(self, one_hot, x, features, noise, log_prior=None):
        """Log p(x|y,z) p(y) p(z) / q(z|x,y) of one sample of z; its mean is `bound`.

        Args:
            one_hot: See `bound`.
            x: See `bound`.
            features: See `bound`.
            noise: See `bound`.
            log_prior: Function of z `(batch, latent_dim)` and `one_hot` that returns
                log p(z|y) `(batch,)`, nats, instead of that of N(0, I).

        Returns:
            Float tensor `(batch,)`, nats.
        """
        mean, log_var = self.posterior(features, one_hot)
        z = mean + ops.exp(0.5 * log_var) * noise
        log_q = losses.gaussian_log_likelihood(z, mean, 0.5 * log_var)
        if log_prior is None:
            log_pz = losses.gaussian_log_likelihood(z, 0.0, 0.0)
        else:
            log_pz = log_prior(z, one_hot)
        return self.log_px(x, z, one_hot) + self.log_py + log_pz - log_q

    def summed_log_weight(self, noise, images, one_hot=None, log_prior=None):
        """Log sum_y of the weights of one sample of z; its mean is below log p(x).

        Args:
            noise: Float tensor `(batch, latent_dim + m1_latent_dim)`, from N(0, I).
            images: Float tensor `(batch, h, w, c)` in [0, 1].
            one_hot: Float tensor `(batch, num_classes)`, for the weight of these y
                alone.
            log_prior: See `log_weight`.

        Returns:
            Float tensor `(batch,)`, nats.
        """
        one_hot, rows, ratio = self._rows(images, noise, one_hot)
        weights = self.log_weight(one_hot, *rows, log_prior)
        weights = ops.reshape(weights, (ops.shape(images)[0], -1))
        return ops.logsumexp(weights, axis=-1) + ratio

    def unlabeled_bound_parts(self, images, noise):
        """Return what U(x), equation 7, consists of, with one sample of z a class.

        Args:
            images: Float tensor `(batch, h, w, c)` in [0, 1].
            noise: Float tensor `(batch, latent_dim + m1_latent_dim)`, from N(0, I).

        Returns:
            Float tensor `(batch, 3)`, nats: the expected log p(x|y,z), from which the
            expected KL of z and the KL of y are to be taken.
        """
        one_hot, rows, ratio = self._rows(images, noise)
        log_px, kl = (
            ops.reshape(part, (-1, self.num_classes))
            for part in self.bound_parts(one_hot, *rows)
        )
        log_q = ops.log_softmax(self.classify(images), axis=-1)
        columns = [log_px + ops.expand_dims(ratio, -1), kl, log_q - self.log_py]
        return ops.stack([ops.sum(ops.exp(log_q) * c, -1) for c in columns], -1)

    def _rows(self, images, noise, one_hot=None):
        """Return y, what `bound` needs beside it, and M1's log ratio `(batch,)`.

        Where no y is given there is a row for every class.
        """
        noise, m1_noise = ops.split(noise, [self.config.latent_dim], axis=-1)
        x, ratio = self.observe(images, m1_noise)
        rows = x, self.encoder_body(x), noise
        if one_hot is None:
            one_hot, *rows = self.every_class(*rows)
        return one_hot, rows, ratio

    @property
    def log_py(self) -> float:
        """Log p(y) of every class, nats: y is uniform."""
        return -math.log(self.num_classes)

    def every_class(self, *tensors):
        """Repeat each image's rows once a class and put every y beside them.

        Args:
            *tensors: Tensors `(batch, ...)`.

        Returns:
            The one-hot y `(batch * num_classes, num_classes)`, the classes of one
            image side by side, then the repeated tensors.
        """
        count = self.num_classes
        one_hot = ops.tile(ops.eye(count), (ops.shape(tensors[0])[0], 1))
        return one_hot, *(ops.repeat(tensor, count, axis=0) for tensor in tensors)

    # Training.

    def compile(self, steps_per_epoch, **kwargs):
        """Make ready for `fit`: Adam on a cosine schedule, and an average.

        Args:
            steps_per_epoch: Steps of one epoch; the schedule ends after
                `config.epochs` of them.
            **kwargs: For `keras.Model.compile`.
        """
        self.steps_per_epoch = steps_per_epoch
        schedule = keras.optimizers.schedules.CosineDecay(
            self.config.learning_rate, decay_steps=steps_per_epoch * self.config.epochs
        )
        super().compile(optimizer=keras.optimizers.Adam(schedule), **kwargs)
        if self.config.ema_decay:
            self.average = WeightAverage(
                self.trainable_variables, self.config.ema_decay
            )

    def loss_terms(self, batch, training=True):
        """Return every term of the objective; see `objective.loss_terms`."""
        return objective.loss_terms(self, batch, training)

    def total_loss(self, terms):
        """Return the scalar to minimise; see `objective.total_loss`."""
        return objective.total_loss(self.config, terms)

    def after_step(self):
        """Count the step and let the average follow."""
        self.step.assign_add(1)
        if self.average is not None:
            self.average.update(self.trainable_variables, self.step)

    def track(self, loss, terms):
        """Add a step's loss and terms to the epoch's means, and return these."""
        values = {"loss": loss, **terms}
        for name, value in values.items():
            self.trackers[name].update_state(value)
        return {name: self.trackers[name].result() for name in values}
