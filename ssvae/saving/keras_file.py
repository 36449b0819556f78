"""Trained models written to `.keras` files, and opened from anywhere."""

import contextlib
import shutil
import sys
import zipfile

from ssvae.errors import InputError
from ssvae.files.atomic import replaced
from ssvae.saving.archive import check
from ssvae.saving.find import find_model, is_savedmodel


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
    with replaced(path) as file:
        with _tensorflow_left_alone():
            model.save(file)
        with (
            replaced(file) as packed,
            zipfile.ZipFile(file) as source,
            zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target,
        ):
            for name in source.namelist():
                with source.open(name) as old, target.open(name, "w") as new:
                    shutil.copyfileobj(old, new)


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
        from ssvae.saving.savedmodel import ExportedModel

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
