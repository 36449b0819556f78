"""q(y|x) over features: images to features, their main directions, and logits."""

import functools
import json
from typing import Any

import numpy as np
from keras import Input, Model, layers

from ssvae.config.settings import Config
from ssvae.errors import InputError
from ssvae.features import backbones
from ssvae.features.backbones import Backbone, build_backbone, from_config, to_config
from ssvae.features.described import check_description, needs_description
from ssvae.features.dry_build import check_size
from ssvae.features.extractor import build_extractor
from ssvae.features.frozen_network import compute_in
from ssvae.features.principal import NUM_DIRECTIONS
from ssvae.features.rounding import round_weights
from ssvae.vae.feature_networks import HIDDEN, HIDDEN_UNITS
from ssvae.vae.mixture import Deep, Linear
from ssvae.vae.networks import LOGITS

EXTRACTOR, PROJECTED = "extractor", "projected"


def find_backbone(
    config: Config, described: dict[str, Any] | None
) -> tuple[Backbone | None, str]:
    """Return the backbone of a new or of a saved model, without pretrained weights.

    Args:
        config: The model's `Config`.
        described: What the saved model says of its backbone, see `backbones.to_config`;
            None to look for what the config names.

    Returns:
        The backbone, None if the features have none; and the JSON text that describes
        it, empty if its name does.

    Raises:
        InputError: If there is no such backbone, or it cannot be saved with a model.
    """
    if "backbone" not in config.features.split():
        if described:
            raise InputError("a backbone is described, but the features have none")
        return None, ""
    if described:
        return from_config(json.loads(json.dumps(described))), json.dumps(described)
    backbone = build_backbone(config.backbone, config.backbone_size, weights=False)
    if not needs_description(config):
        return backbone, ""
    # Better refused now than when the trained model is loaded.
    described = json.loads(json.dumps(to_config(backbone)))
    check_description(described)
    check_size(described["model"], backbone.side)
    return backbone, json.dumps(described)


def build_feature_classifier(
    channels: int,
    num_classes: int,
    config: Config,
    pretrained: bool = False,
    backbone: Backbone | None = None,
) -> Model:
    """Return q(y|x) over the features that a config names.

    Its linear layers are yet to be fitted.

    Args:
        channels: Channels of the images, 1 or 3.
        num_classes: Number of classes.
        config: `Config`; `features`, `backbone`, `backbone_size`, `feature_decoder` and
            `precision` are read.
        pretrained: Whether to call `load_pretrained`; a model that is loaded brings
            its weights.
        backbone: The backbone, if it is there already.

    Returns:
        A functional `keras.Model` from float images `(batch, h, w, channels)` in
        [0, 1], of any size, to logits `(batch, num_classes)`. Training does not change
        it.

    Raises:
        InputError: If the backbone cannot be built.
    """
    names = config.features.split()
    if "backbone" in names and backbone is None:
        backbone = build_backbone(config.backbone, config.backbone_size, weights=False)
    if backbone is not None and config.precision != "float32":
        # The model that is kept computes in float32, see `averaged`.
        compute_in(backbone.model, config.precision)
    extractor = build_extractor(names, channels, backbone)
    images = Input((None, None, channels), name="images")
    size = min(NUM_DIRECTIONS, extractor.output_shape[-1])
    vectors = layers.Dense(size, name=PROJECTED)(extractor(images))
    if config.feature_decoder == "deep":
        hidden = layers.Dense(HIDDEN_UNITS, "relu", name=HIDDEN)(vectors)
        vectors = layers.Concatenate()([vectors, hidden])
    logits = layers.Dense(num_classes, name=LOGITS)(vectors)
    classifier = Model(images, logits, name="classifier")
    classifier.trainable = False
    if pretrained:
        load_pretrained(classifier, config)
    return classifier


def load_pretrained(classifier: Model, config: Config) -> None:
    """Give the backbone in a classifier its pretrained weights, rounded to 16 bits.

    Rounding changes no prediction that was measured, and halves the model's file.

    Args:
        classifier: Model of `build_feature_classifier`.
        config: `Config` that it was built from.

    Raises:
        InputError: If there are no such weights.
    """
    for layer in classifier.get_layer(EXTRACTOR).layers:
        if isinstance(layer, Model):
            name, side = config.backbone, config.backbone_size
            backbones.load_pretrained(layer, name, side)
            round_weights(layer)


@functools.lru_cache(maxsize=1)
def with_vectors(classifier: Model) -> Model:
    """Return the model that gives projected features and logits side by side.

    Args:
        classifier: Model of `build_feature_classifier`. What is returned for the last
            one is kept, so that it is compiled once.
    """
    vectors = classifier.get_layer(PROJECTED).output
    both = layers.Concatenate()([vectors, classifier.output])
    return Model(classifier.input, both, name="with_vectors")


def set_linear(classifier: Model, linear: Linear) -> None:
    """Give a classifier the linear classifier of its projected features.

    Args:
        classifier: Model of `build_feature_classifier`.
        linear: `Linear` over its projected features; `Deep` if the classifier has
            hidden units beside them.
    """
    layer = classifier.get_layer(LOGITS)
    if isinstance(linear, Deep):
        hidden = classifier.get_layer(HIDDEN)
        hidden.set_weights([linear.hidden.kernel, linear.hidden.bias])
    # Hidden units that are there, but of no use, weigh nothing.
    kernel = np.zeros(layer.kernel.shape, np.float32)
    kernel[: len(linear.kernel)] = linear.kernel
    layer.set_weights([kernel, linear.bias])
