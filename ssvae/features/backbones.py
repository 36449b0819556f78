"""Backbones: networks trained on other images, by name, from images to maps."""

import dataclasses
import importlib.util
from pathlib import Path
from typing import Any

import keras

from ssvae.errors import InputError
from ssvae.features.described import LITE, MAX_SIDE, check_description
from ssvae.features.dry_build import check_size
from ssvae.features.efficientnet_lite import efficientnet_lite, load_imagenet_weights
from ssvae.features.frozen_network import FrozenNetwork
from ssvae.features.other_networks import (
    DEFAULT_SIDE,
    Found,
    application,
    keras_file,
    origin,
    preset,
)

# What a backbone computes in; the longer name is that of Keras.
DTYPES = ("float32", "bfloat16", "mixed_bfloat16")
NAMES = (
    "efficientnet-lite0, -lite1 or -lite2, the path of a .keras file or of a folder "
    "with one, keras_hub:PRESET or applications:NAME"
)


@dataclasses.dataclass(frozen=True)
class Backbone:
    """A frozen network that describes images.

    Attributes:
        name: What was asked for.
        model: From float images `(n, side, side, 3)` in [0, 1] to a list of float32
            maps `(n, h, w, c)` and vectors `(n, c)`. Keras returns a list of one as
            the tensor itself.
        side: Side of the images, pixels, that suits the network.
    """

    name: str
    model: keras.Model
    side: int


def build_backbone(
    name: str, side: int = 0, weights: bool = True, dtype: str = "float32"
) -> Backbone:
    """Return a backbone.

    Args:
        name: One of

            - "efficientnet-lite0", "-lite1", "-lite2": the weights are in a package;
            - the path of a `.keras` file, or of a folder with one: opened in Keras's
              safe mode, with the layers of Keras only;
            - "keras_hub:PRESET", or the folder of a preset;
            - "applications:NAME" or "applications:NAME:WEIGHTS_FILE".
        side: Side of the images, pixels; 0 for what suits the network.
        weights: Whether the network gets its weights. Without them it waits for those
            of a model that it is part of. A `.keras` file is read in both cases.
        dtype: "float32", or "bfloat16" to compute in it; the outputs are float32.

    Raises:
        InputError: If there is no such network, or it takes no color images.
    """
    if not 0 <= side <= MAX_SIDE:
        raise InputError(f"the backbone's side is {side}: need 0 to {MAX_SIDE} pixels")
    if dtype not in DTYPES:
        raise InputError(
            f"the backbone's dtype is {dtype!r}: need {' or '.join(DTYPES)}"
        )
    lite = LITE.fullmatch(name)
    if lite:
        size, side = int(lite[1]), side or DEFAULT_SIDE
        model = efficientnet_lite(size, side, dtype)
        if weights:
            load_imagenet_weights(model, size)
    else:
        found = _found(name, side, weights)
        side, model = found.side, _model(found, dtype)
    model.trainable = False
    return Backbone(name, model, side)


def load_pretrained(model: keras.Model, name: str, side: int = 0) -> None:
    """Give a backbone without weights those that other images taught it.

    Args:
        model: `Backbone.model`.
        name: See `build_backbone`.
        side: See `build_backbone`.

    Raises:
        InputError: See `build_backbone`.
    """
    lite = LITE.fullmatch(name)
    if lite:
        load_imagenet_weights(model, int(lite[1]))
    else:
        model.set_weights(build_backbone(name, side).model.get_weights())


def _found(name, side, weights) -> Found:
    """Return the network from elsewhere that a name means."""
    kind, _, rest = name.partition(":")
    if kind == "applications":
        return application(rest, side, weights)
    if kind == "keras_hub":
        return preset(rest, side, weights)
    path = Path(name)
    if path.is_dir():
        files = sorted(path.glob("*.keras"))
        if len(files) == 1:
            return keras_file(files[0], side)
        if not files and (path / "config.json").is_file():
            return preset(name, side, weights)
        raise InputError(
            f"{name!r} holds {len(files)} .keras files: need one, or a preset of "
            "KerasHub"
        )
    if path.is_file():
        if path.suffix != ".keras":
            raise InputError(
                f"{name!r} is no backbone: need a name that ends in .keras"
            )
        return keras_file(path, side)
    raise InputError(f"there is no backbone {name!r}: need {NAMES}")


def _model(found, dtype) -> keras.Model:
    """Return the model of a network from elsewhere."""
    network, _, scale, offset, reverse = found
    layer = FrozenNetwork(network, scale, offset, reverse, dtype, name="frozen")
    images = keras.Input((found.side, found.side, 3), dtype="float32", name="images")
    return keras.Model(images, layer(images), name="backbone")


def to_config(backbone: Backbone) -> dict[str, Any]:
    """Return what rebuilds a backbone without weights, in types of JSON.

    Neither the package of its weights nor its file is needed then. The layers of a
    preset need KerasHub.

    Args:
        backbone: The backbone.
    """
    config: dict[str, Any] = {"name": backbone.name, "side": backbone.side}
    if LITE.fullmatch(backbone.name):
        dtype = backbone.model.get_layer("conv_stem").dtype_policy.name
        return {**config, "dtype": dtype}
    return {**config, "model": keras.saving.serialize_keras_object(backbone.model)}


def from_config(config: dict[str, Any]) -> Backbone:
    """Return the backbone of `to_config`, without weights.

    Args:
        config: What `to_config` returned. It may come from a file of somebody else:
            only layers of Keras, KerasHub and this package are made, and only if there
            is room for them.

    Raises:
        InputError: If it describes no backbone, or KerasHub is missing.
    """
    name, side = config.get("name"), config.get("side")
    if "model" not in config and type(name) is str and LITE.fullmatch(name):
        if type(side) is not int or side < 1:
            raise InputError(f"the backbone's name and side are {name!r} and {side!r}")
        return build_backbone(name, side, False, config.get("dtype", "float32"))
    check_description(config)
    try:
        check_size(config["model"], config["side"])
        model = keras.saving.deserialize_keras_object(config["model"], safe_mode=True)
        if not isinstance(model, keras.Model):
            raise TypeError("it is no Keras model")
        if model.input_shape != (None, side, side, 3):
            raise TypeError(f"it takes {model.input_shape}")
    # What Keras raises for a wrong description, or without KerasHub, has no common
    # class.
    except Exception as error:
        reason = origin(error)
        if config["name"].startswith("keras_hub:") and not importlib.util.find_spec(
            "keras_hub"
        ):
            reason = "it needs KerasHub: run `pip install keras-hub`"
        raise InputError(f"the backbone {name!r} cannot be made: {reason}") from error
    model.trainable = False
    return Backbone(config["name"], model, config["side"])
