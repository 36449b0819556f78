"""The callback that writes checkpoints and answers a request to stop."""

import signal
import threading
import time

import numpy as np
from keras import ops

from ssvae.errors import InputError
from ssvae.runs.checkpoints import Checkpoint, save, variables_of
from ssvae.training.steps import CountsSteps

# Seconds between two checkpoints within an epoch, and between looks for NaN.
INTERVAL, LOOK = 60.0, 1.0


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
            for variable in variables_of(self.model)
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
