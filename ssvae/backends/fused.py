"""Layer and optimizer on TensorFlow, one operation each where Keras 3.15 has many."""

import keras
import tensorflow as tf


class BatchNormalization(keras.layers.BatchNormalization):
    """Keras's own over the last axis, fused on one device.

    With more replicas their moments are those of the whole batch.
    """

    def call(self, inputs, training=None, mask=None):
        """Normalise; see `keras.layers.BatchNormalization`."""
        if _replica() is not None:
            return super().call(inputs, training, mask)
        learns, size = bool(training and self.trainable), inputs.shape[-1]
        vectors = {"scale": self.gamma, "offset": self.beta}
        if not learns:
            vectors |= {"mean": self.moving_mean, "variance": self.moving_variance}
        # The operation knows images alone.
        flat = inputs.shape.rank == 2
        images = tf.reshape(inputs, (-1, 1, 1, size)) if flat else inputs
        outputs, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            images,
            **{name: tf.cast(vector, tf.float32) for name, vector in vectors.items()},
            epsilon=self.epsilon,
            is_training=learns,
        )
        if learns:
            # What it returns estimates the variance that the batch was drawn from.
            count = tf.cast(tf.size(images) // size, variance.dtype)
            self._follow(self.moving_mean, mean)
            self._follow(self.moving_variance, variance * (count - 1) / count)
        return tf.reshape(outputs, (-1, size)) if flat else outputs

    def _follow(self, average, value):
        average.assign(average * self.momentum + value * (1 - self.momentum))

    def _moments(self, inputs, mask):
        """Return mean and variance of every channel over the whole batch.

        What `synchronized` layers of Keras 3.15 ask the other replicas for in three
        messages goes in one.
        """
        replica = _replica()
        if replica is None:
            return super()._moments(inputs, mask)
        axes = range(inputs.shape.rank - 1)
        own = [tf.reduce_mean(values, axes) for values in (inputs, tf.square(inputs))]
        every = replica.all_reduce(tf.distribute.ReduceOp.MEAN, tf.stack(own))
        mean, mean_of_squares = tf.unstack(every)
        return mean, tf.maximum(mean_of_squares - tf.square(mean), 0.0)


class Adam(keras.optimizers.Adam):
    """Keras's own (Kingma and Ba 2015), fused on one device: each weight is read once.

    With more replicas it is Keras's.
    """

    def update_step(self, gradient, variable, learning_rate):
        """Take a step with one variable; see `keras.optimizers.Adam`."""
        if self._distribution_strategy.num_replicas_in_sync > 1:
            super().update_step(gradient, variable, learning_rate)
            return
        index = self._get_variable_index(variable)
        kind = variable.dtype
        step = tf.cast(self.iterations + 1, kind)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].value.handle,
            v=self._velocities[index].value.handle,
            beta1_power=tf.pow(tf.cast(self.beta_1, kind), step),
            beta2_power=tf.pow(tf.cast(self.beta_2, kind), step),
            lr=tf.cast(learning_rate, kind),
            beta1=tf.cast(self.beta_1, kind),
            beta2=tf.cast(self.beta_2, kind),
            epsilon=tf.cast(self.epsilon, kind),
            grad=tf.cast(gradient, kind),
        )


def _replica():
    """Return which of several replicas this is; None where there is but one."""
    replica = tf.distribute.get_replica_context()
    alone = replica is None or replica.num_replicas_in_sync == 1
    return None if alone else replica
