"""What training is about to do, in lines for a person."""

from ssvae.config.settings import Config
from ssvae.data import Batches, Dataset
from ssvae.model import SSVAE
from ssvae.runs.checkpoints import Checkpoint
from ssvae.vae.sums import which_summed


def num_unlabeled(dataset: Dataset, config: Config) -> int:
    """Return how many unlabeled images training uses."""
    return len(dataset.unlabeled) if config.unlabeled_batch_size else 0


def summary(dataset: Dataset, config: Config, device: str) -> str:
    """Return what is trained on what, in two lines."""
    height, width, channels = dataset.image_shape
    return (
        f"Training recipe {config.recipe} with seed {config.seed} on {device}.\n"
        f"Data: {dataset.name}, {len(dataset.images):,} images of "
        f"{height}x{width}x{channels}: {len(dataset.labeled):,} labeled in "
        f"{dataset.num_classes} classes, {num_unlabeled(dataset, config):,} unlabeled."
    )


def outline(model: SSVAE, batches: Batches, resumed: Checkpoint | None) -> list[str]:
    """Return how training will go, one line each."""
    epochs, steps = model.config.epochs, batches.steps_per_epoch
    lines = [
        f"{epochs:,} epoch{'s' * (epochs != 1)} of {steps:,} step{'s' * (steps != 1)}."
    ]
    if model.num_classes > 1 and num_unlabeled(batches.dataset, model.config):
        lines.append(f"The unlabeled bound is summed over {which_summed(model)}.")
    if resumed is not None:
        lines.append(f"Going on after step {resumed.step}.")
    return lines
