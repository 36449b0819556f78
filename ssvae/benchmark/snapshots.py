"""The classifier at some steps of training, measured after training."""

import time
from pathlib import Path
from typing import Any

from keras import ops

from ssvae.config.settings import Config
from ssvae.data import open_dataset
from ssvae.saving.keras_file import load_model
from ssvae.training.steps import CountsSteps, Logs

# Steps after which the weights are copied.
STEPS = (50, 100, 150, 200, 300, 400, 600, 900, 1200, 1800, 2400, 3600, 4800, 7200)


class Snapshots(CountsSteps):
    """Keeps copies of the classifier's averaged weights after `STEPS`.

    Nothing is measured during training, so that no choice can depend on it.
    """

    def __init__(self) -> None:
        super().__init__()
        # Step, moment and weights of each copy.
        self.kept: list[tuple[int, float, list[Any]]] = []

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Copy the weights if this step is one of `STEPS`."""
        super().on_train_batch_end(batch, logs)
        # Training does not change a classifier of features.
        if self.step not in STEPS or self.model.has_features:
            return
        # JAX keeps the weights outside the variables while it trains.
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

    def on_train_end(self, logs: Logs = None) -> None:
        """Note the moment at which training ends."""
        self.ended = time.perf_counter()

    def curve(
        self, run: Path, config: Config, train_seconds: float
    ) -> list[dict[str, Any]]:
        """Measure the kept classifiers on the test part.

        Args:
            run: Path of the finished run folder.
            config: The run's `Config`.
            train_seconds: Duration of training, seconds.

        Returns:
            One dict per copy: `step`, `seconds` since training began, `test_accuracy`.
            For a model without classes or with features the list is empty.
        """
        model: Any = load_model(run)
        if model.num_classes == 1 or not self.kept:
            return []
        dataset = open_dataset(config, size=model.image_shape[:2])
        images, labels = dataset.without(config.left_out).labeled_test_part()
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
