"""Descriptions of backbones in model files: what they may hold.

A description is what `backbones.to_config` returned: JSON from which Keras makes
layers. A file from elsewhere may name others, which run code, read files or fill the
memory: it is checked before anything is made of it.
"""

import re
from collections.abc import Iterator
from typing import Any

from ssvae.config.settings import Config
from ssvae.errors import InputError

LITE = re.compile(r"efficientnet-lite([012])")
# Side of images, pixels, at most: the maps of a larger one need gigabytes.
MAX_SIDE = 4096
# Objects in a description, at most: layers, and what initializes their weights. The
# largest network of Keras has five thousand.
MAX_OBJECTS = 20_000
# Depth of lists and dicts in a description, at most; that of Keras's networks is 20.
MAX_DEPTH = 100
# The largest whole number in a description: a layer has no more units.
MAX_NUMBER = 2**20
# Repetitions of a block in a network of KerasHub, at most; its largest has 48.
MAX_REPEATS = 512
# Pixels that one layer adds to each side of a map, at most.
MAX_PADDING = 64

# Layers that only compute, and make no map much larger.
LAYERS = frozenset(
    """
    Activation Add Average AveragePooling2D BatchNormalization CategoryEncoding
    CenterCrop Concatenate Conv1D Conv2D Cropping2D Dense DepthwiseConv2D Dot Dropout
    ELU EinsumDense Embedding Flatten GaussianDropout GaussianNoise
    GlobalAveragePooling1D GlobalAveragePooling2D GlobalMaxPooling2D
    GroupNormalization GroupQueryAttention Identity InputLayer LayerNormalization
    LeakyReLU MaxPooling2D Maximum Minimum MultiHeadAttention Multiply Normalization
    PReLU Permute RMSNormalization ReLU Rescaling Reshape SeparableConv2D Softmax
    SpatialDropout2D Subtract UnitNormalization ZeroPadding2D
    """.split()
)
OPERATIONS = frozenset(
    """
    Add Divide Gelu Max Mean Multiply Relu Relu6 Sigmoid Silu Softmax Sqrt Square
    Subtract Tanh Transpose TrueDivide
    """.split()
)
ACTIVATIONS = frozenset(
    """
    celu elu exponential gelu hard_sigmoid hard_silu hard_swish leaky_relu linear
    log_softmax mish relu relu6 selu sigmoid silu softmax softplus softsign swish tanh
    """.split()
)
# Classes by their modules. Other modules are in `_is_known`.
CLASSES = {
    "keras": frozenset({"DTypePolicy", "Functional", "Model", "Sequential"}),
    "keras.layers": LAYERS,
    "keras.regularizers": frozenset({"L1", "L2", "L1L2", "OrthogonalRegularizer"}),
    "keras.constraints": frozenset({"MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm"}),
    "keras.src.models.functional": frozenset({"Functional"}),
    "keras.src.models.sequential": frozenset({"Sequential"}),
    "keras.src.applications.convnext": frozenset({"LayerScale"}),
    "keras.src.ops.numpy": OPERATIONS,
    "keras.src.ops.nn": OPERATIONS,
}
FROZEN = ("ssvae.features.frozen_network", "FrozenNetwork", "ssvae>FrozenNetwork")
HUB_MODULE = re.compile(r"keras_hub\.src\.models(\.\w+)+")
HUB_CLASS = re.compile(r"\w+(Backbone|Encoder)")
# Keys of numbers that repeat blocks in KerasHub's networks.
REPEATS = re.compile(r"num_layers|depth|.*(repeats|blocks|depths|stackwise).*")


def needs_description(config: Config) -> bool:
    """Return whether a model's file must describe its backbone.

    Those whose name says what they are need no description.

    Args:
        config: The model's `Config`.
    """
    return "backbone" in config.features.split() and not LITE.fullmatch(config.backbone)


