"""q(y|x) over features: images to features, their main directions, and logits."""

from keras import Input, Model, layers

from ssvae.config.settings import Config
from ssvae.features.backbones import build_backbone
from ssvae.features.extractor import build_extractor
from ssvae.vae.mixture import Linear
from ssvae.vae.networks import LOGITS

# Main directions of the features that the mixture describes, at most.
NUM_DIRECTIONS = 300
EXTRACTOR, PROJECTED = "extractor", "projected"


def build_feature_classifier(
    channels: int, num_classes: int, config: Config, weights: bool = False
) -> Model:
    """Return q(y|x) over the features that a config names.

    Its linear layers are yet to be fitted.

    Args:
        channels: Channels of the images, 1 or 3.
        num_classes: Number of classes.
        config: `Config`; `features`, `backbone` and `backbone_size` are read.

        weights: Whether the backbone gets its pretrained weights; a model that is
            loaded brings them.

    Returns:
        A functional `keras.Model` from float images `(batch, h, w, channels)` in
        [0, 1], of any size, to logits `(batch, num_classes)`. Training does not change
        it.

    Raises:
        InputError: If the backbone cannot be built.
    """
    names = config.features.split()
    backbone = None
    if "backbone" in names:
        backbone = build_backbone(config.backbone, config.backbone_size, weights)
    extractor = build_extractor(names, channels, backbone)
    images = Input((None, None, channels), name="images")
    size = min(NUM_DIRECTIONS, extractor.output_shape[-1])
    vectors = layers.Dense(size, name=PROJECTED)(extractor(images))
    logits = layers.Dense(num_classes, name=LOGITS)(vectors)
    classifier = Model(images, logits, name="classifier")
    classifier.trainable = False
    return classifier


def set_linear(classifier: Model, linear: Linear) -> None:
    """Give a classifier the linear classifier of its projected features.

    Args:
        classifier: Model of `build_feature_classifier`.
        linear: `Linear` over its projected features.
    """
    classifier.get_layer(LOGITS).set_weights([linear.kernel, linear.bias])
