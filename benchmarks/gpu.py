"""The default recipe on a GPU, checked and timed: `make gpu-check`.

It needs NumPy, SciPy, Keras and one of JAX, PyTorch and TensorFlow, and no other
package. First the losses of the same batches are compared with those of the CPU. Then
the default recipe is trained, and the speed is measured as by
`python -m ssvae.benchmark --speed`. On a machine without a GPU it says so and does the
same on the CPU.
"""

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
BACKENDS = ("jax", "torch", "tensorflow")
# Relative difference of losses that is allowed: products in TF32 have three digits.
TOLERANCE = 0.02
# Steps per launch, launches whose mean losses are compared, and labels.
STEPS, LAUNCHES, LABELS = 10, 3, 100
# Images and epochs of a quick check.
QUICK, QUICK_EPOCHS = 3_000, 6
# Environment variables that hide every GPU from a backend.
HIDE = {"CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu"}


def main():
    """Check, train, measure."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--losses", action="store_true", help="print only the losses")
    parser.add_argument("--out", metavar="FILE.json", help="file of the figures")
    parser.add_argument("--seeds", type=int, nargs="*", default=[0], metavar="S")
    parser.add_argument(
        "--quick",
        action="store_true",
        help=f"check on {QUICK:,} images, without measuring the speed",
    )
    flags = parser.parse_args()
    backend = next(filter(is_installed, BACKENDS), None)
    if backend is None or not is_installed("keras"):
        sys.exit(
            f"{sys.executable} has no Keras with one of {', '.join(BACKENDS)}: name "
            "another with make gpu-check PYTHON=..."
        )
    os.environ.setdefault("KERAS_BACKEND", backend)
    os.environ["SSVAE_CACHE"] = ""
    if flags.losses:
        print(json.dumps(losses(flags.quick)))
        return
    figures = about()
    print(json.dumps(figures))
    if figures["device"] == "cpu":
        print("There is no GPU here, or the backend does not see it: the CPU does all.")
    figures["loss_difference"] = check(flags.quick)
    figures["runs"] = [train(seed, flags.quick) for seed in flags.seeds]
    if not flags.quick:
        from ssvae.benchmark.speed import measure_speed
        from ssvae.evaluation.tables import speed_table
        from ssvae.hardware import machine

        figures |= {"machine": machine(), **measure_speed()}
        print(speed_table(figures))
    if flags.out:
        from ssvae.files.atomic import write_json

        write_json(flags.out, figures, indent=1)


def is_installed(name) -> bool:
    """Return whether a package can be imported."""
    return importlib.util.find_spec(name) is not None


def about() -> dict:
    """Return the device, and the versions of Keras and its backend."""
    from ssvae.cli import process

    process.start_keras()
    import keras

    from ssvae.backends.current import device_name

    backend = keras.backend.backend()
    version = importlib.import_module(backend).__version__
    versions = {"keras": keras.__version__, backend: version}
    return {"device": device_name(), "keras_backend": backend, "versions": versions}


def check(quick) -> float:
    """Return the relative difference of the losses from the CPU's, at most.

    If it is too large, the program ends.
    """
    hidden = [sys.executable, __file__, "--losses", *["--quick"] * quick]
    done = subprocess.run(
        hidden, env={**os.environ, **HIDE}, stdout=subprocess.PIPE, check=True
    )
    differences = [
        abs(here / there - 1)
        for here, there in zip(losses(quick), json.loads(done.stdout), strict=True)
    ]
    worst = max(differences)
    print(f"losses of {len(differences)} launches: {worst:.1e} from the CPU's at most")
    if worst > TOLERANCE:
        sys.exit(f"need {TOLERANCE} at most: the device computes something else")
    return worst


def losses(quick) -> list[float]:
    """Return the mean loss of each of the first launches of training."""
    from ssvae.cli import process

    process.start_keras()
    from ssvae.backends.current import as_input
    from ssvae.config.settings import Config
    from ssvae.model import SSVAE
    from ssvae.training import epochs

    dataset, batches = data(Config(), quick)
    model = SSVAE(dataset.image_shape, dataset.class_names, Config())
    epochs.STEPS_PER_LAUNCH = STEPS
    source = epochs.brought_near(batches)
    epochs.prepare(model, source)
    values = []
    for launch in range(LAUNCHES):
        history = model.fit(
            as_input(source.after(launch * STEPS)),
            steps_per_epoch=STEPS // model.steps_per_launch,
            shuffle=False,
            verbose=0,
        )
        values += history.history["loss"]
    return values


def data(config, quick, pseudo_labels=None):
    """Return MNIST with `LABELS` labels, and its batches."""
    from ssvae.data import Batches, draw_labels, load_dataset

    dataset = load_dataset("mnist")
    if quick:
        dataset = dataset.rows(range(QUICK))
    draw = draw_labels(dataset.labels, LABELS, dataset.num_classes, config.seed)
    dataset = dataset.with_labels(*draw).hold_out(config.held_out, config.seed)
    sizes = config.labeled_batch_size, config.unlabeled_batch_size
    return dataset, Batches(dataset, *sizes, config.seed, pseudo_labels)


def train(seed, quick) -> dict:
    """Train the default recipe; return its test accuracy and the parts' seconds."""
    import numpy as np

    from ssvae.backends.workers import Workers
    from ssvae.config.settings import Config
    from ssvae.data import load_dataset
    from ssvae.graph.construction import image_graph
    from ssvae.graph.propagation import propagate_labels
    from ssvae.model import SSVAE
    from ssvae.training import epochs
    from ssvae.training.teachers import FAR_STEPS
    from ssvae.vae.average import averaged

    config = Config(seed=seed, labels=LABELS)
    if quick:
        config = config.replace(epochs=QUICK_EPOCHS)
    moments = [time.perf_counter()]
    dataset, _ = data(config, quick)
    graph = image_graph(dataset.images, config)
    moments.append(time.perf_counter())
    shares = np.full(dataset.num_classes, 1 / dataset.num_classes)
    pseudo_labels = propagate_labels(graph, dataset, shares, FAR_STEPS)
    moments.append(time.perf_counter())
    _, batches = data(config, quick, pseudo_labels)
    model = SSVAE(dataset.image_shape, dataset.class_names, config)
    epochs.run_epochs(model, batches, [], Workers())
    model = averaged(model)
    moments.append(time.perf_counter())
    images, labels = load_dataset("mnist").test_part()
    accuracy = float((model.predict_proba(images).argmax(axis=1) == labels).mean())
    graph, spread, network = np.diff(moments)
    print(
        f"seed {seed}: test accuracy {accuracy:.4f}; seconds: graph {graph:.0f}, "
        f"labels spread {spread:.0f}, networks {network:.0f}"
    )
    return {
        "seed": seed,
        "test_accuracy": accuracy,
        "graph_seconds": graph,
        "spread_seconds": spread,
        "network_seconds": network,
    }


if __name__ == "__main__":
    main()
