"""The bodies: classifier, encoder and decoder, as functional Keras models.

Each builder takes `Config`, so that a saved model rebuilds its networks from its
settings, and draws its initial weights from `config.seed` alone.
"""

import math

import numpy as np
from keras import Input, Model, initializers, layers, ops

from ssvae.backends.current import BatchNormalization
from ssvae.errors import InputError

# A gibibyte of them: what is larger is a mistake, or a trap in a file from elsewhere.
MAX_WEIGHTS = 2**28

# The layers with a row or a column a class.
LOGITS, FROM_CLASS = "logits", "from_class"

# Of the running statistics: they must keep up, for the averaged weights are
# measured with them from the first steps on.
BATCH_NORM_MOMENTUM = 0.9

# Filters and kernel size of the classifier's convolutions, and the units of the layer
# that reads them.
CLASSIFIER_STAGES = ((32, 5), (64, 3), (64, 3), (128, 3))
CLASSIFIER_UNITS = 64
# Which of them halve the sides, by how often these are halved to some 3.5 pixels; what
# is left for larger images do more stages like the last.
HALVING = ((), (1,), (1, 3), (0, 1, 3))
# Those of the VAE all do, to some 7 pixels; larger images have more like the last.
VAE_STAGES = ((32, 5), (64, 3))


def check_size(image_shape, num_classes, config):
    """Raise `InputError` if the dense layers asked for are beyond reason.

    Args:
        image_shape: Height, width and channels.
        num_classes: Number of classes.
        config: `Config`.
    """
    height, width, channels = image_shape
    # As many as the layers around the image and the convolutions have at most.
    pixels = height * width * max(channels, 4) + 2_048
    hidden = 2 * config.hidden_layers + config.classifier_layers
    each = 3 * (pixels + num_classes + config.latent_dim) + hidden * config.hidden_units
    if config.hidden_units * each > MAX_WEIGHTS:
        raise InputError(
            f"hidden_units: got {config.hidden_units} for {num_classes} classes of "
            f"{height}x{width}x{channels}: networks of more than {MAX_WEIGHTS:,} "
            "weights; need fewer units or smaller images"
        )


def build_classifier(image_shape, num_classes, config) -> Model:
    """q(y|x): images `(batch, h, w, c)` in [0, 1] to logits `(batch, num_classes)`.

    The convolutions and the dense layer after them are batch-normalised; those of an
    MLP are not.
    """
    make = _Layers(config, stream=0)
    images = x = Input(image_shape, name="images")
    if config.classifier_body == "conv":
        for filters, kernel, stride in _classifier_stages(image_shape, config):
            x = make.convolution(filters, kernel, strides=stride, use_bias=False)(x)
            x = make.normalized_relu(x)
        x = make.dense(CLASSIFIER_UNITS, use_bias=False)(make.flat(x))
        x = make.normalized_relu(x)
    else:
        x = make.flat(x)
        # With one class there is nothing to learn.
        hidden = config.classifier_layers if config.classifier_body == "mlp" else 0
        for _ in range(hidden):
            x = make.dense(config.hidden_units, "relu")(x)
    logits = make.dense(num_classes, name=LOGITS, dtype="float32")(x)
    return Model(images, logits, name="classifier")


def build_encoder_body(image_shape, config) -> Model:
    """What q(z|x,y) needs of x alone: images to features `(batch, hidden_units)`.

    The features are sums that have not passed a nonlinearity yet, so that the head
    adds what y contributes: one pass an image serves every class.
    """
    make = _Layers(config, stream=1)
    images = x = Input(image_shape, name="images")
    if config.vae_body == "conv":
        for filters, kernel in _vae_stages(image_shape, config):
            x = make.convolution(filters, kernel, activation="relu")(x)
    features = make.dense(config.hidden_units, name="features")(make.flat(x))
    return Model(images, features, name="encoder_body")


def build_encoder_head(num_classes, config) -> Model:
    """q(z|x,y): features and one-hot y to the mean and log-variance of z.

    Both come back side by side, `(batch, 2 * latent_dim)`.
    """
    make = _Layers(config, stream=2)
    features = Input((config.hidden_units,), name="features")
    classes = Input((num_classes,), name="classes")
    from_class = make.dense(config.hidden_units, use_bias=False, name=FROM_CLASS)
    x = make.relu_of_sum(features, from_class(classes))
    for _ in range(config.hidden_layers - 1):
        x = make.dense(config.hidden_units, "relu")(x)
    moments = make.dense(2 * config.latent_dim, name="moments", dtype="float32")(x)
    return Model([features, classes], moments, name="encoder_head")


