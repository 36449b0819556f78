"""The training step on TensorFlow."""

from typing import Any

import keras
import tensorflow as tf

from ssvae.backends.resident import Resident
from ssvae.backends.workers import Workers, cluster
from ssvae.data import Batches
from ssvae.types import Tensor


class Trainer(keras.Model):
    """A model trained on the weighted sum of its `loss_terms`, with TensorFlow.

    Under a `tf.distribute` strategy each replica takes its part of every batch.

    Attributes:
        resident: `Resident` whose launches `fit` reads; None if `fit` reads batches.
    """

    resident: Resident | None = None
    # Of `keras.Model`, which has no types.
    train_function: Any

    def train_step(self, data: tuple) -> dict[str, Tensor]:
        """Take one gradient step; return the mean of each term so far in the epoch."""
        replicas = self.distribute_strategy.num_replicas_in_sync
        with tf.GradientTape() as tape:
            terms = self.loss_terms(data[0], training=True)
            loss = self.total_loss(terms)
            # The optimizer sums the gradients of all replicas.
            scaled_loss = self.optimizer.scale_loss(loss) / replicas
        weights = self.trainable_variables
        gradients = tape.gradient(scaled_loss, weights)
        self.optimizer.apply_gradients(zip(gradients, weights, strict=True))
        self.after_step()
        if replicas > 1:
            loss, terms = _means(loss, terms)
        return self.track(loss, terms)

    def test_step(self, data: tuple) -> dict[str, Tensor]:
        """Return the mean of each term so far; change no weight."""
        terms = self.loss_terms(data[0], training=False)
        return self.track(self.total_loss(terms), terms)

    def make_train_function(self, force: bool = False) -> None:
        """Make the function that `fit` calls once per step, or once per launch.

        That of Keras 3.15 gathers the logs of all replicas, which fails for scalars
        with more than one worker. Here all replicas have the same logs, and those of
        one are returned.
        """
        strategy = self.distribute_strategy
        if self.train_function is not None and not force:
            return
        if self.resident is not None:
            self.train_function = self._launch()
            return
        if strategy.num_replicas_in_sync == 1:
            super().make_train_function(force)
            return

        def replica_step(data):
            return self.train_step((self._sized(data[0]),))

        @tf.function(autograph=False)
        def step(iterator):
            logs = strategy.run(replica_step, args=(next(iterator),))
            return {
                name: strategy.experimental_local_results(value)[0]
                for name, value in logs.items()
            }

        self.train_function = step

    def _launch(self):
        """Return a function that reads a launch from an iterator and trains on it."""
        names = []

        def step(indices):
            names[:] = self.train_step((self.resident.gather(indices),))

        step = tf.function(step, autograph=False, jit_compile=self.jit_compile)

        @tf.function(autograph=False)
        def launch(iterator):
            (indices,) = next(iterator)
            count = tf.shape(next(iter(indices.values())))[0]

            def one(number):
                step({name: each[number] for name, each in indices.items()})
                return number + 1

            tf.while_loop(
                lambda number: number < count, one, [0], parallel_iterations=1
            )
            return {name: self.trackers[name].result() for name in names}

        return launch

    def _sized(self, batch):
        """Return a replica's batch with static shapes, which `tf.distribute` loses."""
        replicas = self.distribute_strategy.num_replicas_in_sync
        sized = {}
        for name, values in batch.items():
            kind = "labeled" if name in ("labeled", "labels") else "unlabeled"
            size = getattr(self.config, f"{kind}_batch_size") // replicas
            sized[name] = tf.ensure_shape(values, (size, *values.shape[1:]))
        return sized

    def _maybe_symbolic_build(self, iterator=None, data_batch=None):
        # Nothing is left to build. Keras would build from a batch, which fails with
        # more than one worker.
        pass


