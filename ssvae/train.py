"""The main job: `python -m ssvae.train --labels 100` makes a run folder."""

import dataclasses
import json
import sys
import types
from pathlib import Path

from ssvae import command, record
from ssvae.config import Config
from ssvae.data import draw_labels, open_dataset, read_labels
from ssvae.data.report import check, report, warnings
from ssvae.errors import InputError
from ssvae.learn import learn
from ssvae.runs import default_out, is_resumable, new_run, partial_folder
from ssvae.saving import find_model
from ssvae.toml import load_config, parse


def train(
    config=None,
    out=None,
    *,
    init=None,
    resume=None,
    labels_file=None,
    overwrite=False,
    data_dir="",
    download=False,
    skip_broken=False,
    callbacks=(),
) -> Path:
    """Train a model and write its run folder.

    The test part is read once, after training, and nothing is selected by it.

    Args:
        config: `Config`; that of `init`, or the defaults, where not given.
        out: Path of the run folder to be; a new one under `runs/` where not given.
        init: A run folder, or name of a shipped model, whose weights to start from.
        resume: Path of a run folder whose making was broken off, to go on with, by its
            labels and, where no config is given, its config.
        labels_file: A saved draw of labels to use instead of a new one.
        overwrite: Whether a run folder at `out` may be replaced.
        data_dir: Folder of prepared tensorflow-datasets; empty for its default.
        download: Whether a data set may be downloaded.
        skip_broken: Whether to leave out image files that cannot be read.
        callbacks: Keras callbacks to train with.

    Returns:
        Path of the run folder.

    Raises:
        InputError: If something asked for is not to be had; nothing is written then.
    """
    if resume:
        out, begun = resume, partial_folder(resume)
        if not is_resumable(begun):
            raise InputError(
                f"no run to resume at {str(resume)!r}: need one that was broken off "
                "after its first checkpoint"
            )
        config = config or load_config(begun / "config.toml")
        labels_file = begun / "labels.json"
    config = config or config_of(init)
    dataset = open_dataset(config, data_dir, download, skip_broken, command.say)
    notes = _notes(dataset) if Path(config.dataset).exists() else []
    dataset, config = _budget(dataset, config, labels_file)
    out = Path(out or default_out(config))
    with new_run(out, overwrite, bool(resume)) as folder:
        for note in notes:
            command.say(f"Note: {note}.")
        record.begin(folder, dataset, config)
        learned = learn(dataset, config, folder, init, callbacks)
        metrics = record.measure(learned, dataset)
        record.write(folder, out.name, learned, dataset, metrics)
    return out


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
    if config.left_out:
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


def main():
    """Read the flags, train, and say what came of it."""
    parser = command.Parser(
        prog="python -m ssvae.train",
        usage="%(prog)s [--labels N] [--config FILE.toml] [--out DIR] [...]",
        description="Train a semi-supervised VAE from a few labels and write its run "
        "folder. Settings: the defaults below, or those of --init; then --config; then "
        "flags.",
    )
    parser.add_argument("--config", metavar="FILE.toml", help="settings from a file")
    parser.add_argument(
        "--init",
        metavar="RUN",
        help="start from the weights and settings of a run folder or shipped model",
    )
    parser.add_argument("--out", metavar="DIR", help="run folder to write (runs/...)")
    parser.add_argument(
        "--overwrite", action="store_true", help="replace the run folder at --out"
    )
    parser.add_argument(
        "--labels-file", metavar="FILE.json", help="use the labels of a saved draw"
    )
    parser.add_argument(
        "--data-dir", metavar="DIR", default="", help="folder of the data set"
    )
    parser.add_argument(
        "--download", action="store_true", help="download a data set if need be"
    )
    parser.add_argument(
        "--skip-broken",
        action="store_true",
        help="leave out image files that cannot be read",
    )
    parser.add_argument(
        "--resume",
        metavar="DIR",
        help="go on with a run that was broken off; of the settings only "
        "--learning-rate may change",
    )
    fields = parser.add_argument_group("settings")
    for field in dataclasses.fields(Config):
        meaning = f"{field.metadata['meaning']} ({field.default})"
        fields.add_argument(
            f"--{field.name.replace('_', '-')}", metavar="X", help=meaning
        )
    arguments = vars(parser.parse_args())
    stated = {
        field.name: text
        for field in dataclasses.fields(Config)
        if (text := arguments.pop(field.name)) is not None
    }
    if "labels" in stated and arguments["labels_file"]:
        raise InputError("--labels and --labels-file exclude each other: give one")
    path = arguments.pop("config")
    if arguments["resume"]:
        path = _resumed_config({"config": path, **arguments}, stated)
    config = load_config(path) if path else config_of(arguments["init"])
    config = config.replace(**{name: parse(name, stated[name]) for name in stated})
    _report(train(config, **arguments))


def _resumed_config(arguments, stated):
    """Return the path of the config that a run which was broken off has."""
    given = [n for n in ("config", "out", "init", "labels_file") if arguments[n]]
    # Another learning rate is what helps where the loss was no number any more.
    given += stated.keys() - {"learning_rate"}
    if given:
        flag = given[0].replace("_", "-")
        raise InputError(
            f"--resume goes on as the run was begun: leave out --{flag}; only "
            "--learning-rate may change"
        )
    path = partial_folder(arguments["resume"]) / "config.toml"
    return path if path.exists() else None


def _report(folder):
    """Print what a run came to."""
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    accuracy = metrics["test_accuracy"]
    if accuracy is not None:
        print(f"test accuracy {accuracy:.4f} ({metrics['num_labels']} labels)")
    if metrics["test_elbo"] is None:
        print("no test part, so no accuracy: see --test-fraction")
    else:
        print(f"test ELBO {metrics['test_elbo']:.2f} nats an image")
    print(f"trained in {metrics['train_seconds']:.0f} s")
    print(f"run folder {folder}: look at {folder / 'samples.png'}")


class _CallableModule(types.ModuleType):
    """Lets `ssvae.train(config)` work, though `ssvae.train` is this module too."""

    def __call__(self, *args, **kwargs):
        return train(*args, **kwargs)


sys.modules[__name__].__class__ = _CallableModule

if __name__ == "__main__":
    command.run(main, "ssvae.train")
