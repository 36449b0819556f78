"""The teacher: a moving average of the weights that gives the classifier targets."""

import keras
from keras import ops


class Teacher(keras.Layer):
    """Exponential moving average of a model's weights, and of what it predicts.

    The averaged weights are what is kept of a model after training. In training their
    classifier gives the targets of unlabeled images ("mean teacher", Tarvainen and
    Valpola 2017): q̄(y|x) divided by its running mean over the images, so that no class
    is crowded out (distribution alignment, Berthelot et al. 2020, with the uniform
    p(y)), sharpened and normalised.

    Args:
        variables: Variables to average.
        decay: Decay of the average a step, fraction in (0, 1); d = min(decay,
            t / (t + 9)) after step t, so that the initial weights are soon forgotten.
        num_classes: Number of classes.
        alignment_decay: Decay of the mean prediction a step; 0 for no alignment.
    """

    def __init__(self, variables, decay, num_classes, alignment_decay):
        super().__init__(name="teacher", trainable=False)
        self.decay = decay
        self.alignment_decay = alignment_decay
        self._places = {id(variable): i for i, variable in enumerate(variables)}
        self.averages = [
            self.add_weight(v.shape, initializer="zeros", dtype=v.dtype, name=v.name)
            for v in variables
        ]
        for average, variable in zip(self.averages, variables, strict=True):
            # A copy: JAX gives up a variable's memory to the step.
            average.assign(ops.copy(variable))
        self.mean_prediction = self.add_weight(
            (num_classes,), keras.initializers.Constant(1 / num_classes)
        )
        self.built = True

    def update(self, variables, step):
        """Move the averages towards `variables` after `step`, counted from 1."""
        step = ops.cast(step, "float32")
        decay = ops.minimum(self.decay, step / (step + 9.0))
        for average, variable in zip(self.averages, variables, strict=True):
            average.assign(decay * average + (1.0 - decay) * variable)

    def averages_of(self, variables):
        """Return the averages of some of the variables."""
        return [self.averages[self._places[id(variable)]] for variable in variables]

    def targets(self, classifier, images, sharpening):
        """Return the targets of unlabeled images, and count them into the mean.

        Args:
            classifier: The model's classifier, whose variables are averaged.
            images: Float tensor `(batch, h, w, c)`.
            sharpening: Temperature; targets are proportional to q ** (1 / sharpening).

        Returns:
            Float tensor `(batch, num_classes)`, rows that sum to one, no gradient.
        """
        weights = self.averages_of(classifier.trainable_variables)
        statistics = classifier.non_trainable_variables
        logits, _ = classifier.stateless_call(weights, statistics, images)
        if self.alignment_decay:
            mean = ops.mean(ops.softmax(logits), axis=0)
            mean += self.alignment_decay * (self.mean_prediction - mean)
            self.mean_prediction.assign(ops.stop_gradient(mean))
            logits -= ops.log(mean)
        return ops.stop_gradient(ops.softmax(logits / sharpening))
