"""How long the rest of a run takes, over all of its stages.

Before anything is known, each stage is expected to take what it takes on two idle
cores. What the machine took for the stages so far corrects the stages to come, and the
share of the running stage that is done tells how long that one takes.
"""

import time
from collections import deque
from collections.abc import Mapping

from ssvae.config.length import (
    DRAWINGS_PER_SECOND,
    FEATURES_PER_SECOND,
    GRAPH_PER_SECOND,
    training_seconds,
)
from ssvae.config.presets import GRADIENTS, PIXELS
from ssvae.config.settings import Config
from ssvae.data import Dataset
from ssvae.training import stopwatch as stages
from ssvae.training.stopwatch import Stopwatch

# Order of the stages in a run.
ORDER = (
    stages.START,
    stages.M1,
    stages.FEATURES,
    stages.GRAPH,
    stages.MIXTURE,
    stages.PIXELS,
    stages.FITS,
    stages.MEASURING,
)
# Seconds until the first stage, while networks are built; of measures and of mixtures
# at least; and of the fits of a model of features.
START_SECONDS, LEAST_SECONDS, FITS_SECONDS = 4.0, 4.0, 5.0
# Images times classes per second that mixtures are fitted to; images per second from
# whose pixels the prior is fitted, and that a model of pixels answers.
MIXED_PER_SECOND, FITTED_PER_SECOND, ANSWERED_PER_SECOND = 3_000, 3_000, 2_000
# Images that pages show of a model without a test part, see `evaluation.examples`.
LOOKED_AT = 400
# Fraction of a data set that a test part of its own is, about.
USUAL_TEST = 1 / 7
# Seconds of work that must agree before the pace of the machine is believed; and how
# much slower or quicker than expected it may be.
TRUSTED_AFTER, PACES = 5.0, (0.2, 8.0)
# A stage that took less than this fraction of what was expected found its results on
# the disk: it tells nothing of the pace.
FOUND = 0.1
# Seconds that the speed of the running stage is taken from.
LOOK_BACK = 60.0
# Share of a stage after which its own speed alone tells how long it takes.
KNOWN_AFTER = 0.1


def expected_seconds(config: Config, dataset: Dataset) -> dict[str, float]:
    """Return the seconds that each stage takes on two idle cores, by its name.

    Args:
        config: `Config` of the run.
        dataset: The `Dataset` to learn from.
    """
    count = len(dataset.images)
    expected = dict.fromkeys(ORDER, 0.0)
    whole = training_seconds(config, dataset.image_shape, count)
    before = 0.0
    if config.features != PIXELS:
        if "backbone" in config.features.split():
            before = count / FEATURES_PER_SECOND
        expected[stages.FEATURES] = before
        mixed = count * dataset.num_classes / MIXED_PER_SECOND
        expected[stages.MIXTURE] = LEAST_SECONDS + mixed
        expected[stages.FITS] = FITS_SECONDS
        answers = LOOKED_AT / FEATURES_PER_SECOND
        answers += _tested(config, dataset, FEATURES_PER_SECOND)
    else:
        if config.propagation != "none" and config.unlabeled_batch_size:
            before = count / GRAPH_PER_SECOND
            if config.graph_features != GRADIENTS:
                before += count / DRAWINGS_PER_SECOND
        expected[stages.GRAPH] = before
        expected[stages.FITS] = LEAST_SECONDS + count / FITTED_PER_SECOND
        answers = _tested(config, dataset, ANSWERED_PER_SECOND)
    expected[stages.START] = START_SECONDS
    expected[stages.PIXELS] = max(0.0, whole - before)
    expected[stages.MEASURING] = LEAST_SECONDS + answers
    return expected


def _tested(config, dataset, per_second):
    """Return about how many seconds a model takes for the test part."""
    if dataset.read_test is None:
        return 0.0
    part = config.test_fraction or USUAL_TEST
    return len(dataset.images) * part / (1 - part) / per_second


class Forecast:
    """Tells how many seconds of a run are left.

    Args:
        expected: Seconds by stage, see `expected_seconds`.
        stopwatch: `Stopwatch` of the run.
    """

    def __init__(self, expected: Mapping[str, float], stopwatch: Stopwatch):
        self.expected = {stage: expected.get(stage, 0.0) for stage in ORDER}
        self.stopwatch = stopwatch
        # The running stage, and shares of it that were done at some moments: the first
        # one that was told, since the first images take longer, or one a while ago.
        self.stage = ""
        self.seen: deque[tuple[float, float]] = deque()

    def tell(self, share: float) -> None:
        """Tell which share of the running stage is done, 0 to 1."""
        now, stage = time.perf_counter(), self.stopwatch.stage
        if self.stage != stage:
            self.stage = stage
            self.seen.clear()
        self.seen.append((now, share))
        # Other programs begin and end meanwhile: what was long ago tells little.
        while len(self.seen) > 2 and now - self.seen[1][0] > LOOK_BACK:
            self.seen.popleft()

    def left(self) -> float:
        """Return the seconds that are left of the whole run."""
        stage = self.stopwatch.stage
        worked, part, share = self._worked(stage)
        pace = self._pace(stage, worked, part)
        later = ORDER[ORDER.index(stage) + 1 :]
        rest = pace * sum(self.expected[name] for name in later)
        usual = pace * self.expected[stage] * (1 - share)
        if not share:
            spent = self.stopwatch.seconds()[stage]
            return rest + max(0.0, usual - spent)
        own = worked * (1 - share) / part if part else usual
        trust = min(1.0, share / KNOWN_AFTER)
        return rest + trust * own + (1 - trust) * usual

    def _worked(self, stage):
        """Return seconds of work on a part of the stage, that part, and what is done.

        The work until the share was first told is not in it, nor what was long ago.
        """
        if self.stage != stage:
            return 0.0, 0.0, 0.0
        (began, first), (_, share) = self.seen[0], self.seen[-1]
        return time.perf_counter() - began, share - first, share

    def _pace(self, stage, worked, part):
        """Return how many times as long as expected the stages so far took."""
        seconds, took = self.stopwatch.seconds(), TRUSTED_AFTER
        wanted = took
        for name in ORDER[: ORDER.index(stage)]:
            spent, usual = seconds.get(name, 0.0), self.expected[name]
            if usual and spent >= FOUND * usual:
                took, wanted = took + spent, wanted + usual
        if part and self.expected[stage]:
            took, wanted = took + worked, wanted + part * self.expected[stage]
        low, high = PACES
        return min(high, max(low, took / wanted))
