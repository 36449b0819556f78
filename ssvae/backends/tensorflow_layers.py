"""Batch normalisation and Adam as one operation each; in Keras 3.15 they are many."""

import keras
import tensorflow as tf

from ssvae.backends.compiled import fused
from ssvae.types import Tensor


class BatchNormalization(keras.layers.BatchNormalization):
    """Keras's layer over the last axis, as fused operations.

    Replicas share the moments, the mean and variance of the whole batch.
    """

    def call(
        self,
        inputs: Tensor,
        training: bool | None = None,
        mask: Tensor | None = None,
    ) -> Tensor:
        """Normalise; see `keras.layers.BatchNormalization`."""
        # The operations take images only: rows become images of one pixel.
        flat = inputs.shape.rank == 2
        images = inputs[:, None, None] if flat else inputs
        vectors = self.gamma, self.beta, self.moving_mean, self.moving_variance
        scale, offset, mean, variance = (tf.cast(each, tf.float32) for each in vectors)
        if not (training and self.trainable):
            outputs = _normalized(images, scale, offset, mean, variance, self.epsilon)
        else:
            by_batch = _by_batch if _replica() is None else _by_whole_batch
            outputs, mean, variance = by_batch(images, scale, offset, self.epsilon)
            self._follow(self.moving_mean, mean)
            self._follow(self.moving_variance, variance)
        return outputs[:, 0, 0] if flat else outputs

    def _follow(self, average, value):
        average.assign(average * self.momentum + value * (1 - self.momentum))


def _normalized(images, scale, offset, mean, variance, epsilon):
    """Return images normalised with given moments."""
    return tf.compat.v1.nn.fused_batch_norm(
        images, scale, offset, mean, variance, epsilon, is_training=False
    )[0]


def _by_batch(images, scale, offset, epsilon):
    """Return images normalised with their own moments, then mean and variance."""
    outputs, mean, variance = tf.compat.v1.nn.fused_batch_norm(
        images, scale, offset, epsilon=epsilon
    )
    # The operation returns the unbiased estimate of the variance; Keras has the other.
    count = tf.cast(_count(images), variance.dtype)
    return outputs, mean, variance * (count - 1) / count


def _by_whole_batch(images, scale, offset, epsilon):
    """Return what `_by_batch` does, for this replica's part of a batch they share.

    A layer sends one message forwards and one backwards; the `synchronized` layers of
    Keras 3.15 send three.
    """
    floats = tf.cast(images, tf.float32)
    own = [_mean(values) for values in (floats, tf.square(floats))]
    mean, mean_of_squares = _mean_of_replicas(own)
    variance = tf.maximum(mean_of_squares - mean**2, 0.0)

    @tf.custom_gradient
    def normalized(images, scale, offset):
        def gradient(upstream):
            """Return the gradients, Ioffe and Szegedy 2015, section 3."""
            own = tf.raw_ops.FusedBatchNormGradV3(
                y_backprop=upstream,
                x=images,
                scale=scale,
                reserve_space_1=mean,
                reserve_space_2=variance,
                reserve_space_3=tf.zeros(0),
                epsilon=epsilon,
                is_training=False,
            )
            count = tf.cast(_count(images), tf.float32)
            of_scale, of_offset = _mean_of_replicas([own[1] / count, own[2] / count])
            slope = -scale * of_scale / (variance + epsilon)
            shift = -scale * of_offset * tf.math.rsqrt(variance + epsilon)
            shift -= slope * mean
            return _with_line(own[0], images, slope, shift), own[1], own[2]

        outputs = _normalized(images, scale, offset, mean, variance, epsilon)
        return outputs, gradient

    return normalized(images, scale, offset), mean, variance


class Adam(keras.optimizers.Adam):
    """Keras's optimizer (Kingma and Ba 2015), fused, so that weights are read once."""

    def update_step(
        self, gradient: Tensor, variable: keras.Variable, learning_rate: Tensor
    ) -> None:
        """Update one variable; see `keras.optimizers.Adam`."""
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


def _mean(images):
    """Return the mean of each channel, as a matrix product: half the time of a sum."""
    rows = tf.reshape(images, (-1, images.shape[-1]))
    count = tf.shape(rows)[0]
    weights = tf.fill((1, count), 1 / tf.cast(count, tf.float32))
    return (weights @ rows)[0]


@fused
def _with_line(values, images, slope, shift):
    """Return values + slope * images + shift, with one slope and shift per channel."""
    line = slope * tf.cast(images, tf.float32) + shift
    return values + tf.cast(line, values.dtype)


def _count(images):
    """Return the number of values per channel."""
    return tf.size(images) // images.shape[-1]


def _replica():
    """Return the context of this replica; None if it is the only one."""
    replica = tf.distribute.get_replica_context()
    alone = replica is None or replica.num_replicas_in_sync == 1
    return None if alone else replica


def _mean_of_replicas(vectors):
    """Return the mean over all replicas of vectors of the same length."""
    mean = tf.distribute.ReduceOp.MEAN
    return tf.unstack(_replica().all_reduce(mean, tf.stack(vectors)))
