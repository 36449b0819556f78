"""The training step on TensorFlow."""

import keras
import tensorflow as tf


class Trainer(keras.Model):
    """A model trained on the weighted sum of its `loss_terms`, with TensorFlow."""

    def train_step(self, data):
        """Take one step down the gradient; return the epoch's mean of each term."""
        with tf.GradientTape() as tape:
            terms = self.loss_terms(data[0], training=True)
            loss = self.total_loss(terms)
            scaled_loss = self.optimizer.scale_loss(loss)
        weights = self.trainable_variables
        gradients = tape.gradient(scaled_loss, weights)
        self.optimizer.apply_gradients(zip(gradients, weights, strict=True))
        self.after_step()
        return self.track(loss, terms)

    def test_step(self, data):
        """Return the mean of each term so far, without learning."""
        terms = self.loss_terms(data[0], training=False)
        return self.track(self.total_loss(terms), terms)


def as_input(batches):
    """Return endless batches as a `tf.data.Dataset` that stays one batch ahead.

    Autotune is off: with it, ending an iterator blocks for seconds.

    Args:
        batches: Iterable of tuples of a dict of NumPy arrays, all of the same shapes.
    """
    (first,) = next(iter(batches))
    spec = {name: tf.TensorSpec(a.shape, a.dtype) for name, a in first.items()}
    dataset = tf.data.Dataset.from_generator(
        lambda: iter(batches), output_signature=(spec,)
    )
    options = tf.data.Options()
    options.autotune.enabled = False
    return dataset.prefetch(1).with_options(options)


def device_name() -> str:
    """Return where TensorFlow computes: the first GPU's name, or `cpu`."""
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        return "cpu"
    return tf.config.experimental.get_device_details(gpus[0]).get("device_name", "gpu")
