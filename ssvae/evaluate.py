"""How good a trained model is, in figures: `python -m ssvae.evaluate RUN`."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from ssvae.cli import arguments, console, process, sources
from ssvae.cli.parser import Parser, whole_number
from ssvae.config.toml import load_config
from ssvae.data.images import binarized
from ssvae.errors import InputError, Interrupted
from ssvae.evaluation import model_measures, results, tables
from ssvae.files.atomic import new_file, write_json, write_text
from ssvae.runs.card import model_card
from ssvae.saving.find import find_model
from ssvae.saving.hub import is_on_hub

if TYPE_CHECKING:
    from ssvae.model import SSVAE


def evaluate(
    model: SSVAE,
    images: np.ndarray,
    labels: np.ndarray,
    num_samples: int = 100,
    num_likelihood: int = 1000,
    binarize: bool = False,
    seed: int = 0,
) -> dict[str, Any]:
    """Measure a model on labeled images that it was not trained on.

    Args:
        model: An `SSVAE`.
        images: uint8 `(n, h, w)` or `(n, h, w, c)`.
        labels: True classes, `(n,)`: their numbers or names.
        num_samples: Importance samples per class for the log-likelihoods, 1 or more.
        num_likelihood: Log-likelihoods are measured on this many images, the first.
        binarize: Whether likelihoods are those of black and white pixels instead of
            grey ones. Pixels are drawn once, the grey value as probability of white.
        seed: Seed of the noise.

    Returns:
        A dict of figures for JSON: fractions, and nats per image. The README explains
        each.

    Raises:
        ValueError: If images or labels do not fit the model.
    """
    figures: dict[str, Any] = {"num_images": len(images)}
    if model.num_classes > 1:
        labels = _checked(model, images, labels)
    logits = model.logits(images)
    if model.num_classes > 1:
        figures |= model_measures.classification(model, images, labels, logits)
    known = None
    if model.has_features:
        # Their class is known: the rest is about the smaller images.
        images, known = np.rint(255 * model.as_drawn(images)).astype(np.uint8), logits
    if binarize:
        images = binarized(images, seed)
    figures["binarized"] = binarize
    classes = labels if model.num_classes > 1 else np.zeros(len(images), int)
    return figures | model_measures.density(
        model, images, classes, num_samples, num_likelihood, seed, known
    )


def _checked(model, images, labels):
    """Return the numbers of the classes of images, each of which needs one."""
    from ssvae.vae.arrays import class_numbers

    labels = class_numbers(labels, model.class_names)
    count = np.sum((labels >= 0) & (labels < model.num_classes))
    if labels.shape != (len(images),) or count < len(labels):
        raise ValueError(
            f"labels of shape {labels.shape}, {count} of them classes of the model, "
            f"for {len(images)} images; need the class of every image"
        )
    return labels


def main() -> None:
    """Read the flags, measure the models, put the figures into their run folders."""
    flags = _flags()
    folders = [_folder(run) for run in flags.runs]
    for run, folder in zip(flags.runs, folders, strict=True):
        try:
            figures = _measure(run, flags)
        except KeyboardInterrupt:
            raise Interrupted(f"interrupted; {run} has no new figures") from None
        metrics = _write(folder, figures)
        _print(folder, figures, flags.json)
        if flags.out:
            results.add_result(flags.out, metrics)
    if flags.table or flags.page:
        table = tables.uses_table(results.read_results(flags.out), flags.figures)
        print(table)
        if flags.page:
            tables.update_page(flags.page, flags.out, table)


def _flags() -> argparse.Namespace:
    """Read the flags."""
    parser = Parser(
        command="evaluate",
        description="Measure trained models on the test part of their data set. The "
        "figures go into the run folder: into metrics.json, under evaluation, and into "
        "pictures next to it.",
    )
    parser.add_argument(
        "runs", nargs="*", metavar="RUN", help="run folder, or name of a shipped model"
    )
    arguments.add_dataset(parser)
    parser.add_argument(
        "--samples",
        type=whole_number(1),
        default=100,
        metavar="K",
        help="samples per class with which log-likelihoods are estimated: more make "
        "the estimates closer and slower (100)",
    )
    parser.add_argument(
        "--likelihood-images",
        type=whole_number(1),
        default=1000,
        metavar="N",
        help="number of test images whose log-likelihoods are measured (1000)",
    )
    parser.add_argument(
        "--binarize",
        action="store_true",
        help="measure log-likelihoods of black and white pixels, drawn with the grey "
        "value as probability of white",
    )
    parser.add_argument(
        "--unusual",
        metavar="DATASET",
        help="also measure how well the score of unusual images separates the test "
        "images of DATASET from those of the model's data set",
    )
    parser.add_argument(
        "--all-labels",
        action="store_true",
        help="also measure what needs all labels, in about ten minutes: a classifier "
        "trained on all labels judges generated images, another is trained on "
        "generated images alone, and nearest neighbors are looked up",
    )
    arguments.add_seed(parser, "all random numbers")
    arguments.add_json(parser, "print all figures as JSON, one line per run")
    arguments.add_out(
        parser, "FILE.json", "also collect the metrics.json of all runs in this file"
    )
    parser.add_argument(
        "--table",
        action="store_true",
        help="print a table of all runs in the file of --out",
    )
    parser.add_argument(
        "--page", metavar="FILE.md", help="also write the table into this page"
    )
    parser.add_argument(
        "--figures",
        nargs="+",
        default=(),
        metavar="NAME",
        help="figures to show in the table (all)",
    )
    flags = parser.parse_args()
    if (flags.table or flags.page) and not flags.out:
        raise InputError(
            "--table and --page show collected runs: name their file with --out"
        )
    if not (flags.runs or flags.table or flags.page):
        raise InputError("no RUN given: need run folders, or names of shipped models")
    return flags


def _folder(run):
    """Return the run folder that the figures go into."""
    if not is_on_hub(run):
        folder = find_model(run).parent
        if all((folder / name).exists() for name in ("config.toml", "metrics.json")):
            return folder
    raise InputError(
        f"{run!r} is in no run folder, into which its figures could go: need a run "
        "folder, or the name of a shipped model"
    )


def _measure(run, flags):
    """Return the figures of one run."""
    model = sources.open_model(run)
    full = sources.open_dataset_of(flags, model, run)
    if flags.dataset and flags.dataset != model.config.dataset:
        full = full.all_as_test(console.say)
    left_out = model.config.left_out
    dataset = full.without(left_out if left_out in full.class_names else "")
    if model.num_classes > 1:
        unknown = set(dataset.class_names) - set(model.class_names)
        if unknown:
            raise InputError(
                f"{run!r} knows the classes {', '.join(model.class_names)}, but "
                f"{dataset.name} has {', '.join(dataset.class_names)}: name the data "
                "set that it was trained on, or one with its classes, with --dataset"
            )
        dataset = dataset.with_class_names(model.class_names)
    unusual = None
    if flags.unusual:
        unusual = sources.open_other(flags.unusual, model).all_as_test(console.say)
    part = dataset.labeled_test_part if model.num_classes > 1 else dataset.test_part
    images, labels = part()
    console.say(f"{run}: measuring on {len(images):,} test images of {dataset.name}")
    figures = evaluate(
        model,
        images,
        labels,
        flags.samples,
        flags.likelihood_images,
        flags.binarize or model.config.pixels == "binary",
        flags.seed,
    )
    if left_out in full.class_names:
        others, classes = full.test_part()
        others = others[classes == full.class_names.index(left_out)]
        figures["left_out"] = left_out
        figures["left_out_auroc"] = model_measures.anomaly_auroc(model, images, others)
    if unusual:
        others, _ = unusual.test_part()
        figures["unusual"] = flags.unusual
        figures["unusual_auroc"] = model_measures.anomaly_auroc(model, images, others)
    if flags.all_labels:
        figures |= _by_all_labels(model, dataset, images, labels, flags.seed)
    return figures


def _by_all_labels(model, dataset, images, labels, seed):
    """Return the figures that need every label of the training part."""
    from ssvae.evaluation import judge

    known = dataset.images, dataset.labels
    # What the judge sees is as large as what the model draws.
    drawn, test = model.as_drawn(dataset.images), model.as_drawn(images)
    console.say("training the judge, a classifier, on all labels")
    teacher = judge.train_judge(
        drawn, dataset.labels, dataset.num_classes, seed=seed, say=console.say
    )
    right = judge.judged(teacher, test) == labels
    figures = {"judge_accuracy": float(right.mean())}
    if model.num_classes > 1:
        figures |= judge.judge_samples(model, teacher, seed=seed)
        console.say("training a classifier on generated images alone")
        figures["classification_accuracy_score"] = judge.classification_accuracy_score(
            model, test, labels, len(dataset.images), seed, say=console.say
        )
    console.say("looking up nearest neighbors")
    return figures | model_measures.neighbor_accuracy(model, *known, images, labels)


def _write(folder, figures):
    """Write figures and pictures of them into the run folder; return its metrics."""
    from ssvae.evaluation import plots

    path = folder / "metrics.json"
    metrics = json.loads(path.read_text(encoding="utf-8"))
    metrics["evaluation"] = figures
    write_json(path, metrics, indent=2)
    card = model_card(load_config(folder / "config.toml"), metrics, folder.name)
    write_text(folder / "README.md", card)
    if "confusion" not in figures:
        return metrics
    pictures = {
        "confusion.png": plots.confusion(figures["confusion"], list(figures["recall"])),
        "reliability.png": plots.reliability(
            figures["calibration_bins"], figures["calibration_bins_uncalibrated"]
        ),
        "coverage.png": plots.coverage(
            figures["coverage"], figures["accuracy_at_coverage"]
        ),
    }
    for name, picture in pictures.items():
        with new_file(folder / name, (".png",), overwrite=True) as partial:
            picture.savefig(partial)
    return metrics


def _print(folder, figures, as_json):
    """Print the figures of one run."""
    if as_json:
        print(json.dumps({"run": str(folder), **figures}))
        return
    for name, value in figures.items():
        if isinstance(value, int | float) and not isinstance(value, bool):
            print(f"{name.replace('_', ' ')}: {value:.5g}")
    print(f"all figures: {folder / 'metrics.json'}")


if __name__ == "__main__":
    process.run(main, "ssvae.evaluate")
