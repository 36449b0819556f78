import keras
import numpy as np
import pytest
from keras import layers, ops

from ssvae.backends.compiled import for_inference


@pytest.mark.each_backend
def test_a_compiled_model_follows_its_weights(rng):
    images = keras.Input((4,))
    x = layers.BatchNormalization()(layers.Dense(3)(images))
    model = keras.Model(images, layers.Dropout(0.5, seed=0)(x))
    for count in (2, 5, 3):
        rows = rng.random((count, 4), np.float32)
        wanted = ops.convert_to_numpy(model(rows, training=False))
        result = for_inference(model)(rows)
        assert ops.convert_to_numpy(result) == pytest.approx(wanted, abs=1e-6)
        model.set_weights([value + 1 for value in model.get_weights()])
    assert for_inference(model) is for_inference(model)


@pytest.mark.each_backend
@pytest.mark.needs_backend("torch")
def test_a_compiled_model_keeps_no_gradients(rng):
    images = keras.Input((4,))
    model = keras.Model(images, layers.Dense(3)(images))
    assert not for_inference(model)(rng.random((2, 4), np.float32)).requires_grad
