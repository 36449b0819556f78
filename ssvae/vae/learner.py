"""What Keras's `fit` and `evaluate` call while a model is trained or measured."""

from typing import Any

import keras

from ssvae.backends.current import Adam, Trainer
from ssvae.config.settings import Config
from ssvae.types import Tensor
from ssvae.vae import objective
from ssvae.vae.average import WeightAverage


class Learner(Trainer):
    """A model that is trained on the terms of `objective.loss_terms`.

    Attributes:
        config: `Config`.
        step: Integer variable, steps that were taken.
        trackers: Means over the epoch, by the name of the term.
        average: The weights' average; None if the config asks for none, and until
            training is prepared.
    """

    config: Config
    step: keras.Variable
    trackers: dict[str, keras.metrics.Mean]
    average: WeightAverage | None

    def prepare_training(
        self, steps_per_epoch: int, steps_per_launch: int = 1, **compile_options: Any
    ) -> None:
        """Compile the model for `fit`: Adam on a cosine schedule, and an average.

        Args:
            steps_per_epoch: Steps of one epoch; the schedule ends after
                `config.epochs` epochs.
            steps_per_launch: Steps between two calls of `fit`'s callbacks, at most.
            **compile_options: For `keras.Model.compile`.
        """
        self.steps_per_epoch, self.steps_per_launch = steps_per_epoch, steps_per_launch
        schedule = keras.optimizers.schedules.CosineDecay(
            self.config.learning_rate, decay_steps=steps_per_epoch * self.config.epochs
        )
        self.compile(optimizer=Adam(schedule), **compile_options)
        if self.config.ema_decay:
            self.average = WeightAverage(
                self.trainable_variables, self.config.ema_decay
            )

    def loss_terms(
        self, batch: dict[str, Tensor], training: bool = True
    ) -> dict[str, Tensor]:
        """Return every term of the objective; see `objective.loss_terms`."""
        return objective.loss_terms(self, batch, training)

    def total_loss(self, terms: dict[str, Tensor]) -> Tensor:
        """Return the scalar to minimise; see `objective.total_loss`."""
        return objective.total_loss(self.config, terms)

    def after_step(self) -> None:
        """Count the step and update the average."""
        self.step.assign_add(1)
        if self.average is not None:
            self.average.update(self.trainable_variables, self.step)

    def track(self, loss: Tensor, terms: dict[str, Tensor]) -> dict[str, Tensor]:
        """Add a step's loss and terms to the epoch's means, and return these."""
        values = {"loss": loss, **terms}
        for name, value in values.items():
            self.trackers[name].update_state(value)
        return {name: self.trackers[name].result() for name in values}

    # Keras's methods, restricted to batches: Keras would train a plain classifier on
    # arrays of images and labels.

    def fit(self, x: Any = None, y: Any = None, *args: Any, **options: Any) -> Any:
        """Train on the batches that `backends.current.as_input` returns.

        Raises:
            ValueError: If arrays are given.
        """
        _refuse_arrays("fit", x, y, LEARN)
        return super().fit(x, y, *args, **options)

    def train_on_batch(self, x: Any, y: Any = None, *args: Any, **options: Any) -> Any:
        """Take one step with one batch of `as_input`.

        Raises:
            ValueError: If arrays are given.
        """
        _refuse_arrays("train_on_batch", x, y, LEARN)
        return super().train_on_batch(x, y, *args, **options)

    def evaluate(self, x: Any = None, y: Any = None, *args: Any, **options: Any) -> Any:
        """Return the means of the objective's terms over batches of `as_input`.

        Raises:
            ValueError: If arrays are given.
        """
        _refuse_arrays("evaluate", x, y, MEASURE)
        return super().evaluate(x, y, *args, **options)

    def test_on_batch(self, x: Any, y: Any = None, *args: Any, **options: Any) -> Any:
        """Return the means of the objective's terms over one batch of `as_input`.

        Raises:
            ValueError: If arrays are given.
        """
        _refuse_arrays("test_on_batch", x, y, MEASURE)
        return super().test_on_batch(x, y, *args, **options)


LEARN = "ssvae.train(dataset=ssvae.data.from_arrays(images, labels)) trains on arrays"
MEASURE = "ssvae.evaluate.evaluate(model, images, labels) measures on arrays"


def _refuse_arrays(name, x, y, instead):
    """Raise `ValueError` if Keras's method `name` got arrays."""
    # NumPy can read arrays and every backend's tensors, but no iterator of batches.
    is_array = isinstance(x, list | tuple) or hasattr(type(x), "__array__")
    if x is None or y is not None or is_array:
        kind = type(x if y is None else y).__name__
        raise ValueError(
            f"{name} got {kind}; need batches of ssvae.backends.current.as_input: "
            f"{instead}"
        )


class EpochMean(keras.metrics.Mean):
    """A mean over steps. Every replica has the same, so the first one is read."""

    def add_variable(self, *args: Any, **kwargs: Any) -> Any:
        """Add a variable whose value is that of the first replica."""
        return super().add_variable(
            *args, **{**kwargs, "aggregation": "only_first_replica"}
        )
