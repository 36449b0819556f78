"""The seconds that are left, told while a run that is made up goes on."""

import pytest

from ssvae.training import stopwatch as stages
from ssvae.training.forecast import Forecast
from ssvae.training.stopwatch import Stopwatch

# Seconds of the stages of a run, as they are expected, and how many parts are told.
EXPECTED = {
    stages.START: 4.0,
    stages.FEATURES: 20.0,
    stages.MIXTURE: 10.0,
    stages.PIXELS: 120.0,
    stages.FITS: 4.0,
    stages.MEASURING: 10.0,
}
PARTS = {stages.FEATURES: 20, stages.PIXELS: 200}


@pytest.fixture
def clock(monkeypatch):
    """A clock that only the test moves."""
    now = [100.0]
    monkeypatch.setattr("time.perf_counter", lambda: now[0])
    return now


def told(clock, took, compiling=0.0):
    """Play a run; return pairs of the seconds that went by, and those told to be left.

    Args:
        clock: The clock.
        took: Seconds by stage that the stages really take.
        compiling: Seconds of them before the first part of the pixels is done.
    """
    stopwatch = Stopwatch()
    forecast, began, pairs = Forecast(EXPECTED, stopwatch), clock[0], []

    def look():
        pairs.append((clock[0] - began, forecast.left()))

    for stage, seconds in took.items():
        if stage != stages.START:
            stopwatch.begin(stage)
        if stage == stages.PIXELS:
            clock[0] += compiling
            seconds -= compiling
        parts = PARTS.get(stage, 1)
        for part in range(parts):
            look()
            clock[0] += seconds / parts
            if parts > 1:
                forecast.tell((part + 1) / parts)
    return pairs, clock[0] - began


@pytest.mark.parametrize("pace", [0.5, 1, 3, 6])
def test_after_a_tenth_the_time_left_is_true_within_a_third(clock, pace):
    took = {stage: pace * seconds for stage, seconds in EXPECTED.items()}
    pairs, whole = told(clock, took, compiling=10.0)
    for spent, left in pairs:
        if whole / 10 <= spent < 0.97 * whole:
            assert left == pytest.approx(whole - spent, rel=1 / 3), spent / whole


def test_features_found_on_the_disk_tell_nothing_of_the_machine(clock):
    took = EXPECTED | {stages.FEATURES: 0.1}
    pairs, whole = told(clock, took)
    spent, left = next(pair for pair in pairs if pair[0] > 6)
    assert left == pytest.approx(whole - spent, rel=0.1)


def test_time_left_falls_while_nothing_is_told(clock):
    stopwatch = Stopwatch()
    forecast = Forecast(EXPECTED, stopwatch)
    first = forecast.left()
    assert first == pytest.approx(sum(EXPECTED.values()))
    clock[0] += 3
    assert forecast.left() == pytest.approx(first - 3)
    clock[0] += 1000
    # A stage that takes longer than expected leaves those after it.
    assert forecast.left() == pytest.approx(first - EXPECTED[stages.START])


def test_a_resumed_stage_is_timed_by_what_is_done_now(clock):
    """Half was done before, at another speed: only the new half counts."""
    stopwatch = Stopwatch({stages.PIXELS: 1000.0})
    forecast = Forecast(EXPECTED, stopwatch)
    stopwatch.begin(stages.PIXELS)
    forecast.tell(0.5)
    clock[0] += 10
    forecast.tell(0.75)
    after = EXPECTED[stages.FITS] + EXPECTED[stages.MEASURING]
    pace = (5 + 10) / (5 + 0.25 * EXPECTED[stages.PIXELS])
    assert forecast.left() == pytest.approx(10 + pace * after)
