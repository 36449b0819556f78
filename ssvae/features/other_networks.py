"""Networks from elsewhere: Keras applications, presets of KerasHub, `.keras` files."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np

from ssvae.errors import InputError, causes
from ssvae.features.frozen_network import side_of

# Networks of Keras by the side of the images, pixels, that they were trained on.
TRAINED_ON = {
    240: ("EfficientNetB1", "EfficientNetV2B1"),
    260: ("EfficientNetB2", "EfficientNetV2B2"),
    299: ("InceptionResNetV2", "InceptionV3", "Xception"),
    300: ("EfficientNetB3", "EfficientNetV2B3"),
    331: ("NASNetLarge",),
    380: ("EfficientNetB4",),
    384: ("EfficientNetV2S",),
    456: ("EfficientNetB5",),
    480: ("EfficientNetV2M", "EfficientNetV2L"),
    528: ("EfficientNetB6",),
    600: ("EfficientNetB7",),
}
SIDES = {name: side for side, names in TRAINED_ON.items() for name in names}
# Side for networks that are not listed.
DEFAULT_SIDE = 224
# Length of a reason in an error's message, characters: Keras quotes whole layers.
MAX_REASON = 200


class Found(NamedTuple):
    """A network, and what its images must be.

    Attributes:
        network: Functional model of images.
        side: Side of the images, pixels.
        scale: Factors of red, green and blue in [0, 1], in the network's order.
        offset: What is added to them.
        reverse: Whether the network wants blue first.
    """

    network: keras.Model
    side: int
    scale: list[float]
    offset: list[float]
    reverse: bool = False


def application(name: str, side: int = 0, weights: bool = True) -> Found:
    """Return a network of `keras.applications`.

    Args:
        name: Its name, and after a colon, if wanted, the path of its weights.
        side: Side of the images, pixels; 0 for that of the network's training.
        weights: Whether to give it weights: those of the path, or else those of
            ImageNet, which Keras downloads once.

    Raises:
        InputError: If there is no such network, or no such weights.
    """
    asked = f"applications:{name}"
    name, _, path = name.partition(":")
    make = getattr(keras.applications, name, None)
    if not name[:1].isupper() or not inspect.isfunction(make):
        raise InputError(
            f"keras.applications has no {name!r}: need a name such as "
            "'MobileNetV3Small'"
        )
    if weights and path and not Path(path).is_file():
        raise InputError(f"no weights at {path!r}: need a file that Keras saved")
    side = side or SIDES.get(name, DEFAULT_SIDE)
    try:
        network = make(
            include_top=False,
            weights="imagenet" if weights and not path else None,
            input_shape=(side, side, 3),
        )
        if weights and path:
            network.load_weights(path)
    # What Keras, HDF5 and the network raise for a wrong file has no common class.
    except Exception as error:
        raise InputError(f"cannot make {asked!r}: {origin(error)}") from error
    return Found(network, side, *preprocessing(make))


def preprocessing(make: Callable) -> tuple[list[float], list[float], bool]:
    """Return scale, offset and order of an application, from its own function.

    The function multiplies each color by a number and adds one, and may exchange red
    and blue. It takes values up to 255.

    Args:
        make: The function of `keras.applications` that makes the network.
    """
    preprocess = vars(inspect.getmodule(make))["preprocess_input"]
    black, red, white = (
        preprocess(np.array([[color]], "float32"), data_format="channels_last")[0, 0]
        for color in ([0, 0, 0], [255, 0, 0], [255, 255, 255])
    )
    reverse = bool(red[0] == black[0])
    return (white - black).tolist(), black.tolist(), reverse


def preset(name: str, side: int = 0, weights: bool = True) -> Found:
    """Return the network of images in a preset of KerasHub.

    Args:
        name: A preset's name, which KerasHub downloads once, or its folder.
        side: Side of the images, pixels; 0 for that of the preset.
        weights: Whether to read the weights too.

    Raises:
        InputError: If KerasHub is not installed, or has no such preset.
    """
    asked = f"keras_hub:{name}"
    try:
        # An extra: here, so that the rest works without it.
        import keras_hub
    except ImportError as error:
        raise InputError(
            f"{asked!r} needs KerasHub: run `pip install keras-hub` ({origin(error)})"
        ) from error
    shape: dict[str, Any] = {"image_shape": (side, side, 3)} if side else {}
    try:
        whole = keras_hub.models.Backbone.from_preset(
            name, load_weights=weights, **shape
        )
    # What KerasHub and its downloads raise has no common class.
    except Exception as error:
        raise InputError(f"cannot make {asked!r}: {origin(error)}") from error
    # Models of images and text have a part for images.
    network = getattr(whole, "vision_encoder", None) or whole
    try:
        converter = keras_hub.layers.ImageConverter.from_preset(name)
    # The preset has none, which is told in different ways.
    except Exception:
        converter = None
    size = getattr(converter, "image_size", None) or (DEFAULT_SIDE,)
    known = side_of(network, asked) or side or size[0]
    if converter is None:
        return Found(network, known, *_range(network))
    scale, offset = (
        np.broadcast_to(default if value is None else value, 3)
        for value, default in ((converter.scale, 1.0), (converter.offset, 0.0))
    )
    return Found(network, known, (255 * scale).tolist(), offset.tolist())


def keras_file(path: Path, side: int = 0) -> Found:
    """Return the network in a `.keras` file.

    It gets values up to 255 if its first layer divides them, as `Rescaling` and
    `Normalization` do, and values in [0, 1] otherwise.

    Args:
        path: The file.
        side: Side of the images, pixels; 0 for that of the network, or 224.

    Raises:
        InputError: If the file holds no model of images, or one of another side.
    """
    try:
        network = keras.saving.load_model(path, compile=False, safe_mode=True)
    # What Keras raises for a damaged or hostile file has no common class.
    except Exception as error:
        raise InputError(f"cannot load {str(path)!r}: {origin(error)}") from error
    known = side_of(network, str(path))
    if known and side and side != known:
        raise InputError(
            f"{str(path)!r} takes images of {known} pixels, not {side}: leave the side "
            "out"
        )
    return Found(network, known or side or DEFAULT_SIDE, *_range(network))


def origin(error: Exception) -> str:
    """Return a line about where an error of Keras came from.

    Keras tells an error again for each layer around it, with all settings.

    Args:
        error: The error.
    """
    *_, first = causes(error)
    line = str(first).strip().partition("\n")[0] or type(first).__name__
    return line if len(line) < MAX_REASON else f"{line[:MAX_REASON]} ..."


def _range(network):
    """Return scale and offset for a network, by its first layer."""
    first = network
    while hasattr(first, "layers"):
        inner = [x for x in first.layers if not isinstance(x, keras.layers.InputLayer)]
        if not inner:
            break
        first = inner[0]
    large = False
    if isinstance(first, keras.layers.Rescaling):
        large = bool(np.max(np.abs(first.scale)) < 1 / 16)
    elif isinstance(first, keras.layers.Normalization):
        variance = keras.ops.convert_to_numpy(first.variance)
        large = bool(np.max(variance) > 4)
    return [255.0 if large else 1.0] * 3, [0.0] * 3
