"""Bodies that scale with the images."""

import pytest

from ssvae import networks
from ssvae.config import Config

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
