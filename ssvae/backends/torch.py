"""The training step on PyTorch."""

import re
from typing import Any

import keras
import torch

from ssvae.backends.resident import Resident
from ssvae.backends.workers import Workers
from ssvae.data import Batches
from ssvae.errors import InputError
from ssvae.types import Tensor

# Start of the text of the error that PyTorch's allocator of CPU memory raises.
_CPU_IS_FULL = re.compile(r"\[enforce fail at [^]]+\] .*DefaultCPUAllocator: ")

Seeds = keras.random.SeedGenerator
BatchNormalization = keras.layers.BatchNormalization
Adam = keras.optimizers.Adam


class Trainer(keras.Model):
    """A model trained on the weighted sum of its `loss_terms`, with PyTorch.

    Attributes:
        resident: `Resident` whose launches `fit` reads; None if `fit` reads batches.
    """

    resident: Resident | None = None
    # Of `keras.Model`, which has no types.
    train_function: Any

    def train_step(self, data: tuple) -> dict[str, Tensor]:
        """Take one gradient step; return the mean of each term so far in the epoch."""
        self.zero_grad()
        terms = self.loss_terms(data[0], training=True)
        loss = self.total_loss(terms)
        self.optimizer.scale_loss(loss).backward()
        weights = self.trainable_variables
        gradients = [weight.value.grad for weight in weights]
        with torch.no_grad():
            self.optimizer.apply(gradients, weights)
            self.after_step()
            return self.track(loss, terms)

    def make_train_function(self, force: bool = False) -> None:
        """Make the function that `fit` calls once per step, or once per launch."""
        if self.train_function is not None and not force:
            return
        super().make_train_function(force)
        if self.resident is None:
            return
        step = self.train_function

        def launch(data):
            ((indices,),) = data
            for number in range(len(next(iter(indices.values())))):
                rows = {name: each[number] for name, each in indices.items()}
                logs = step([(self.resident.gather(rows),)])
            return logs

        self.train_function = launch

    def test_step(self, data: tuple) -> dict[str, Tensor]:
        """Return the mean of each term so far; change no weight."""
        with torch.no_grad():
            terms = self.loss_terms(data[0], training=False)
            return self.track(self.total_loss(terms), terms)


def as_input(batches: Batches | Resident) -> Any:
    """Return endless batches, or launches, as an iterator for `fit`."""
    return iter(batches)


def start_workers(way: str) -> Workers:
    """Refuse, since Keras trains on one device with PyTorch.

    Raises:
        InputError: Always.
    """
    raise InputError(
        f"--distribute {way}: Keras trains on one device with PyTorch; need "
        "KERAS_BACKEND=tensorflow or KERAS_BACKEND=jax"
    )


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether an error of PyTorch means that the memory is full.

    On a GPU it has a type of its own. On a CPU it is a plain `RuntimeError`, which
    differs from others by its text only.
    """
    return isinstance(error, torch.OutOfMemoryError) or (
        type(error) is RuntimeError and bool(_CPU_IS_FULL.match(str(error)))
    )


def device_name() -> str:
    """Return the name of the GPU that PyTorch computes on; `cpu` without one."""
    return torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu"
