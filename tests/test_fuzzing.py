"""A short run of `fuzzing.py`; `make fuzz` is the long one."""

import fuzzing
import pytest


def check(counts):
    assert not counts["wrong"]
    assert counts["refused"] > 0
    assert counts["opened"] + counts["refused"] == counts["cases"]


@pytest.mark.parametrize("kind", ["labels", "npz", "table"])
def test_a_few_damaged_files_are_opened_or_refused(kind):
    check(fuzzing.run(kind, 50))


@pytest.mark.slow
@pytest.mark.parametrize("kind", fuzzing.KINDS)
def test_damaged_files_are_opened_or_refused(kind):
    check(fuzzing.run(kind, 25 if kind == "keras" else 150))
