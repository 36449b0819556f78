"""A trained model as one file to take away: an export, a program, and its card."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ssvae.errors import InputError
from ssvae.export.checked import NUM_COMPARED, export
from ssvae.files.atomic import new_file
from ssvae.runs.shown import load_shown
from ssvae.types import PathLike

if TYPE_CHECKING:
    from ssvae.model import SSVAE

# Folder of the programs, and the name that one has beside its export.
SNIPPETS, PROGRAM = Path(__file__).parent / "snippets", "use.py"
# Packages that each program needs.
NEEDS = {
    "savedmodel": "tensorflow\nnumpy\npillow\n",
    "onnx": "onnxruntime\nnumpy\npillow\n",
    "litert": "ai-edge-litert\nnumpy\npillow\n",
    "keras": "# and ssvae, from where this model was made\nnumpy\npillow\n",
}
# Images that are made to compare on where none of the training are here.
NUM_MADE = 64


def program(kind: str) -> str:
    """Return the program that uses an export of a format.

    Args:
        kind: One of `checked.FORMATS`.
    """
    return (SNIPPETS / f"{kind}.py").read_text(encoding="utf-8")


def package(
    model: SSVAE, run: Path, name: str, out: PathLike, kind: str
) -> dict[str, float]:
    """Write an export as a zip file, with a program that uses it and the model card.

    No data set is needed: the export is compared on images that the run folder keeps.

    Args:
        model: The `SSVAE` of the run.
        run: Path of the run folder.
        name: Name of the folder in the zip file.
        out: Path of the zip file; one that exists is replaced.
        kind: One of `checked.FORMATS`.

    Returns:
        The largest difference of any number from the model's, by endpoint.

    Raises:
        InputError: See `export`; or if the file cannot be written.
    """
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / name
        differences = export(model, folder, kind, images_to_compare(model, run))
        (folder / PROGRAM).write_text(program(kind), encoding="utf-8")
        (folder / "requirements.txt").write_text(NEEDS[kind], encoding="utf-8")
        for path in (run / "README.md", run / "samples.png"):
            if path.is_file():
                shutil.copy(path, folder)
        with (
            new_file(out, (".zip",), overwrite=True) as partial,
            zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            for path in sorted(folder.rglob("*")):
                archive.write(path, path.relative_to(place))
    return differences


def images_to_compare(model: SSVAE, run: Path) -> np.ndarray:
    """Return images that a run folder keeps; without any, images that the model makes.

    Args:
        model: The `SSVAE` of the run.
        run: Path of the run folder.

    Returns:
        uint8 array `(n, h, w, c)`.
    """
    with contextlib.suppress(InputError):
        shown = load_shown(run)
        if shown and len(shown.images) and shown.images.shape[1:] == model.image_shape:
            return shown.images[:NUM_COMPARED]
    classes = np.arange(NUM_MADE) % model.num_classes
    return np.rint(255 * model.generate(classes, 0)).astype(np.uint8)
