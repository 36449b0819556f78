"""Run folders: written whole or not at all, found by path or by name, loaded."""

import contextlib
import os
import shutil
import sys
import time
import zipfile
from pathlib import Path

from ssvae.errors import InputError

MODEL_FILE = "model.keras"
# What tells a run folder from a folder that holds somebody's other work.
CONTENTS = frozenset(
    {
        "config.toml",
        "labels.json",
        "history.csv",
        "metrics.json",
        MODEL_FILE,
        "samples.png",
        "README.md",
        "to_label.csv",
        # What `ssvae.evaluate` adds.
        "confusion.png",
        "coverage.png",
        "reliability.png",
    }
)


def default_out(config) -> Path:
    """Return a new folder's path under `runs/`: data set, labels, seed and time."""
    dataset = config.dataset.replace(":", "-").replace("/", "-")
    now = time.strftime("%Y%m%d-%H%M%S")
    return Path("runs") / f"{dataset}-{config.labels}-seed{config.seed}-{now}"


@contextlib.contextmanager
def new_run(out, overwrite=False):
    """Give a folder to write a run into; it becomes `out` when the block ends well.

    Until then it lies hidden beside `out`; if the block raises, it is removed and
    whatever was at `out` stays as it was.

    Args:
        out: Path of the run folder to be.
        overwrite: Whether a run folder that exists may be replaced.

    Yields:
        Path of the folder to write into.

    Raises:
        InputError: If `out` exists and may not be replaced, or cannot be written.
    """
    # Not resolved: a link to a folder is replaced or refused, never followed.
    out = Path(os.path.abspath(out))
    _check_free(out, overwrite)
    partial = out.with_name(f".{out.name}.partial-{os.getpid()}")
    try:
        partial.mkdir(parents=True)
    except OSError as error:
        raise InputError(
            f"cannot write {str(out)!r}: {error.strerror}: name another folder with "
            "--out"
        ) from None
    try:
        yield partial
        _check_free(out, overwrite)
        aside = out.with_name(f".{out.name}.replaced-{os.getpid()}")
        if out.exists():
            out.rename(aside)
        partial.rename(out)
        shutil.rmtree(aside, ignore_errors=True)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


def partial_folder(out) -> Path | None:
    """Return the folder of a run in the making that will be `out`; None if none is."""
    out = Path(os.path.abspath(out))
    found = sorted(out.parent.glob(f".{out.name}.partial-*"))
    return found[-1] if found else None


def _check_free(out, overwrite):
    """Raise `InputError` unless a run may be put at `out`."""
    if not os.path.lexists(out):
        return
    if not overwrite:
        raise InputError(
            f"{str(out)!r} exists: name another folder with --out, or replace it with "
            "--overwrite"
        )
    is_folder = out.is_dir() and not out.is_symlink()
    if not is_folder or {path.name for path in out.iterdir()} - CONTENTS:
        raise InputError(
            f"{str(out)!r} is no run folder, so it is not overwritten: name another "
            "folder with --out"
        )


def saved_models() -> dict[str, Path]:
    """Return the run folders shipped with the package, by name."""
    package = Path(__file__).parent
    # In an installed package the folder lies inside; in a checkout, beside it.
    for folder in (package / "saved_models", package.parent / "saved_models"):
        if folder.is_dir():
            return {path.parent.name: path.parent for path in folder.glob("*/*.toml")}
    return {}


def find_model(path) -> Path:
    """Return the `.keras` file of a run folder, a file or a shipped model's name.

    Raises:
        InputError: If there is none.
    """
    place = Path(path)
    shipped = saved_models()
    if not place.exists() and str(path) in shipped:
        place = shipped[str(path)]
    if place.is_dir():
        place = place / MODEL_FILE
    if not place.is_file() or place.suffix != ".keras":
        raise InputError(
            f"no model at {str(path)!r}: need a run folder, a .keras file, or one of "
            f"{', '.join(sorted(shipped)) or 'the shipped models (there are none)'}"
        )
    return place


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

    Args:
        path: A run folder, a `.keras` file, or the name of a shipped model.

    Returns:
        An `SSVAE`, ready for `predict_proba`, `generate` and the rest.

    Raises:
        InputError: If there is no model, or the file holds no `SSVAE`.
    """
    file = find_model(path)
    import keras

    from ssvae.model import SSVAE

    try:
        with _tensorflow_left_alone():
            model = keras.saving.load_model(file, compile=False)
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = str(error).strip().split("\n")[0]
        raise InputError(f"cannot load {str(file)!r}: {reason}") from error
    if not isinstance(model, SSVAE):
        raise InputError(f"{str(file)!r} holds a {type(model).__name__}, need an SSVAE")
    return model
