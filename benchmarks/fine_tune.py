"""Backbones that go on learning, on people's own images: `benchmarks/fine_tune.py`.

    KERAS_BACKEND=jax python benchmarks/fine_tune.py --field FOLDER --out FILE.json

It is meant for a GPU: each draw lets a backbone learn four times for hundreds of steps.
For each data set below the folder and each draw of ten labels per class it writes the
test errors with the backbone frozen, after its last layers have learned, and after all
have, and whether labels that tuning did not see speak for it. It needs Keras, JAX,
PyTorch or TensorFlow, SciPy, scikit-learn and Pillow. A draw in the file is not
repeated. `--also NAME=VALUE` tries other constants of `training.tuned_features` and
`vae.fine_tuner`, on hidden labels only, so that none is chosen by test images.
"""

import argparse
import contextlib
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
LABELS_PER_CLASS = 10
USUAL = ""


def main():
    """Measure what is missing, and print a table."""
    flags = _flags()
    os.environ.setdefault("SSVAE_CACHE", "")
    from ssvae.cli import process
    from ssvae.evaluation.results import read_results

    process.start_keras()
    from ssvae.benchmark.field_sets import find_sets

    began = time.perf_counter()
    for path in find_sets(flags.field, flags.sets):
        bench = Bench(path, flags.quick)
        for seed in range(flags.first, flags.first + flags.draws):
            for variant in (USUAL, *flags.also):
                if time.perf_counter() - began > 60 * flags.minutes:
                    print("The time is over: the same command goes on.", flush=True)
                    return
                bench.measure(seed, variant, flags.out)
    print(table(read_results(flags.out)))


def _flags():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--field", required=True, metavar="FOLDER")
    parser.add_argument("--out", required=True, metavar="FILE.json")
    parser.add_argument("--sets", nargs="*", default=[], metavar="NAME")
    parser.add_argument("--draws", type=int, default=3, help="seeds of splits")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--also", nargs="*", default=[], metavar="NAME=VALUE[,...]")
    parser.add_argument(
        "--minutes", type=float, default=1e9, help="no draw begins after these"
    )
    parser.add_argument(
        "--quick", action="store_true", help="a few steps with images of 32 pixels"
    )
    return parser.parse_args()


class Bench:
    """One data set, its frozen features, and the weights of the frozen backbone.

    Args:
        path: Path of its folder.
        quick: Whether to take a few steps with small images.
    """

    def __init__(self, path, quick):
        from ssvae.benchmark.field_sets import open_set
        from ssvae.features.extractor import extract
        from ssvae.vae.feature_classifier import EXTRACTOR, build_feature_classifier

        self.field_set = field_set = open_set(path)
        self.changed = "STEPS=4,EPOCHS=2,NUM_LABELED=4,NUM_UNLABELED=4" if quick else ""
        side = 32 if quick else 0
        self.config = field_set.config.replace(fine_tune="all", backbone_size=side)
        channels, count = field_set.images.shape[-1], len(field_set.class_names)
        made = build_feature_classifier(channels, count, self.config, True)
        self.extractor = made.get_layer(EXTRACTOR)
        self.weights = self.extractor.get_weights()
        began = time.perf_counter()
        self.features = extract(self.extractor, field_set.images)
        self.features_seconds = time.perf_counter() - began
        say(f"{path.name}: features took {self.features_seconds:.0f} s")

    def measure(self, seed, variant, out):
        """Measure one draw with some constants changed, unless the file has it."""
        from ssvae.backends.current import device_name
        from ssvae.evaluation.results import add_result, read_results
        from ssvae.hardware import machine

        name = self.field_set.path.name
        recipe = f"{LABELS_PER_CLASS} labels per class" + (variant and f", {variant}")
        asked = name, recipe, seed
        if any(
            (each["dataset"], each["recipe"], each["seed"]) == asked
            for each in read_results(out)
        ):
            return
        say(f"{name}, {recipe}, seed {seed}")
        with constants(self.changed), constants(variant):
            result = self._measured(seed, whole=variant == USUAL)
            result["settings"] = settings()
        about = {"dataset": name, "recipe": recipe, "seed": seed}
        where = {"device": device_name(), "machine": machine()}
        # The features of all images, made once.
        where["features_seconds"] = self.features_seconds
        add_result(out, {**about, **result, **where})
        say(f"{name}, {recipe}, seed {seed}: {result}")

    def _measured(self, seed, whole):
        """Return what hidden labels say, and the test errors of the `whole`."""
        from ssvae.training import fine_tuning
        from ssvae.training.left_out import believe

        train, test, dataset, shares = self._draw(seed)
        before, name = told(self.features[train], dataset, shares, believe, seed)
        hidden = fine_tuning.hidden_labels(dataset.labels, seed)
        known = fine_tuning.without_labels(dataset, hidden)
        frozen, hidden_name = told(
            self.features[train], known, shares, believe, seed, before.directions
        )
        classes = self.field_set.labels
        result = {"num_labels": len(dataset.labeled), "num_train": len(train)}
        result |= {"num_test": len(test), "believed": name, "hidden": {}, "seconds": {}}
        for stage, after, seconds in self._stages(known, shares, frozen, hidden_name):
            check = fine_tuning.compared(classes[train][hidden], hidden, frozen, after)
            result["hidden"][stage] = described(check)
            result["seconds"][stage] = seconds
        if whole:
            logits = before.linear(before.directions.project(self.features[test]))
            errors = {"frozen": error(logits, classes[test])}
            for stage, after, _ in self._stages(dataset, shares, before, name):
                logits = after.linear(after.directions.project(self._of(test)))
                errors[stage] = error(logits, classes[test])
            result["errors"] = errors
            # What a run with `fine_tune` ends with.
            result["errors_believed"] = {
                stage: errors[stage if found["believed"] == "tuned" else "frozen"]
                for stage, found in result["hidden"].items()
            }
        return result

    def _draw(self, seed):
        """Return the rows of both parts, the training part, and expected shares."""
        import numpy as np

        from ssvae.benchmark.field_sets import labels_per_class
        from ssvae.data import UNLABELED, Dataset
        from ssvae.data.balance import class_shares

        field_set = self.field_set
        train, test = field_set.parts(seed)
        names, labels = field_set.class_names, field_set.labels[train]
        draw = labels_per_class(labels, LABELS_PER_CLASS, len(names), seed)
        nothing = np.full(len(train), UNLABELED)
        images = field_set.images[train]
        dataset = Dataset(field_set.path.name, images, nothing, names, None)
        dataset = dataset.with_labels(*draw)
        return train, test, dataset, class_shares(dataset, self.config.class_prior)

    def _stages(self, dataset, shares, before, name):
        """Yield each stage of tuning from the start: its name, result and seconds."""
        from ssvae.training.tuned_features import stages, told_again

        self.extractor.set_weights(self.weights)
        began = time.perf_counter()
        arguments = self.extractor, dataset, shares
        for stage in stages(*arguments, before, self.config, say):
            after = told_again(*arguments, name, self.config, quiet)
            yield stage, after, time.perf_counter() - began

    def _of(self, rows):
        """Return the features of images, by the extractor as it is now."""
        from ssvae.features.extractor import extract

        return extract(self.extractor, self.field_set.images[rows])


