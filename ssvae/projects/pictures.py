"""Pictures for the page, made ahead of the person who looks at them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ssvae.projects.images import Images

# Pictures that are kept for all people who look at a project, some 20 MB.
KEPT = 96
# Threads that decode: two keep ahead of a person, and leave cores to others.
THREADS = 2


class Pictures:
    """The pictures of a project that people look at, and those that come next.

    Args:
        images: The project's images.
    """

    def __init__(self, images: Images) -> None:
        self.images = images
        self._threads = ThreadPoolExecutor(THREADS, "ssvae-pictures")
        self._made: OrderedDict[str, Future[bytes]] = OrderedDict()
        self._lock = threading.Lock()

    def ready(self, names: Sequence[str], seconds: float = 0) -> dict[str, bytes]:
        """Return the pictures that are made by now, and let the others be made.

        Args:
            names: Names of images, the one that is needed first first.
            seconds: Time to wait for the first of them.

        Returns:
            Dict from names to the bytes of PNG or JPEG files. Pictures that cannot be
            read are not in it.
        """
        made = [(name, self._future(name)) for name in names]
        if made and seconds:
            wait([made[0][1]], seconds)
        return {
            name: future.result()
            for name, future in made
            if future.done() and not future.cancelled() and not future.exception()
        }

    def are_coming(self, names: Sequence[str]) -> bool:
        """Return whether some of these pictures are still being made."""
        with self._lock:
            made = [self._made.get(name) for name in names]
        return any(future is not None and not future.done() for future in made)

    def _future(self, name):
        with self._lock:
            if name not in self._made:
                self._made[name] = self._threads.submit(self.images.picture, name)
            self._made.move_to_end(name)
            while len(self._made) > KEPT:
                self._made.popitem(last=False)[1].cancel()
            return self._made[name]
