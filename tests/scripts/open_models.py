"""Print what models answer, as `.npz` files: `open_models.py IMAGES RUN OUT ...`."""

import sys

import numpy as np

import ssvae

images = np.load(sys.argv[1])
for run, out in zip(sys.argv[2::2], sys.argv[3::2], strict=True):
    model = ssvae.load_model(run)
    np.savez(
        out,
        p=model.predict_proba(images),
        z=model.encode(images)[0],
        g=model.generate([1, 2, 0], seed=5),
        names=model.class_names,
    )
