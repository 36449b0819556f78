"""A network of features that learns to tell classes apart, from warped images."""

from typing import Any

import keras
import numpy as np
from keras import layers, ops

from ssvae.augment import warp
from ssvae.backends.current import Seeds
from ssvae.config.settings import Config
from ssvae.types import Tensor
from ssvae.vae import inference, losses
from ssvae.vae.learner import EpochMean, Learner
from ssvae.vae.mixture import Linear

# Warps of the images: those of objects. None is mirrored: a mirrored sign is another.
WARPS: dict[str, Any] = {"augment": "objects", "mirror": 0.0}
# Part of the side that is added around an image before it is warped, by reflection, so
# that no black border comes in: as much as the warps move a corner.
BORDER = 0.3
# Largest change of contrast, and of brightness, as fractions.
CONTRAST, BRIGHTNESS = 0.3, 0.15
# Probability of its likeliest class from which an unlabeled image is learned from.
SURE = 0.9
# Weight of what the network itself says of an unlabeled image that is not warped; what
# is given has the rest.
OWN = 0.5
TERMS = ("cross_entropy", "sure_cross_entropy", "sure", "accuracy")


class FineTuner(Learner):
    """Extractor and linear classifier that learn together.

    Labeled images teach their classes. Unlabeled images teach the probabilities that
    are given with them and those that the network itself gives to the image before it
    is warped (Sohn et al. 2020, FixMatch), if one class has `SURE` or more.

    Args:
        extractor: Model of `build_extractor`; its trainable layers learn.
        linear: `Linear` over its features to begin with; its logits should be
            calibrated.
        config: `Config` with `learning_rate`, `epochs`, `ema_decay` and `seed`.
    """

    def __init__(self, extractor: keras.Model, linear: Linear, config: Config):
        super().__init__()
        self.config = config.replace(**WARPS)
        self.extractor = extractor
        self.num_classes = len(linear.bias)
        self.head = layers.Dense(self.num_classes, dtype="float32", name="head")
        self.head.build((None, len(linear.kernel)))
        self.head.set_weights([linear.kernel, linear.bias])
        self.step = self.add_weight(
            (), "zeros", dtype="int32", trainable=False, name="step"
        )
        self.seed_generator = Seeds(config.seed)
        self.trackers = {name: EpochMean(name) for name in ("loss", *TERMS)}
        self.average = None
        self.built = True

    def call(self, images: Tensor, training: bool = False) -> Tensor:
        """Return the logits of float images `(batch, h, w, c)` in [0, 1]."""
        return self.head(self.extractor(images, training=training))

    def loss_terms(
        self, batch: dict[str, Tensor], training: bool = True
    ) -> dict[str, Tensor]:
        """Return every term of the objective, one value per image.

        Args:
            batch: See `Batches.batch`: `labeled` and `labels`; perhaps `unlabeled` with
                `unlabeled_logits`, the logarithms of probabilities.
            training: Whether to warp images.

        Returns:
            Dict of float tensors `(batch,)`: `cross_entropy` of the labeled images and
            `sure_cross_entropy` of the unlabeled ones, 0 for one that is not `sure`,
            in nats; `sure`, and `accuracy` on the labeled images, 0 or 1.
        """
        kinds = [kind for kind in ("labeled", "unlabeled") if kind in batch]
        images = ops.concatenate([batch[kind] for kind in kinds])
        images = inference.as_floats(images)
        if training:
            images = changed(images, self.config, self.seed_generator)
        logits, count = self(images, training=training), batch["labels"].shape[0]
        one_hot = ops.one_hot(batch["labels"], self.num_classes)
        hits = ops.equal(ops.argmax(logits[:count], -1), ops.argmax(one_hot, -1))
        terms = {
            "cross_entropy": losses.cross_entropy(logits[:count], one_hot),
            "accuracy": ops.cast(hits, "float32"),
        }
        if "unlabeled" in batch:
            targets = self._targets(batch)
            sure = ops.cast(ops.max(targets, axis=-1) >= SURE, "float32")
            wrong = losses.cross_entropy(logits[count:], targets)
            terms |= {"sure": sure, "sure_cross_entropy": sure * wrong}
        return terms

    def _targets(self, batch):
        """Return the probabilities that unlabeled images teach."""
        given = batch["unlabeled_logits"]
        if OWN:
            own = self(inference.as_floats(batch["unlabeled"]))
            own = ops.log_softmax(ops.stop_gradient(own), axis=-1)
            given = OWN * own + (1 - OWN) * given
        return ops.softmax(given, axis=-1)

    def total_loss(self, terms: dict[str, Tensor]) -> Tensor:
        """Return the sum of both cross-entropies' means, to minimise."""
        loss = ops.mean(terms["cross_entropy"])
        if "sure_cross_entropy" in terms:
            loss += ops.mean(terms["sure_cross_entropy"])
        return loss

    def keep_average(self) -> None:
        """Give the extractor and the classifier their averaged weights."""
        if self.average is None:
            return
        for variable, value in zip(
            self.trainable_variables, self.average.averages, strict=True
        ):
            variable.assign(np.array(ops.convert_to_numpy(value)))


def changed(images: Tensor, config: Config, seed: keras.random.SeedGenerator) -> Tensor:
    """Return images that are warped, and have other contrast and brightness.

    Args:
        images: Float tensor `(batch, height, width, channels)` in [0, 1].
        config: `Config` with the warps, see `ssvae.augment.warp`.
        seed: `keras.random.SeedGenerator`.

    Returns:
        Float tensor of the same shape, in [0, 1].
    """
    height, width = images.shape[1:3]
    rows, columns = int(height * BORDER), int(width * BORDER)
    border = ((0, 0), (rows, rows), (columns, columns), (0, 0))
    wide = warp(ops.pad(images, border, mode="reflect"), config, seed)
    images = wide[:, rows : rows + height, columns : columns + width]
    shape = (ops.shape(images)[0], 1, 1, 1)
    contrast = keras.random.uniform(shape, 1 - CONTRAST, 1 + CONTRAST, seed=seed)
    brightness = keras.random.uniform(shape, -BRIGHTNESS, BRIGHTNESS, seed=seed)
    mean = ops.mean(images, axis=(1, 2, 3), keepdims=True)
    return ops.clip((images - mean) * contrast + mean + brightness, 0.0, 1.0)


def let_learn(extractor: keras.Model, which: str) -> None:
    """Choose the layers of an extractor that learn.

    Args:
        extractor: Model of `build_extractor`.
        which: "none"; "last", the fewest last layers that hold half of the weights; or
            "all".
    """
    # One by one: on TensorFlow a layer that has the value already passes nothing on.
    for layer in extractor._flatten_layers():
        layer.trainable = which != "none"
    if which != "last":
        return
    found = _leaves(extractor)
    sizes = np.array([layer.count_params() for layer in found])
    for layer, until in zip(found, sizes.cumsum(), strict=True):
        layer.trainable = bool(until > sizes.sum() / 2)


def _leaves(layer):
    """Return the layers that learn in a layer, from its input to its output."""
    inner = list(layer._flatten_layers(include_self=False, recursive=False))
    if not inner:
        return [layer] if layer.trainable_variables else []
    return [leaf for each in inner for leaf in _leaves(each)]
