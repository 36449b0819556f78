"""Settings that suit a data set."""

from typing import Any

from ssvae.config.presets import PIXELS
from ssvae.config.settings import Config
from ssvae.config.suggest import are_photographs, suggest
from ssvae.data.dataset import Dataset


def suited_config(dataset: Dataset, /, **stated: Any) -> Config:
    """Return the settings that the training command chooses for images of one's own.

    The size, number and channels of the images decide what classes are told apart by
    (photographs: features of a pretrained network, not pixels), how long training is,
    the likelihood of the pixels and the kind of networks.

    Example:
        ```python
        from ssvae.data import from_arrays

        dataset = from_arrays(x, y, name="mine")
        config = ssvae.suited_config(dataset, labels="all")
        run = ssvae.train(config, dataset=dataset)
        ```

    Args:
        dataset: `Dataset`; no label is read, only how many each class has.
        stated: Settings that are stated, by name; they come before what would suit.

    Raises:
        InputError: If a setting is not valid.
    """
    suited = suggest(
        len(dataset.images),
        dataset.image_shape,
        stated,
        len(dataset.labeled),
        dataset.class_counts,
    )
    return Config().replace(**suited | stated)


def unsuited(config: Config, dataset: Dataset) -> str:
    """Return a note if few labels cannot teach what a config learns from; "" if not."""
    if config.features != PIXELS or not are_photographs(dataset.image_shape):
        return ""
    if config.classifier_body == "none" or config.m1_epochs:
        return ""
    return (
        "the images are taken for photographs, and their classes are learned from "
        "pixels, which few labels do not teach: the setting features = "
        f'"{suited_config(dataset).features}" tells them apart by features; '
        "ssvae.suited_config(dataset) chooses it"
    )
