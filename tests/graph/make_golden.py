"""Write `golden_graph.npz`, the graphs that the cache's FORMAT stands for.

`python tests/graph/make_golden.py`, after FORMAT in ssvae/graph/cache.py was raised.
"""

import sys
from pathlib import Path

import numpy as np

from ssvae.config.settings import Config
from ssvae.data import load_dataset
from ssvae.graph.cache import FORMAT
from ssvae.graph.construction import image_graph

N = 60
GOLDEN = Path(__file__).with_name("golden_graph.npz")
# The default graph depends on warps, which each Keras backend draws in its own way: the
# golden file holds TensorFlow's. The other graph is the same on every backend.
CONFIGS = {
    "default": Config(),
    "original": Config(propagation="original", augment="none"),
}


def make_graph(name: str) -> np.ndarray:
    """Return the graph of 60 digits of 14 by 14 pixels, float32 array `(60, 60)`."""
    images = load_dataset("mnist").images[:60, ::2, ::2]
    return image_graph(images, CONFIGS[name]).toarray()


def main() -> None:
    """Write the file, unless it holds the graphs of the same FORMAT already."""
    if GOLDEN.exists() and np.load(GOLDEN)["format"] == FORMAT:
        sys.exit(
            f"{GOLDEN.name} was made with FORMAT {FORMAT}: raise FORMAT in "
            "ssvae/graph/cache.py first"
        )
    np.savez_compressed(
        GOLDEN, format=FORMAT, **{name: make_graph(name) for name in CONFIGS}
    )


if __name__ == "__main__":
    main()
