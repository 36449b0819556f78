"""How cost grows: `python benchmarks/scale.py [CURVE ...]`.

Each point is measured in a process of its own and written into `scale.json` at once.
The page `scale.md` is made from that file, `classes.json` and `workers.json`.
"""

import json
import math
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from ssvae.evaluation.tables import update_page
from ssvae.files.atomic import write_json

HERE = Path(__file__).parent
RESULTS, PAGE = HERE / "scale.json", HERE / "scale.md"
CURVES = {
    "image size": (16, 28, 64, 128),
    "latent size": (4, 16, 64, 256),
    "images": (10_000, 100_000, 1_000_000, 10_000_000),
}
# Settings for the curve of images: the network is small, so that reading takes most of
# the time.
SMALL = {
    "classifier_body": "mlp",
    "hidden_units": 16,
    "latent_dim": 4,
    "augment": "none",
    "propagation": "none",
    "unlabeled_batch_size": 2_000,
}
STEPS = 7
# Weights of the default recipe's networks.
WEIGHTS = 1_240_000
# For the estimate of a billion images: epochs as in the default recipe, days, and
# dollars per core hour.
EPOCHS, DAYS, PRICE = 15, 7, 0.04


def main():
    """Measure what is missing, and write the figures and the page."""
    if sys.argv[1:2] == ["--point"]:
        curve, size = sys.argv[2:]
        measure = of_images if curve == "images" else of_steps
        print(json.dumps({"curve": curve, "size": int(size), **measure(curve, size)}))
        return
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else []
    have = {(result["curve"], result["size"]) for result in results}
    for curve in sys.argv[1:] or CURVES:
        for size in CURVES[curve]:
            if (curve, size) not in have:
                command = [sys.executable, __file__, "--point", curve, str(size)]
                done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
                results.append(json.loads(done.stdout.splitlines()[-1]))
                print(json.dumps(results[-1]), flush=True)
                write_json(RESULTS, results, indent=1)
    update_page(PAGE, "benchmarks/scale.json", curves(results))
    update_page(PAGE, "a billion images", billion())


def of_images(curve, size) -> dict:
    """Return the cost of an epoch of `size` images that are read from a file."""
    import numpy as np

    from ssvae.cli import process

    process.start_keras()
    from ssvae.backends.current import as_input
    from ssvae.config.settings import Config
    from ssvae.data import UNLABELED, Batches, Dataset, load_dataset, store
    from ssvae.model import SSVAE

    mnist, count = load_dataset("mnist"), int(size)
    store.MAX_IN_MEMORY = 0
    images = store.room_for(count, mnist.image_shape)
    for start in range(0, count, 60_000):
        images[start : start + 60_000] = mnist.images[: count - start]
    images.flush()
    labels = np.full(count, UNLABELED)
    labels[:100] = mnist.labels[:100]
    dataset = Dataset("many", images, labels, mnist.class_names, None)
    config = Config(**SMALL)
    batches = Batches(dataset, 50, config.unlabeled_batch_size, seed=0)
    model = SSVAE(dataset.image_shape, dataset.class_names, config)
    model.prepare_training(batches.steps_per_epoch)
    model.fit(as_input(batches), steps_per_epoch=2, shuffle=False, verbose=0)
    began = time.perf_counter()
    model.fit(
        as_input(batches.after(2)),
        steps_per_epoch=batches.steps_per_epoch,
        shuffle=False,
        verbose=0,
    )
    return {"seconds": time.perf_counter() - began, **memory()}


def memory() -> dict:
    """Return the memory of this process, GiB, without pages of mapped files."""
    lines = Path("/proc/self/status").read_text().splitlines()
    kib = next(int(line.split()[1]) for line in lines if line.startswith("RssAnon"))
    return {"own_memory_gib": kib / 2**20}


