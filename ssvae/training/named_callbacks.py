"""Keras callbacks by name: TensorBoard, a CSV file, Weights & Biases."""

from __future__ import annotations

import dataclasses
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, Union

from ssvae.config.settings import Config
from ssvae.errors import InputError
from ssvae.runs.folder import LOGS_FOLDER, TRAINING_LOG
from ssvae.types import Say

if TYPE_CHECKING:
    import keras

# What `train` takes: a Keras callback, or the name of one.
Named: TypeAlias = Union["keras.callbacks.Callback", str]

# Packages that the callback of each name needs, besides Keras. That of TensorBoard
# writes by TensorFlow's functions, whatever trains the model.
NEEDED: dict[str, tuple[str, ...]] = {
    "tensorboard": ("tensorflow", "tensorboard"),
    "csv": (),
    "wandb": ("wandb",),
}


def check_callbacks(callbacks: Sequence[Named]) -> None:
    """Check that callbacks that are named are known and installed; Keras stays out.

    Raises:
        InputError: If one is not.
    """
    for name in callbacks:
        if not isinstance(name, str):
            continue
        if name not in NEEDED:
            raise InputError(
                f"callbacks: got {name!r}, need a Keras callback, or one of "
                f"{', '.join(NEEDED)}"
            )
        for package in NEEDED[name]:
            found = importlib.util.find_spec(package)
            # A mere folder of that name, like that of W&B's files, has no origin.
            if found is None or found.origin is None:
                raise InputError(
                    f"callbacks: {name} needs {package}, which is not installed: run "
                    f"`pip install {package}`, or leave {name} out"
                )


def made_callbacks(
    callbacks: Sequence[Named], folder: Path, config: Config, say: Say
) -> list[keras.callbacks.Callback]:
    """Return callbacks with an object in the place of each name.

    Args:
        callbacks: Keras callbacks, and names of `NEEDED`.
        folder: Path of the folder of the run, which they write into.
        config: `Config` of the run.
        say: Function that prints a line.

    Raises:
        InputError: If Weights & Biases refuses the run.
    """
    made = []
    for callback in callbacks:
        if callback == "tensorboard":
            callback = _tensorboard(folder, say)
        elif callback == "csv":
            callback = _csv_logger(folder)
        elif callback == "wandb":
            callback = _wandb(folder, config)
        made.append(callback)
    return made


def _tensorboard(folder, say):
    """Return Keras's callback for TensorBoard."""
    import keras

    class TensorBoard(keras.callbacks.TensorBoard):
        # Keras does not call it where training is interrupted.
        close = keras.callbacks.TensorBoard.on_train_end

    logs = folder / LOGS_FOLDER
    say(f"To watch: tensorboard --logdir {logs}")
    # The graph of one step would take megabytes.
    return TensorBoard(logs, write_graph=False)


def _csv_logger(folder):
    """Return Keras's callback that adds a row to a CSV file after every epoch."""
    import keras

    class CSVLogger(keras.callbacks.CSVLogger):
        # Keras does not call it where training is interrupted.
        close = keras.callbacks.CSVLogger.on_train_end

    # A resumed run goes on in the file that there is.
    return CSVLogger(folder / TRAINING_LOG, append=True)


def _wandb(folder, config):
    """Return a callback that logs to Weights & Biases, and begin a run of theirs.

    Their own callback needs TensorFlow, and fails on JAX. The names are those it gives.
    """
    import keras
    import wandb

    class WandbLogger(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            terms = dict(logs or {}, learning_rate=self.model.optimizer.learning_rate)
            values = {
                f"epoch/{name}": float(keras.ops.convert_to_numpy(value))
                for name, value in terms.items()
            }
            run.log({"epoch/epoch": epoch, **values})

        def close(self):
            """End the run of theirs; it counts as failed while an error is raised."""
            run.finish(exit_code=int(sys.exc_info()[0] is not None))

    settings = dataclasses.asdict(config)
    try:
        # A run that failed is found again by a file in the folder, and goes on.
        run = wandb.init(project="ssvae", dir=folder, config=settings, resume="auto")
    except wandb.errors.Error as error:
        reason = str(error).strip().split("\n")[0]
        raise InputError(
            f"callbacks: wandb does not start ({reason}): run `wandb login`, or set "
            "WANDB_MODE=offline"
        ) from None
    run.define_metric("epoch/*", step_metric="epoch/epoch")
    return WandbLogger()
