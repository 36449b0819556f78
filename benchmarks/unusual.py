"""Which score finds images of another kind: `python benchmarks/unusual.py FOLDER`.

FOLDER holds one folder of class folders per data set. A model of features learns from
ten labels per class of a data set, one of whose classes is left out, with the suggested
settings. The score should then be higher for images of that class, and for images of
the other data sets, than for test images. What is measured already is not measured
again; a run takes minutes.
"""

import argparse
import dataclasses
import statistics
import subprocess
import sys
from pathlib import Path

import numpy as np

from ssvae.benchmark.script import Script

SCRIPT, RUNS = Script(__file__), Path("runs/unusual")
SETS = ("aerial", "rubbish", "signs", "steel")
# Classes that are left out, one after the other, by their place in the alphabet.
LEFT_OUT = (0, 3)
# Images of each other data set.
OTHERS = 150
# The parts of each score, each in standard deviations from usual images.
SCORES = {
    "pixels: deviance": ("deviance",),
    "classifier: energy": ("energy",),
    "features: surprise": ("surprise",),
    "deviance and energy": ("deviance", "energy"),
    "all three": ("deviance", "energy", "surprise"),
    "surprise and energy": ("surprise", "energy"),
}


def main():
    """Measure what is missing, and put the table into the page."""
    from ssvae.data import load_dataset

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="folder of the data sets")
    folder = parser.parse_args().folder
    done = SCRIPT.done("dataset", "recipe")
    for name in SETS:
        classes = sorted(path.name for path in (folder / name).iterdir())
        for left_out in [classes[place] for place in LEFT_OUT]:
            if (name, left_out) in done:
                continue
            others = {
                other: load_dataset(str(folder / other))
                for other in SETS
                if other != name
            }
            count = len(classes) - 1
            SCRIPT.add(measured(folder / name, left_out, count, others))
    SCRIPT.finish(table)


def measured(path, left_out, num_classes, others):
    """Train a run and return the AUROC of each score, a dict.

    Args:
        path: Path of the data set.
        left_out: Class that is left out.
        num_classes: Number of the other classes.
        others: `Dataset` by name, other ones.
    """
    import ssvae
    from ssvae.config.toml import load_config
    from ssvae.data import load_dataset, open_dataset

    run, count = RUNS / f"{path.name}-{left_out}", 10 * num_classes
    if not run.exists():
        command = [sys.executable, "-m", "ssvae.train", "--dataset", str(path)]
        command += ["--test-fraction", "0.25", "--left-out", left_out]
        command += ["--labels", str(count), "--out", str(run)]
        subprocess.run(command, check=True)
    model = ssvae.load_model(run)
    usual, _ = (
        open_dataset(load_config(run / "config.toml")).without(left_out).test_part()
    )
    whole = load_dataset(str(path))
    unlike = whole.images[whole.labels == whole.class_names.index(left_out)]
    parts = parts_of(model, usual)
    rng = np.random.default_rng(0)
    return {
        "dataset": path.name,
        "recipe": left_out,
        "num_labels": count,
        "seed": 0,
        "left_out": aurocs(parts, parts_of(model, unlike)),
        "others": {
            name: aurocs(parts, parts_of(model, some_of(other, rng)))
            for name, other in others.items()
            if other.image_shape[-1] == usual.shape[-1]
        },
    }


def some_of(dataset, rng):
    """Return some images of a data set."""
    return dataset.images[rng.permutation(len(dataset.images))[:OTHERS]]


def parts_of(model, images):
    """Return the parts of all scores by name, float arrays `(n,)`."""
    surprise, energy = model.score_parts(images)
    fitted = model.fitted
    # Without a density the score is that of pixels.
    model.fitted = dataclasses.replace(fitted, density=None)
    deviance, _ = model.score_parts(images)
    model.fitted = fitted
    return {"surprise": surprise, "energy": energy, "deviance": deviance}


def aurocs(usual, unlike):
    """Return the chance that an unusual image has a higher score, by the score."""
    from scipy.special import logsumexp
    from sklearn.metrics import roc_auc_score

    found = {}
    for name, parts in SCORES.items():
        both = [
            logsumexp(
                [(of[p] - usual[p].mean()) / usual[p].std() for p in parts], axis=0
            )
            for of in (usual, unlike)
        ]
        scores = np.concatenate(both)
        found[name] = float(
            roc_auc_score(np.arange(len(scores)) >= len(both[0]), scores)
        )
    return found


def table(results) -> str:
    """Return the mean AUROC as Markdown, one row per score."""
    names = sorted({result["dataset"] for result in results})
    rows = [
        f"| score | {', left out | '.join(names)}, left out | images of other sets |",
        f"|---|{'---:|' * (len(names) + 1)}",
    ]
    for score in SCORES:
        cells = []
        for name in names:
            of = [r["left_out"][score] for r in results if r["dataset"] == name]
            cells.append(f"{statistics.mean(of):.3f}")
        other = [values[score] for r in results for values in r["others"].values()]
        rows.append(f"| {score} | {' | '.join(cells)} | {statistics.mean(other):.3f} |")
    return "\n".join(rows)


if __name__ == "__main__":
    main()
