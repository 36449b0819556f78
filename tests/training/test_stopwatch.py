"""Seconds of the stages of training, interruptions included."""

import pytest

from ssvae.training import stopwatch as room
from ssvae.training.stopwatch import GRAPH, PIXELS, START, Stopwatch


@pytest.fixture
def clock(monkeypatch):
    """A clock that a test moves."""

    class Clock:
        now = 100.0

        def perf_counter(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(room, "time", clock)
    return clock


def test_each_stage_has_its_seconds(clock):
    stopwatch = Stopwatch()
    for stage, seconds in ((GRAPH, 1.0), (PIXELS, 3.0), (GRAPH, 5.0), (PIXELS, 2.0)):
        clock.now += seconds
        stopwatch.begin(stage)
    clock.now += 7.0
    assert stopwatch.seconds() == {START: 1.0, GRAPH: 5.0, PIXELS: 12.0}
    assert stopwatch.total() == 18.0
    clock.now += 1.0
    assert stopwatch.seconds()[PIXELS] == 13.0


def test_seconds_before_an_interruption_count(clock):
    stopwatch = Stopwatch({GRAPH: 10.0, PIXELS: 4.0})
    stopwatch.begin(PIXELS)
    clock.now += 6.0
    stopwatch.add(GRAPH, 0.5)
    assert stopwatch.seconds() == {GRAPH: 10.5, PIXELS: 10.0, START: 0.0}
