"""Bodies that scale with the images."""

import keras
import numpy as np
import pytest

from ssvae.config.settings import Config
from ssvae.vae import networks
from ssvae.vae.average import averaged

CONV = Config(vae_body="conv")


def sides(model):
    """Return the heights of what a model's convolutions make."""
    return [
        layer.output.shape[1] for layer in model.layers if layer.name.startswith("conv")
    ]


@pytest.mark.parametrize(
    ("side", "expected"),
    [
        (8, [8, 4, 4, 4]),
        (16, [16, 8, 8, 4]),
        (28, [14, 7, 7, 4]),
        (32, [16, 8, 8, 4]),
        (128, [64, 32, 32, 16, 8, 4]),
    ],
)
def test_classifier_ends_with_a_few_pixels(side, expected):
    assert sides(networks.build_classifier((side, side, 3), 10, CONV)) == expected


@pytest.mark.parametrize(
    ("side", "expected"), [(8, [4]), (28, [14, 7]), (64, [32, 16, 8])]
)
def test_encoder_ends_with_some_pixels(side, expected):
    assert sides(networks.build_encoder_body((side, side, 1), CONV)) == expected


def test_fixed_strides_are_those_of_28_pixels():
    fixed = CONV.replace(conv_strides="fixed")
    for side, expected in (8, [4, 2, 2, 1]), (48, [24, 12, 12, 6]):
        shape = side, side, 1
        assert sides(networks.build_classifier(shape, 10, fixed)) == expected
        assert sides(networks.build_encoder_body(shape, fixed)) == expected[:2]
        assert networks.build_decoder(shape, 10, fixed).output_shape[1:] == shape


@pytest.mark.parametrize("shape", [(4, 5, 1), (9, 16, 3), (28, 28, 1), (65, 97, 3)])
def test_decoder_draws_images_of_any_size(shape):
    decoder = networks.build_decoder(shape, 10, CONV)
    assert decoder.output_shape == (None, *shape)
    assert decoder.count_params() < 4e6


@pytest.mark.parametrize("bodies", [("conv", "conv"), ("mlp", "mlp")])
def test_bfloat16_ends_in_float32_near_what_float32_gives(make_model, images, bodies):
    classifier, vae = bodies
    full = make_model(classifier_body=classifier, vae_body=vae)
    low = make_model(classifier_body=classifier, vae_body=vae, precision="bfloat16")
    low.set_weights(full.get_weights())
    x = keras.ops.cast(keras.ops.array(images), "float32") / 255
    one_hot = keras.ops.one_hot(np.arange(5) % 3, 3)
    outputs = []
    for model in (full, low):
        features = model.encoder_body(x)
        moments = model.encoder_head([features, one_hot])
        z = moments[:, :3]
        heads = model.classify(x), moments, model.decoder([z, one_hot])
        assert {keras.backend.standardize_dtype(head.dtype) for head in heads} == {
            "float32"
        }
        outputs.append([keras.ops.convert_to_numpy(head) for head in heads])
    assert keras.backend.standardize_dtype(features.dtype) == "bfloat16"
    for one, other in zip(*outputs, strict=True):
        assert not np.array_equal(one, other)
        assert other == pytest.approx(one, abs=0.03 * float(np.abs(one).max()))


def test_a_model_trained_in_bfloat16_is_kept_in_float32(make_model, fit):
    model = make_model(precision="bfloat16", classifier_body="mlp")
    losses = fit(model).history["loss"]
    assert losses[-1] < losses[0]
    kept = averaged(model)
    assert kept.config == model.config.replace(precision="float32")
    assert {layer.compute_dtype for layer in kept.classifier.layers} == {"float32"}
    assert {str(w.dtype) for w in model.weights} == {str(w.dtype) for w in kept.weights}
