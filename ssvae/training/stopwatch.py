"""The seconds that the stages of training take."""

import time
from collections.abc import Mapping

# The stages, in the order in which runs have them; no run has all.
M1, FEATURES, GRAPH, MIXTURE = "m1", "features", "graph", "mixture"
PIXELS, FITS, MEASURING = "pixels", "fits", "measuring"
# From the start to the first stage: the networks are built meanwhile.
START = "start"


class Stopwatch:
    """Counts the seconds of each stage, those before an interruption included.

    Args:
        before: Seconds by stage that were counted before this process; None for none.
    """

    def __init__(self, before: Mapping[str, float] | None = None):
        self.counted = dict(before or {})
        self.stage, self.began = START, time.perf_counter()

    def begin(self, stage: str) -> None:
        """End the stage that is running, and begin or go on with another one."""
        self.counted, self.stage = self.seconds(), stage
        self.began = time.perf_counter()

    def add(self, stage: str, seconds: float) -> None:
        """Add seconds that were counted elsewhere."""
        self.counted[stage] = self.counted.get(stage, 0.0) + seconds

    def seconds(self) -> dict[str, float]:
        """Return the seconds of each stage so far."""
        running = time.perf_counter() - self.began
        before = self.counted.get(self.stage, 0.0)
        return {**self.counted, self.stage: before + running}

    def total(self) -> float:
        """Return the seconds of all stages together so far."""
        return sum(self.seconds().values())
