"""The training set in the memory of the device, which gathers each batch itself.

Then only the indices of the images go to the device, for many steps at once. These
steps are a launch; the device runs it without waiting for the host.
"""

import copy
from collections.abc import Iterator

import numpy as np
from keras import ops

from ssvae.data import Batches
from ssvae.data.batches import gather
from ssvae.types import Tensor


class Resident:
    """Batches of images that are in the memory of the device.

    Args:
        batches: `Batches`.
        steps_per_launch: Steps per launch, at most; an epoch's last launch may have
            fewer.

    Attributes:
        arrays: Dict of tensors on the device, see `Batches.arrays`.
    """

    def __init__(self, batches: Batches, steps_per_launch: int):
        self.batches = batches
        self.steps_per_epoch = batches.steps_per_epoch
        self.images_per_step = batches.images_per_step
        self.steps_per_launch = steps_per_launch
        self.arrays: dict[str, Tensor] = {
            name: ops.convert_to_tensor(values)
            for name, values in batches.arrays.items()
        }

    def after(self, step: int) -> "Resident":
        """Return the same batches without those of the first `step` steps."""
        later = copy.copy(self)
        later.batches = self.batches.after(step)
        return later

    def __iter__(self) -> Iterator[tuple[dict[str, np.ndarray]]]:
        """Yield the indices of each launch, without end, as the tuples `fit` reads.

        They are dicts of int32 arrays `(steps, batch)`, see `Batches.indices`.
        """
        step, each = self.batches.first_step, self.batches.steps_per_epoch
        while True:
            end = min(step + self.steps_per_launch, step - step % each + each)
            every = [self.batches.indices(number) for number in range(step, end)]
            yield ({name: np.stack([one[name] for one in every]) for name in every[0]},)
            step = end

    def gather(self, indices: dict[str, Tensor]) -> dict[str, Tensor]:
        """Return the batch of one step, as tensors on the device.

        Args:
            indices: Dict of int32 tensors `(batch,)`, see `Batches.indices`.
        """
        return gather(self.arrays, indices, ops.take)
