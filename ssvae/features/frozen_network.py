"""Any Keras network as a frozen layer, from images in [0, 1] to maps and vectors."""

import math
from collections.abc import Iterator
from typing import Any

import keras
from keras import layers, ops

from ssvae.errors import InputError
from ssvae.types import Tensor

# Tokens of a transformer that stand before those of the patches, at most: one for the
# class, and in some networks a few without a meaning, called registers.
MAX_EXTRA_TOKENS = 8


@keras.saving.register_keras_serializable(package="ssvae")
class FrozenNetwork(layers.Layer):
    """A network that never trains its statistics and drops nothing; float32 outside.

    Input shape: images `(n, h, w, 3)` in [0, 1], red first.
    Output shape: list of maps `(n, h', w', c)` and vectors `(n, c)`. A transformer's
    tokens become two vectors: the token of the class, if any, and the mean of the
    patches.
    """

    def __init__(
        self,
        network: keras.Model,
        scale: list[float],
        offset: list[float],
        reverse: bool = False,
        precision: str = "float32",
        **kwargs: Any,
    ):
        """Make the layer.

        Args:
            network: Functional model of images; see `without_top`.
            scale: What red, green and blue are multiplied by, for the network.
            offset: What is added to them.
            reverse: Whether the network wants blue first; scale and offset are in its
                order.
            precision: What the network computes in, "float32" or "bfloat16".
            **kwargs: Arguments of a Keras layer.
        """
        super().__init__(**{"dtype": "float32", **kwargs})
        self.network = without_top(network)
        set_precision(self.network, precision)
        self.precision = precision
        self.scale, self.offset = list(scale), list(offset)
        self.reverse = reverse
        # A function, since Keras would count a model's top among the layer's weights.
        # The whole is what can be written: not every layer of KerasHub can.
        self._whole = lambda: network

    def call(self, images: Tensor) -> list[Tensor]:
        """Return maps and vectors of images."""
        if self.reverse:
            images = ops.flip(images, axis=-1)
        scale, offset = (
            ops.convert_to_tensor(each, dtype="float32")
            for each in (self.scale, self.offset)
        )
        # Not what the outer model says: statistics of a batch would change features.
        found = self.network(images * scale + offset, training=False)
        outputs: list[Tensor] = []
        for each in keras.tree.flatten(found):
            each = ops.cast(each, "float32")
            outputs += _vectors(each) if len(each.shape) == 3 else [each]
        return outputs

    def get_config(self) -> dict[str, Any]:
        """Return what makes the layer, the network's architecture included."""
        return {
            **super().get_config(),
            "network": keras.saving.serialize_keras_object(self._whole()),
            "scale": self.scale,
            "offset": self.offset,
            "reverse": self.reverse,
            "precision": self.precision,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "FrozenNetwork":
        """Return the layer of a config, without weights."""
        network = keras.saving.deserialize_keras_object(config["network"])
        return cls(**{**config, "network": network})


def _vectors(tokens):
    """Return the vectors `(n, c)` of tokens `(n, t, c)`.

    The patches form a square. What stands before them begins with the class.
    """
    count = tokens.shape[1]
    patches = math.isqrt(count) ** 2 if count else 0
    extra = count - patches if count else 0
    if not count or extra > MAX_EXTRA_TOKENS:
        return [ops.mean(tokens, axis=1)]
    mean = ops.mean(tokens[:, extra:], axis=1)
    return [tokens[:, 0], mean] if extra else [mean]


def side_of(network: Any, name: str) -> int | None:
    """Return the side of a network's images, pixels; None if it takes any.

    Args:
        network: What should be a functional model of images.
        name: What the person asked for, for the message.

    Raises:
        InputError: If it is no such model.
    """
    if not isinstance(network, keras.Model) or not getattr(network, "inputs", None):
        raise InputError(
            f"{name!r} holds a {type(network).__name__}: need a Keras model that is "
            "functional or sequential and knows its input"
        )
    shapes = [tuple(each.shape) for each in network.inputs]
    if len(shapes) != 1 or len(shapes[0]) != 4 or shapes[0][3] != 3:
        raise InputError(
            f"{name!r} takes {shapes}: need a model of color images, "
            "(None, height, width, 3)"
        )
    if shapes[0][1] != shapes[0][2]:
        raise InputError(f"{name!r} takes {shapes[0]}: need a model of square images")
    return shapes[0][1]


def without_top(network: keras.Model) -> keras.Model:
    """Return the part of a network that describes an image, with its best outputs.

    Several outputs stay as they are. Of a network with one output, the outputs become
    the last map or row of tokens, whatever classifies it afterwards, and the last map
    of about twice its size, which still knows finer things. A network that has neither
    keeps its vector.

    Args:
        network: Functional model of images.
    """
    outputs = list(network.outputs)
    if len(outputs) == 1:
        spread = [each for each in _backward(outputs) if _is_spread(each)]
        if len(outputs[0].shape) == 2 and spread:
            outputs = spread[:1]
        outputs = [*_finer(outputs[0], spread), *outputs]
    return keras.Model(network.inputs[0], outputs, name="network")


def _finer(coarse, tensors):
    """Return the first of some tensors that is a map of about twice a map's side."""
    side = coarse.shape[1] if len(coarse.shape) == 4 else None
    for each in tensors:
        # By stride 2 an odd side is rounded up or down.
        known = side and len(each.shape) == 4 and each.shape[1]
        if known and 1.5 * side <= each.shape[1] <= 2.5 * side:
            return [each]
    return []


def _backward(outputs) -> Iterator[Any]:
    """Yield the tensors of a network from its outputs to its input, nearest first."""
    waiting, seen = list(outputs), set()
    while waiting:
        tensor = waiting.pop(0)
        if id(tensor) in seen:
            continue
        seen.add(id(tensor))
        # The input describes nothing.
        maker, place, _ = tensor._keras_history
        before = maker._inbound_nodes[place].input_tensors
        if before:
            yield tensor
            waiting += before


def _is_spread(tensor):
    """Return whether a tensor holds more than one place of an image."""
    return len(tensor.shape) in (3, 4) and all(side != 1 for side in tensor.shape[1:-1])


def compute_in(backbone: keras.Model, dtype: str) -> None:
    """Make a backbone compute in a dtype; its weights stay as they are.

    Args:
        backbone: `Backbone.model`, before it is part of another model.
        dtype: See `set_precision`.
    """
    frozen = [layer for layer in backbone.layers if isinstance(layer, FrozenNetwork)]
    for layer in frozen:
        layer.precision = dtype
    for network in [layer.network for layer in frozen] or [backbone]:
        set_precision(network, dtype)


def set_precision(network: keras.Model, dtype: str) -> None:
    """Make a network compute in a dtype; its weights stay as they are.

    Layers that scale pixels stay in float32, for a pixel has 256 values.

    Args:
        network: Functional model, of which each layer is changed.
        dtype: "float32", or a dtype policy such as "bfloat16".
    """
    policy = dtype if dtype == "float32" else f"mixed_{dtype.removeprefix('mixed_')}"
    exact = (layers.InputLayer, layers.Rescaling, layers.Normalization)
    for layer in network._flatten_layers():
        if not isinstance(layer, exact):
            layer.dtype_policy = policy