def told(features, dataset, shares, believe, seed, directions=None):
    """Return what is believed with the frozen backbone, and the learner's name."""
    from ssvae.features.principal import principal_directions
    from ssvae.training.tuned_features import Told
    from ssvae.vae.feature_classifier import NUM_DIRECTIONS

    size = min(NUM_DIRECTIONS, features.shape[1])
    directions = directions or principal_directions(features, size, seed)
    vectors = directions.project(features)
    belief = believe(vectors, dataset.labels, shares, seed)
    return Told(directions, vectors, belief.linear, belief.temperature), belief.name


def described(check) -> dict:
    """Return what hidden labels say, as plain numbers."""
    from ssvae.training.fine_tuning import FROZEN, TUNED
    from ssvae.vae.temperature import fit_temperature

    figures = {"count": len(check.classes), "believed": check.believed}
    for name in (FROZEN, TUNED):
        logits = check.logits[name]
        temperature = fit_temperature(logits, check.classes)
        figures[name] = {
            "accuracy": check.accuracy(name),
            "cross_entropy": cross_entropy(logits / temperature, check.classes),
        }
    return figures


def cross_entropy(logits, classes) -> float:
    """Return the mean cross-entropy, nats."""
    import numpy as np
    from scipy.special import log_softmax

    return float(-log_softmax(logits, axis=1)[np.arange(len(classes)), classes].mean())


def error(logits, classes) -> float:
    """Return the fraction of wrong guesses."""
    return float((logits.argmax(axis=1) != classes).mean())


@contextlib.contextmanager
def constants(variant):
    """Change constants in a block: "NAME=VALUE,NAME=VALUE", or empty."""
    from ssvae.training import tuned_features
    from ssvae.vae import fine_tuner

    changed = []
    for part in filter(None, variant.split(",")):
        name, value = part.split("=")
        place = next(m for m in (tuned_features, fine_tuner) if hasattr(m, name))
        changed.append((place, name, getattr(place, name)))
        setattr(place, name, type(getattr(place, name))(float(value)))
    try:
        yield
    finally:
        for place, name, value in changed:
            setattr(place, name, value)


def settings() -> dict:
    """Return the constants that results depend on."""
    from ssvae.training import tuned_features
    from ssvae.vae import fine_tuner

    names = "STEPS", "NUM_LABELED", "NUM_UNLABELED", "LEARNING_RATE", "EMA_DECAY"
    values = {name: getattr(tuned_features, name) for name in names}
    return values | {"SURE": fine_tuner.SURE, "OWN": fine_tuner.OWN}


def table(results) -> str:
    """Return the mean test errors as Markdown, one row per data set."""
    rows = [
        "| set | draws | frozen | last layers | all layers | believed |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    whole = [result for result in results if "errors" in result]
    for name in sorted({result["dataset"] for result in whole}):
        runs = [result for result in whole if result["dataset"] == name]
        cells = [
            f"{100 * sum(run['errors'][stage] for run in runs) / len(runs):.1f}"
            for stage in ("frozen", "last", "all")
        ]
        count = sum(run["hidden"]["all"]["believed"] == "tuned" for run in runs)
        cells.append(f"{count} of {len(runs)}")
        rows.append(f"| {name} | {len(runs)} | {' | '.join(cells)} |")
    return "\n".join(rows)


def say(text):
    """Print a line at once."""
    print(text, flush=True)


def quiet(text):
    """Print nothing."""


if __name__ == "__main__":
    main()
