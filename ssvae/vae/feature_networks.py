"""Networks of M2 over features: linear parts, and hidden layers beside them.

The linear parts alone are the mixture of Gaussians, see `vae.mixture`. The outputs of
the hidden layers are added to theirs and start at 0, so that training starts from the
mixture. Vectors are `(batch, 1, 1, d)`, images of one pixel with d channels.
"""

from keras import Input, Model, layers

from ssvae.config.settings import Config
from ssvae.vae.layers import Layers
from ssvae.vae.networks import FROM_CLASS, LOGITS

# Units of each hidden layer.
HIDDEN_UNITS = 100
# Names of the layers that the mixture gives weights to, or that are read.
HIDDEN, CODES, MEANS, LOADINGS = "hidden", "codes", "means", "loadings"
MOMENTS = "moments"


def build_classifier(size: int, num_classes: int, config: Config) -> Model:
    """q(y|f): vectors of `size` values to logits `(batch, num_classes)`."""
    make = Layers(config, stream=0)
    vectors = Input((1, 1, size), name="vectors")
    x = make.flat(vectors)
    hidden = make.dense(config.hidden_units, "relu", name=HIDDEN)(x)
    x = layers.Concatenate(dtype="float32")([x, hidden])
    logits = make.dense(num_classes, name=LOGITS, dtype="float32")(x)
    return Model(vectors, logits, name="classifier")


def build_encoder_body(size: int, config: Config) -> Model:
    """The part of q(z|f,y) without y: the linear part of the mean, and features."""
    make = Layers(config, stream=1)
    vectors = Input((1, 1, size), name="vectors")
    x = make.flat(vectors)
    codes = make.dense(config.latent_dim, use_bias=False, name=CODES)(x)
    features = make.dense(config.hidden_units, name="features")(x)
    both = layers.Concatenate(dtype="float32")([codes, features])
    return Model(vectors, both, name="encoder_body")


def build_encoder_head(num_classes: int, config: Config) -> Model:
    """q(z|f,y): what the body returns and one-hot y to mean and log-variance of z."""
    make = Layers(config, stream=2)
    latent_dim = config.latent_dim
    both = Input((latent_dim + config.hidden_units,), name="features")
    classes = Input((num_classes,), name="classes")
    from_class = make.dense(config.hidden_units, use_bias=False, name=FROM_CLASS)
    x = make.relu_of_sum(both[:, latent_dim:], from_class(classes))
    for _ in range(config.hidden_layers - 1):
        x = make.dense(config.hidden_units, "relu")(x)
    zeros = {"kernel_initializer": "zeros", "dtype": "float32"}
    moments = make.dense(2 * latent_dim, name=MOMENTS, **zeros)(x)
    of_class = make.dense(latent_dim, use_bias=False, name=CODES, **zeros)(classes)
    mean = layers.Add(dtype="float32")(
        [both[:, :latent_dim], of_class, moments[:, :latent_dim]]
    )
    outputs = layers.Concatenate(dtype="float32")([mean, moments[:, latent_dim:]])
    return Model([both, classes], outputs, name="encoder_head")


def build_decoder(size: int, num_classes: int, config: Config) -> Model:
    """p(f|y,z): z and one-hot y to the mean of f, `(batch, 1, 1, size)`."""
    make = Layers(config, stream=3)
    classes = Input((num_classes,), name="classes")
    z = Input((config.latent_dim,), name="z")
    from_class = make.dense(config.hidden_units, use_bias=False, name=FROM_CLASS)
    x = make.relu_of_sum(make.dense(config.hidden_units)(z), from_class(classes))
    for _ in range(config.hidden_layers - 1):
        x = make.dense(config.hidden_units, "relu")(x)
    zeros = {"kernel_initializer": "zeros", "dtype": "float32"}
    mean = layers.Add(dtype="float32")(
        [
            make.dense(size, use_bias=False, name=MEANS, **zeros)(classes),
            make.dense(size, use_bias=False, name=LOADINGS, **zeros)(z),
            make.dense(size, use_bias=False, **zeros)(x),
        ]
    )
    mean = layers.Reshape((1, 1, size), dtype="float32")(mean)
    return Model([z, classes], mean, name="decoder")
