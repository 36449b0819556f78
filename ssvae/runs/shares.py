"""The shares of the classes that a run took, in a sentence and in a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

# Value of the setting `class_prior` with which shares are estimated.
AUTO = "auto"
# Where shares come from, in `metrics.json`.
EQUAL, ESTIMATED, STATED = "equal", "unlabeled images", "stated"
# Classes that a sentence names, and rows of a table, at most: the most frequent first.
NAMED, ROWS = 5, 30


@dataclass(frozen=True)
class Shares:
    """The shares that training takes the classes to have.

    Attributes:
        values: float64 array `(num_classes,)` that sums to 1.
        source: `EQUAL`, `ESTIMATED` or `STATED`.
        low: float64 array `(num_classes,)`, lower ends of the intervals that hold what
            the unlabeled images say; empty if they were not asked.
        high: The same of the upper ends.
    """

    values: np.ndarray
    source: str
    low: np.ndarray
    high: np.ndarray

    @classmethod
    def given(cls, values: np.ndarray, prior: str) -> Shares:
        """Return shares that nobody estimated; `prior` is the setting."""
        source = EQUAL if prior in (AUTO, "uniform") else STATED
        return cls(values, source, np.zeros(0), np.zeros(0))

    @property
    def arrays(self) -> dict[str, Any]:
        """Arrays for an `.npz` file, see `of`."""
        return {
            "shares": self.values,
            "shares_source": self.source,
            "shares_low": self.low,
            "shares_high": self.high,
        }

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Shares:
        """Return the shares whose `arrays` were kept."""
        low, high = kept["shares_low"], kept["shares_high"]
        return cls(kept["shares"], str(kept["shares_source"]), low, high)

    def figures(self, class_names: tuple[str, ...]) -> dict[str, Any]:
        """Return them for `metrics.json`: fractions, and their intervals if known."""
        spans = [None] * len(self.values)
        if len(self.low):
            spans = np.stack([self.low, self.high], axis=1).tolist()
        each = zip(class_names, self.values.tolist(), spans, strict=True)
        return {
            "class_shares_from": self.source,
            "class_shares": [
                {"class": name, "share": share, "interval": span}
                for name, share, span in each
            ],
        }


def sentence(metrics: dict[str, Any]) -> str:
    """Say what shares the classes were taken to have; empty if the run does not tell.

    Args:
        metrics: Content of a run's `metrics.json`.
    """
    source, each = metrics.get("class_shares_from"), metrics.get("class_shares")
    if not each:
        return ""
    if source == EQUAL:
        asked = each[0]["interval"] is not None
        why = ": the unlabeled images do not surely say otherwise" if asked else ""
        return f"Class shares: taken as equal{why}."
    first = sorted(each, key=lambda one: -one["share"])
    told = ", ".join(f"{one['class']} {_share(one)}" for one in first[:NAMED])
    rest = len(first) - NAMED
    more = "" if rest < 1 else f", and {rest} other{'s' * (rest > 1)}"
    how = "as stated" if source == STATED else f"estimated from {source}"
    return f"Class shares, {how}: {told}{more}."


def table(metrics: dict[str, Any]) -> str:
    """Return the shares as a Markdown table; empty unless they were estimated.

    Args:
        metrics: Content of a run's `metrics.json`.
    """
    if metrics.get("class_shares_from") != ESTIMATED:
        return ""
    first = sorted(metrics["class_shares"], key=lambda one: -one["share"])
    rows = [f"| {one['class']} | {_share(one)} |\n" for one in first[:ROWS]]
    rest = first[ROWS:]
    if rest:
        share = sum(one["share"] for one in rest)
        rows.append(f"| {len(rest)} other classes | {100 * share:.1f} % |\n")
    return "| class | share of the images |\n|---|---:|\n" + "".join(rows)


def _share(one):
    """Return the share of a class in percent, with its interval."""
    told = f"{100 * one['share']:.1f} %"
    if one["interval"] is None:
        return told
    low, high = (100 * end for end in one["interval"])
    return f"{told} ({low:.1f} to {high:.1f})"
