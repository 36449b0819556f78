import keras
import numpy as np
import pytest
from helpers import PLAIN, TINY

from ssvae.backends.current import Adam, BatchNormalization, as_input
from ssvae.model import SSVAE


class KerasStep(SSVAE):
    """The same loss under Keras's own `train_step` and `test_step`."""

    train_step = keras.Model.train_step
    test_step = keras.Model.test_step

    def call(self, batch, training=False):
        return self.loss_terms(batch, training)

    def compute_loss(self, x=None, y=None, y_pred=None, *args, **kwargs):
        return self.total_loss(y_pred)


@pytest.mark.each_backend
@pytest.mark.parametrize(
    "changes",
    [{}, {"augment": "digits", "likelihood": "gaussian", "vae_body": "conv"}],
    ids=["plain", "warp"],
)
def test_the_custom_step_changes_weights_as_keras_own_step(make_model, fit, changes):
    """The same trajectory from the same start: difference exactly 0."""
    # Op by op: as a graph, TensorFlow sums the gradients in an order that depends on
    # what else the graph holds.
    ours = make_model(PLAIN, **changes)
    theirs = KerasStep(ours.image_shape, ours.class_names, ours.config)
    for model in (ours, theirs):
        fit(model, run_eagerly=True)
    # Keras's own step does not count; every other variable must be the same.
    theirs.step.assign(ours.step)
    for one, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        assert np.array_equal(one, other)


@pytest.mark.each_backend
def test_compiled_and_eager_steps_agree(make_model, fit):
    # Without ReLUs after batch normalization, some of which get nothing but rounding.
    compiled, eager = (make_model(classifier_body="mlp") for _ in range(2))
    losses = [fit(compiled).history, fit(eager, run_eagerly=True).history]
    assert losses[0]["loss"] == pytest.approx(losses[1]["loss"], 1e-4)
    for one, other in zip(compiled.get_weights(), eager.get_weights(), strict=True):
        # Adam makes a whole step of a gradient that is nothing but rounding: a few
        # weights may differ by that, their mean by far less than a step of 2e-3.
        assert np.mean(np.abs(one - other)) < 1e-4
    for model, history in zip((compiled, eager), losses, strict=True):
        # Optimizer and counter advance once per step, and each term is tracked.
        steps = TINY.epochs * 4
        assert int(model.step) == int(model.optimizer.iterations) == steps
        # No image has the label of a group.
        assert set(history) == set(model.trackers) - {"group_cross_entropy"}
        assert all(np.isfinite(values).all() for values in history.values())


@pytest.mark.each_backend
def test_compiled_and_eager_gradients_agree_with_convolutions(make_model, tiny_batches):
    """One step: Adam's first moments are a tenth of the gradients."""
    gradients = []
    for eager in (False, True):
        model = make_model(augment="digits", vae_body="conv")
        for layer in model.classifier.layers:
            # A channel without variance gives the next ReLU nothing but rounding, and
            # its sign would decide, were it not for these.
            if isinstance(layer, BatchNormalization):
                layer.beta.assign(np.full(layer.beta.shape, 0.1))
        model.prepare_training(tiny_batches.steps_per_epoch, run_eagerly=eager)
        data = as_input(tiny_batches)
        model.fit(data, steps_per_epoch=1, shuffle=False, verbose=0)
        gradients.append(
            [keras.ops.convert_to_numpy(v) for v in model.optimizer._momentums]
        )
    for one, other in zip(*gradients, strict=True):
        assert np.abs(one).max() > 0
        assert np.abs(one - other).max() < 1e-5 * np.abs(one).max()


# The others have Keras's own.
@pytest.mark.needs_backend("tensorflow")
@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
@pytest.mark.parametrize("shape", [(6, 5, 4, 3), (7, 3)], ids=["images", "rows"])
def test_fused_normalization_is_that_of_keras(shape, dtype, rng):
    import tensorflow as tf

    x = tf.constant(rng.normal(2.0, 3.0, shape), tf.float32)
    weights = tf.constant(rng.normal(size=shape), tf.float32)
    results = []
    for kind in (BatchNormalization, keras.layers.BatchNormalization):
        layer = kind(momentum=0.7, dtype=dtype)
        layer.build(shape)
        layer.gamma.assign([0.5, 1.0, 2.0])
        layer.beta.assign([-1.0, 0.0, 1.0])
        with tf.GradientTape() as tape:
            tape.watch(x)
            outputs = tf.cast(layer(x, training=True), tf.float32)
            loss = tf.reduce_sum(weights * outputs)
        gradients = tape.gradient(loss, [x, layer.gamma.value, layer.beta.value])
        results.append([outputs, *gradients, layer(x), *layer.get_weights()])
    near = 1e-5 if dtype == "float32" else 0.03
    for one, other in zip(*results, strict=True):
        one, other = np.array(one, np.float32), np.array(other, np.float32)
        assert np.abs(one - other).max() < near * np.abs(other).max()


@pytest.mark.each_backend
def test_adam_changes_weights_as_keras_own_adam(rng):
    """Ten steps on a falling learning rate, with gradients of very different sizes."""
    starts = [rng.normal(size=shape).astype(np.float32) for shape in ((4, 3), (3,))]
    walks = []
    for kind in (Adam, keras.optimizers.Adam):
        optimizer = kind(keras.optimizers.schedules.CosineDecay(0.1, 20))
        variables = [keras.Variable(start) for start in starts]
        optimizer.build(variables)
        draws = np.random.default_rng(5)
        for scale in 10.0 ** np.arange(-9, 1):
            gradients = [scale * draws.normal(size=v.shape) for v in variables]
            gradients = [keras.ops.convert_to_tensor(g, "float32") for g in gradients]
            optimizer.apply(gradients, variables)
        walks.append([np.array(v) for v in (*variables, *optimizer.variables)])
    for start, one, other in zip(starts, *walks, strict=False):
        assert np.abs(other - start).max() > 0.1
        assert one == pytest.approx(other, rel=1e-5)
    for one, other in zip(*walks, strict=True):
        assert one == pytest.approx(other, rel=1e-4, abs=1e-20)


@pytest.mark.each_backend
def test_evaluation_learns_nothing_and_averages_the_terms(make_model, tiny_batches):
    model = make_model(PLAIN)
    model.prepare_training(4)
    logs = model.evaluate(as_input(tiny_batches), steps=3, verbose=0, return_dict=True)
    again = make_model(PLAIN)
    values = [
        keras.ops.convert_to_numpy(
            again.loss_terms(tiny_batches.batch(step), training=False)["labeled_elbo"]
        )
        for step in range(3)
    ]
    assert logs["labeled_elbo"] == pytest.approx(np.mean(values), rel=1e-4)
    for one, other in zip(
        model.trainable_variables, again.trainable_variables, strict=True
    ):
        assert np.array_equal(one.numpy(), other.numpy())
