"""A slow way to the server: what a page sends and gets arrives later."""

import contextlib
import queue
import socket
import threading
import time
from urllib.parse import urlsplit


@contextlib.contextmanager
def delayed(address, seconds):
    """Give an address that leads to another one, slowly.

    Only the connection that stays open is slow, so that pages load in good time.

    Args:
        address: Where it leads to.
        seconds: How much later everything arrives, in each direction.
    """
    port = urlsplit(address).port
    ends = []
    listener = socket.create_server(("127.0.0.1", 0))

    def accept():
        with contextlib.suppress(OSError):
            while True:
                end, _ = listener.accept()
                ends.append(end)
                _start(_join, end, port, seconds, ends)

    _start(accept)
    try:
        yield f"http://localhost:{listener.getsockname()[1]}"
    finally:
        for end in (listener, *ends):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


def _join(end, port, seconds, ends):
    """Join a connection with one of its own to the server."""
    with contextlib.suppress(OSError):
        first = end.recv(2**16)
        there = socket.create_connection(("localhost", port))
        ends.append(there)
        there.sendall(first)
        if b"upgrade: websocket" not in first.lower():
            seconds = 0
        _carry(end, there, seconds)
        _carry(there, end, seconds)


def _carry(source, target, seconds):
    """Write what is read, later; the order stays."""
    waiting = queue.Queue()

    def read():
        content = b"begin"
        while content:
            try:
                content = source.recv(2**16)
            except OSError:
                content = b""
            waiting.put((time.monotonic() + seconds, content))

    def write():
        with contextlib.suppress(OSError):
            while True:
                due, content = waiting.get()
                time.sleep(max(0, due - time.monotonic()))
                if not content:
                    target.shutdown(socket.SHUT_WR)
                    return
                target.sendall(content)

    _start(read)
    _start(write)


def _start(work, *values):
    threading.Thread(target=work, args=values, daemon=True).start()
