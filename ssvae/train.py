"""The main job: `python -m ssvae.train --labels 100` makes a run folder."""

import csv
import dataclasses
import importlib.metadata
import json
import platform
import sys
import time
import types
from pathlib import Path

import numpy as np

from ssvae import command
from ssvae.card import model_card
from ssvae.config import Config, load_config, parse
from ssvae.data import Batches, draw_labels, load_dataset, read_labels, save_labels
from ssvae.errors import InputError
from ssvae.pictures import sample_grid
from ssvae.runs import MODEL_FILE, default_out, new_run, save_model


def train(
    config=None,
    out=None,
    *,
    labels_file=None,
    overwrite=False,
    data_dir="",
    download=False,
    callbacks=(),
) -> Path:
    """Train a model and write its run folder.

    The test part is read once, after training, and nothing is selected by it.

    Args:
        config: `Config`; the defaults where not given.
        out: Path of the run folder to be; a new one under `runs/` where not given.
        labels_file: A saved draw of labels to use instead of a new one.
        overwrite: Whether a run folder at `out` may be replaced.
        data_dir: Folder of prepared tensorflow-datasets; empty for its default.
        download: Whether a data set may be downloaded.
        callbacks: Keras callbacks to train with.

    Returns:
        Path of the run folder.

    Raises:
        InputError: If something asked for is not to be had; nothing is written then.
    """
    config = config or Config()
    dataset = load_dataset(config.dataset, data_dir, download)
    dataset, config = _budget(dataset, config, labels_file)
    out = Path(out or default_out(config))
    with new_run(out, overwrite) as folder:
        model, history, speed = _fit(dataset, config, callbacks)
        metrics = _measure(model, dataset) | speed
        _write(folder, out.name, model, dataset, history, metrics)
    return out


def _budget(dataset, config, labels_file):
    """Return the data set with the labels of the budget alone, and its config.

    Some of its unlabeled images are held out.
    """
    plain = config.classifier_body == "none"
    if config.left_out:
        dataset = dataset.without(config.left_out)
    if labels_file:
        draw = read_labels(labels_file, dataset)
        config = config.replace(labels=len(draw[0]))
    else:
        draw = draw_labels(
            dataset.labels, config.labels, dataset.num_classes, config.seed
        )
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


def _fit(dataset, config, callbacks):
    """Train; return the model to keep, a dict an epoch, and the speed."""
    command.start_keras()
    with command.interrupts_held_back():
        from ssvae import fitted
        from ssvae.average import averaged
        from ssvae.backends import device_name
        from ssvae.model import SSVAE
        from ssvae.progress import TrainingProgress

    progress = TrainingProgress()
    progress.say(_summary(dataset, config, device_name()))
    began = time.perf_counter()
    model = SSVAE(dataset.image_shape, dataset.class_names, config)
    if model.m1 is not None:
        _fit_m1(model.m1, dataset, config.m1(), progress.say)
    batches = _batches(dataset, config, progress.say)
    _run(model, batches, progress, callbacks)
    model = averaged(model)
    fitted.fit(model, dataset, batches.pseudo_labels)
    seconds = time.perf_counter() - began
    images = config.epochs * batches.steps_per_epoch * batches.images_per_step
    speed = {"train_seconds": seconds, "images_per_second": images / seconds}
    return model, progress.history, speed


def _fit_m1(m1, dataset, config, say):
    """Train a plain VAE and give `m1` its weights."""
    from ssvae.average import averaged
    from ssvae.model import SSVAE
    from ssvae.progress import TrainingProgress

    say("First M1, the plain VAE whose latents take the images' place.")
    plain = SSVAE(dataset.image_shape, ("any",), config)
    _run(plain, _batches(dataset.with_labels([], []), config, say), TrainingProgress())
    m1.set_weights(averaged(plain).get_weights())


