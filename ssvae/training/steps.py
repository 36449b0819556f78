"""Steps of training, counted."""

import keras


class CountsSteps(keras.callbacks.Callback):
    """A callback that knows how many steps were taken, of which a launch takes many.

    Args:
        resumed: `Checkpoint` that training goes on from, or None.

    Attributes:
        step: Steps that were taken.
    """

    def __init__(self, resumed=None):
        super().__init__()
        self.step = resumed.step if resumed else 0

    def on_train_batch_end(self, batch, logs=None):
        """Count the steps of a launch."""
        each = self.model.steps_per_epoch
        self.step += min(self.model.steps_per_launch, each - self.step % each)
