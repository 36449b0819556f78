"""Trained models found by path or by name."""

from pathlib import Path

from ssvae.errors import InputError

MODEL_FILE = "model.keras"


# What tells a SavedModel from other folders.
GRAPH_FILE = "saved_model.pb"


def saved_models() -> dict[str, Path]:
    """Return the run folders shipped with the package, by name."""
    package = Path(__file__).parents[1]
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
