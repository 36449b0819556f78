"""Run folders: written whole or not at all, and resumed after an interruption."""

import contextlib
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from ssvae.config.settings import Config
from ssvae.errors import InputError, Interrupted
from ssvae.files.atomic import cannot_write
from ssvae.runs.lock import FILE as LOCK_FILE
from ssvae.runs.lock import locked
from ssvae.saving.find import MODEL_FILE
from ssvae.types import PathLike

# Files of an unfinished run: its progress, the labels that the graph gave, the classes
# that features gave, what its images are, the folder of M1's checkpoints, and the
# checkpoints.
PROGRESS_FILE, SPREAD_FILE, M1_FOLDER = "progress.json", "spread.npz", "m1"
CLASSIFIED_FILE, CONTENT_FILE = "classified.npz", "content.npz"
CHECKPOINTS = "checkpoint-*.npz"
# File of an unfinished run with what was found of its labels.
ISSUES_FILE = "label_issues.npz"
# The same of images that seem to belong to no class.
OUTSIDE_FILE = "outside.npz"
# File with what the pages of the app show of a run; see `ssvae.runs.shown`.
SHOWN_FILE = "shown.npz"
# What callbacks that are named write: TensorBoard, CSVLogger, Weights & Biases.
LOGS_FOLDER, TRAINING_LOG, WANDB_FOLDER = "logs", "training.csv", "wandb"

# Files of a complete run. A folder with any other file is not overwritten, since it may
# hold somebody's work.
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
        "label_issues.csv",
        "unusual.csv",
        "unusual.png",
        SHOWN_FILE,
        # Runs without labels have these.
        "features.npy",
        "clusters.csv",
        "clusters.png",
        "map.png",
        "to_label.png",
        LOGS_FOLDER,
        TRAINING_LOG,
        WANDB_FOLDER,
        # `ssvae.evaluate` adds these.
        "confusion.png",
        "coverage.png",
        "reliability.png",
    }
)


def default_out(config: Config) -> Path:
    """Return a new path under `runs/`, named by data set, labels, seed and time."""
    dataset = Path(config.dataset.rstrip("/")).name.replace(":", "-")
    now = time.strftime("%Y%m%d-%H%M%S")
    return Path("runs") / f"{dataset}-{config.labels}-seed{config.seed}-{now}"


@contextlib.contextmanager
def new_run(
    out: PathLike, overwrite: bool = False, resume: bool = False
) -> Iterator[Path]:
    """Give a folder to write a run into; it becomes `out` when the block ends.

    Until then it is a hidden folder next to `out`, locked against other processes. If
    the block raises, the hidden folder is removed, unless it holds a checkpoint to
    resume the run from, or a first model of an interrupted run; a folder at `out` stays
    as it was.

    Args:
        out: Path where the run folder will be.
        overwrite: Whether to replace a run at `out`, and to discard an interrupted one.
        resume: Whether to resume the interrupted run into `out`.

    Yields:
        Path of the folder to write into.

    Raises:
        InputError: If `out` exists and may not be replaced, or cannot be written; if
            another process writes to it; if an interrupted run is there, and is to be
            neither resumed nor overwritten.
    """
    # Links are not resolved: a link at `out` is refused, never followed.
    out = Path(os.path.abspath(out))
    check_free(out, overwrite)
    partial = partial_folder(out)
    begun = is_resumable(partial)
    try:
        partial.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(out, error, "name another folder with --out") from None
    with locked(partial, out):
        if begun and not (overwrite or resume):
            raise InputError(
                f"a run into {str(out)!r} was interrupted: go on with --resume "
                f"{str(out)!r}, or begin again with --overwrite"
            )
        if not resume:
            _empty(partial, all_but={LOCK_FILE})
        try:
            yield partial
            _publish(partial, out, overwrite)
        except BaseException as error:
            advised = _with_advice(error, partial, out)
            if advised is error:
                raise
            raise advised from None


def partial_folder(out: PathLike) -> Path:
    """Return the hidden folder of a run until it is complete and becomes `out`."""
    out = Path(os.path.abspath(out))
    return out.with_name(f".{out.name}.partial")


def is_resumable(partial: Path) -> bool:
    """Return whether a folder holds an interrupted run with a checkpoint."""
    return any(partial.rglob(CHECKPOINTS))


def _publish(partial, out, overwrite):
    """Move a complete run to `out`, in place of a run that may be replaced."""
    check_free(out, overwrite)
    aside = out.with_name(f".{out.name}.replaced-{os.getpid()}")
    if out.exists():
        out.rename(aside)
    partial.rename(out)
    # The checkpoints go last: until here the run could have been resumed.
    _empty(out, all_but=CONTENTS)
    shutil.rmtree(aside, ignore_errors=True)


def _with_advice(error, partial, out):
    """Return the error to raise when `error` interrupts a run; it says what to do next.

    The folder is removed if the run cannot be resumed and has no model yet.
    """
    over = " --overwrite" if out.exists() else ""
    advice = f"go on with --resume {str(out)!r}{over}"
    resumable, model = is_resumable(partial), partial / MODEL_FILE
    if not resumable:
        advice = "begin again"
    if model.exists() and isinstance(error, KeyboardInterrupt):
        advice += f"; its classifier can be used already: {str(model)!r}"
        return Interrupted(f"interrupted; {advice}")
    if not resumable:
        shutil.rmtree(partial, ignore_errors=True)
    if isinstance(error, OSError):
        return cannot_write(out, error, f"make room there, then {advice}")
    if resumable and isinstance(error, KeyboardInterrupt):
        return Interrupted(f"interrupted; {advice}")
    if resumable and isinstance(error, InputError):
        return InputError(f"{error}; then {advice}")
    return error


def _empty(folder, all_but):
    """Remove all files and folders in a folder, except some names."""
    for path in folder.iterdir():
        if path.name in all_but:
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def check_free(out: Path, overwrite: bool) -> None:
    """Check that a run may be written to `out`.

    Raises:
        InputError: If there is a run that may not be replaced, or anything else.
    """
    if not os.path.lexists(out):
        return
    if not overwrite:
        raise InputError(
            f"{str(out)!r} exists: name another folder with --out, or replace it with "
            "--overwrite"
        )
    is_folder = out.is_dir() and not out.is_symlink()
    known = CONTENTS | {PROGRESS_FILE, SPREAD_FILE, CLASSIFIED_FILE, CONTENT_FILE}
    known |= {M1_FOLDER, LOCK_FILE, ISSUES_FILE, OUTSIDE_FILE}
    if not is_folder or any(
        path.name not in known and not path.match(CHECKPOINTS) for path in out.iterdir()
    ):
        raise InputError(
            f"{str(out)!r} is no run folder, so it is not overwritten: name another "
            "folder with --out"
        )