def build_decoder(image_shape, num_classes, config) -> Model:
    """p(x|y,z): one-hot y and z to images' logits or means, `(batch, h, w, c)`."""
    make = _Layers(config, stream=3)
    classes = Input((num_classes,), name="classes")
    z = Input((config.latent_dim,), name="z")
    # At a dense layer's usual scale y is one input among many and the decoder learns
    # to do without it: z carries the class too, and samples mix classes.
    from_class = layers.Dense(
        config.hidden_units,
        use_bias=False,
        name=FROM_CLASS,
        kernel_initializer=initializers.RandomNormal(stddev=1.0, seed=config.seed),
        dtype=make.dtype,
    )
    x = make.relu_of_sum(make.dense(config.hidden_units)(z), from_class(classes))
    for _ in range(config.hidden_layers - 1):
        x = make.dense(config.hidden_units, "relu")(x)
    if config.vae_body == "conv":
        height, width, channels = image_shape
        filters, kernels = zip(*_vae_stages(image_shape, config), strict=True)
        scale = 2 ** len(filters)
        rows, columns = math.ceil(height / scale), math.ceil(width / scale)
        x = make.dense(rows * columns * filters[-1], "relu")(x)
        x = layers.Reshape((rows, columns, filters[-1]), dtype=make.dtype)(x)
        for fewer, kernel in zip(filters[-2::-1], kernels[:0:-1], strict=True):
            x = make.convolution(fewer, kernel, transposed=True, activation="relu")(x)
        x = make.convolution(channels, kernels[0], transposed=True, dtype="float32")(x)
        rows, columns = scale * rows - height, scale * columns - width
        x = layers.Cropping2D(((0, rows), (0, columns)))(x)
    else:
        x = make.dense(math.prod(image_shape), dtype="float32")(x)
        x = layers.Reshape(image_shape)(x)
    return Model([z, classes], x, name="decoder")


def _classifier_stages(image_shape, config):
    """Return filters, kernel size and stride of each of the classifier's stages."""
    halvings = _halvings(image_shape, config, 3.5)
    halving = HALVING[min(halvings, len(HALVING) - 1)]
    stages = [
        (*stage, 2 if place in halving else 1)
        for place, stage in enumerate(CLASSIFIER_STAGES)
    ]
    return stages + (halvings - len(halving)) * [(*CLASSIFIER_STAGES[-1], 2)]


def _vae_stages(image_shape, config):
    """Return filters and kernel size of each of the VAE's stages."""
    halvings = max(1, _halvings(image_shape, config, 7))
    return [*VAE_STAGES[:halvings], *VAE_STAGES[-1:] * (halvings - len(VAE_STAGES))]


def _halvings(image_shape, config, least):
    """Return how often to halve the shorter side to some pixels."""
    side = min(image_shape[:2]) if config.conv_strides == "scaled" else 28
    return max(0, round(math.log2(side / least)))


class _Layers:
    """Makes layers that compute in a config's precision.

    Every layer made draws its weights from a seed of its own, a function of the
    config's seed, `stream` and the layer's place.
    """

    def __init__(self, config, stream):
        low = config.precision == "bfloat16"
        self.dtype = "mixed_bfloat16" if low else "float32"
        self._seeds = iter(
            np.random.SeedSequence((config.seed, stream)).generate_state(32)
        )

    def dense(self, units, activation=None, **kwargs):
        return layers.Dense(units, activation, **self._weights(kwargs))

    def convolution(self, filters, kernel, strides=2, transposed=False, **kwargs):
        layer = layers.Conv2DTranspose if transposed else layers.Conv2D
        return layer(
            filters, kernel, strides=strides, padding="same", **self._weights(kwargs)
        )

    def flat(self, x):
        return layers.Flatten(dtype=self.dtype)(x)

    def normalized_relu(self, x):
        x = BatchNormalization(momentum=BATCH_NORM_MOMENTUM, dtype=self.dtype)(x)
        return layers.ReLU(dtype=self.dtype)(x)

    def relu_of_sum(self, x, y):
        # With layers.ReLU, TensorFlow 2.21 fails to fuse this, complains, and then
        # leaves the whole graph unfused.
        return ops.maximum(layers.Add(dtype=self.dtype)([x, y]), 0.0)

    def _weights(self, kwargs):
        initializer = initializers.GlorotUniform(int(next(self._seeds)))
        return {"dtype": self.dtype, "kernel_initializer": initializer, **kwargs}
