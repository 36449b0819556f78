"""A run's state on the disk, so that one that is broken off goes on exactly."""

import json
import os
import signal
import threading
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from keras import ops

from ssvae.errors import InputError
from ssvae.runs import CHECKPOINTS
from ssvae.steps import CountsSteps

# Seconds between two checkpoints within an epoch, and between looks for NaN.
INTERVAL, LOOK = 60.0, 1.0


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
        for variable, value in zip(_variables(model), self.variables, strict=True):
            variable.assign(value)


def save(folder, checkpoint):
    """Write a checkpoint: whole or not at all; the one before it is kept too."""
    arrays = {f"v{i:05}": value for i, value in enumerate(checkpoint.variables)}
    about = {"history": checkpoint.history, "seconds": checkpoint.seconds}
    folder = Path(folder)
    older = sorted(folder.glob(CHECKPOINTS))
    path = folder / f"checkpoint-{checkpoint.step:09}.npz"
    partial = folder / ".checkpoint.partial"
    with open(partial, "wb") as file:
        np.savez(file, about=np.array(json.dumps(about)), **arrays)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
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


class Checkpointing(CountsSteps):
    """Writes checkpoints: after each epoch, each minute, and when asked to stop.

    Ctrl-C and SIGTERM wait for the end of the launch, are followed by a checkpoint, and
    then interrupt; a second one interrupts at once. A loss that is not a number ends
    training with the last good checkpoint kept.

    Args:
        folder: Path of the folder that takes them.
        progress: `TrainingProgress`, whose history is kept with them.
        resumed: `Checkpoint` that training goes on from, or None.
    """

    def __init__(self, folder, progress, resumed=None):
        super().__init__(resumed)
        self.folder, self.progress, self.resumed = folder, progress, resumed
        self.saved = self.looked = time.perf_counter()
        self.asked = False
        self.handlers = {}

    def on_train_begin(self, logs=None):
        """Take the signals over."""
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self.handlers[number] = signal.signal(number, self._ask)

    def on_train_end(self, logs=None):
        """Give the signals back."""
        self.close()

    def on_epoch_begin(self, epoch, logs=None):
        """Go on with the means of an epoch that was broken off."""
        if self.resumed is not None:
            self.resumed.restore(self.model)
            self.resumed = None
            if self.step % self.model.steps_per_epoch == 0:
                self.model.reset_metrics()

    def on_train_batch_end(self, batch, logs=None):
        """Count; write a checkpoint if it is time to, or if asked to stop."""
        super().on_train_batch_end(batch, logs)
        now = time.perf_counter()
        if now - self.looked > LOOK:
            self.looked = now
            self._check(logs)
        if self.step % self.model.steps_per_epoch == 0:
            # The end of the epoch follows.
            return
        if self.asked or now - self.saved > INTERVAL:
            self._check(logs)
            self._save()
        if self.asked:
            raise KeyboardInterrupt

    def on_epoch_end(self, epoch, logs=None):
        """Write a checkpoint."""
        self._check(logs)
        self._save()
        if self.asked:
            raise KeyboardInterrupt

    def close(self):
        """Give the signals back, however training ended."""
        for number, handler in self.handlers.items():
            signal.signal(number, handler)
        self.handlers = {}

    def _ask(self, number, frame):
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True

    def _save(self):
        getattr(self.model, "jax_state_sync", lambda: None)()
        variables = [
            np.array(ops.convert_to_numpy(variable))
            for variable in _variables(self.model)
        ]
        if not all(np.all(np.isfinite(values)) for values in variables):
            self._fail(["the weights"])
        history = self.progress.history
        seconds = self.progress.seconds()
        save(self.folder, Checkpoint(self.step, variables, history, seconds))
        self.saved = time.perf_counter()

    def _check(self, logs):
        """Stop if a term is not a number."""
        values = {name: float(value) for name, value in (logs or {}).items()}
        wrong = [name for name, value in values.items() if not np.isfinite(value)]
        if wrong:
            self._fail(wrong)

    def _fail(self, wrong):
        raise InputError(
            f"training failed near step {self.step}: {' and '.join(wrong)} became "
            "infinite or no number: choose a lower --learning-rate"
        )


def _variables(model):
    """Return every variable of a compiled model that training changes."""
    return [
        *model.variables,
        *model.optimizer.variables,
        *model.metrics_variables,
    ]
