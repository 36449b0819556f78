"""The epochs of training, from the first step or from where it was broken off."""

import numpy as np

from ssvae.backends.current import as_input, device_name, is_out_of_memory
from ssvae.backends.resident import Resident
from ssvae.errors import InputError, causes

# Steps that a launch takes on a device with memory of its own: mostly an epoch.
STEPS_PER_LAUNCH = 500


def run_epochs(model, batches, callbacks, workers, resumed=None):
    """Compile a model and fit it to batches, those alone that are left.

    Args:
        model: An `SSVAE`.
        batches: `Batches`.
        callbacks: Keras callbacks; where they have a `close`, it is called at the end,
            however training ended.
        workers: `Workers` that train together.
        resumed: `Checkpoint` that training goes on from, or None.

    Raises:
        InputError: If memory was wanting.
    """
    try:
        with workers.scope():
            if workers.replicas == 1:
                batches = brought_near(batches)
            fit_remaining(model, batches, callbacks, resumed)
    except Exception as error:
        if any(
            isinstance(cause, MemoryError) or is_out_of_memory(cause)
            for cause in causes(error)
        ):
            raise InputError(
                "the memory is full: end other programs, or begin again with a lower "
                "--unlabeled-batch-size"
            ) from None
        raise
    finally:
        for callback in callbacks:
            getattr(callback, "close", lambda: None)()


def brought_near(batches):
    """Return batches, or their `Resident` where a device has memory of its own.

    Images that are in a file, for want of room, stay there.
    """
    if device_name() == "cpu" or isinstance(batches.dataset.images, np.memmap):
        return batches
    return Resident(batches, STEPS_PER_LAUNCH)


def fit_remaining(model, batches, callbacks, resumed):
    """Fit a model for the epochs that are left; the arguments are those above."""
    prepare(model, batches)
    model.optimizer.build(model.trainable_variables)
    if resumed is not None:
        resumed.restore(model)
    step, each = resumed.step if resumed else 0, batches.steps_per_epoch
    end = model.config.epochs * each
    while step < end:
        # An epoch that was broken off is ended first.
        stop = min(end, step - step % each + each) if step % each else end
        model.fit(
            as_input(batches.after(step)),
            initial_epoch=step // each,
            epochs=stop // each,
            steps_per_epoch=-(-(each - step % each) // model.steps_per_launch),
            shuffle=False,
            verbose=0,
            callbacks=callbacks,
        )
        step = stop


def prepare(model, batches):
    """Compile a model for what it is to train on, `Batches` or `Resident`."""
    launches = isinstance(batches, Resident)
    model.resident = batches if launches else None
    steps_per_launch = batches.steps_per_launch if launches else 1
    model.prepare_training(batches.steps_per_epoch, steps_per_launch)
