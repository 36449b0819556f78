"""A run in the making, for those who look into its folder while it trains."""

import json
import time

import keras

from ssvae.outputs import new_file
from ssvae.pictures import sample_grid

PROGRESS_FILE = "progress.json"
# Seconds between two renewals.
INTERVAL = 1.0


class LiveFolder(keras.callbacks.Callback):
    """Writes how training goes into the folder that the run will become.

    `progress.json`, renewed every second, says in words what is done and holds `epoch`
    of `epochs`, `step` of `steps`, `seconds` since the start, `seconds_left`, and the
    `terms` of the loss so far in the epoch; `samples.png` is drawn after each epoch.

    Args:
        folder: Path of the folder.
    """

    def __init__(self, folder):
        super().__init__()
        self.path = folder / PROGRESS_FILE
        self.samples = folder / "samples.png"
        self.began = time.perf_counter()
        self.written = -INTERVAL

    def say(self, text):
        """Say in words what is done now."""
        self._write({"doing": text})

    def on_train_begin(self, logs=None):
        """Start to count steps."""
        self.step = 0
        self.fit_began = time.perf_counter()
        self.steps = self.params["epochs"] * self.params["steps"]

    def on_train_batch_end(self, batch, logs=None):
        """Renew the progress, if it is time to."""
        self.step += 1
        if time.perf_counter() - self.written > INTERVAL:
            self._progress(logs)

    def on_epoch_end(self, epoch, logs=None):
        """Renew the progress, and draw what the model makes by now."""
        self._progress(logs)
        if self.model.num_classes > 1:
            with new_file(self.samples, (".png",), overwrite=True) as path:
                sample_grid(self.model).save(path)

    def close(self):
        """Take the progress away: the run is complete without."""
        self.path.unlink(missing_ok=True)

    def _progress(self, logs):
        seconds = time.perf_counter() - self.fit_began
        self._write(
            {
                "doing": "Training.",
                "epoch": -(-self.step // self.params["steps"]),
                "epochs": self.params["epochs"],
                "step": self.step,
                "steps": self.steps,
                "seconds_left": seconds / self.step * (self.steps - self.step),
                "terms": {name: float(value) for name, value in (logs or {}).items()},
            }
        )

    def _write(self, progress):
        self.written = time.perf_counter()
        progress["seconds"] = self.written - self.began
        with new_file(self.path, (".json",), overwrite=True) as path:
            path.write_text(json.dumps(progress) + "\n", encoding="utf-8")
