"""Cost and error of the sum over y: `python benchmarks/classes.py`.

The data are drawn signs of 10, 100 and 1,000 classes. Each way to sum over y in the
unlabeled bound trains for some steps in a process of its own, from new weights and from
trained ones. Then its value is compared with the exact sum, with the same noise.
`classes.md` is made from the figures.
"""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

from ssvae.files.atomic import write_json

HERE = Path(__file__).parent
RESULTS, PAGE = HERE / "classes.json", HERE / "classes.md"
CLASSES = (10, 100, 1_000)
# Ways to sum over y: top_classes, sampled_classes, spared_weight. "exact" uses all y.
WAYS = {
    "exact": (0, 0, 0.0),
    "exact, learning from few": (0, 0, 2e-5),
    "top 2": (2, 0, 0.0),
    "top 2, 2 drawn": (2, 2, 0.0),
}
STEPS, EPOCHS, TRAINED = 10, 3, 120
DRAWS, IMAGES, CHUNK = 50, 200, 20
LATENT_DIM = 16


def main():
    """Measure what is missing, and write the figures and the page."""
    if len(sys.argv) > 1:
        classes, way, training = sys.argv[1:]
        print(json.dumps(measure(int(classes), way, training == "trained")))
        return
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else []
    have = {(r["classes"], r["way"], r["training"]) for r in results}
    for classes in CLASSES:
        for way in WAYS:
            for training in ("begun", "trained"):
                if (classes, way, training) in have:
                    continue
                command = [sys.executable, __file__, str(classes), way, training]
                done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
                results.append(json.loads(done.stdout.splitlines()[-1]))
                write_json(RESULTS, results, indent=1)
    PAGE.write_text(page(results), encoding="utf-8")
    print(table(results))


def measure(num_classes, way, trained) -> dict:
    """Return the cost of a step with one way to sum, and its error."""
    sys.path.insert(0, str(HERE.parent / "tests"))
    from glyphs import glyphs

    from ssvae.cli import process

    process.start_keras()
    from ssvae.backends.current import as_input
    from ssvae.config.settings import Config
    from ssvae.data import Batches
    from ssvae.model import SSVAE

    dataset = glyphs(num_classes, 20_000, 5 * num_classes)
    batches = Batches(dataset, 50, 200, seed=0)
    clock = Clock()

    def fitted(way, epochs, start=None):
        top, drawn, spared = WAYS[way]
        config = Config(
            top_classes=top,
            sampled_classes=drawn,
            spared_weight=spared,
            classifier_body="mlp",
            latent_dim=LATENT_DIM,
        )
        model = SSVAE(dataset.image_shape, dataset.class_names, config)
        if start is not None:
            weights = zip(
                model.trainable_variables, start.trainable_variables, strict=True
            )
            for mine, begun in weights:
                mine.assign(begun)
        model.prepare_training(steps_per_epoch=STEPS)
        model.fit(
            as_input(batches),
            epochs=epochs,
            steps_per_epoch=STEPS,
            shuffle=False,
            verbose=0,
            callbacks=[clock.callback()],
        )
        return model

    # All ways start from the same weights.
    start = fitted("top 2", TRAINED) if trained else None
    before = peak()
    clock.seconds.clear()
    model = fitted(way, EPOCHS, start)
    memory = peak() - before
    error, spread = distance(model, dataset.images[-IMAGES:])
    return {
        "classes": num_classes,
        "way": way,
        "training": "trained" if trained else "begun",
        "step_seconds": min(clock.seconds[1:]) / STEPS,
        "memory_mib": memory,
        "error_nats": error,
        "spread_nats": spread,
    }


def distance(model, images):
    """Return the error of the sum and the deviation of its draws, nats per image."""
    import numpy as np
    from keras import ops

    from ssvae.vae import bounds
    from ssvae.vae.sums import some_classes

    errors, spreads = [], []
    for start in range(0, len(images), CHUNK):
        x = images[start : start + CHUNK].astype(np.float32) / 255
        noise = np.random.default_rng(start).normal(size=(len(x), LATENT_DIM))
        rows = x, model.encoder_body(x), noise.astype(np.float32)
        each = ops.convert_to_numpy(
            bounds.bound(model, *bounds.every_class(model, *rows))
        )
        each = each.reshape(len(x), -1)
        logits = model.classify(x)
        log_q = ops.convert_to_numpy(ops.log_softmax(logits, axis=-1))
        exact = (np.exp(log_q) * (each - log_q)).sum(axis=1)
        if not model.config.top_classes:
            return 0.0, 0.0
        draws = []
        for _ in range(DRAWS if model.config.sampled_classes else 1):
            classes, log_q, weights = map(
                ops.convert_to_numpy, some_classes(model, logits)
            )
            some = np.take_along_axis(each, classes.astype(int), axis=1)
            draws.append((weights * (some - log_q)).sum(axis=1))
        errors.append(np.mean(draws, axis=0) - exact)
        spreads.append(np.std(draws, axis=0))
    return float(np.concatenate(errors).mean()), float(np.concatenate(spreads).mean())


class Clock:
    """Keeps the seconds of each epoch."""

    def __init__(self):
        self.seconds = []

    def callback(self):
        """Return the callback that measures them."""
        import keras

        clock = self

        class Timer(keras.callbacks.Callback):
            def on_epoch_begin(self, epoch, logs=None):
                self.began = time.perf_counter()

            def on_epoch_end(self, epoch, logs=None):
                clock.seconds.append(time.perf_counter() - self.began)

        return Timer()


def peak() -> float:
    """Return the most memory that this process has used so far, MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def page(results) -> str:
    """Return the text of the page."""
    return f"""# Sums over y

Made by `python benchmarks/classes.py`: the unlabeled bound with several ways to sum
over the classes y.

- **Sum over y**: over all classes (exact), without learning from those of little weight
  (`spared_weight`), or over the likeliest ones (`top_classes`) and some drawn ones
  (`sampled_classes`). A sum over some classes stays a lower bound.
- **Step**: time of a training step. **Memory**: what the training steps took.
- **Error**: the bound minus its exact value, mean ± spread over random draws; above
  zero the bound is tighter. *Begun* is after {EPOCHS * STEPS} steps, when all classes
  are equally likely. *Trained* is after {TRAINED * STEPS:,} more, when the step is
  timed too.

{table(results)}
"""


def table(results) -> str:
    """Return the figures as Markdown, one row per number of classes and way."""
    rows = [
        "| classes | sum over y | step | memory | error, begun | error, trained |",
        "|---:|---|---:|---:|---:|---:|",
    ]
    for classes in CLASSES:
        for way in WAYS:
            found = {
                r["training"]: r
                for r in results
                if (r["classes"], r["way"]) == (classes, way)
            }
            errors = [
                f"{found[t]['error_nats']:+.2f} ± {found[t]['spread_nats']:.2f} nats"
                for t in ("begun", "trained")
            ]
            rows.append(
                f"| {classes:,} | {way} | "
                f"{1000 * found['trained']['step_seconds']:.0f} ms | "
                f"{found['begun']['memory_mib']:.0f} MiB | {' | '.join(errors)} |"
            )
    return "\n".join(rows)


if __name__ == "__main__":
    main()
