"""Checkpoints: the state of a run on disk, from which it resumes bit for bit."""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ssvae.files.atomic import replaced
from ssvae.runs.folder import CHECKPOINTS
from ssvae.types import PathLike

if TYPE_CHECKING:
    import keras

    from ssvae.model import SSVAE


@dataclass(frozen=True)
class Checkpoint:
    """The state of a run.

    Attributes:
        step: Steps taken so far.
        variables: One array for each of `variables_of` the model.
        history: One dict per complete epoch, see `TrainingProgress`.
        stages: Seconds of each stage of training so far, by its name.
    """

    step: int
    variables: list[np.ndarray]
    history: list[dict[str, Any]]
    stages: dict[str, float]

    @property
    def seconds(self) -> float:
        """Seconds of training so far."""
        return sum(self.stages.values())

    def restore(self, model: SSVAE) -> None:
        """Give a compiled model the state that was saved."""
        for variable, value in zip(variables_of(model), self.variables, strict=True):
            variable.assign(value)


def save(folder: PathLike, checkpoint: Checkpoint) -> None:
    """Write a checkpoint whole or not at all; keep the one before it, too."""
    arrays: dict[str, Any] = {
        f"v{i:05}": value for i, value in enumerate(checkpoint.variables)
    }
    about = {"history": checkpoint.history, "stages": checkpoint.stages}
    folder = Path(folder)
    older = sorted(folder.glob(CHECKPOINTS))
    path = folder / f"checkpoint-{checkpoint.step:09}.npz"
    with replaced(path, durable=True) as partial:
        np.savez(partial, about=np.array(json.dumps(about)), **arrays)
    for old in older[:-1]:
        if old != path:
            old.unlink()


def newest(folder: PathLike) -> Checkpoint | None:
    """Return the newest intact checkpoint in a folder; None if there is none."""
    for path in sorted(Path(folder).glob(CHECKPOINTS), reverse=True):
        try:
            # Reading an array checks its checksum, so a damaged file is passed over.
            with open(path, "rb") as file, np.load(file) as arrays:
                about = json.loads(str(arrays["about"]))
                names = sorted(name for name in arrays.files if name != "about")
                variables = [arrays[name] for name in names]
            step = int(path.stem.split("-")[1])
            # Earlier versions counted the seconds of all stages together.
            if "stages" not in about:
                about["stages"] = {"pixels": about["seconds"]}
            return Checkpoint(step, variables, about["history"], about["stages"])
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            continue
    return None


def variables_of(model: SSVAE) -> list[keras.Variable]:
    """Return every variable of a compiled model that training changes.

    They are the model's own (weights, moving averages, the step and the state of the
    noise's seeds), the optimizer's, and those of the epoch's means.
    """
    return [
        *model.variables,
        *model.optimizer.variables,
        *model.metrics_variables,
    ]
