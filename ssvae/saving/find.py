"""Trained models found by path or by name."""

from pathlib import Path

from ssvae.errors import InputError
from ssvae.saving.hub import downloaded, is_on_hub
from ssvae.types import PathLike

MODEL_FILE = "model.keras"
# Files of a model on the hub that are fetched: what commands read of a run folder.
FETCHED = (MODEL_FILE, "config.toml", "labels.json", "metrics.json")
# A folder with this file is a SavedModel.
GRAPH_FILE = "saved_model.pb"


def saved_models() -> dict[str, Path]:
    """Return the run folders shipped with the package, by name."""
    package = Path(__file__).parents[1]
    # An installed package holds the folder; in a checkout it is next to the package.
    for folder in (package / "saved_models", package.parent / "saved_models"):
        if folder.is_dir():
            paths = sorted(folder.glob("*/*.toml"))
            return {path.parent.name: path.parent for path in paths}
    return {}


def find_model(path: PathLike) -> Path:
    """Return the path of a trained model's `.keras` file.

    Args:
        path: A run folder, a `.keras` file, the name of a shipped model, or the address
            of one on the Hugging Face hub, hf://USER/NAME or hf://USER/NAME@REVISION.

    Raises:
        InputError: If there is no model; the message says what is needed.
    """
    place = Path(path)
    shipped = saved_models()
    if is_on_hub(path):
        place = downloaded(str(path), FETCHED)
    elif not place.exists() and str(path) in shipped:
        place = shipped[str(path)]
    if is_savedmodel(place):
        raise InputError(
            f"{str(path)!r} is a SavedModel, which answers but has no settings: need "
            "the run folder or .keras file that it was exported from"
        )
    if place.is_dir():
        place = place / MODEL_FILE
    if not place.is_file():
        raise InputError(
            f"no model at {str(path)!r}: need a run folder, a .keras file, hf://USER/"
            "NAME of a model on the hub, or one of "
            f"{', '.join(sorted(shipped)) or 'the shipped models (there are none)'}"
        )
    return place


def describe(path: PathLike) -> str:
    """Return what kind of model `path` is, and where it is, in words.

    Raises:
        InputError: See `find_model`.
    """
    file = find_model(path)
    if is_on_hub(path):
        return f"model {path} on the hub"
    if Path(path).is_file():
        return f"file {file}"
    kind = "run folder" if Path(path).exists() else "shipped model"
    return f"{kind} {file.parent}"


def is_savedmodel(path: PathLike) -> bool:
    """Return whether a folder is a SavedModel, as `ssvae.export` writes it."""
    return (Path(path) / GRAPH_FILE).is_file()
