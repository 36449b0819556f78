"""A trained model for other programs, written and compared with the model.

Every export is opened again in a process that has no `ssvae`, a `.keras` file in one
that has, and what it says of a thousand images compared with what the model says,
before it is called done.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from ssvae.errors import InputError
from ssvae.files.atomic import new_folder, write_json

FORMATS = ("savedmodel", "onnx", "litert", "keras")


# Images that an export is compared on, and samples of z for `score`.
NUM_COMPARED, NUM_SAMPLES = 1_000, 10


# The greatest difference that is due to rounding.
TOLERANCE = 1e-3


def export(model, out, kind, compared) -> dict[str, float]:
    """Write a model in a format of others, and compare the two.

    Args:
        model: An `SSVAE`.
        out: Path of the folder to be, which must not exist.
        kind: One of `FORMATS`.
        compared: uint8 images `(n, h, w, c)` to compare on.

    Returns:
        Dict of endpoint to the greatest difference of any number it gives.

    Raises:
        InputError: If the format cannot be written here, or what was written says
            something else than the model; nothing is left then.
    """
    from ssvae.export.writers import WRITERS, about

    with new_folder(out) as partial:
        WRITERS[kind](model, partial)
        differences = compare(model, partial, kind, compared)
        # Of these numbers max would pass over one that is none.
        worst = np.max([*differences.values()])
        if not worst <= TOLERANCE:
            raise InputError(
                f"the export differs from the model by {worst:.3g}, more than "
                f"{TOLERANCE}: please report it"
            )
        report = {"format": kind, **about(model), "differences": differences}
        write_json(partial / "export.json", report, indent=1)
    return differences


def compare(model, folder, kind, images) -> dict[str, float]:
    """Return how far an export is from its model, a number an endpoint.

    It is opened by a process of its own; see `ssvae.export.readers`.
    """
    from keras import ops

    from ssvae.export.endpoints import endpoints

    arguments = example_inputs(model, images)
    with tempfile.TemporaryDirectory() as place:
        place = Path(place)
        flat = {
            f"{name}.{key}": value
            for name, values in arguments.items()
            for key, value in values.items()
        }
        np.savez(place / "inputs.npz", **flat)
        reader = Path(__file__).parent / "readers" / f"{kind}.py"
        process = subprocess.run(
            # -I: neither this folder nor PYTHONPATH is looked into.
            [sys.executable, "-I", reader, folder, place],
            capture_output=True,
            text=True,
            check=False,
        )
        if process.returncode:
            words = process.stderr.strip().splitlines() or ["it said nothing"]
            raise InputError(f"the export cannot be opened again: {words[-1]}")
        with np.load(place / "outputs.npz") as outputs:
            given = dict(outputs)
    differences = {}
    for name, endpoint in endpoints(model).items():
        if lacking := {f"{name}.{key}" for key in endpoint.outputs} - set(given):
            raise InputError(f"the export lacks {', '.join(sorted(lacking))}")
        here = endpoint.function(*map(ops.convert_to_tensor, arguments[name].values()))
        differences[name] = float(
            np.max(
                [
                    _difference(ops.convert_to_numpy(here[key]), given[f"{name}.{key}"])
                    for key in endpoint.outputs
                ]
            )
        )
    return differences


def _difference(one, other):
    """Return the greatest difference of two arrays' numbers."""
    return float(np.abs(one - other).max())


def example_inputs(model, images) -> dict[str, dict[str, np.ndarray]]:
    """Return what each endpoint takes, for some images."""
    from ssvae.export.endpoints import endpoints

    rng = np.random.default_rng(0)
    examples = {
        "images": images,
        "classes": np.arange(len(images), dtype=np.int32) % model.num_classes,
        "choice": rng.random(len(images), np.float32),
    }
    arguments = {}
    for name, endpoint in endpoints(model).items():
        arguments[name] = {}
        for key, (shape, _) in endpoint.inputs.items():
            if key == "noise":
                rows = NUM_SAMPLES if name == "score" else len(images)
                value = rng.standard_normal((rows, shape[1]), np.float32)
            else:
                value = examples[key]
            arguments[name][key] = value
    return arguments
