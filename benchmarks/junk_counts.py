"""What was put aside in a measurement of `junk.py`, in numbers."""

import numpy as np


def counts_of(found, strange, own):
    """Return what was put aside of others and of own images, and the groups.

    Args:
        found: `Outside`.
        strange: bool array `(n,)`, images of another data set.
        own: bool array `(n,)`, the data set's own unlabeled images.
    """
    aside = np.isin(np.arange(len(own)), found.rows)
    return {
        "caught": float(aside[strange].mean()) if strange.any() else None,
        "own_put_aside": float(aside[own].mean()),
        "groups": [
            {"images": size, "evidence": float(evidence), "put_aside": bool(sure)}
            for size, evidence, sure in zip(
                found.sizes, found.evidence, found.sure, strict=True
            )
        ],
    }


def counts_alone(found, unlabeled):
    """Return what was put aside where nothing is foreign.

    Args:
        found: `Outside`.
        unlabeled: bool array `(n,)`.
    """
    counts = counts_of(found, np.zeros(len(unlabeled), bool), unlabeled)
    return {"num_labels": int((~unlabeled).sum()), **counts}
