"""Estimators of class shares that are known in the field, for `imbalance.py`."""

import numpy as np

# Part of equal shares in the regularized estimate, RLLS.
REGULARIZED = 0.1


def peers(vectors, labels, classes, given):
    """Return the mean error of the shares that the estimators of the field find.

    All stand on the regression on the labels alone, and on labels left out of it: the
    answers as they are counted, EM without calibration (Saerens et al. 2002), black box
    shift estimation (Lipton et al. 2018, BBSE), and that with a penalty
    (Azizzadenesheli et al. 2019, RLLS).
    """
    from scipy.optimize import nnls

    from ssvae.training.label_shift import shares_by_em
    from ssvae.training.share_evidence import turns
    from ssvae.vae.labels_alone import fit_labels_alone

    num_classes, labeled = len(given), labels >= 0
    true = np.bincount(classes) / len(classes)

    def learned(known):
        return fit_labels_alone(vectors[known], labels[known], num_classes)

    parts = turns(labels, 0)
    counts = np.zeros((num_classes, num_classes))
    for part in range(parts.max() + 1):
        hidden = parts == part
        guesses = learned(labeled & ~hidden)(vectors[hidden]).argmax(axis=1)
        np.add.at(counts, (guesses, labels[hidden]), 1)
    # Nothing is known of a class whose only label is not left out: it is told right.
    counts += np.diag(counts.sum(axis=0) == 0)
    confusion = counts / counts.sum(axis=0)
    logits = learned(labeled)(vectors[~labeled])
    held = np.bincount(logits.argmax(axis=1), minlength=num_classes) / len(logits)
    frequency = np.bincount(labels[labeled], minlength=num_classes) / labeled.sum()
    bbse, _ = nnls(confusion, held)
    both = np.vstack([confusion, REGULARIZED * np.eye(num_classes)])
    rlls, _ = nnls(both, np.r_[held, REGULARIZED * given])
    found = {
        "labels": frequency,
        "answers": held,
        "EM": shares_by_em(logits, frequency, given, 0),
        "BBSE": bbse,
        "RLLS": rlls,
    }
    return {
        name: float(np.abs(shares / shares.sum() - true).mean())
        for name, shares in found.items()
    }