class Seeds(keras.random.SeedGenerator):
    """Seeds of noise, different in each replica."""

    def next(self, ordered: bool = True) -> Tensor:
        """Return the next seed, an integer tensor `(2,)`."""
        seed = super().next(ordered)
        replica = tf.distribute.get_replica_context()
        if replica is None or replica.num_replicas_in_sync == 1:
            return seed
        number = tf.cast(replica.replica_id_in_sync_group, seed.dtype)
        return seed + tf.stack([number * 1_000_003, tf.zeros_like(number)])


def _means(loss, terms):
    """Return loss and terms as means over all replicas, each a scalar."""
    values = tf.stack([loss, *(tf.reduce_mean(term) for term in terms.values())])
    replica = tf.distribute.get_replica_context()
    loss, *means = tf.unstack(replica.all_reduce(tf.distribute.ReduceOp.MEAN, values))
    return loss, dict(zip(terms, means, strict=True))


def as_input(batches: Batches | Resident) -> Any:
    """Return endless batches, or launches, as a `tf.data.Dataset` for `fit`.

    It prepares one batch ahead. Under a `tf.distribute` strategy each replica reads its
    own part of every batch.
    """
    strategy = tf.distribute.get_strategy()
    replicas = strategy.num_replicas_in_sync
    if replicas == 1:
        return _dataset([batches])

    def of_worker(context):
        each = replicas // context.num_input_pipelines
        first = context.input_pipeline_id * each
        parts = [batches.part(first + number, replicas) for number in range(each)]
        return _dataset(parts)

    return strategy.distribute_datasets_from_function(of_worker)


def _dataset(parts):
    """Return a dataset that reads batches from several parts in turn.

    Autotune is off, because with it the end of an iterator blocks for seconds.
    """
    (first,) = next(iter(parts[0]))
    # The number of steps varies: the last launch of an epoch may be shorter.
    free = [None] if isinstance(parts[0], Resident) else []
    spec = {
        name: tf.TensorSpec([*free, *a.shape[len(free) :]], a.dtype)
        for name, a in first.items()
    }

    def by_turns():
        for batches in zip(*parts, strict=True):
            yield from batches

    dataset = tf.data.Dataset.from_generator(by_turns, output_signature=(spec,))
    # Without this, workers would ask each other before every step if data is left.
    endless = tf.data.experimental.assert_cardinality(tf.data.INFINITE_CARDINALITY)
    dataset = dataset.apply(endless)
    options = tf.data.Options()
    options.autotune.enabled = False
    return dataset.prefetch(len(parts)).with_options(options)


def start_workers(way: str) -> Workers:
    """Start training on several devices; see `training.distribution.start`."""
    if way == "mirrored":
        strategy = tf.distribute.MirroredStrategy()
        return Workers(replicas=strategy.num_replicas_in_sync, scope=strategy.scope)
    addresses, number = cluster()
    strategy = tf.distribute.MultiWorkerMirroredStrategy()

    def one():
        replica = tf.distribute.get_replica_context()
        return replica.all_reduce(tf.distribute.ReduceOp.SUM, tf.ones(()))

    wait = tf.function(lambda: strategy.run(one), autograph=False)
    return Workers(
        number=number,
        count=len(addresses),
        replicas=strategy.num_replicas_in_sync,
        scope=strategy.scope,
        wait=wait,
        is_lost=is_worker_lost,
    )


def is_worker_lost(error: BaseException) -> bool:
    """Return whether an error of TensorFlow means that another worker was lost.

    TensorFlow raises `UnavailableError` if the connection is closed, and `AbortedError`
    if the worker was started again. Other faults in communication, such as shapes that
    differ, have other types.
    """
    return isinstance(error, tf.errors.UnavailableError | tf.errors.AbortedError)


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether an error of TensorFlow means that the memory is full."""
    return isinstance(error, tf.errors.ResourceExhaustedError)


def device_name() -> str:
    """Return the name of the first GPU that TensorFlow computes on; `cpu` without."""
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        return "cpu"
    return tf.config.experimental.get_device_details(gpus[0]).get("device_name", "gpu")
