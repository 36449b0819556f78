"""The number of training steps, counted by callbacks."""

from typing import Any, TypeAlias

import keras

from ssvae.runs.checkpoints import Checkpoint

# What Keras gives to callbacks: the mean of each loss term so far in the epoch.
Logs: TypeAlias = dict[str, Any] | None


class CountsSteps(keras.callbacks.Callback):
    """A callback that counts training steps; one launch may take many of them.

    Args:
        resumed: `Checkpoint` to resume from, or None.

    Attributes:
        step: Steps taken so far, over all epochs.
    """

    def __init__(self, resumed: Checkpoint | None = None):
        super().__init__()
        self.step = resumed.step if resumed else 0

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Count the steps of a launch."""
        each = self.model.steps_per_epoch
        self.step += min(self.model.steps_per_launch, each - self.step % each)
