"""The moving average of the weights: what is kept of a model after training."""

import keras
import numpy as np
from keras import ops


class WeightAverage(keras.Layer):
    """Exponential moving average of variables (Polyak and Juditsky 1992).

    Args:
        variables: Variables to average.
        decay: Decay of the average a step, fraction in (0, 1); d = min(decay,
            t / (t + 9)) after step t, so that the initial weights are soon forgotten.
    """

    def __init__(self, variables, decay):
        super().__init__(name="average", trainable=False)
        self.decay = decay
        self._places = {id(variable): i for i, variable in enumerate(variables)}
        self.averages = [
            self.add_weight(v.shape, initializer="zeros", dtype=v.dtype, name=v.name)
            for v in variables
        ]
        for average, variable in zip(self.averages, variables, strict=True):
            # A copy: JAX gives up a variable's memory to the step.
            average.assign(ops.copy(variable))
        self.built = True

    def update(self, variables, step):
        """Move the averages towards `variables` after `step`, counted from 1."""
        step = ops.cast(step, "float32")
        decay = ops.minimum(self.decay, step / (step + 9.0))
        for average, variable in zip(self.averages, variables, strict=True):
            average.assign(decay * average + (1.0 - decay) * variable)

    def of(self, variables):
        """Return the averages of some of the variables."""
        return [self.averages[self._places[id(variable)]] for variable in variables]


def averaged(model):
    """Return an uncompiled copy of an `SSVAE` with the averaged weights.

    That is the one to keep; where there is no average, the weights are the last.
    """
    config = model.config.replace(precision="float32")
    kept = type(model)(model.image_shape, model.class_names, config)
    weights = model.trainable_variables
    if model.average is not None:
        weights = model.average.averages
    pairs = [
        *zip(kept.trainable_variables, weights, strict=True),
        # The averages come last among the others and have no partner.
        *zip(kept.non_trainable_variables, model.non_trainable_variables, strict=False),
    ]
    for variable, value in pairs:
        # By way of an array: other devices may hold a part in the one, not the other.
        variable.assign(np.array(ops.convert_to_numpy(value)))
    return kept
