"""The training step on TensorFlow."""

import keras
import tensorflow as tf

from ssvae.backends.resident import Resident
from ssvae.backends.workers import Workers, cluster


class Trainer(keras.Model):
    """A model trained on the weighted sum of its `loss_terms`, with TensorFlow.

    Under a `tf.distribute` strategy each replica takes its part of every batch.

    Attributes:
        resident: `Resident` whose launches `fit` reads, or None where it reads batches.
    """

    resident: Resident | None = None

    def train_step(self, data):
        """Take one step down the gradient; return the epoch's mean of each term."""
        replicas = self.distribute_strategy.num_replicas_in_sync
        with tf.GradientTape() as tape:
            terms = self.loss_terms(data[0], training=True)
            loss = self.total_loss(terms)
            # The optimizer adds the replicas' gradients up.
            scaled_loss = self.optimizer.scale_loss(loss) / replicas
        weights = self.trainable_variables
        gradients = tape.gradient(scaled_loss, weights)
        self.optimizer.apply_gradients(zip(gradients, weights, strict=True))
        self.after_step()
        if replicas > 1:
            loss, terms = _means(loss, terms)
        return self.track(loss, terms)

    def test_step(self, data):
        """Return the mean of each term so far, without learning."""
        terms = self.loss_terms(data[0], training=False)
        return self.track(self.total_loss(terms), terms)

    def make_train_function(self, force=False):
        """Make what `fit` calls with its iterator every step, or every launch.

        Keras 3.15's own gathers every replica's logs, scalars, which fails with more
        than one worker: here the steps return the same logs in each.
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
        """Return a function of the iterator that takes all steps of a launch."""
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
        """Return a replica's batch with its sizes, which sharing it out forgets."""
        replicas = self.distribute_strategy.num_replicas_in_sync
        sized = {}
        for name, values in batch.items():
            kind = "labeled" if name in ("labeled", "labels") else "unlabeled"
            size = getattr(self.config, f"{kind}_batch_size") // replicas
            sized[name] = tf.ensure_shape(values, (size, *values.shape[1:]))
        return sized

    def _maybe_symbolic_build(self, iterator=None, data_batch=None):
        # Everything is built. Keras would take a batch to build from, which it fails
        # to reduce with more than one worker.
        pass


class Seeds(keras.random.SeedGenerator):
    """Seeds of noise, others in each replica."""

    def next(self, ordered=True):
        """Return the next seed."""
        seed = super().next(ordered)
        replica = tf.distribute.get_replica_context()
        if replica is None or replica.num_replicas_in_sync == 1:
            return seed
        number = tf.cast(replica.replica_id_in_sync_group, seed.dtype)
        return seed + tf.stack([number * 1_000_003, tf.zeros_like(number)])


def _means(loss, terms):
    """Return loss and terms, each a scalar, of the whole batch in every replica."""
    values = tf.stack([loss, *(tf.reduce_mean(term) for term in terms.values())])
    replica = tf.distribute.get_replica_context()
    loss, *means = tf.unstack(replica.all_reduce(tf.distribute.ReduceOp.MEAN, values))
    return loss, dict(zip(terms, means, strict=True))


def as_input(batches):
    """Return endless batches, or launches, as a `tf.data.Dataset` that is one ahead.

    Under a `tf.distribute` strategy each replica has its part of every batch.

    Args:
        batches: `Batches` or `Resident`.
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
    """Return a dataset of the batches of some parts, by turns.

    Autotune is off: with it, ending an iterator blocks for seconds.
    """
    (first,) = next(iter(parts[0]))
    # Launches at the end of an epoch are shorter than the others.
    free = [None] if isinstance(parts[0], Resident) else []
    spec = {
        name: tf.TensorSpec([*free, *a.shape[len(free) :]], a.dtype)
        for name, a in first.items()
    }

    def by_turns():
        for batches in zip(*parts, strict=True):
            yield from batches

    dataset = tf.data.Dataset.from_generator(by_turns, output_signature=(spec,))
    # Workers would ask each other before every step whether there is one.
    endless = tf.data.experimental.assert_cardinality(tf.data.INFINITE_CARDINALITY)
    dataset = dataset.apply(endless)
    options = tf.data.Options()
    options.autotune.enabled = False
    return dataset.prefetch(len(parts)).with_options(options)


def start_workers(way) -> Workers:
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
        number,
        len(addresses),
        strategy.num_replicas_in_sync,
        strategy.scope,
        wait,
        is_worker_lost,
    )


def is_worker_lost(error: BaseException) -> bool:
    """Return whether an error is TensorFlow's for a worker that no longer answers.

    It is `UnavailableError` where the connection is closed, `AbortedError` where a
    worker at the same address began again. A collective operation that fails for
    another reason, such as shapes that differ, is an `InternalError`.
    """
    return isinstance(error, tf.errors.UnavailableError | tf.errors.AbortedError)


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether an error is TensorFlow's for memory that is full."""
    return isinstance(error, tf.errors.ResourceExhaustedError)


def device_name() -> str:
    """Return where TensorFlow computes: the first GPU's name, or `cpu`."""
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        return "cpu"
    return tf.config.experimental.get_device_details(gpus[0]).get("device_name", "gpu")
