"""Operations counted by hand."""

import pytest

from ssvae.benchmark import flops
from ssvae.benchmark.speed import M2_MLP
from ssvae.config.settings import Config
from ssvae.model import SSVAE

NAMES = tuple("0123456789")


def test_operations_of_the_papers_model():
    model = SSVAE((28, 28, 1), NAMES, Config(**M2_MLP))
    classifier = 2 * (784 * 500 + 500 * 10)
    body = 2 * 784 * 500
    head = 2 * (10 * 500 + 500 * 2 * 50)
    decoder = 2 * (10 * 500 + 50 * 500 + 500 * 784)
    assert flops.of_network(model.classifier) == classifier
    assert flops.of_network(model.encoder_body) == body
    assert flops.of_network(model.encoder_head) == head
    assert flops.of_network(model.decoder) == decoder
    # Of the two first layers the image's gradient is not taken.
    once = 3 * (classifier + body) - 2 * 2 * 784 * 500
    assert flops.of_training(model, 0, 1) == once + 3 * 10 * (head + decoder)
    assert flops.of_training(model, 1, 0) == once + 3 * (head + decoder)
    # All ten forwards, two of them backwards.
    few = flops.of_training(model, 0, 1, sparing=True)
    assert few == once + (10 + 2 * 2) * (head + decoder)


def test_operations_of_convolutions():
    model = SSVAE((28, 28, 1), NAMES, Config(vae_body="conv", hidden_layers=1))
    classifier = [
        (14 * 14) * (5 * 5) * 32,
        (7 * 7) * (3 * 3 * 32) * 64,
        (7 * 7) * (3 * 3 * 64) * 64,
        (4 * 4) * (3 * 3 * 64) * 128,
        4 * 4 * 128 * 64,
        64 * 10,
    ]
    assert flops.of_network(model.classifier) == 2 * sum(classifier)
    decoder = [
        (16 + 10) * 400,
        400 * (7 * 7) * 64,
        (7 * 7) * (3 * 3 * 64) * 32,
        (14 * 14) * (5 * 5 * 32) * 1,
    ]
    assert flops.of_network(model.decoder) == 2 * sum(decoder)


def test_fewer_classes_and_more_samples_are_counted():
    few = SSVAE((28, 28, 1), NAMES, Config(top_classes=2, sampled_classes=1))
    every = SSVAE((28, 28, 1), NAMES, Config(top_classes=0))
    many = SSVAE((28, 28, 1), NAMES, Config(top_classes=0, importance_samples=3))
    decoder = 3 * flops.of_network(few.decoder)
    each = 3 * flops.of_network(few.encoder_head) + decoder
    steps = [flops.of_training(model, 0, 1) for model in (few, every, many)]
    assert steps[1] - steps[0] == 7 * each
    assert steps[2] - steps[1] == 20 * decoder


@pytest.mark.parametrize("batch", [1, 7])
def test_operations_grow_with_the_batch(batch):
    model = SSVAE((28, 28, 1), NAMES, Config())
    one = flops.of_training(model, 1, 1)
    assert flops.of_training(model, batch, batch) == batch * one
