"""What is believed: a learner, and how it predicts labels that it did not see."""

from dataclasses import dataclass

import numpy as np

from ssvae.training.estimate import Estimate
from ssvae.training.learners import TITLES
from ssvae.vae.mixture import Linear


@dataclass(frozen=True)
class Belief:
    """The learner that is believed, and how it predicts labels that it did not see.

    Attributes:
        name: Its name, a key of `TITLES`.
        learned: The `Linear` that each learner learned from all labels, by its name.
        left_out: float array `(k, num_classes)`, logits of the labeled images, each
            without its own label; None if there are too few labels.
        alone: The same of the labels alone.
        temperature: Divisor of the logits that calibrates them, see `calibrated`.
        estimate: The accuracy to expect; None if there are too few labels.
    """

    name: str
    learned: dict[str, Linear]
    left_out: np.ndarray | None
    alone: np.ndarray | None
    temperature: float
    estimate: Estimate | None

    @property
    def linear(self) -> Linear:
        """What the believed learner learned from all labels."""
        return self.learned[self.name]

    def sentence(self, classes: np.ndarray) -> str:
        """Say what is believed, and why; `classes` are those of the labeled images."""
        if self.left_out is None or self.alone is None:
            return (
                f"Believed: {TITLES[self.name]}. A class has a single label, which "
                "cannot be left out to compare."
            )
        right, alone = (
            100 * np.mean(logits.argmax(axis=1) == classes)
            for logits in (self.left_out, self.alone)
        )
        doubt = "" if right >= alone else ", a difference that may be chance"
        return (
            f"Believed: {TITLES[self.name]}. Labels left out in turn are predicted "
            f"{right:.0f} % right; from the labels alone {alone:.0f} %{doubt}."
        )
