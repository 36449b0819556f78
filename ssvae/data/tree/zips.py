"""Files of a `.zip` archive, read one by one without unpacking the others."""

import stat
import struct
import zipfile
import zlib
from pathlib import Path
from typing import IO

from ssvae.data.damage import reading, unreadable
from ssvae.data.tree.members import (
    ARCHIVE,
    LINK,
    MEMBER,
    NO_FILE,
    Members,
    too_much,
    unpacked_limit,
)
from ssvae.data.tree.slices import SharedFile, packed, part_of

# Reasons why a member is left out.
ENCRYPTED = "encrypted in an archive"
UNKNOWN = "packed in a way that is not read"
TOO_LARGE = "too large for an archive"
# Largest file of an archive, bytes unpacked: it is read into memory.
MAX_BYTES = 2**29
# Bits of a member's flags: its content is encrypted; its name is UTF-8.
ENCRYPTED_BIT, UTF8_BIT = 0x1, 0x800
# Systems that wrote an archive, by their numbers: Unix; and FAT, NTFS, VFAT, some
# programs of which write "\" between folders.
UNIX, WINDOWS = 3, (0, 10, 14)
# How an extra field of a member starts; and the identifier and the start of the content
# of the one that holds the member's name in UTF-8.
FIELD = struct.Struct("<HH")
UNICODE_NAME, VERSION_AND_CHECKSUM = 0x7075, struct.Struct("<BL")
PACKINGS = (
    zipfile.ZIP_STORED,
    zipfile.ZIP_DEFLATED,
    zipfile.ZIP_BZIP2,
    zipfile.ZIP_LZMA,
)


class ZipPlace:
    """The files of a `.zip` archive; see `Place` for its attributes.

    Args:
        path: Path of the archive.

    Raises:
        InputError: If it is damaged, or unpacks to too much.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._members = Members(path)
        with reading(path, ARCHIVE):
            with open(path, "rb") as file:
                shared = SharedFile(file)
            # A file that is handed over is not closed by a race between threads.
            whole = part_of(shared, 0, shared.size)
            self._zip = zipfile.ZipFile(whole)
        for info in self._zip.infolist():
            self._add(info)
        self.entries = self._members.entries()
        self.account = self._members.account
        self.empty: list[str] = []
        limit = unpacked_limit(shared.size)
        if sum(entry.size for entry in self.entries) > limit:
            raise too_much(path, limit)

    def open(self, name: str) -> IO[bytes]:
        """Open a file to read its bytes; see `Place`."""
        size, info = self._members[name]
        return packed(lambda count: self._unpacked(name, info, count), size)

    def where(self, name: str) -> str:
        """Return the path of a file as if the archive were a folder."""
        return f"{self.path}/{name}"

    def _add(self, info):
        """Note a member if it is a file that can be read."""
        name = _name_of(info)
        unix = info.create_system == UNIX
        kind = stat.S_IFMT(info.external_attr >> 16) if unix else 0
        if name.endswith("/") or kind == stat.S_IFDIR:
            return
        reason = ""
        if kind == stat.S_IFLNK:
            reason = LINK
        elif kind not in (0, stat.S_IFREG):
            reason = NO_FILE
        elif info.flag_bits & ENCRYPTED_BIT:
            reason = ENCRYPTED
        elif info.compress_type not in PACKINGS:
            reason = UNKNOWN
        elif info.file_size > MAX_BYTES:
            reason = TOO_LARGE
        if reason:
            self._members.account.leave_out(reason, name)
        else:
            self._members.add(name, info.file_size, info)

    def _unpacked(self, name, info, count):
        """Return the first bytes of a file; of all bytes the checksum is compared."""
        where = self.where(name)
        with reading(where, MEMBER), self._zip.open(info) as file:
            content = file.read(count)
        if len(content) != count:
            reason = f"it has {len(content):,} bytes instead of {count:,}"
            raise unreadable(where, MEMBER, reason)
        return content


def _name_of(info):
    """Return the name of a member, with "/" between folders.

    Names are UTF-8 or code page 437, and many programs do not say which. Text in code
    page 437 that is no plain ASCII is hardly ever valid UTF-8 by chance.
    """
    name = info.filename
    if not info.flag_bits & UTF8_BIT:
        try:
            written = info.orig_filename.encode("cp437")
            name = _unicode_name(info.extra, written) or written.decode()
        except UnicodeError:
            pass
    if info.create_system in WINDOWS and "/" not in name:
        name = name.replace("\\", "/")
    return name


def _unicode_name(extra, written):
    """Return the UTF-8 name that a member has besides its name; "" if it has none.

    Args:
        extra: Extra fields of the member, bytes. Each is an identifier, a length, and
            content: here a version, the checksum of `written`, and the name.
        written: Name of the member as it is in its header, bytes.

    Raises:
        UnicodeError: If it is no UTF-8.
    """
    while len(extra) >= FIELD.size:
        kind, length = FIELD.unpack_from(extra)
        content, extra = extra[FIELD.size :][:length], extra[FIELD.size + length :]
        start = VERSION_AND_CHECKSUM.pack(1, zlib.crc32(written))
        if kind == UNICODE_NAME and content.startswith(start):
            return content.removeprefix(start).decode()
    return ""
