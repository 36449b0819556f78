"""The networks: classifier, encoder and decoder, as functional Keras models.

Each builder takes the `Config`, so that a saved model rebuilds its networks from its
settings. The initial weights depend on `config.seed` alone.
"""

import math
from collections.abc import Sequence

from keras import Input, Model, initializers, layers

from ssvae.config.settings import Config
from ssvae.errors import InputError
from ssvae.vae.layers import Layers

# Most weights of the networks, one gibibyte as float32: larger networks are a mistake,
# or a trap in a file from elsewhere.
MAX_WEIGHTS = 2**28

# Names of the layers that have one row or column of weights per class.
LOGITS, FROM_CLASS = "logits", "from_class"

# The classifier's convolutions, filters and kernel size of each stage, and the units of
# the dense layer after them.
CLASSIFIER_STAGES = ((32, 5), (64, 3), (64, 3), (128, 3))
CLASSIFIER_UNITS = 64
# Stages that halve the sides, for 0 to 3 halvings, which leave about 3.5 pixels. Larger
# images get more stages like the last one.
HALVING = ((), (1,), (1, 3), (0, 1, 3))
# The VAE's convolutions. Every stage halves the sides, until about 7 pixels are left.
# Larger images get more stages like the last one.
VAE_STAGES = ((32, 5), (64, 3))


def check_size(image_shape: Sequence[int], num_classes: int, config: Config) -> None:
    """Check that the dense layers are not too large.

    Args:
        image_shape: Height, width and channels.
        num_classes: Number of classes.
        config: `Config`.

    Raises:
        InputError: If the networks have more than `MAX_WEIGHTS` weights.
    """
    height, width, channels = image_shape
    # The most inputs and outputs of the layers next to the image or its convolutions.
    pixels = height * width * max(channels, 4) + 2_048
    hidden = 2 * config.hidden_layers + config.classifier_layers
    each = 3 * (pixels + num_classes + config.latent_dim) + hidden * config.hidden_units
    if config.hidden_units * each > MAX_WEIGHTS:
        raise InputError(
            f"hidden_units: got {config.hidden_units} for {num_classes} classes of "
            f"{height}x{width}x{channels}: networks of more than {MAX_WEIGHTS:,} "
            "weights; need fewer units or smaller images"
        )


def pixel_shape(image_shape: Sequence[int], config: Config) -> tuple[int, int, int]:
    """Return height, width and channels of the images that the decoder draws.

    Args:
        image_shape: Height, width and channels of the images that come in.
        config: `Config`; with `generated_size` larger images are made smaller.
    """
    height, width, channels = image_shape
    longer = max(height, width)
    factor = min(1.0, (config.generated_size or longer) / longer)
    return max(1, round(factor * height)), max(1, round(factor * width)), channels


def build_classifier(
    image_shape: Sequence[int], num_classes: int, config: Config
) -> Model:
    """q(y|x): images `(batch, h, w, c)` in [0, 1] to logits `(batch, num_classes)`.

    The convolutions and the dense layer after them are batch-normalised; the layers of
    an MLP are not.
    """
    make = Layers(config, stream=0)
    images = x = Input(image_shape, name="images")
    if config.classifier_body == "conv":
        for filters, kernel, stride in _classifier_stages(image_shape, config):
            x = make.convolution(filters, kernel, strides=stride, use_bias=False)(x)
            x = make.normalized_relu(x)
        x = make.dense(CLASSIFIER_UNITS, use_bias=False)(make.flat(x))
        x = make.normalized_relu(x)
    else:
        x = make.flat(x)
        # The body "none" is for one class, where there is nothing to learn.
        hidden = config.classifier_layers if config.classifier_body == "mlp" else 0
        for _ in range(hidden):
            x = make.dense(config.hidden_units, "relu")(x)
    logits = make.dense(num_classes, name=LOGITS, dtype="float32")(x)
    return Model(images, logits, name="classifier")


def build_encoder_body(image_shape: Sequence[int], config: Config) -> Model:
    """The part of q(z|x,y) without y: images to features `(batch, hidden_units)`.

    The features have not passed a nonlinearity yet: the head adds the contribution of
    y to them. So the body runs once per image, and not once per class.
    """
    make = Layers(config, stream=1)
    images = x = Input(image_shape, name="images")
    if config.vae_body == "conv":
        for filters, kernel in _vae_stages(image_shape, config):
            x = make.convolution(filters, kernel, activation="relu")(x)
    features = make.dense(config.hidden_units, name="features")(make.flat(x))
    return Model(images, features, name="encoder_body")


def build_encoder_head(num_classes: int, config: Config) -> Model:
    """q(z|x,y): features and one-hot y to the mean and log-variance of z.

    The output holds both side by side, `(batch, 2 * latent_dim)`.
    """
    make = Layers(config, stream=2)
    features = Input((config.hidden_units,), name="features")
    classes = Input((num_classes,), name="classes")
    from_class = make.dense(config.hidden_units, use_bias=False, name=FROM_CLASS)
    x = make.relu_of_sum(features, from_class(classes))
    for _ in range(config.hidden_layers - 1):
        x = make.dense(config.hidden_units, "relu")(x)
    moments = make.dense(2 * config.latent_dim, name="moments", dtype="float32")(x)
    return Model([features, classes], moments, name="encoder_head")


def build_decoder(
    image_shape: Sequence[int], num_classes: int, config: Config
) -> Model:
    """p(x|y,z): one-hot y and z to images' logits or means, `(batch, h, w, c)`."""
    make = Layers(config, stream=3)
    classes = Input((num_classes,), name="classes")
    z = Input((config.latent_dim,), name="z")
    # At the usual scale of a dense layer's weights, y is one input among many, and the
    # decoder learns to ignore it: z carries the class too, and samples mix classes.
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
    """Return how often to halve the shorter side until about `least` pixels remain."""
    side = min(image_shape[:2]) if config.conv_strides == "scaled" else 28
    return max(0, round(math.log2(side / least)))
