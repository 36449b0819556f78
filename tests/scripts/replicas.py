"""Checks of two replicas on one processor, which TensorFlow shows as two devices."""

import numpy as np
import tensorflow as tf

from ssvae.training.distribution import start

PROCESSOR = tf.config.list_physical_devices("CPU")[0]
DEVICES = [tf.config.LogicalDeviceConfiguration()] * 2


def check_noise(workers):
    """Replicas draw different noise; the first draws what one process draws."""
    import keras

    from ssvae.backends.current import Seeds

    with workers.scope():
        seeds = Seeds(0)
        strategy = tf.distribute.get_strategy()
    drawn = strategy.run(lambda: keras.random.normal((5,), seed=seeds))
    values = strategy.experimental_local_results(drawn)
    first, second = (value.numpy() for value in values)
    assert abs(first - second).min() > 1e-6
    alone = keras.random.normal((5,), seed=Seeds(0)).numpy()
    assert (first == alone).all()


def normalized(strategy, x, weights):
    """Return what three steps of batch normalization give: outputs and weights."""
    from ssvae.backends.current import Adam, BatchNormalization

    with strategy.scope():
        layer, optimizer = BatchNormalization(momentum=0.7), Adam(0.1)
        layer.build(x.shape)
        layer.gamma.assign([0.5, 2.0])
        layer.beta.assign([-1.0, 1.0])
        optimizer.build(layer.trainable_variables)

    def part(array):
        def of_replica(context):
            parts = np.split(array, context.num_replicas_in_sync)
            return tf.constant(parts[context.replica_id_in_sync_group])

        return strategy.experimental_distribute_values_from_function(of_replica)

    @tf.function
    def step(x, weights):
        with tf.GradientTape() as tape:
            tape.watch(x)
            outputs = layer(x, training=True)
            loss = tf.reduce_sum(weights * outputs**2)
        own = layer.trainable_variables
        of_x, *gradients = tape.gradient(loss, [x, *(v.value for v in own)])
        optimizer.apply_gradients(zip(gradients, own, strict=True))
        return outputs, of_x

    def whole(replicas):
        return np.concatenate(strategy.experimental_local_results(replicas))

    for _ in range(3):
        outputs, of_x = strategy.run(step, args=(part(x), part(weights)))
    return [whole(outputs), whole(of_x), *layer.get_weights()]


def check_normalization():
    """Two replicas normalize with the moments of the whole batch."""
    draws = np.random.default_rng(0)
    x, weights = draws.normal(2.0, 3.0, (2, 8, 3, 3, 2)).astype(np.float32)
    alone = normalized(tf.distribute.get_strategy(), x, weights)
    mirrored = tf.distribute.MirroredStrategy()
    assert mirrored.num_replicas_in_sync == 2
    shared = normalized(mirrored, x, weights)
    assert len(alone) == len(shared) == 6
    for one, other in zip(alone, shared, strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-4, atol=1e-5)
    assert abs(alone[2] - [0.5, 2.0]).min() > 0.1


tf.config.set_logical_device_configuration(PROCESSOR, DEVICES)
workers = start("mirrored")
assert (workers.replicas, workers.count) == (2, 1)
check_noise(workers)
check_normalization()
