import pytest

from ssvae.benchmark import flops, machine_rates, timing
from ssvae.benchmark.speed import SHAPES
from ssvae.config.settings import Config
from ssvae.model import SSVAE


@pytest.mark.parametrize("what", ["m2-mlp, 100 a step", "default"])
def test_training_is_timed(what, monkeypatch):
    monkeypatch.setattr(timing, "STEPS", 2)
    monkeypatch.setattr(machine_rates, "SIDE", 64)
    figures = timing.time_training(what, SHAPES[what])
    assert figures["images_per_second"] > 0
    assert figures["share"] > 0
    labeled, unlabeled = {"default": (50, 200)}.get(what, (0, 100))
    model = SSVAE((28, 28, 1), tuple("0123456789"), Config(**SHAPES[what]))
    steps = [
        flops.of_training(model, labeled, unlabeled, sparing)
        for sparing in (False, True)
    ]
    assert figures["flops_per_image"] * (labeled + unlabeled) in steps


def test_answers_are_timed(monkeypatch):
    monkeypatch.setattr(timing, "IMAGES", 20)
    monkeypatch.setattr(machine_rates, "SIDE", 64)
    figures = timing.time_answers()
    assert [row["what"] for row in figures] == ["classify", "embed", "generate"]
    assert all(row["images_per_second"] > 0 for row in figures)


def test_bandwidth_is_measured(monkeypatch):
    monkeypatch.setattr(machine_rates, "COPIED", 2**16)
    assert machine_rates.copy_rate() > 0
