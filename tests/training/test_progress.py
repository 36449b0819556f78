"""What a run prints while it trains."""

from itertools import pairwise
from types import SimpleNamespace

import pytest

from ssvae.training import progress
from ssvae.training.progress import TrainingProgress


@pytest.fixture
def run(monkeypatch):
    """Return a function that trains with a clock, and returns lines and their times."""

    def run(seconds_each, epochs, steps_per_epoch, until=float("inf")):
        now = [100.0]
        clock = SimpleNamespace(perf_counter=lambda: now[0])
        monkeypatch.setattr(progress, "time", clock)
        told = TrainingProgress()
        lines = []
        monkeypatch.setattr(
            told.console,
            "print",
            lambda *words, **_: lines.append((now[0] - 100, "  ".join(words))),
        )
        model = SimpleNamespace(
            config=SimpleNamespace(epochs=epochs),
            steps_per_epoch=steps_per_epoch,
            steps_per_launch=1,
        )
        told.set_model(model)
        told.on_train_begin()
        # The first step compiles.
        now[0] += 20
        for epoch in range(epochs):
            told.on_epoch_begin(epoch)
            for batch in range(steps_per_epoch):
                now[0] += seconds_each
                told.on_train_batch_end(batch)
                if now[0] - 100 > until:
                    return lines
            told.on_epoch_end(epoch, {"loss": 1.0})
        return lines

    return run


def test_a_long_run_says_within_a_minute_how_long_it_takes(run):
    lines = run(0.5, epochs=28, steps_per_epoch=1_611, until=400)
    moment, text = lines[0]
    assert moment < 60
    assert text == "Step 22 of 45,108, 0.5 s each: about 6 h left."
    # Later a line comes each minute, until the epoch has one.
    moments = [moment for moment, _ in lines]
    assert all(later - one <= 62 for one, later in pairwise(moments))
    assert lines[3][1].endswith("left.")


def test_epochs_of_seconds_need_no_more_lines(run):
    lines = run(0.5, epochs=5, steps_per_epoch=40)
    estimates = [text for _, text in lines if "left" in text]
    assert estimates == ["Step 22 of 200, 0.5 s each: about 89 s left."]
    assert sum(text.startswith("epoch ") for _, text in lines) == 5


def test_a_run_of_seconds_tells_no_time(run):
    lines = run(0.1, epochs=3, steps_per_epoch=40)
    assert [text.split()[0] for _, text in lines] == ["epoch"] * 3


def test_every_step_of_a_slow_run_counts(run):
    # A single step that takes longer than a minute is told as soon as two are done.
    lines = run(100.0, epochs=2, steps_per_epoch=3)
    assert lines[0] == (220.0, "Step 2 of 6, 100.0 s each: about 7 min left.")
