"""A run's state on the disk, so that a run that is broken off can go on exactly."""

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ssvae.files.atomic import replaced
from ssvae.runs.folder import CHECKPOINTS


@dataclass(frozen=True)
class Checkpoint:
    """What a run needs to go on.

    Attributes:
        step: Steps that were taken.
        variables: Arrays, every variable of the model and of its optimizer.
        history: List of a dict for each epoch that ended.
        seconds: How long training had taken.
    """

    step: int
    variables: list[np.ndarray]
    history: list[dict]
    seconds: float

    def restore(self, model):
        """Give a compiled model the state it had."""
        for variable, value in zip(variables_of(model), self.variables, strict=True):
            variable.assign(value)


def save(folder, checkpoint):
    """Write a checkpoint: whole or not at all; the one before it is kept too."""
    arrays = {f"v{i:05}": value for i, value in enumerate(checkpoint.variables)}
    about = {"history": checkpoint.history, "seconds": checkpoint.seconds}
    folder = Path(folder)
    older = sorted(folder.glob(CHECKPOINTS))
    path = folder / f"checkpoint-{checkpoint.step:09}.npz"
    with replaced(path, durable=True) as partial:
        np.savez(partial, about=np.array(json.dumps(about)), **arrays)
    for old in older[:-1]:
        if old != path:
            old.unlink()


def newest(folder) -> Checkpoint | None:
    """Return the newest checkpoint that can be read; None if there is none."""
    for path in sorted(Path(folder).glob(CHECKPOINTS), reverse=True):
        try:
            # Reading an array checks its sum: a torn file is passed over.
            with open(path, "rb") as file, np.load(file) as arrays:
                about = json.loads(str(arrays["about"]))
                names = sorted(name for name in arrays.files if name != "about")
                variables = [arrays[name] for name in names]
            step = int(path.stem.split("-")[1])
            return Checkpoint(step, variables, about["history"], about["seconds"])
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            continue
    return None


def variables_of(model):
    """Return every variable of a compiled model that training changes."""
    return [
        *model.variables,
        *model.optimizer.variables,
        *model.metrics_variables,
    ]
