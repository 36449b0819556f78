"""Streams of bytes in a file that many threads read at once."""

import errno
import io
import os
import threading
import weakref
from collections.abc import Callable
from typing import IO, Any

# Bytes at the start of a packed file that are unpacked first: headers are in there.
HEAD_BYTES = 2**16


class SharedFile:
    """A file that may be read by many threads at once.

    It is closed when nothing refers to it any longer.

    Args:
        file: The file, opened to read bytes; it may be closed afterwards.

    Attributes:
        size: Size of the file, bytes.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._descriptor = os.dup(file.fileno())
        self._lock = threading.Lock()
        weakref.finalize(self, os.close, self._descriptor)
        self.size = os.fstat(self._descriptor).st_size

    def read(self, start: int, size: int) -> bytes:
        """Return bytes of the file, fewer than `size` only at its end."""
        parts = []
        while size:
            part = self._read(start, size)
            if not part:
                break
            parts.append(part)
            start, size = start + len(part), size - len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _read(self, start, size):
        if hasattr(os, "pread"):
            return os.pread(self._descriptor, size, start)
        with self._lock:
            os.lseek(self._descriptor, start, os.SEEK_SET)
            return os.read(self._descriptor, size)


class Slice(io.RawIOBase):
    """A stream of the bytes that a function returns.

    Args:
        read: Function of a position and a number of bytes that returns these bytes.
        size: Number of bytes of the stream.
    """

    def __init__(self, read: Callable[[int, int], bytes], size: int) -> None:
        super().__init__()
        self._bytes, self._size, self._at = read, size, 0

    def readable(self) -> bool:
        """Return that bytes can be read."""
        return True

    def seekable(self) -> bool:
        """Return that the position can be changed."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Change the position, as the streams of `io` do."""
        at = offset + (0, self._at, self._size)[whence]
        if at < 0:
            # As a file does; `zipfile` relies on it.
            raise OSError(errno.EINVAL, "Invalid argument")
        self._at = at
        return at

    def tell(self) -> int:
        """Return the position."""
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        """Return the next bytes, as many as asked for, if there are so many.

        Nothing is reserved for bytes that there are not.
        """
        left = max(0, self._size - self._at)
        if size is None or size < 0 or size > left:
            size = left
        content = self._bytes(self._at, size) if size else b""
        self._at += len(content)
        return content

    def readall(self) -> bytes:
        """Return the bytes from the position to the end."""
        return self.read()

    def readinto(self, buffer: Any) -> int:
        """Read the next bytes into a buffer; return how many they are."""
        content = self.read(len(buffer))
        buffer[: len(content)] = content
        return len(content)


def part_of(file: SharedFile, start: int, size: int) -> Slice:
    """Return a stream of some of the bytes of a file."""
    return Slice(lambda at, count: file.read(start + at, count), size)


def packed(unpack: Callable[[int], bytes], size: int) -> IO[bytes]:
    """Return a stream of packed bytes, of which as few as needed are unpacked.

    These are the first `HEAD_BYTES`, or all.

    Args:
        unpack: Function that returns the first bytes, as many as it is told.
        size: Number of bytes, unpacked.
    """
    content = unpack(min(size, HEAD_BYTES))
    if size <= HEAD_BYTES:
        return io.BytesIO(content)

    def read(start, count):
        nonlocal content
        if start + count > len(content) < size:
            content = unpack(size)
        return content[start : start + count]

    return io.BufferedReader(Slice(read, size))
