"""The classifier as it was on the way, to be measured when training is over."""

import time

from keras import ops

from ssvae.data import open_dataset
from ssvae.saving.keras_file import load_model
from ssvae.training.steps import CountsSteps

STEPS = (50, 100, 150, 200, 300, 400, 600, 900, 1200, 1800, 2400, 3600, 4800, 7200)


class Snapshots(CountsSteps):
    """Keeps copies of the classifier's averaged weights at `STEPS`.

    Nothing is measured while training goes on, so that nothing can be selected by it.
    """

    def __init__(self):
        super().__init__()
        self.kept = []

    def on_train_batch_end(self, batch, logs=None):
        """Copy the weights, if it is time to."""
        super().on_train_batch_end(batch, logs)
        if self.step not in STEPS:
            return
        # JAX keeps the state of training outside the variables.
        getattr(self.model, "jax_state_sync", lambda: None)()
        classifier, average = self.model.classifier, self.model.average
        weights = classifier.trainable_variables
        if average is not None:
            weights = average.of(weights)
        copies = [
            ops.convert_to_numpy(ops.copy(weight))
            for weight in (*weights, *classifier.non_trainable_variables)
        ]
        self.kept.append((self.step, time.perf_counter(), copies))

    def on_train_end(self, logs=None):
        """Note the time, from which the others are counted back."""
        self.ended = time.perf_counter()

    def curve(self, run, config, train_seconds) -> list[dict]:
        """Measure what was kept on the test part.

        Args:
            run: Path of the finished run folder.
            config: The run's `Config`.
            train_seconds: How long training took, seconds.

        Returns:
            A dict each, `step`, `seconds` since training began, `test_accuracy`; none
            of a model without classes.
        """
        model = load_model(run)
        if model.num_classes == 1:
            return []
        images, labels = open_dataset(config).without(config.left_out).test_part()
        classifier = model.classifier
        variables = (
            *classifier.trainable_variables,
            *classifier.non_trainable_variables,
        )
        points = []
        for step, moment, copies in self.kept:
            for variable, copy in zip(variables, copies, strict=True):
                variable.assign(copy)
            hits = model.predict_proba(images).argmax(axis=1) == labels
            seconds = train_seconds - (self.ended - moment)
            points.append(
                {"step": step, "seconds": seconds, "test_accuracy": float(hits.mean())}
            )
        return points
