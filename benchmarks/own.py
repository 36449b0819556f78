"""Data sets other than MNIST: `python benchmarks/own.py`.

One is scikit-learn's digits, 8 by 8, with 50 labels and a third of the images as test
part. The other is colored digits on photographs, 32 by 32, with 200 labels, trained
with several likelihoods and bodies and without unlabeled images. The settings are those
suggested for such data, except for those that a recipe's name states.
"""

import itertools
import math
import statistics
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
RESULTS = "benchmarks/own.json"
BUILD, RUNS = Path("build"), Path("runs/benchmark")
DRAWS = 3
TRAINING, TEST = 10_000, 2_000
SMALL, COLORED = "build/digits.npz", "build/colored.npz"
# Values of a colored image.
VALUES = 32 * 32 * 3
LABELS = {SMALL: 50, COLORED: 200}
WRITING = {"augment": "digits", "features": "pixels"}
SUPERVISED = {"unlabeled_batch_size": 0, "propagation": "none"}
# Settings that each recipe states, by data set.
RECIPES = {
    SMALL: {"suggested": {}, "supervised": SUPERVISED},
    COLORED: {
        "suggested": WRITING,
        "suggested, gaussian": {**WRITING, "likelihood": "gaussian"},
        "suggested, mlp": {**WRITING, "vae_body": "mlp"},
        "suggested, gaussian, mlp": {
            **WRITING,
            "likelihood": "gaussian",
            "vae_body": "mlp",
        },
        "supervised": {**WRITING, **SUPERVISED},
    },
}


def main():
    """Write the data, train what is missing, and put the table into the page."""
    from ssvae.benchmark.recipes import benchmark
    from ssvae.evaluation.tables import update_page

    BUILD.mkdir(exist_ok=True)
    for path, write in ((SMALL, write_small), (COLORED, write_colored)):
        if not Path(path).exists():
            write(path)
    results = benchmark(configs(), RESULTS, RUNS)
    print(table(results))
    update_page(HERE / "README.md", RESULTS, table(results))


def write_small(path):
    """Write scikit-learn's digits, whose 17 grey levels become bytes."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    images = np.rint(digits.images * (255 / 16)).astype(np.uint8)
    np.savez(path, x=images, y=digits.target)


def write_colored(path):
    """Write the digits in color."""
    sys.path.insert(0, str(HERE.parent / "tests"))
    from colored import colored_digits

    data = colored_digits(TRAINING, TEST)
    images, labels = data.read_test()
    np.savez(
        path, x_train=data.images, y_train=data.labels, x_test=images, y_test=labels
    )


def configs() -> list:
    """Return the config of every run, draw by draw."""
    from ssvae.config.settings import Config
    from ssvae.config.suggest import suggest
    from ssvae.data import load_dataset

    made = []
    for seed, path in itertools.product(range(DRAWS), RECIPES):
        dataset = load_dataset(path)
        stated = {"dataset": path, "labels": LABELS[path], "seed": seed}
        if path == SMALL:
            stated["test_fraction"] = 1 / 3
            dataset = dataset.split_test(1 / 3, seed)
        for recipe, changes in RECIPES[path].items():
            config = Config(**stated, **changes)
            shape = dataset.image_shape
            suited = suggest(len(dataset.images), shape, stated | changes)
            chosen = {**suited, "recipe": recipe}
            made.append(config.replace(**chosen | changes))
    return made


def table(results) -> str:
    """Return the runs as Markdown, one row per data set and recipe."""
    rows = [
        "| data | recipe | labels | draws | test error | bits per value | time |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for path, recipes in RECIPES.items():
        for recipe in recipes:
            runs = [r for r in results if (r["dataset"], r["recipe"]) == (path, recipe)]
            if not runs:
                continue
            bits = [bits_of(run) for run in runs]
            seconds = statistics.mean(run["train_seconds"] for run in runs)
            rows.append(
                f"| {Path(path).stem} | {recipe} | {LABELS[path]} | {len(runs)} | "
                f"{spread([100 * run['test_error'] for run in runs])} % | "
                f"{'-' if None in bits else spread(bits)} | {seconds:.0f} s |"
            )
    return "\n".join(rows)


def bits_of(run):
    """Return the mean upper bound of -log2 p per byte of the test images.

    A Gaussian's density is taken as constant between two values of a byte. None for a
    Bernoulli likelihood: it is not that of bytes, but of binary images with the grey
    image as their mean.
    """
    likelihood = run["settings"]["likelihood"]
    if likelihood == "bernoulli":
        return None
    bits = -run["test_elbo"] / VALUES / math.log(2)
    return bits + math.log2(255) * (likelihood == "gaussian")


def spread(values) -> str:
    """Return the mean of some values and their standard deviation."""
    deviation = f" ± {statistics.stdev(values):.2f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.2f}{deviation}"


if __name__ == "__main__":
    main()
