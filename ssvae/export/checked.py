"""A trained model for other programs: written, opened again, and compared.

An export is opened by a process of its own, without `ssvae` unless it is a `.keras`
file. Its answers for a thousand images must be those of the model.
"""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ssvae.errors import InputError
from ssvae.files.atomic import new_folder, write_json
from ssvae.types import PathLike

# Functions import what needs Keras, so that `--help` and bad input need none.

if TYPE_CHECKING:
    from ssvae.model import SSVAE

FORMATS = ("savedmodel", "onnx", "litert", "keras")
# Images that an export is compared on, and samples of z for `score`.
NUM_COMPARED, NUM_SAMPLES = 1_000, 10
# The largest difference that rounding explains. Hundreds of features, and a score that
# compares sums over all pixels of photographs, show more of it.
TOLERANCE, FEATURES_TOLERANCE = 1e-3, 1e-2
# Pixels of all images that an export is compared on, at most: the maps of a backbone
# for 64 images of 224 pixels take a gigabyte.
MAX_PIXELS = 64 * 224 * 224


def export(
    model: "SSVAE", out: PathLike, kind: str, compared: np.ndarray
) -> dict[str, float]:
    """Write a model in a format that other programs open, and compare the two.

    Args:
        model: An `SSVAE`.
        out: Path of a new folder.
        kind: One of `FORMATS`.
        compared: uint8 images `(n, h, w, c)` to compare on.

    Returns:
        The largest difference of any number, by endpoint.

    Raises:
        InputError: If the format cannot be written here, or the export's answers differ
            from the model's; then nothing is left.
    """
    from ssvae.export.writers import WRITERS, about

    tolerance = TOLERANCE
    if model.has_features:
        tolerance = FEATURES_TOLERANCE
        height, width, _ = model.image_shape
        compared = compared[: max(2, MAX_PIXELS // max(height * width, 224 * 224))]
    with new_folder(out) as partial:
        WRITERS[kind](model, partial)
        differences = compare(model, partial, kind, compared)
        for name, difference in differences.items():
            # Written so that NaN is too much.
            if not difference <= tolerance:
                raise InputError(
                    f"the export differs from the model by {difference:.3g} in "
                    f"{name!r}, more than {tolerance}: please report it"
                )
        report = {"format": kind, **about(model), "differences": differences}
        write_json(partial / "export.json", report, indent=1)
    return differences


def compare(
    model: "SSVAE", folder: PathLike, kind: str, images: np.ndarray
) -> dict[str, float]:
    """Return the largest difference of an export's numbers from the model's.

    Args:
        model: The `SSVAE`.
        folder: Path of the export.
        kind: One of `FORMATS`.
        images: uint8 images `(n, h, w, c)` to compare on.

    Returns:
        The largest difference, by endpoint.

    Raises:
        InputError: If the export cannot be opened, or lacks an output.
    """
    # A model of features takes images of any size.
    sets = [images, images[:2, ::2]] if model.has_features else [images]
    found = [_differences(model, folder, kind, each) for each in sets]
    # NumPy's max is NaN if any difference is; Python's may pass over NaN.
    return {name: float(np.max([each[name] for each in found])) for name in found[0]}


def _differences(model, folder, kind, images):
    """Return the largest difference by endpoint, for images of one size."""
    from keras import ops

    from ssvae.export.endpoints import endpoints

    inputs = example_inputs(model, images)
    given = _answers(folder, kind, inputs)
    differences = {}
    for name, endpoint in endpoints(model).items():
        if lacking := {f"{name}.{key}" for key in endpoint.outputs} - set(given):
            raise InputError(f"the export lacks {', '.join(sorted(lacking))}")
        here = endpoint.function(*map(ops.convert_to_tensor, inputs[name].values()))
        differences[name] = np.max(
            [
                np.max(np.abs(ops.convert_to_numpy(here[key]) - given[f"{name}.{key}"]))
                for key in endpoint.outputs
            ]
        )
    return differences


def _answers(folder, kind, inputs):
    """Return an export's outputs, by `endpoint.output`; see `ssvae.export.readers`."""
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        flat = {
            f"{name}.{key}": value
            for name, values in inputs.items()
            for key, value in values.items()
        }
        np.savez(place / "inputs.npz", **flat)
        reader = Path(__file__).parent / "readers" / f"{kind}.py"
        process = subprocess.run(
            # -I: Python ignores PYTHONPATH and does not look into the reader's folder.
            [sys.executable, "-I", reader, folder, place],
            capture_output=True,
            text=True,
            check=False,
        )
        if process.returncode:
            words = process.stderr.strip().splitlines() or ["it said nothing"]
            raise InputError(f"the export cannot be opened again: {words[-1]}")
        with np.load(place / "outputs.npz") as outputs:
            return dict(outputs)


def example_inputs(
    model: "SSVAE", images: np.ndarray
) -> dict[str, dict[str, np.ndarray]]:
    """Return inputs of every endpoint for some images.

    Args:
        model: The `SSVAE`.
        images: uint8 `(n, h, w, c)`.

    Returns:
        Arrays by endpoint and by name of the input.
    """
    from ssvae.export.endpoints import endpoints

    rng = np.random.default_rng(0)
    examples = {
        "images": images,
        "classes": np.arange(len(images), dtype=np.int32) % model.num_classes,
        "choice": rng.random(len(images), np.float32),
    }
    inputs: dict[str, dict[str, np.ndarray]] = {}
    for name, endpoint in endpoints(model).items():
        inputs[name] = {}
        for key, (shape, _) in endpoint.inputs.items():
            if key == "noise":
                rows = NUM_SAMPLES if name == "score" else len(images)
                value = rng.standard_normal((rows, shape[1]), np.float32)
            else:
                value = examples[key]
            inputs[name][key] = value
    return inputs
