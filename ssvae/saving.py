"""Trained models on the disk: saved, found by path or by name, checked, loaded."""

import contextlib
import os
import shutil
import sys
import zipfile
from pathlib import Path

from ssvae.archive import check
from ssvae.errors import InputError

MODEL_FILE = "model.keras"
# What tells a SavedModel from other folders.
GRAPH_FILE = "saved_model.pb"


def saved_models() -> dict[str, Path]:
    """Return the run folders shipped with the package, by name."""
    package = Path(__file__).parent
    # In an installed package the folder lies inside; in a checkout, beside it.
    for folder in (package / "saved_models", package.parent / "saved_models"):
        if folder.is_dir():
            paths = sorted(folder.glob("*/*.toml"))
            return {path.parent.name: path.parent for path in paths}
    return {}


def find_model(path) -> Path:
    """Return the `.keras` file of a run folder, a file or a shipped model's name.

    Raises:
        InputError: If there is none; the message says what is there.
    """
    place = Path(path)
    shipped = saved_models()
    if not place.exists() and str(path) in shipped:
        place = shipped[str(path)]
    if is_savedmodel(place):
        raise InputError(
            f"{str(path)!r} is a SavedModel, which answers but has no settings: need "
            "the run folder or .keras file it was exported from"
        )
    if place.is_dir():
        place = place / MODEL_FILE
    if not place.is_file():
        raise InputError(
            f"no model at {str(path)!r}: need a run folder, a .keras file, or one of "
            f"{', '.join(sorted(shipped)) or 'the shipped models (there are none)'}"
        )
    return place


def describe(path) -> str:
    """Say what kind of model there is at `path`, and where."""
    file = find_model(path)
    if Path(path).is_file():
        return f"file {file}"
    kind = "run folder" if Path(path).exists() else "shipped model"
    return f"{kind} {file.parent}"


def is_savedmodel(path) -> bool:
    """Return whether there is a SavedModel, as `ssvae.export` writes it."""
    return (Path(path) / GRAPH_FILE).is_file()


@contextlib.contextmanager
def _tensorflow_left_alone():
    """Keep Keras on another backend from importing TensorFlow to save or load.

    Keras 3.15 asks of what it saves whether it is TensorFlow's, and imports it to ask
    where it is installed: ten seconds. Told that it is not, it does without.
    """
    import keras

    if keras.backend.backend() == "tensorflow" or "tensorflow" in sys.modules:
        yield
        return
    sys.modules["tensorflow"] = None
    try:
        yield
    finally:
        del sys.modules["tensorflow"]


def save_model(model, path):
    """Write a model as a `.keras` file, compressed: Keras leaves that out."""
    path = Path(path)
    plain = path.with_name(f".{path.stem}.plain-{os.getpid()}.keras")
    try:
        with _tensorflow_left_alone():
            model.save(plain)
        with (
            zipfile.ZipFile(plain) as source,
            zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target,
        ):
            for name in source.namelist():
                with source.open(name) as old, target.open(name, "w") as new:
                    shutil.copyfileobj(old, new)
    finally:
        plain.unlink(missing_ok=True)


def load_model(path):
    """Load a trained model.

    Files from elsewhere are looked at before they are opened: none can run code.

    Args:
        path: A run folder, a `.keras` file, the name of a shipped model, or the folder
            of a SavedModel that `ssvae.export` wrote.

    Returns:
        An `SSVAE`, ready for `predict_proba`, `generate` and the rest; of a SavedModel
        an `ExportedModel`, which has `predict_proba`, `encode`, `generate`,
        `reconstruct` and `score`.

    Raises:
        InputError: If there is no model, or the file holds none of this package.
    """
    if is_savedmodel(path):
        from ssvae.exported import ExportedModel

        return ExportedModel(path)
    file = find_model(path)
    check(file)
    if file.suffix != ".keras":
        raise InputError(f"cannot load {str(file)!r}: need a name that ends in .keras")
    import keras

    import ssvae.model  # noqa: F401, registers the class with Keras

    try:
        with _tensorflow_left_alone():
            return keras.saving.load_model(file, compile=False)
    # What Keras and h5py raise for arrays that do not fit is not to be foreseen.
    except Exception as error:
        reason = str(error).strip().split("\n")[0] or type(error).__name__
        raise InputError(f"cannot load {str(file)!r}: {reason}") from error
