"""A process joins the others that train the same model."""

import contextlib
import shutil
import tempfile
from pathlib import Path

from ssvae.backends.workers import Workers
from ssvae.cli import process


def start(way) -> Workers:
    """Join the others that train the same model; wait until all are there.

    Nothing may have been computed in this process before.

    Args:
        way: `"mirrored"`, every device of this machine; `"multiworker"`, the processes
            that `TF_CONFIG` names; None for this process alone.

    Raises:
        InputError: If the backend cannot, or `TF_CONFIG` does not say who they are.
    """
    if way is None:
        return Workers()
    return process.start_keras(lambda backends: backends.start_workers(way))


@contextlib.contextmanager
def own_folder(begun=None):
    """Give a worker that is not the chief a folder, which goes when the block ends.

    Args:
        begun: Path of the folder of a run that was broken off, whose checkpoints it is
            to go on from; all workers must reach it.
    """
    with tempfile.TemporaryDirectory() as folder:
        if begun is not None:
            for path in Path(begun).rglob("*.npz"):
                copy = Path(folder, path.relative_to(begun))
                copy.parent.mkdir(exist_ok=True)
                shutil.copyfile(path, copy)
        yield Path(folder)
