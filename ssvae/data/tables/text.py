"""The bytes of a table become text, whatever their encoding."""

import codecs
import re

from ssvae.errors import InputError

# What files that are no text begin with, and what a person does about it.
_BEGINNINGS = {
    b"PK\x03\x04": "a spreadsheet (.xlsx, .ods) or an archive",
    b"\xd0\xcf\x11\xe0": "a spreadsheet (.xls)",
    b"PAR1": "a Parquet file",
    b"\x1f\x8b": "a compressed file (.gz)",
    b"\x89HDF": "an HDF5 file",
    b"SQLite": "a database (SQLite)",
    b"%PDF": "a PDF file",
}
# The longer marks come first: that of UTF-32 begins like that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Characters that no table holds; a share of them above 1 % means binary data.
_CONTROLS = re.compile("[\x01-\x08\x0e-\x19\x1b-\x1f\x7f\x80\x81\x8d\x8f\x90\x9d]")
_SAMPLE = 100_000
WANTED = "need a table as text: save it as CSV (UTF-8)"


def text_of(content: bytes, where: str) -> tuple[str, list[str]]:
    r"""Return the text of a table, with "\n" after each line, and what was assumed.

    UTF-8 and UTF-16 are recognised with and without their mark. Other bytes are read
    as Western European text, Windows-1252.

    Args:
        content: The bytes of the file.
        where: How messages call the table.

    Raises:
        InputError: If the bytes are no text.
    """
    for beginning, what in _BEGINNINGS.items():
        if content.startswith(beginning):
            raise InputError(f"{where} is {what}, no text; {WANTED}")
    encoding = _encoding(content)
    notes = []
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            raise InputError(
                f"{where} begins like {encoding.upper()}, but byte {error.start} does "
                f"not fit; {WANTED}"
            ) from None
        text = _western(content)
        notes.append(
            f"{where} is not UTF-8: its letters were read as Western European ones; "
            "save it as UTF-8 if names look wrong"
        )
    # Where tables were joined, a mark may stand in the middle.
    text = text.replace("\ufeff", "").replace("\r\n", "\n").replace("\r", "\n")
    text = text.rstrip("\x1a")  # the end of a file on MS-DOS
    _check(text, where)
    return text, notes


def _encoding(content):
    """Return the name of the encoding, by its mark or by where zero bytes are."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return encoding
    sample = content[:_SAMPLE]
    if len(sample) % 2:
        sample = sample[:-1]
    pairs = len(sample) // 2
    first, second = sample[::2].count(0), sample[1::2].count(0)
    if second > pairs / 4 and first <= pairs / 100:
        return "utf-16-le"
    if first > pairs / 4 and second <= pairs / 100:
        return "utf-16-be"
    return "utf-8"


def _western(content):
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _check(text, where):
    """Raise `InputError` for text that is empty or holds binary data."""
    zero = text.find("\x00")
    if zero >= 0:
        line = text.count("\n", 0, zero) + 1
        raise InputError(f"{where} holds a zero byte in line {line}; {WANTED}")
    if not text.strip():
        raise InputError(
            f"{where} is empty; need a row per image: its file and its label"
        )
    sample = text[:_SAMPLE]
    if len(_CONTROLS.findall(sample)) > len(sample) / 100:
        raise InputError(f"{where} holds binary data; {WANTED}")
