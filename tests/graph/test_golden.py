"""Whoever changes the graph raises FORMAT, so that no cached graph is used wrongly."""

import numpy as np
import pytest
from graph.make_golden import GOLDEN, main, make_graph

from ssvae.graph.cache import FORMAT

# The golden file holds the warps that TensorFlow draws.
WARPED = pytest.param("default", marks=pytest.mark.needs_backend("tensorflow"))


@pytest.mark.parametrize("name", [WARPED, "original"])
def test_another_graph_needs_another_format(name):
    golden = np.load(GOLDEN)
    # Other processors round in another way; an edge near zero may then be missing.
    same = np.allclose(make_graph(name), golden[name], rtol=0, atol=1e-3)
    assert same and golden["format"] == FORMAT, (
        "the graph of the same images is another now: raise FORMAT in "
        "ssvae/graph/cache.py and run `python tests/graph/make_golden.py`"
    )


def test_the_golden_file_is_not_replaced_before_format_is_raised():
    before = GOLDEN.read_bytes()
    with pytest.raises(SystemExit, match="raise FORMAT"):
        main()
    assert GOLDEN.read_bytes() == before