def of_steps(curve, size) -> dict:
    """Return the seconds per step of the default recipe for a size of images or z."""
    import keras
    import numpy as np

    from ssvae.cli import process

    process.start_keras()
    from ssvae.backends.current import as_input
    from ssvae.config.settings import Config
    from ssvae.data import Batches, Dataset
    from ssvae.model import SSVAE

    side, latent_dim = (int(size), 16) if curve == "image size" else (28, int(size))
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (500, side, side, 1), dtype=np.uint8)
    labels = np.where(np.arange(500) < 100, np.arange(500) % 10, -1)
    dataset = Dataset("noise", images, labels, tuple("0123456789"), None)
    config = Config(latent_dim=latent_dim)
    batches = Batches(dataset, 50, 200, seed=0)
    model = SSVAE(dataset.image_shape, dataset.class_names, config)
    model.prepare_training(STEPS)
    ends = []

    class Clock(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            float(logs["loss"])
            ends.append(time.perf_counter())

    model.fit(
        as_input(batches),
        steps_per_epoch=STEPS,
        shuffle=False,
        verbose=0,
        callbacks=[Clock()],
    )
    seconds = np.diff(ends)[1:]
    return {"seconds": float(median(seconds))}


def exponent(points) -> float:
    """Return b of seconds = a * size^b, by least squares of the logarithms."""
    logs = [(math.log(size), math.log(seconds)) for size, seconds in points]
    x, y = (sum(each) / len(logs) for each in zip(*logs, strict=True))
    slope = sum((a - x) * (b - y) for a, b in logs)
    return slope / sum((a - x) ** 2 for a, _ in logs)


def curves(results) -> str:
    """Return the curves as Markdown, one row per curve."""
    points = {
        curve: [(r["size"], r["seconds"]) for r in results if r["curve"] == curve]
        for curve in CURVES
    }
    for way in ("exact", "top 2"):
        points[f"classes, {way}"] = [
            (r["classes"], r["step_seconds"])
            for r in read("classes")
            if r["way"] == way and r["training"] == "trained"
        ]
    rows = [
        "| what grows | seconds of | measured | exponent |",
        "|---|---|---|---:|",
    ]
    for curve, each in points.items():
        what = "an epoch" if curve == "images" else "a step"
        shown = ", ".join(f"{size:,}: {text(seconds)}" for size, seconds in each)
        rows.append(f"| {curve} | {what} | {shown} | {exponent(each):.2f} |")
    own = [f"{r['own_memory_gib']:.2f}" for r in results if r["curve"] == "images"]
    return "\n".join([*rows, f"| images | - | own memory, GiB: {', '.join(own)} | - |"])


def billion() -> str:
    """Return what 15 epochs of 10^9 images cost, as Markdown, one row per quantity."""
    default = next(r for r in read("speed-one-core")["speed"] if r["what"] == "default")
    rate, efficiency = default["images_per_second"], read("workers")["results"][-1]
    efficiency = efficiency["ratio"] / 2
    hours = EPOCHS * 10**9 / rate / 3600 / efficiency
    cores = hours / (24 * DAYS)
    rows = (
        (
            "storage",
            "0.78 TB",
            "10⁹ images of 784 bytes each; PNG files take about as much",
        ),
        ("index", "30 GB", "30 bytes per image; each worker needs its part only"),
        (
            "core hours",
            f"{hours:,.0f}",
            f"{EPOCHS} epochs at {rate:,.0f} images per second on a core; each of many "
            f"workers keeps {efficiency:.0%} of that rate, like each of two",
        ),
        (
            f"cores for {DAYS} days",
            f"{cores:,.0f}",
            f"machines of 64 cores: {math.ceil(cores / 64):,}",
        ),
        (
            "money",
            f"{PRICE * hours:,.0f} $",
            f"{PRICE} $ per core hour; an epoch costs {PRICE * hours / EPOCHS:,.0f} $, "
            "and 10⁹ images would need fewer epochs",
        ),
        (
            "reading",
            f"{cores * rate * efficiency * 784 / 1e9:.2f} GB/s",
            "all machines together, from their own disks, each image once per epoch",
        ),
        (
            "gradients",
            f"{2 * 4 * WEIGHTS / 1e6:.0f} MB",
            "per step and worker: 1.24 million weights of 4 bytes, sent and received "
            "once; 10 Gbit/s carry 125 steps per second",
        ),
    )
    head = ["| what | how much | because |", "|---|---:|---|"]
    return "\n".join([*head, *(f"| {a} | {b} | {c} |" for a, b, c in rows)])


def read(name):
    """Return the figures of another benchmark."""
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))


def text(seconds) -> str:
    """Return seconds with three digits, in a fitting unit."""
    return f"{1000 * seconds:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"


if __name__ == "__main__":
    main()
