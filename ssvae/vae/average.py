"""The moving average of the weights, which the kept model has after training."""

from collections.abc import Iterable
from typing import TypeVar

import keras
import numpy as np
from keras import ops

from ssvae.types import Tensor

# The class of the model whose copy is returned: an `SSVAE`.
Model = TypeVar("Model", bound=keras.Model)


class WeightAverage(keras.Layer):
    """Exponential moving average of variables (Polyak and Juditsky 1992).

    Args:
        variables: Variables to average.
        decay: Decay per step, fraction in (0, 1). After step t it is
            min(decay, t / (t + 9)), so that the initial weights are soon forgotten.
    """

    def __init__(self, variables: list[keras.Variable], decay: float):
        super().__init__(name="average", trainable=False)
        self.decay = decay
        self._places = {id(variable): i for i, variable in enumerate(variables)}
        self.averages = [
            self.add_weight(v.shape, initializer="zeros", dtype=v.dtype, name=v.name)
            for v in variables
        ]
        for average, variable in zip(self.averages, variables, strict=True):
            # A copy, because on JAX a training step reuses a variable's memory.
            average.assign(ops.copy(variable))
        self.built = True

    def update(self, variables: list[keras.Variable], step: Tensor) -> None:
        """Move the averages towards `variables` after `step`, counted from 1."""
        step = ops.cast(step, "float32")
        decay = ops.minimum(self.decay, step / (step + 9.0))
        for average, variable in zip(self.averages, variables, strict=True):
            average.assign(decay * average + (1.0 - decay) * variable)

    def of(self, variables: Iterable[keras.Variable]) -> list[keras.Variable]:
        """Return the averages of some of the variables."""
        return [self.averages[self._places[id(variable)]] for variable in variables]


def averaged(model: Model) -> Model:
    """Return a copy of an `SSVAE` with the averaged weights, not compiled.

    The copy is the model to keep. It has the latest weights if there is no average.
    """
    config = model.config.replace(precision="float32")
    kept = type(model)(model.image_shape, model.class_names, config, model.backbone)
    weights = model.trainable_variables
    if model.average is not None:
        weights = model.average.averages
    pairs = [
        *zip(kept.trainable_variables, weights, strict=True),
        # The averages are the last of these variables; the copy has none.
        *zip(kept.non_trainable_variables, model.non_trainable_variables, strict=False),
    ]
    for variable, value in pairs:
        # As arrays: the two models may be spread over devices in different ways.
        variable.assign(np.array(ops.convert_to_numpy(value)))
    return kept