def _run(model, batches, progress, callbacks=()):
    """Compile the model and fit it to the batches."""
    from ssvae.backends import as_input

    model.compile(batches.steps_per_epoch)
    try:
        model.fit(
            as_input(batches),
            epochs=model.config.epochs,
            steps_per_epoch=batches.steps_per_epoch,
            shuffle=False,
            verbose=0,
            callbacks=[progress, *callbacks],
        )
    finally:
        progress.stop()


def _batches(dataset, config, say):
    """Return the batches, with pseudo-labels if so configured."""
    pseudo_labels = None
    if config.propagation != "none" and _num_unlabeled(dataset, config):
        from ssvae.propagate import propagate_labels

        say("Spreading the labels over the graph of similar images.")
        pseudo_labels = propagate_labels(dataset, config)
    batches = Batches(
        dataset,
        config.labeled_batch_size,
        config.unlabeled_batch_size,
        config.seed,
        pseudo_labels,
    )
    say(f"{config.epochs} epochs of {batches.steps_per_epoch} steps.")
    return batches


def _num_unlabeled(dataset, config) -> int:
    """Return how many unlabeled images training looks at."""
    return len(dataset.unlabeled) if config.unlabeled_batch_size else 0


def _summary(dataset, config, device):
    """Say what is trained on what."""
    height, width, channels = dataset.image_shape
    return (
        f"Training recipe {config.recipe} with seed {config.seed} on {device}.\n"
        f"Data: {dataset.name}, {len(dataset.images):,} images of "
        f"{height}x{width}x{channels}: {len(dataset.labeled):,} labeled in "
        f"{dataset.num_classes} classes, {_num_unlabeled(dataset, config):,} unlabeled."
    )


def _measure(model, dataset):
    """Read the test part and return what `metrics.json` holds."""
    import keras

    from ssvae.backends import device_name

    images, labels = dataset.read_test()
    accuracy = None
    if dataset.num_classes > 1:
        predicted = model.predict_proba(images).argmax(-1)
        accuracy = float(np.mean(predicted == labels))
    backend = keras.backend.backend()
    packages = ("ssvae", "keras", backend, "numpy")
    versions = {name: importlib.metadata.version(name) for name in packages}
    return {
        "test_accuracy": accuracy,
        "test_error": None if accuracy is None else 1 - accuracy,
        "test_elbo": float(model.elbo(images).mean()),
        "num_labels": len(dataset.labeled),
        "num_unlabeled": _num_unlabeled(dataset, model.config),
        "num_held_out": len(dataset.held_out),
        "seed": model.config.seed,
        "dataset": dataset.name,
        "recipe": model.config.recipe,
        "keras_backend": backend,
        "device": device_name(),
        "versions": {"python": platform.python_version(), **versions},
    }


def _write(folder, name, model, dataset, history, metrics):
    """Write every file of the run folder."""
    config = model.config
    (folder / "config.toml").write_text(config.to_toml(), encoding="utf-8")
    save_labels(folder / "labels.json", dataset)
    with open(folder / "history.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, history[0])
        writer.writeheader()
        writer.writerows(history)
    text = json.dumps(metrics, indent=2) + "\n"
    (folder / "metrics.json").write_text(text, encoding="utf-8")
    save_model(model, folder / MODEL_FILE)
    sample_grid(model).save(folder / "samples.png")
    card = model_card(config, metrics, name)
    (folder / "README.md").write_text(card, encoding="utf-8")


def main():
    """Read the flags, train, and say what came of it."""
    parser = command.Parser(
        prog="python -m ssvae.train",
        usage="%(prog)s [--labels N] [--config FILE.toml] [--out DIR] [...]",
        description="Train a semi-supervised VAE from a few labels and write its run "
        "folder. Settings: the defaults below, then --config, then flags.",
    )
    parser.add_argument("--config", metavar="FILE.toml", help="settings from a file")
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
    config = load_config(path) if path else Config()
    config = config.replace(**{name: parse(name, stated[name]) for name in stated})
    _report(train(config, **arguments))


def _report(folder):
    """Print what a run came to."""
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    accuracy = metrics["test_accuracy"]
    if accuracy is not None:
        print(f"test accuracy {accuracy:.4f} ({metrics['num_labels']} labels)")
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
