"""The training set in the memory of the device, where each step gathers its batch.

What then goes to the device is which images a batch consists of, for many steps at
once: a launch, within which nothing is asked of the device.
"""

import copy

import numpy as np
from keras import ops

from ssvae.data import Batches
from ssvae.data.batches import gather


class Resident:
    """Batches of images that rest on the device.

    Args:
        batches: `Batches`.
        steps_per_launch: Steps that a launch takes at most; it ends with its epoch.

    Attributes:
        arrays: Dict of tensors on the device, see `Batches.arrays`.
    """

    def __init__(self, batches, steps_per_launch):
        self.batches: Batches = batches
        self.steps_per_epoch = batches.steps_per_epoch
        self.images_per_step = batches.images_per_step
        self.steps_per_launch = steps_per_launch
        self.arrays = {
            name: ops.convert_to_tensor(values)
            for name, values in batches.arrays.items()
        }

    def after(self, step) -> "Resident":
        """Return the same batches, begun after so many steps."""
        later = copy.copy(self)
        later.batches = self.batches.after(step)
        return later

    def __iter__(self):
        """Yield the images of each launch, without end, as the tuples `fit` takes.

        They are dicts of int32 arrays `(steps, batch)`, see `Batches.indices`.
        """
        step, each = self.batches.first_step, self.batches.steps_per_epoch
        while True:
            end = min(step + self.steps_per_launch, step - step % each + each)
            every = [self.batches.indices(number) for number in range(step, end)]
            yield ({name: np.stack([one[name] for one in every]) for name in every[0]},)
            step = end

    def gather(self, indices):
        """Return the batch of a step, on the device; see `Batches.batch`."""
        return gather(self.arrays, indices, ops.take)
