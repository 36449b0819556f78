"""The training step on JAX: the same as the others', with all state passed through."""

import jax
import keras
from jax.experimental import multihost_utils

from ssvae.workers import Workers, cluster

# Noise of the whole batch: JAX shares it out like everything else.
Seeds = keras.random.SeedGenerator


class Trainer(keras.Model):
    """A model trained on the weighted sum of its `loss_terms`, with JAX."""

    def train_step(self, state, data):
        """Take one step down the gradient; return the mean of each term and state."""
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

    def test_step(self, state, data):
        """Return the mean of each term so far and state, without learning."""
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
    """Return the variables' values after what was done in `scope`."""
    return [scope.get_current_value(variable) for variable in variables]


def as_input(batches):
    """Return endless batches as `fit` reads them: each process gives its part."""
    return iter(batches.part(jax.process_index(), jax.process_count()))


def start_workers(way) -> Workers:
    """Begin to train on more than one device: see `distribute.start`."""
    number, count = 0, 1
    if way == "multiworker":
        addresses, number = cluster()
        count = len(addresses)
        keras.distribution.initialize(",".join(addresses), count, number)
    shared = keras.distribution.DataParallel(auto_shard_dataset=False)

    def wait():
        multihost_utils.sync_global_devices("all have trained")

    return Workers(number, count, jax.device_count(), shared.scope, wait)


def device_name() -> str:
    """Return where JAX computes: the first device's name, or `cpu`."""
    return jax.devices()[0].device_kind
