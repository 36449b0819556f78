"""Run folders: written whole or not at all, and gone on with where broken off."""

import contextlib
import os
import shutil
import time
from pathlib import Path

from ssvae.errors import InputError, Interrupted
from ssvae.files.atomic import cannot_write
from ssvae.runs.lock import FILE as LOCK_FILE
from ssvae.runs.lock import locked
from ssvae.saving.find import MODEL_FILE

# What a run in the making holds besides: how far it is, its state, the labels that the
# graph gave, and the state of M1.
PROGRESS_FILE, SPREAD_FILE, M1_FOLDER = "progress.json", "spread.npz", "m1"
CHECKPOINTS = "checkpoint-*.npz"

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
    dataset = Path(config.dataset.rstrip("/")).name.replace(":", "-")
    now = time.strftime("%Y%m%d-%H%M%S")
    return Path("runs") / f"{dataset}-{config.labels}-seed{config.seed}-{now}"


@contextlib.contextmanager
def new_run(out, overwrite=False, resume=False):
    """Give a folder to write a run into; it becomes `out` when the block ends well.

    Until then it lies hidden beside `out`, and no other process may write into it. If
    the block raises it is removed, unless it holds a checkpoint from which the run can
    go on; whatever was at `out` stays as it was.

    Args:
        out: Path of the run folder to be.
        overwrite: Whether a run there is replaced, and one that was broken off begun
            anew.
        resume: Whether to go on with one that was broken off.

    Yields:
        Path of the folder to write into.

    Raises:
        InputError: If `out` exists and may not be replaced, or cannot be written; if
            another process writes to it; if a run was broken off there and is neither
            to be resumed nor overwritten.
    """
    # Not resolved: a link to a folder is replaced or refused, never followed.
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
                f"a run into {str(out)!r} was broken off: go on with --resume "
                f"{str(out)!r}, or begin anew with --overwrite"
            )
        if not resume:
            _empty(partial, all_but={LOCK_FILE})
        try:
            yield partial
            _publish(partial, out, overwrite)
        except BaseException as error:
            said = _said_of(error, partial, out)
            if said is error:
                raise
            raise said from None


def partial_folder(out) -> Path:
    """Return where a run that will be `out` lies until it is complete."""
    out = Path(os.path.abspath(out))
    return out.with_name(f".{out.name}.partial")


def is_resumable(partial) -> bool:
    """Return whether a folder holds a run that was broken off."""
    return any(partial.rglob(CHECKPOINTS))


def _publish(partial, out, overwrite):
    """Put a run that is complete at `out`, in place of what may be replaced there."""
    check_free(out, overwrite)
    aside = out.with_name(f".{out.name}.replaced-{os.getpid()}")
    if out.exists():
        out.rename(aside)
    partial.rename(out)
    # Not before: until here the run could have gone on.
    _empty(out, all_but=CONTENTS)
    shutil.rmtree(aside, ignore_errors=True)


def _said_of(error, partial, out):
    """Return the error to raise where a run was broken off by one.

    It tells how to go on; where there is nothing to go on from, the folder is removed.
    """
    over = " --overwrite" if out.exists() else ""
    rescue = f"go on with --resume {str(out)!r}{over}"
    resumable = is_resumable(partial)
    if not resumable:
        shutil.rmtree(partial, ignore_errors=True)
        rescue = "begin again"
    if isinstance(error, OSError):
        return cannot_write(out, error, f"make room there, then {rescue}")
    if resumable and isinstance(error, KeyboardInterrupt):
        return Interrupted(f"interrupted; {rescue}")
    if resumable and isinstance(error, InputError):
        return InputError(f"{error}; then {rescue}")
    return error


def _empty(folder, all_but):
    """Remove what is in a folder, all but some names."""
    for path in folder.iterdir():
        if path.name in all_but:
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def check_free(out, overwrite):
    """Raise `InputError` unless a run may be put at `out`."""
    if not os.path.lexists(out):
        return
    if not overwrite:
        raise InputError(
            f"{str(out)!r} exists: name another folder with --out, or replace it with "
            "--overwrite"
        )
    is_folder = out.is_dir() and not out.is_symlink()
    known = CONTENTS | {PROGRESS_FILE, SPREAD_FILE, M1_FOLDER, LOCK_FILE}
    if not is_folder or any(
        path.name not in known and not path.match(CHECKPOINTS) for path in out.iterdir()
    ):
        raise InputError(
            f"{str(out)!r} is no run folder, so it is not overwritten: name another "
            "folder with --out"
        )
