"""Learners compared by the cross-entropy of labels that were left out."""

import numpy as np
from scipy.special import log_softmax

from ssvae.vae.temperature import fit_temperature


def best(
    left_out: dict[str, np.ndarray],
    classes: np.ndarray,
    usual: str,
    weights: np.ndarray | None = None,
) -> tuple[str, float]:
    """Return the name of the learner to believe, and its temperature.

    Args:
        left_out: Float arrays `(k, num_classes)`, logits of images whose labels were
            left out, by the learner's name.
        classes: int array `(k,)`, these labels.
        usual: Name of the learner that is believed unless another is better by more
            than the standard error of the difference.
        weights: Float array `(k,)`, how much each label counts, see `label_weights`;
            None for each alike.
    """
    losses, temperatures = _losses(left_out, classes, weights)
    best = usual
    for name in sorted(losses, key=lambda name: losses[name].mean()):
        gain = losses[usual] - losses[name]
        if gain.mean() > gain.std() / np.sqrt(len(gain)):
            best = name
            break
    return best, temperatures[best]


def lowest(
    left_out: dict[str, np.ndarray], classes: np.ndarray, weights: np.ndarray
) -> str:
    """Return the name of the learner whose cross-entropy is lowest; see `best`."""
    losses, _ = _losses(left_out, classes, weights)
    return min(losses, key=lambda name: losses[name].mean())


def _losses(left_out, classes, weights):
    """Return the cross-entropy of each label, and the temperature, by the learner."""
    counted = np.ones(len(classes)) if weights is None else weights / weights.mean()
    losses, temperatures = {}, {}
    for name, logits in left_out.items():
        temperatures[name] = fit_temperature(logits, classes, counted)
        log_q = log_softmax(logits / temperatures[name], axis=1)
        losses[name] = -log_q[np.arange(len(classes)), classes] * counted
    return losses, temperatures
