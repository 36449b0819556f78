"""A process joins the other workers that train the same model."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ssvae.backends.workers import Workers
from ssvae.cli import process


def start(way: str | None) -> Workers:
    """Start Keras and join the other workers; return when all of them are there.

    Call this before anything is computed in the process.

    Args:
        way: `"mirrored"`, for all devices of this machine; `"multiworker"`, for the
            processes that `TF_CONFIG` names; None, for this process alone, which then
            does not start Keras yet.

    Raises:
        InputError: If the backend trains on one device only, or if `TF_CONFIG` does
            not name the workers.
    """
    if way is None:
        return Workers()
    return process.start_keras(lambda backends: backends.start_workers(way))


@contextlib.contextmanager
def scratch_folder(begun: Path | None = None) -> Iterator[Path]:
    """Give a worker that is not the chief a folder, removed when the block ends.

    Args:
        begun: Folder of the run that is resumed; its checkpoints are copied, so all
            workers must be able to read it. None for a new run.

    Yields:
        Path of the folder.
    """
    with tempfile.TemporaryDirectory() as folder:
        if begun is not None:
            for path in begun.rglob("*.npz"):
                copy = Path(folder, path.relative_to(begun))
                copy.parent.mkdir(exist_ok=True)
                shutil.copyfile(path, copy)
        yield Path(folder)
