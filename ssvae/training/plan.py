"""The plan of a training run, checked before Keras starts."""

import dataclasses
from pathlib import Path

from ssvae.cli import console
from ssvae.config.settings import Config
from ssvae.config.toml import load_config
from ssvae.data import (
    Dataset,
    draw_labels,
    is_named,
    open_dataset,
    with_labels_of,
)
from ssvae.data.content import Content
from ssvae.data.report import check, report, warnings
from ssvae.data.suited import suited_config, unsuited
from ssvae.errors import InputError
from ssvae.runs.folder import (
    CONTENT_FILE,
    default_out,
    is_resumable,
    partial_folder,
)
from ssvae.runs.source import located
from ssvae.saving.find import find_model
from ssvae.types import PathLike


@dataclasses.dataclass(frozen=True)
class Plan:
    """A training run that is complete and checked.

    Attributes:
        config: `Config` with the number of labels resolved.
        dataset: `Dataset` with only the labels of the budget.
        out: Path where the run folder will be.
        init: Run or model whose weights the run starts from; None for new weights.
        begun: Folder of the interrupted run to resume; None for a new run.
        notes: How the data set was read, and what to look into, one line each.
    """

    config: Config
    dataset: Dataset
    out: Path
    init: PathLike | None
    begun: Path | None
    notes: list[str]

    @property
    def explores(self) -> bool:
        """Whether no label is known: nothing is trained, images are only compared."""
        plain = self.config.classifier_body == "none"
        return not plain and self.config.labels == 0


def plan(
    config: Config | None = None,
    out: PathLike | None = None,
    *,
    dataset: Dataset | None = None,
    init: PathLike | None = None,
    labels_file: PathLike | None = None,
    resume: bool = False,
) -> Plan:
    """Return the plan of a run; the arguments are those of `train`.

    Raises:
        InputError: If the run cannot be trained as asked.
    """
    begun = None
    if resume:
        begun = resumable(out or "")
        config = config or load_config(begun / "config.toml")
        labels_file = begun / "labels.json"
        if dataset is None:
            config = located(config, begun)
    given = config or config_of(init)
    if dataset is None:
        dataset = open_dataset(given, say=console.say)
    if not (config or init or is_named(dataset.name)):
        given = suited_config(dataset)
    config = given
    config = config.replace(dataset=dataset.name)
    if dataset.reading:
        config = config.replace(**dataset.reading.settings)
    if begun:
        _check_same(dataset.without(config.left_out), begun, out or "")
    notes = [] if is_named(dataset.name) else _notes(dataset, config)
    dataset, config = _budget(dataset, config, labels_file)
    planned = Plan(
        config, dataset, Path(out or default_out(config)), init, begun, notes
    )
    if planned.explores and init:
        raise InputError(
            "labels: got 0, so nothing is trained that could start from "
            f"{str(init)!r}: need labels, or no --init"
        )
    return planned


def resumable(out: PathLike) -> Path:
    """Return the folder of the interrupted run that was to become `out`.

    Raises:
        InputError: If there is none.
    """
    begun = partial_folder(out)
    if not is_resumable(begun):
        raise InputError(
            f"no run to resume at {str(out)!r}: need one that was interrupted after "
            "its first checkpoint"
        )
    return begun


def config_of(init: PathLike | None) -> Config:
    """Return the config of the run to start from, or the defaults without one."""
    if not init:
        return Config()
    return load_config(find_model(init).parent / "config.toml")


def _notes(dataset, config):
    """Check a data set of the user's own; return how it was read and what is odd."""
    counts = report(dataset)
    check(counts)
    told = counts["files"]["lines"] if counts["files"] else []
    odd = [line for line in (*warnings(counts), unsuited(config, dataset)) if line]
    noted = [f"Note: {line.rstrip('.')}." for line in odd]
    return [*counts["understood"], *told, *noted]


def _check_same(dataset, begun, out):
    """Raise `InputError` if the images are not those that an interrupted run saw.

    Folders of older versions do not tell.
    """
    before = Content.load(begun / CONTENT_FILE)
    if before and (told := before.difference(Content.of(dataset))):
        raise InputError(
            f"--resume: {dataset.name!r} has changed since the run began: {told}; "
            "bring its images back as they were, or begin again: --out "
            f"{str(out)!r} --overwrite"
        )


def _budget(dataset, config, labels_file):
    """Return the data set with only the labels of the budget, and its config.

    Some of its unlabeled images are held out of training.
    """
    plain = config.classifier_body == "none"
    dataset = dataset.without(config.left_out)
    if not plain and config.labels == 0 and not labels_file:
        return dataset.with_labels([], []), config
    if not plain and dataset.num_classes < 2:
        count = "one class" if dataset.num_classes else "no class"
        raise InputError(
            f"data set {dataset.name!r} has labels of {count}, "
            "need two or more: python -m ssvae.data says how it was read; --labels 0 "
            "finds clusters, and what to label first; for a plain VAE use "
            "configs/vae.toml"
        )
    if labels_file:
        dataset = with_labels_of(labels_file, dataset)
        draw = dataset.labeled, dataset.labels[dataset.labeled]
    else:
        draw = draw_labels(
            dataset.labels, config.labels, dataset.num_classes, config.seed
        )
    if labels_file or config.labels == "auto":
        config = config.replace(labels=len(draw[0]))
    if plain and len(draw[0]):
        raise InputError(
            f"labels: got {config.labels}, but classifier_body is none, a plain VAE: "
            "ask for 0 labels, or choose another classifier_body"
        )
    if not plain and not len(draw[0]):
        raise InputError(
            "labels: got 0, need at least one per class: "
            f"{dataset.num_classes} or more; for a plain VAE use configs/vae.toml"
        )
    dataset = dataset.with_labels(*draw).hold_out(config.held_out, config.seed)
    if plain:
        dataset = dataclasses.replace(dataset, class_names=("any",), coarse=None)
    return dataset, config
