"""What a trained model is worth, in figures: `python -m ssvae.evaluate RUN`."""

import json

import numpy as np

from ssvae.cli import arguments, console, process, sources
from ssvae.cli.parser import Parser, whole_number
from ssvae.config.toml import load_config
from ssvae.data.images import binarized
from ssvae.errors import InputError, Interrupted
from ssvae.evaluation import quality, results, tables
from ssvae.files.atomic import new_file, write_json, write_text
from ssvae.runs.card import model_card
from ssvae.saving.find import find_model


def evaluate(
    model, images, labels, num_samples=100, num_likelihood=1000, binarize=False, seed=0
) -> dict:
    """Measure a model on labeled images that it was not trained on.

    Args:
        model: An `SSVAE`.
        images: uint8 `(n, h, w)` or `(n, h, w, c)`.
        labels: int array `(n,)`, true classes.
        num_samples: Importance samples a class for the log-likelihoods, 1 or more.
        num_likelihood: Images that the log-likelihoods are measured on, the first.
        binarize: Whether likelihoods are of black and white pixels, drawn once with
            the grey values as chances of white, instead of the grey ones.
        seed: Seed of the noise.

    Returns:
        A dict of figures for JSON: fractions, and nats an image; the README says what
        each is.
    """
    figures = {"num_images": len(images)}
    if model.num_classes > 1:
        figures |= quality.classification(model, images, labels)
    if binarize:
        images = binarized(images, seed)
    figures["binarized"] = binarize
    classes = labels if model.num_classes > 1 else np.zeros(len(images), int)
    return figures | quality.density(
        model, images, classes, num_samples, num_likelihood, seed
    )


def main():
    """Read the flags, measure, put the figures into the run folders."""
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


def _flags():
    """Read the flags."""
    parser = Parser(
        prog="python -m ssvae.evaluate",
        description="Measure trained models on the test part of their data set. The "
        "figures go into metrics.json of the run folder, under evaluation, and "
        "pictures of them beside it.",
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
        help="importance samples a class for log-likelihoods (100)",
    )
    parser.add_argument(
        "--likelihood-images",
        type=whole_number(1),
        default=1000,
        metavar="N",
        help="images that they are measured on (1000)",
    )
    parser.add_argument(
        "--binarize",
        action="store_true",
        help="measure them on pixels drawn black or white",
    )
    parser.add_argument(
        "--unusual",
        metavar="DATASET",
        help="also measure how well the score tells this data set's test images",
    )
    parser.add_argument(
        "--all-labels",
        action="store_true",
        help="also what takes every label and some ten minutes: have generated images "
        "judged, teach a classifier by them alone, look up nearest neighbors",
    )
    arguments.add_seed(parser, "all random numbers")
    arguments.add_json(parser, "print all figures as JSON, one line per run")
    arguments.add_out(
        parser, "FILE.json", "also collect the metrics.json of all runs in this file"
    )
    parser.add_argument(
        "--table", action="store_true", help="print the table of --out, at the end"
    )
    parser.add_argument(
        "--page", metavar="FILE.md", help="also put the table into this page"
    )
    parser.add_argument(
        "--figures",
        nargs="+",
        default=(),
        metavar="NAME",
        help="figures in the table (all)",
    )
    flags = parser.parse_args()
    if (flags.table or flags.page) and not flags.out:
        raise InputError(
            "--table and --page are of collected runs: name them with --out"
        )
    if not (flags.runs or flags.table or flags.page):
        raise InputError("no RUN given: need run folders, or names of shipped models")
    return flags


def _folder(run):
    """Return the run folder, which takes the figures."""
    folder = find_model(run).parent
    if not (folder / "config.toml").exists():
        raise InputError(
            f"{run!r} lies in no run folder, where its figures could go: need a run "
            "folder, or the name of a shipped model"
        )
    return folder


def _measure(run, flags):
    """Return the figures of one run."""
    model = sources.open_model(run)
    full = sources.open_dataset_of(flags, model)
    left_out = model.config.left_out
    dataset = full.without(left_out)
    if model.num_classes > 1 and dataset.class_names != model.class_names:
        raise InputError(
            f"{run!r} knows the classes {', '.join(model.class_names)}, but "
            f"{dataset.name} has {', '.join(dataset.class_names)}: name the data set "
            "it was trained on with --dataset"
        )
    unusual = flags.unusual and sources.open_other(flags.unusual, model)
    images, labels = dataset.test_part()
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
    if left_out:
        others, classes = full.test_part()
        others = others[classes == full.class_names.index(left_out)]
        figures["left_out"] = left_out
        figures["left_out_auroc"] = quality.anomaly_auroc(model, images, others)
    if unusual:
        others, _ = unusual.test_part()
        figures["unusual"] = flags.unusual
        figures["unusual_auroc"] = quality.anomaly_auroc(model, images, others)
    if flags.all_labels:
        figures |= _by_all_labels(model, dataset, images, labels, flags.seed)
    return figures


def _by_all_labels(model, dataset, images, labels, seed):
    """Return the figures that take every label of the training part."""
    from ssvae.evaluation import judge

    known = dataset.images, dataset.labels
    console.say("teaching the judge by all labels")
    teacher = judge.train_judge(*known, dataset.num_classes, seed=seed, say=console.say)
    right = judge.judged(teacher, images) == labels
    figures = {"judge_accuracy": float(right.mean())}
    if model.num_classes > 1:
        figures |= judge.judge_samples(model, teacher, seed=seed)
        console.say("teaching a classifier by generated images alone")
        figures["classification_accuracy_score"] = judge.classification_accuracy_score(
            model, images, labels, len(dataset.images), seed, say=console.say
        )
    console.say("looking up nearest neighbors")
    return figures | quality.neighbor_accuracy(model, *known, images, labels)


def _write(folder, figures):
    """Put figures and pictures of them into the run folder; return its metrics."""
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
    print(f"all of it: {folder / 'metrics.json'}")


if __name__ == "__main__":
    process.run(main, "ssvae.evaluate")
