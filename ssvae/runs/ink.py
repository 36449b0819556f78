"""What is known of the ink on the images of a run, also of one of an older version."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from ssvae.data.ink_data import InkData
from ssvae.errors import InputError
from ssvae.runs.shown import load_shown
from ssvae.saving.find import find_model
from ssvae.types import PathLike

if TYPE_CHECKING:
    from ssvae.model import SSVAE

# Images of a run that tell what is usual, at least; fewer tell too little.
ENOUGH = 200
# Images that a model draws to tell how its images are laid out.
DRAWN = 1_000


def ink_of(model: SSVAE, run: PathLike | None = None) -> InkData | None:
    """Return what is known of the ink on a model's images; None if there is no ink.

    Training keeps it in the model. For a model of an older version it comes from the
    images that its run folder shows, or from images that the model draws; the model
    keeps it from then on.

    Args:
        model: An `SSVAE`.
        run: What names it, a run folder or a shipped model; None if nothing does.
    """
    if model.image_shape[2] != 1 or model.fitted.ink is not None:
        return model.fitted.ink
    ink = _of_shown(model, run) or _of_drawn(model)
    model.fitted = dataclasses.replace(model.fitted, ink=ink)
    return ink


def _of_shown(model, run):
    """Return what the images that a run folder shows tell, None if nothing."""
    try:
        shown = None if run is None else load_shown(find_model(run).parent)
    except InputError:
        # The file is damaged, or the run has no folder.
        return None
    if shown is None or shown.num_drawn < ENOUGH:
        return None
    if shown.images.shape[1:] != model.image_shape:
        return None
    return InkData.of(shown.images[: shown.num_drawn])


def _of_drawn(model):
    """Return what images that the model draws tell."""
    # A few tell that photographs have no plain ground.
    for count in (ENOUGH, DRAWN):
        ink = InkData.of(model.generate(np.arange(count) % model.num_classes))
        if ink is None:
            return None
    # They are blurred and plainer than those it learned from: nobody knows what lines
    # are unusual.
    limits = np.zeros_like(ink.limits)
    limits[1] = np.inf
    return ink._replace(limits=limits)
