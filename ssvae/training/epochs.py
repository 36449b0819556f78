"""The epochs of training, from the first step or from a checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import keras
import numpy as np

from ssvae.backends.current import as_input, device_name, is_out_of_memory
from ssvae.backends.resident import Resident
from ssvae.backends.workers import Workers
from ssvae.data import Batches
from ssvae.errors import InputError, causes
from ssvae.runs.checkpoints import Checkpoint

if TYPE_CHECKING:
    from ssvae.model import SSVAE

# Steps per launch, at most, on a device with its own memory: mostly a whole epoch.
STEPS_PER_LAUNCH = 500


def run_epochs(
    model: SSVAE,
    batches: Batches,
    callbacks: Sequence[keras.callbacks.Callback],
    workers: Workers,
    resumed: Checkpoint | None = None,
) -> None:
    """Train a model for the epochs that its config asks for.

    Args:
        model: An `SSVAE`.
        batches: `Batches`.
        callbacks: Keras callbacks; those with a method `close` have it called at the
            end, even if training fails.
        workers: `Workers` that train together.
        resumed: `Checkpoint` to resume from, or None.

    Raises:
        InputError: If the memory is full.
    """
    try:
        with workers.scope():
            alone = workers.replicas == 1
            source = brought_near(batches) if alone else batches
            fit_remaining(model, source, callbacks, resumed)
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


def brought_near(batches: Batches) -> Batches | Resident:
    """Return the batches, as a `Resident` if the device has its own memory.

    Images that are read from a file, because they are too many for the memory, stay
    in the file.
    """
    if device_name() == "cpu" or isinstance(batches.dataset.images, np.memmap):
        return batches
    return Resident(batches, STEPS_PER_LAUNCH)


def fit_remaining(
    model: SSVAE,
    batches: Batches | Resident,
    callbacks: Sequence[keras.callbacks.Callback],
    resumed: Checkpoint | None,
) -> None:
    """Call Keras's `fit` for the epochs that are left; see `run_epochs`."""
    prepare(model, batches)
    model.optimizer.build(model.trainable_variables)
    if resumed is not None:
        resumed.restore(model)
    step, each = resumed.step if resumed else 0, batches.steps_per_epoch
    end = model.config.epochs * each
    while step < end:
        # An interrupted epoch has fewer steps left, so it gets a `fit` of its own.
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
        if model.stop_training:
            # A callback asked for it.
            break


def prepare(model: SSVAE, batches: Batches | Resident) -> None:
    """Make a model ready for Keras's `fit` on these batches."""
    resident = batches if isinstance(batches, Resident) else None
    model.resident = resident
    steps_per_launch = resident.steps_per_launch if resident else 1
    model.prepare_training(batches.steps_per_epoch, steps_per_launch)
