"""The picture `samples.png` of a run folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from ssvae.files.pictures import image_grid

if TYPE_CHECKING:
    from ssvae.model import SSVAE

# Rows of the picture: at most, one per class; and for a model without classes.
MAX_ROWS, PLAIN_ROWS = 50, 8


def sample_grid(model: SSVAE, columns: int = 12, seed: int = 0) -> Image.Image:
    """Draw generated images, one row per class, for the first `MAX_ROWS` classes.

    For a model without classes the grid has `PLAIN_ROWS` rows.

    Args:
        model: An `SSVAE`.
        columns: Images per row.
        seed: Seed of the images.
    """
    rows, names = np.arange(model.num_classes)[:MAX_ROWS], model.class_names[:MAX_ROWS]
    if model.num_classes == 1:
        rows, names = np.zeros(PLAIN_ROWS, int), ()
    images = model.generate(np.repeat(rows, columns), seed)
    return image_grid(images.reshape(len(rows), columns, *model.pixel_shape), names)
