"""Trained models written to `.keras` files, and opened from anywhere."""

import datetime
import json
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from ssvae.data.damage import DAMAGE
from ssvae.errors import InputError
from ssvae.files.atomic import replaced
from ssvae.saving import archive
from ssvae.saving.compact import write_compact
from ssvae.saving.find import find_model, is_savedmodel
from ssvae.types import PathLike

# Functions import Keras, so that a file that is refused needs none.

if TYPE_CHECKING:
    from ssvae.model import SSVAE
    from ssvae.saving.savedmodel import ExportedModel


def save_model(model: "SSVAE", path: PathLike) -> None:
    """Write a model as a `.keras` file, which `keras.saving.load_model` opens too.

    In contrast to Keras's own files, this one is compressed, and has 16 bits for
    numbers that need no more.

    Args:
        model: The `SSVAE`.
        path: Path of the file, in a folder that exists.
    """
    import keras

    # Not `model.save`: for each object that it serializes, Keras 3.15 imports
    # TensorFlow to see whether the object is a TensorShape. On another backend that
    # takes ten seconds. `save_weights` does not, and our settings are plain JSON.
    saved = datetime.datetime.now().strftime("%Y-%m-%d@%H:%M:%S")
    about = {"keras_version": keras.__version__, "date_saved": saved}
    config = archive.CLASS | {"config": model.get_config()}
    with (
        tempfile.TemporaryDirectory() as folder,
        replaced(path) as partial,
        zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as file,
    ):
        written = Path(folder) / archive.WEIGHTS
        weights = Path(folder) / "compact.h5"
        model.save_weights(written)
        write_compact(written, weights)
        file.writestr(archive.METADATA, json.dumps(about))
        file.writestr(archive.CONFIG, json.dumps(config))
        file.write(weights, archive.WEIGHTS)


def load_model(path: PathLike) -> "SSVAE | ExportedModel":
    """Load a trained model.

    Files from elsewhere are checked before they are opened: none can run code. The
    model is built from the settings that were checked; `keras.saving.load_model` would
    read the file again, and tell every error in its own words.

    Args:
        path: A run folder, a `.keras` file, the name of a shipped model, hf://USER/NAME
            or hf://USER/NAME@REVISION of a model on the Hugging Face hub, or the folder
            of a SavedModel that `ssvae.export` wrote.

    Returns:
        An `SSVAE`, ready for `predict_proba`, `generate` and the rest; for a SavedModel
        an `ExportedModel`, which has `predict_proba`, `encode`, `generate`,
        `reconstruct` and `score`.

    Raises:
        InputError: If there is no model, or the file holds none of this package.
    """
    if is_savedmodel(path):
        from ssvae.saving.savedmodel import ExportedModel

        return ExportedModel(path)
    file = find_model(path)
    config, weights = archive.read_model(file)
    if file.suffix != ".keras":
        raise InputError(f"cannot load {str(file)!r}: need a name that ends in .keras")
    from ssvae.model import SSVAE

    try:
        model = SSVAE.from_config(config)
        _load_weights(model, weights)
    except InputError as error:
        raise InputError(f"cannot load {str(file)!r}: {error}") from error
    return model


def _load_weights(model, content):
    """Load the weights in the bytes of an HDF5 file into a model."""
    with tempfile.TemporaryDirectory() as folder:
        # Keras needs a file. From inside the archive it would take five times as long.
        path = Path(folder) / archive.WEIGHTS
        path.write_bytes(content)
        try:
            model.load_weights(path)
        except DAMAGE as error:
            raise InputError(archive.first_line(error)) from error
