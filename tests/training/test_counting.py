"""Progress of work on images before training."""

import io
import json

import pytest
from rich.console import Console

from ssvae.training import counting, live
from ssvae.training.counting import Counting
from ssvae.training.live import LiveFolder
from ssvae.training.progress import TrainingProgress


@pytest.fixture
def clock(monkeypatch):
    """A list whose first number is the time, in seconds."""
    now = [0.0]
    for module in (counting, live):
        monkeypatch.setattr(module.time, "perf_counter", lambda: now[0])
    return now


def test_the_remaining_time_is_told(tmp_path, clock, capsys):
    progress = TrainingProgress()
    with Counting("Features", progress, LiveFolder(tmp_path)) as count:
        # The first images take a minute, the others two seconds each.
        for done, clock[0] in ((64, 60.0), (100, 132.0), (1_000, 1_932.0)):
            count(done, 1_000)
            if done < 1_000:
                seen = json.loads((tmp_path / "progress.json").read_text())
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "Features: 100 of 1,000 images, 1800 s left.",
        "Features: 1,000 of 1,000 images.",
    ]
    assert (seen["done"], seen["total"]) == (100, 1_000)
    assert seen["doing"] == lines[0]


def test_a_terminal_has_a_bar(tmp_path):
    progress, text = TrainingProgress(), io.StringIO()
    progress.console = Console(file=text, force_terminal=True, width=80)
    with Counting("Features", progress, LiveFolder(tmp_path)) as count:
        count(64, 1_000)
        count(1_000, 1_000)
    assert "Features: 1,000 of 1,000 images" in text.getvalue()
    assert "s left." not in text.getvalue()
