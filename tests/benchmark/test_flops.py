"""Operations counted by hand."""

import pytest

from ssvae.benchmark import flops, speed
from ssvae.benchmark.speed import M2_MLP, speed_table
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


@pytest.mark.parametrize("what", ["m2-mlp, 100 a step", "default"])
def test_training_is_timed(what, monkeypatch):
    monkeypatch.setattr(speed, "STEPS", 2)
    monkeypatch.setattr(speed, "SIDE", 64)
    (figures,) = speed._training(what, speed.SHAPES[what])
    assert figures["images_per_second"] > 0
    assert figures["share"] > 0
    labeled, unlabeled = {"default": (50, 200)}.get(what, (0, 100))
    model = SSVAE((28, 28, 1), NAMES, Config(**speed.SHAPES[what]))
    steps = [
        flops.of_training(model, labeled, unlabeled, sparing)
        for sparing in (False, True)
    ]
    assert figures["flops_per_image"] * (labeled + unlabeled) in steps


def test_answers_are_timed(monkeypatch):
    monkeypatch.setattr(speed, "IMAGES", 20)
    monkeypatch.setattr(speed, "SIDE", 64)
    figures = speed._answers()
    assert [row["what"] for row in figures] == ["classify", "embed", "generate"]
    assert all(row["images_per_second"] > 0 for row in figures)


def test_table_has_a_row_each():
    training = {
        "what": "default",
        "images_per_second": 4_000.4,
        "first_step_seconds": 7.04,
        "peak_memory_gib": 1.234,
        "flops_per_image": 12.34e6,
        "matrix_gflops": 99.6,
        "share": 0.496,
    }
    answers = {
        name: value
        for name, value in training.items()
        if name not in ("first_step_seconds", "peak_memory_gib")
    }
    figures = {"machine": "a machine", "speed": [training, answers]}
    title, _, _, _, *rows = speed_table(figures).splitlines()
    assert title == "a machine:"
    shared = "| default | 4,000 | 12.3 million | 50 % of 100 GFLOP/s | "
    assert rows == [f"{shared}7.0 s | 1.23 GiB |", f"{shared}- | - |"]
    figures |= {"device": "a GPU", "copy_gigabytes": 1234.5}
    title = speed_table(figures).splitlines()[0]
    assert title == "a GPU (1,234 GB/s copied), a machine:"


def test_bandwidth_is_measured(monkeypatch):
    monkeypatch.setattr(speed, "COPIED", 2**16)
    assert speed.copy_rate() > 0


@pytest.mark.parametrize("batch", [1, 7])
def test_operations_grow_with_the_batch(batch):
    model = SSVAE((28, 28, 1), NAMES, Config())
    one = flops.of_training(model, 1, 1)
    assert flops.of_training(model, batch, batch) == batch * one
