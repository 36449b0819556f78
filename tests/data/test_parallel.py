"""Work in threads: results in order, not too far ahead, errors passed on."""

import threading
import time

import pytest

from ssvae.data import parallel
from ssvae.data.parallel import in_threads


@pytest.mark.parametrize("count", [0, 1, 5, 100])
def test_results_are_in_order(count):
    def slow_if_even(number):
        time.sleep(0.002 * (number % 2 == 0))
        return 10 * number

    results = list(in_threads(slow_if_even, range(count), threads=4))
    assert results == [10 * number for number in range(count)]


def test_several_threads_work_at_once():
    barrier = threading.Barrier(3, timeout=20)
    # Each waits until three are there.
    assert list(in_threads(lambda _: barrier.wait() >= 0, range(3), 3)) == [True] * 3


def test_no_more_is_done_than_is_soon_wanted():
    done = []
    results = in_threads(done.append, range(10_000), threads=2)
    next(results)
    time.sleep(0.05)
    results.close()
    assert len(done) <= parallel.BATCH * (2 * parallel.AHEAD + 2)


def test_an_exception_is_passed_on():
    def fails(number):
        if number == 20:
            raise KeyError(number)
        return number

    results = in_threads(fails, range(100), threads=2)
    with pytest.raises(KeyError, match="20"):
        list(results)


def test_results_that_nobody_wants_are_not_waited_for():
    go_on = threading.Event()
    results = in_threads(lambda number: number == 0 or go_on.wait(60), range(100), 2)
    assert next(results)
    began = time.monotonic()
    results.close()
    assert time.monotonic() - began < 20
    go_on.set()
