"""The main job: `python -m ssvae.train --labels 100` makes a run folder."""

import dataclasses
import json
import sys
import types
from pathlib import Path

from ssvae import command, record
from ssvae.config import Config
from ssvae.data import draw_labels, is_named, open_dataset, read_labels
from ssvae.data.report import check, report, warnings
from ssvae.errors import InputError
from ssvae.learn import learn
from ssvae.runs import default_out, is_resumable, new_run, partial_folder
from ssvae.saving import find_model
from ssvae.suggest import RECIPE, as_lines, suggest
from ssvae.toml import add_settings, load_config, stated_settings
from ssvae.workers import WAYS, Workers, own_folder, start


def train(
    config=None,
    out=None,
    *,
    dataset=None,
    init=None,
    labels_file=None,
    overwrite=False,
    resume=False,
    callbacks=(),
    workers=None,
) -> Path:
    """Train a model and write its run folder.

    The test part is measured on once, after training, and nothing is selected by it.

    Args:
        config: `Config`; that of the run to go on with, that of `init`, or the
            defaults, where not given.
        out: Path of the run folder to be; a new one under `runs/` where not given.
        dataset: `Dataset` to learn from; the one that the config names where not given.
        init: A run folder, or name of a shipped model, whose weights to start from.
        labels_file: A saved draw of labels to use instead of a new one.
        overwrite: Whether a run at `out` is replaced.
        resume: Whether to go on with a run into `out` that was broken off, by its
            labels.
        callbacks: Keras callbacks to train with.
        workers: `Workers` that train together, from `workers.start`; this process
            alone where not given.

    Returns:
        Path of the run folder, which the chief of the workers writes.

    Raises:
        InputError: If something asked for is not to be had; nothing is written then.
    """
    if resume:
        begun = resumable(out)
        config = config or load_config(begun / "config.toml")
        labels_file = begun / "labels.json"
    config = config or config_of(init)
    if dataset is None:
        dataset = open_dataset(config, say=command.say)
    config = config.replace(dataset=dataset.name)
    notes = [] if is_named(dataset.name) else _notes(dataset)
    dataset, config = _budget(dataset, config, labels_file)
    workers = workers or Workers()
    workers.check(config)
    out = Path(out or default_out(config))
    if workers.is_chief:
        with new_run(out, overwrite, resume) as folder, workers.together():
            if config.recipe == RECIPE:
                command.say("Settings for this data, as for a file for --config:")
                command.say("\n".join(f"    {line}" for line in as_lines(config)))
            for note in notes:
                command.say(f"Note: {note}.")
            record.begin(folder, dataset, config)
            learned = learn(dataset, config, folder, init, callbacks, workers)
            metrics = record.measure(learned, dataset)
            record.write(folder, out.name, learned, dataset, metrics)
    else:
        with own_folder(begun if resume else None) as folder, workers.together():
            learn(dataset, config, folder, init, callbacks, workers)
    with workers.together():
        workers.wait()
    return out


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
        "--download", action="store_true", help="download a data set if need be"
    )
    parser.add_argument(
        "--resume",
        metavar="DIR",
        help="go on with a run that was broken off; of the settings only "
        "--learning-rate may change",
    )
    parser.add_argument(
        "--distribute",
        choices=WAYS,
        help="train on every device of this machine, mirrored, or together with the "
        "other processes that TF_CONFIG names, multiworker",
    )
    add_settings(parser.add_argument_group("settings"))
    flags = parser.parse_args()
    stated = stated_settings(flags)
    config = _config(flags, stated)
    workers = start(flags.distribute)
    dataset = open_dataset(config, flags.download, command.say)
    if not (flags.config or flags.init or flags.resume or is_named(dataset.name)):
        config = config.replace(**suggest(dataset, config) | stated)
    out = train(
        config,
        flags.resume or flags.out,
        dataset=dataset,
        init=flags.init,
        labels_file=flags.labels_file,
        overwrite=flags.overwrite,
        resume=bool(flags.resume),
        workers=workers,
    )
    if workers.is_chief:
        _report(out)


def _config(flags, stated):
    """Return the config that the flags ask for: files first, then what is stated."""
    if "labels" in stated and flags.labels_file:
        raise InputError("--labels and --labels-file exclude each other: give one")
    if not flags.resume:
        config = load_config(flags.config) if flags.config else config_of(flags.init)
        return config.replace(**stated)
    given = [n for n in ("config", "out", "init", "labels_file") if getattr(flags, n)]
    # Another learning rate is what helps where the loss was no number any more.
    given += stated.keys() - {"learning_rate"}
    if given:
        flag = given[0].replace("_", "-")
        raise InputError(
            f"--resume goes on as the run was begun: leave out --{flag}; only "
            "--learning-rate may change"
        )
    return load_config(resumable(flags.resume) / "config.toml").replace(**stated)


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
