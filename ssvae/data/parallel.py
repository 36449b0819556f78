"""Work on many files by threads, with the results in order."""

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from ssvae.hardware import cores_here

Item = TypeVar("Item")
Result = TypeVar("Result")

# Items that a thread takes at once: to take one costs as much as to read a small file.
BATCH = 16
# Batches per thread that are begun before their results are wanted.
AHEAD = 3


def in_threads(
    function: Callable[[Item], Result], items: Iterable[Item], threads: int = 0
) -> Iterator[Result]:
    """Yield the results of a function for each item, in order.

    Only a few results are kept until they are wanted. What is begun and not wanted any
    more ends by itself. Threads suit what Pillow and the system do, which let other
    threads run meanwhile; processes are no faster for small images, and slow to start.

    Args:
        function: Function of one item. If it raises, the exception is passed on.
        items: Its arguments.
        threads: Number of threads; 0 for one per processor core.
    """
    threads = threads or len(cores_here())
    window: deque = deque()
    pool = ThreadPoolExecutor(threads)
    try:
        for batch in _batches(items, BATCH):
            window.append(pool.submit(_all_of, function, batch))
            if len(window) > AHEAD * threads:
                yield from window.popleft().result()
        while window:
            yield from window.popleft().result()
    finally:
        # Without waiting: if nobody wants the rest, Python may come here while it
        # collects garbage, in a thread that holds what the others wait for.
        pool.shutdown(wait=False, cancel_futures=True)


def _all_of(function, batch):
    return [function(item) for item in batch]


def _batches(items, size):
    """Yield lists of so many items; the first are shorter, so that work begins soon."""
    items = iter(items)
    for length in itertools.chain((1, 1, 2, 4, 8), itertools.repeat(size)):
        batch = list(itertools.islice(items, length))
        if not batch:
            return
        yield batch
