"""A run in the making, for those who look into its folder while it trains."""

import contextlib
import time

from ssvae.errors import InputError
from ssvae.files.atomic import new_file, write_json
from ssvae.runs.folder import PROGRESS_FILE
from ssvae.runs.samples import sample_grid
from ssvae.training.steps import CountsSteps

# Seconds between two renewals.
INTERVAL = 1.0


class LiveFolder(CountsSteps):
    """Writes how training goes into the folder that the run will become.

    `progress.json`, renewed every second, says in words what is done and holds `epoch`
    of `epochs`, `step` of `steps`, `seconds` of training so far, `seconds_left`, and
    the `terms` of the loss so far in the epoch; `samples.png` is drawn after each.

    Args:
        folder: Path of the folder.
        resumed: `Checkpoint` that training goes on from, or None.
    """

    def __init__(self, folder, resumed=None):
        super().__init__(resumed)
        self.path = folder / PROGRESS_FILE
        self.samples = folder / "samples.png"
        self.began = time.perf_counter() - (resumed.seconds if resumed else 0.0)
        self.written = -INTERVAL

    def say(self, text):
        """Say in words what is done now."""
        self._write({"doing": text})

    def on_train_begin(self, logs=None):
        """Start the clock."""
        self.fit_began = time.perf_counter()
        self.first = self.step

    def on_train_batch_end(self, batch, logs=None):
        """Renew the progress, if it is time to."""
        super().on_train_batch_end(batch, logs)
        if time.perf_counter() - self.written > INTERVAL:
            self._progress(logs)

    def on_epoch_end(self, epoch, logs=None):
        """Renew the progress, and draw what the model makes by now."""
        self._progress(logs)
        if self.model.num_classes > 1:
            with (
                contextlib.suppress(InputError),
                new_file(self.samples, (".png",), overwrite=True) as path,
            ):
                sample_grid(self.model).save(path)

    def _progress(self, logs):
        each = (time.perf_counter() - self.fit_began) / (self.step - self.first)
        epochs, steps_each = self.model.config.epochs, self.model.steps_per_epoch
        steps = epochs * steps_each
        self._write(
            {
                "doing": "Training.",
                "epoch": -(-self.step // steps_each),
                "epochs": epochs,
                "step": self.step,
                "steps": steps,
                "seconds_left": each * (steps - self.step),
                "terms": {name: float(value) for name, value in (logs or {}).items()},
            }
        )

    def _write(self, progress):
        self.written = time.perf_counter()
        progress["seconds"] = self.written - self.began
        # A full disk is no reason to end training.
        with contextlib.suppress(InputError):
            write_json(self.path, progress)
