"""The training step on PyTorch."""

import re

import keras
import torch

from ssvae.backends.resident import Resident
from ssvae.errors import InputError

# Start of the text of the `RuntimeError` that PyTorch's allocator on the CPU raises.
_CPU_IS_FULL = re.compile(r"\[enforce fail at [^]]+\] .*DefaultCPUAllocator: ")

Seeds = keras.random.SeedGenerator
BatchNormalization = keras.layers.BatchNormalization
Adam = keras.optimizers.Adam


class Trainer(keras.Model):
    """A model trained on the weighted sum of its `loss_terms`, with PyTorch.

    Attributes:
        resident: `Resident` whose launches `fit` reads, or None where it reads batches.
    """

    resident: Resident | None = None

    def train_step(self, data):
        """Take one step down the gradient; return the epoch's mean of each term."""
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

    def make_train_function(self, force=False):
        """Make what `fit` calls with its data every step, or every launch."""
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

    def test_step(self, data):
        """Return the mean of each term so far, without learning."""
        with torch.no_grad():
            terms = self.loss_terms(data[0], training=False)
            return self.track(self.total_loss(terms), terms)


def as_input(batches):
    """Return endless batches, or launches, as `fit` reads them."""
    return iter(batches)


def start_workers(way):
    """Refuse: Keras trains on one device with PyTorch."""
    raise InputError(
        f"--distribute {way}: Keras trains on one device with PyTorch; need "
        "KERAS_BACKEND=tensorflow or KERAS_BACKEND=jax"
    )


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether an error is PyTorch's for memory that is full.

    On a GPU it has a type of its own; on a CPU it is a plain `RuntimeError`, which only
    its text tells from others.
    """
    return isinstance(error, torch.OutOfMemoryError) or (
        type(error) is RuntimeError and bool(_CPU_IS_FULL.match(str(error)))
    )


def device_name() -> str:
    """Return where PyTorch computes: the GPU's name, or `cpu`."""
    return torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu"
