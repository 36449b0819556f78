"""The picture `samples.png` of a run folder."""

import numpy as np
from PIL import Image

from ssvae.files.pictures import image_grid

# Rows of generated images: of many classes, and where there are none.
MAX_ROWS, PLAIN_ROWS = 50, 8


def sample_grid(model, columns=12, seed=0) -> Image.Image:
    """Draw generated images, a row a class, the first `MAX_ROWS`.

    A model without classes has `PLAIN_ROWS`.

    Args:
        model: An `SSVAE`.
        columns: Images a class.
        seed: Seed of the images.
    """
    rows, names = np.arange(model.num_classes)[:MAX_ROWS], model.class_names[:MAX_ROWS]
    if model.num_classes == 1:
        rows, names = np.zeros(PLAIN_ROWS, int), ()
    images = model.generate(np.repeat(rows, columns), seed)
    return image_grid(images.reshape(len(rows), columns, *model.image_shape), names)