def check_description(described: Any) -> None:
    """Check that a description of a backbone makes nothing but a network.

    Args:
        described: What `backbones.to_config` returned for a backbone, or any JSON.

    Raises:
        InputError: If it may do more, or is absurdly large.
    """
    if not isinstance(described, dict):
        raise InputError(f"the backbone is no JSON object: {str(described)[:40]!r}")
    name, side = described.get("name"), described.get("side")
    if type(name) is not str or type(side) is not int or not 0 < side <= MAX_SIDE:
        raise InputError(f"the backbone's name and side are {name!r} and {side!r}")
    if not isinstance(described.get("model"), dict):
        raise InputError(f"the backbone {name!r} comes without its architecture")
    try:
        _check(described["model"])
    except InputError as error:
        raise InputError(f"the backbone {name!r} {error}") from None


def _check(model):
    """Raise `InputError` if any part of a model's description is not admitted."""
    objects = 0
    for part, key, depth in _parts(model):
        if depth > MAX_DEPTH:
            raise InputError(f"is described {MAX_DEPTH} levels deep")
        if isinstance(part, dict) and ("class_name" in part or "spec_name" in part):
            objects += 1
            _check_object(part)
        elif type(part) is int:
            _check_number(part, key)
    if objects > MAX_OBJECTS:
        raise InputError(f"consists of {objects:,} objects: need {MAX_OBJECTS:,}")


def _parts(model) -> Iterator[tuple[Any, str, int]]:
    """Yield every part of a description, its key, and how deep it lies."""
    waiting: list[tuple[Any, str, int]] = [(model, "", 0)]
    while waiting:
        part, key, depth = waiting.pop()
        yield part, key, depth
        if isinstance(part, dict):
            # Identities of objects, which may be any number.
            waiting += [
                (value, str(name), depth + 1)
                for name, value in part.items()
                if name != "shared_object_id"
            ]
        elif isinstance(part, list | tuple):
            waiting += [(value, key, depth + 1) for value in part]


def _check_object(part):
    """Raise `InputError` if a description makes an object that is not admitted."""
    if part.get("compile_config"):
        raise InputError("states 'compile_config', which no backbone has")
    named = part.get("class_name")
    if named == "__keras_tensor__":
        return
    config = part.get("config")
    if named == "function":
        places = part.get("module") in ("builtins", "keras.activations")
        if not (places and type(config) is str and config in ACTIVATIONS):
            raise InputError(f"holds the function {config!r}, which is no activation")
        return
    if not isinstance(config, dict) or not _is_known(part):
        place = f"{part.get('module')}.{named or part.get('spec_name')}"
        raise InputError(
            f"holds {place[:80]!r}: only layers of Keras that compute and make no map "
            "larger can be saved in a model"
        )
    if named == "ZeroPadding2D":
        for padding, _, _ in _parts(config.get("padding")):
            if type(padding) is int and not 0 <= padding <= MAX_PADDING:
                raise InputError(f"adds {padding:,} pixels to the side of a map")


def _is_known(part):
    """Return whether an object is of a class that is admitted."""
    module, named = part.get("module"), part.get("class_name")
    registered = part.get("registered_name")
    if type(module) is not str or type(named) is not str:
        return False
    if (module, named, registered) == FROZEN:
        return True
    if HUB_MODULE.fullmatch(module):
        return HUB_CLASS.fullmatch(named) and registered == f"keras_hub>{named}"
    if module == "keras.initializers":
        return named.isalnum() and named[0].isupper() and registered is None
    return named in CLASSES.get(module, ()) and registered in (None, named)


def _check_number(number, key):
    """Raise `InputError` if a number would make an absurdly large network."""
    if abs(number) > MAX_NUMBER and key != "seed":
        raise InputError(f"has {number:,} as {key!r}: need at most {MAX_NUMBER:,}")
    if REPEATS.fullmatch(key) and number > MAX_REPEATS and key != "depth_multiplier":
        raise InputError(f"has {number:,} as {key!r}: need at most {MAX_REPEATS:,}")
