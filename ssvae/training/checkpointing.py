"""The callback that writes checkpoints and stops training when asked to."""

import signal
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
from keras import ops

from ssvae.errors import InputError
from ssvae.runs.checkpoints import Checkpoint, save, variables_of
from ssvae.training.progress import TrainingProgress
from ssvae.training.steps import CountsSteps, Logs

# Seconds between two checkpoints within an epoch, and between two checks for NaN.
INTERVAL, LOOK = 60.0, 1.0


class Checkpointing(CountsSteps):
    """Writes checkpoints: after each epoch, each minute, and when asked to stop.

    Ctrl-C or SIGTERM lets the launch end, writes a checkpoint and then interrupts
    training; a second one interrupts at once. A loss that is infinite or no number
    ends training; the last good checkpoint stays.

    Args:
        folder: Path of the folder for the checkpoints.
        progress: `TrainingProgress`, whose history is saved in them.
        resumed: `Checkpoint` to resume from, or None.
    """

    def __init__(
        self,
        folder: Path,
        progress: TrainingProgress,
        resumed: Checkpoint | None = None,
    ):
        super().__init__(resumed)
        self.folder, self.progress, self.resumed = folder, progress, resumed
        self.saved = self.looked = time.perf_counter()
        self.asked = False
        self.handlers: dict[int, Any] = {}

    def on_train_begin(self, logs: Logs = None) -> None:
        """Take over Ctrl-C and SIGTERM."""
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self.handlers[number] = signal.signal(number, self._ask)

    def on_train_end(self, logs: Logs = None) -> None:
        """Give the signals back to their earlier handlers."""
        self.close()

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Restore the means of an interrupted epoch, which `fit` has reset."""
        if self.resumed is not None:
            self.resumed.restore(self.model)
            self.resumed = None
            if self.step % self.model.steps_per_epoch == 0:
                self.model.reset_metrics()

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Write a checkpoint if a minute has passed, or if asked to stop."""
        super().on_train_batch_end(batch, logs)
        now = time.perf_counter()
        if now - self.looked > LOOK:
            self.looked = now
            self._check(logs)
        if self.step % self.model.steps_per_epoch == 0:
            # `on_epoch_end` follows, which writes one.
            return
        if self.asked or now - self.saved > INTERVAL:
            self._check(logs)
            self._save()
        if self.asked:
            raise KeyboardInterrupt

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Write a checkpoint."""
        self._check(logs)
        self._save()
        if self.asked:
            raise KeyboardInterrupt

    def close(self) -> None:
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
            for variable in variables_of(self.model)
        ]
        if not all(np.all(np.isfinite(values)) for values in variables):
            self._fail(["the weights"])
        history = self.progress.history
        stages = self.progress.stopwatch.seconds()
        save(self.folder, Checkpoint(self.step, variables, history, stages))
        self.saved = time.perf_counter()

    def _check(self, logs):
        """Stop training if a loss term is infinite or no number."""
        values = {name: float(value) for name, value in (logs or {}).items()}
        wrong = [name for name, value in values.items() if not np.isfinite(value)]
        if wrong:
            self._fail(wrong)

    def _fail(self, wrong):
        raise InputError(
            f"training failed near step {self.step}: {' and '.join(wrong)} became "
            "infinite or no number: choose a lower --learning-rate"
        )
