import numpy as np
import pytest

from ssvae.graph.walk import apply_polynomial


@pytest.mark.parametrize("added", [0.0, 1.0])
def test_few_products_approximate_many_steps(rng, added):
    weights = rng.random((30, 30)) * (rng.random((30, 30)) < 0.2)
    weights = weights + weights.T + np.eye(30)
    walk = weights / weights.sum(axis=1, keepdims=True)
    # Held values lead nowhere, as those of labels do.
    walk[:, :5] *= 1 - added
    start, source = rng.random((30, 3)), added * rng.random((30, 3))
    asked, passed = [], [start]

    def step(values):
        asked.append(values)
        return walk @ values + source

    for _ in range(200):
        passed.append(walk @ passed[-1] + source)
    reached = apply_polynomial(np.eye(201)[-1], step, start)
    assert reached == pytest.approx(passed[-1], rel=1e-3)
    assert len(asked) < 70
    if not added:
        summed = apply_polynomial(np.ones(200), step, start)
        assert summed == pytest.approx(sum(passed[:-1]), rel=1e-3)
