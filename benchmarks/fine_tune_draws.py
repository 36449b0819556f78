"""What `fine_tune.py` measures of a data set: backbones frozen and learning on."""

import time

from fine_tune_constants import constants, settings

LABELS_PER_CLASS = 10


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

    def measure(self, seed, variant, out, whole):
        """Measure one draw, unless the file has it.

        Args:
            seed: Seed of the draw.
            variant: Constants that are changed, see `constants`.
            out: Path of the file of results.
            whole: Whether to measure test errors beside what hidden labels say.
        """
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
            result = self._measured(seed, whole)
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


def say(text):
    """Print a line at once."""
    print(text, flush=True)


def quiet(text):
    """Print nothing."""
