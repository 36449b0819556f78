"""What a training run is asked to do, checked before Keras starts."""

import dataclasses
from pathlib import Path

from ssvae.cli import console
from ssvae.config.settings import Config
from ssvae.config.toml import load_config
from ssvae.data import Dataset, draw_labels, is_named, open_dataset, read_labels
from ssvae.data.report import check, report, warnings
from ssvae.errors import InputError
from ssvae.runs.folder import default_out, is_resumable, partial_folder
from ssvae.saving.find import find_model


@dataclasses.dataclass(frozen=True)
class Plan:
    """One training run, complete and checked.

    Attributes:
        config: `Config`, every setting resolved.
        dataset: `Dataset` with the labels of the budget alone.
        out: Path of the run folder to be.
        begun: Path of the folder of the run to go on with; None for a new run.
        notes: What a person should know of the data set, a line each.
    """

    config: Config
    dataset: Dataset
    out: Path
    begun: Path | None
    notes: list[str]


def plan(
    config=None, out=None, *, dataset=None, init=None, labels_file=None, resume=False
) -> Plan:
    """Return the run that is asked for; the arguments are those of `train`.

    Raises:
        InputError: If something asked for is not to be had.
    """
    begun = None
    if resume:
        begun = resumable(out)
        config = config or load_config(begun / "config.toml")
        labels_file = begun / "labels.json"
    config = config or config_of(init)
    if dataset is None:
        dataset = open_dataset(config, say=console.say)
    config = config.replace(dataset=dataset.name)
    notes = [] if is_named(dataset.name) else _notes(dataset)
    dataset, config = _budget(dataset, config, labels_file)
    return Plan(config, dataset, Path(out or default_out(config)), begun, notes)


def resumable(out) -> Path:
    """Return where a run that was broken off lies.

    Raises:
        InputError: If there is none.
    """
    begun = partial_folder(out)
    if not is_resumable(begun):
        raise InputError(
            f"no run to resume at {str(out)!r}: need one that was broken off after its "
            "first checkpoint"
        )
    return begun


def config_of(init) -> Config:
    """Return the config of the run to start from; the defaults where there is none."""
    if not init:
        return Config()
    return load_config(find_model(init).parent / "config.toml")


def _notes(dataset):
    """Return what a person should know of a data set of theirs, a line each."""
    counts = report(dataset)
    check(counts)
    return warnings(counts)


def _budget(dataset, config, labels_file):
    """Return the data set with the labels of the budget alone, and its config.

    Some of its unlabeled images are held out.
    """
    plain = config.classifier_body == "none"
    dataset = dataset.without(config.left_out)
    if not plain and dataset.num_classes < 2:
        raise InputError(
            f"data set {dataset.name!r} has labels of {dataset.num_classes} classes, "
            "need two or more; for a plain VAE, which needs none, use configs/vae.toml"
        )
    if labels_file:
        draw = read_labels(labels_file, dataset)
        config = config.replace(labels=len(draw[0]))
    else:
        draw = draw_labels(
            dataset.labels, config.labels, dataset.num_classes, config.seed
        )
        if config.labels == "auto":
            config = config.replace(labels=len(draw[0]))
    if plain and len(draw[0]):
        raise InputError(
            f"labels: got {config.labels}, but classifier_body is none, a plain VAE: "
            "ask for 0 labels, or choose another classifier_body"
        )
    if not plain and not len(draw[0]):
        raise InputError(
            f"labels: got 0, need at least one a class: {dataset.num_classes} or more; "
            "for a plain VAE use configs/vae.toml"
        )
    dataset = dataset.with_labels(*draw).hold_out(config.held_out, config.seed)
    if plain:
        dataset = dataclasses.replace(dataset, class_names=("any",))
    return dataset, config
