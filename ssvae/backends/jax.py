"""The training step on JAX, a function from the state to the new state."""

from functools import partial
from typing import Any, TypeAlias

import jax
import keras
from jax.experimental import multihost_utils

from ssvae.backends.resident import Resident
from ssvae.backends.workers import Workers, cluster
from ssvae.data import Batches
from ssvae.data.batches import gather
from ssvae.types import Tensor

# Values of a model's variables, by kind: lists of weights, of other variables, of the
# optimizer's (in training only) and of metrics.
State: TypeAlias = tuple[list[Tensor], ...]
Logs: TypeAlias = dict[str, Tensor]

# JAX draws the noise of the whole batch, and each device takes its part of it.
Seeds = keras.random.SeedGenerator
BatchNormalization = keras.layers.BatchNormalization
Adam = keras.optimizers.Adam


class Trainer(keras.Model):
    """A model trained on the weighted sum of its `loss_terms`, with JAX.

    Attributes:
        resident: `Resident` whose launches `fit` reads; None if `fit` reads batches.
    """

    resident: Resident | None = None
    # Of `keras.Model`, which has no types.
    train_function: Any

    def train_step(self, state: State, data: tuple) -> tuple[Logs, State]:
        """Take one gradient step; return the mean of each term, and the new state."""
        weights, others, optimizer_state, metrics = state

        def loss_of(weights, others):
            with self._scope(weights, others, metrics) as scope:
                terms = self.loss_terms(data[0], training=True)
                loss = self.total_loss(terms)
            with keras.StatelessScope(_pair(self.optimizer.variables, optimizer_state)):
                scaled_loss = self.optimizer.scale_loss(loss)
            others = _read(scope, self.non_trainable_variables)
            return scaled_loss, (loss, terms, others)

        gradients, (loss, terms, others) = jax.grad(loss_of, has_aux=True)(
            weights, others
        )
        weights, optimizer_state = self.optimizer.stateless_apply(
            optimizer_state, gradients, weights
        )
        with self._scope(weights, others, metrics) as scope:
            self.after_step()
            logs = self.track(loss, terms)
        others = _read(scope, self.non_trainable_variables)
        metrics = _read(scope, self.metrics_variables)
        return logs, (weights, others, optimizer_state, metrics)

    def make_train_function(self, force: bool = False) -> None:
        """Make the function that `fit` calls once per step, or once per launch."""
        if self.resident is None:
            super().make_train_function(force)
            return
        if self.train_function is not None and not force:
            return

        @partial(jax.jit, donate_argnums=0)
        def launch(state, indices, arrays):
            def step(state, indices):
                batch = gather(arrays, indices, keras.ops.take)
                logs, state = self.train_step(state, (batch,))
                return state, logs

            state, logs = jax.lax.scan(step, state, indices)
            return {name: values[-1] for name, values in logs.items()}, state

        def train_function(state, iterator):
            (indices,) = next(iterator)
            return launch(state, indices, self.resident.arrays)

        self.train_function = train_function

    def test_step(self, state: State, data: tuple) -> tuple[Logs, State]:
        """Return the mean of each term so far, and the state; change no weight."""
        weights, others, metrics = state
        with self._scope(weights, others, metrics) as scope:
            terms = self.loss_terms(data[0], training=False)
            logs = self.track(self.total_loss(terms), terms)
        others = _read(scope, self.non_trainable_variables)
        return logs, (weights, others, _read(scope, self.metrics_variables))

    def _scope(self, weights, others, metrics):
        return keras.StatelessScope(
            _pair(self.trainable_variables, weights)
            + _pair(self.non_trainable_variables, others)
            + _pair(self.metrics_variables, metrics)
        )


def _pair(variables, values):
    return list(zip(variables, values, strict=True))


def _read(scope, variables):
    """Return the values that the variables have at the end of a scope."""
    return [scope.get_current_value(variable) for variable in variables]


def as_input(batches: Batches | Resident) -> Any:
    """Return endless batches, or launches, as an iterator for `fit`.

    Each process reads its own part of every batch.
    """
    if isinstance(batches, Resident):
        return iter(batches)
    return iter(batches.part(jax.process_index(), jax.process_count()))


def start_workers(way: str) -> Workers:
    """Start training on several devices; see `training.distribution.start`."""
    number, count = 0, 1
    if way == "multiworker":
        addresses, number = cluster()
        count = len(addresses)
        keras.distribution.initialize(",".join(addresses), count, number)
    shared = keras.distribution.DataParallel(auto_shard_dataset=False)

    def wait():
        multihost_utils.sync_global_devices("all have trained")

    # `is_lost` keeps its default: JAX ends the process itself when a worker is lost.
    return Workers(number, count, jax.device_count(), shared.scope, wait)


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether an error of JAX means that the memory is full.

    All errors of JAX's runtime have one type. Their text begins with the status.
    """
    return isinstance(error, jax.errors.JaxRuntimeError) and str(error).startswith(
        "RESOURCE_EXHAUSTED:"
    )


def device_name() -> str:
    """Return the name of the first device that JAX computes on; `cpu` for a CPU."""
    return jax.devices()[0].device_kind
