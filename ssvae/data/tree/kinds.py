"""What a file is for, by its name; and by its first bytes if the name says nothing."""

import re

from ssvae.data import npz
from ssvae.data.suffixes import IMAGE_SUFFIXES, unread_reason

# Endings of tables: one row per image. Files `.data` are tables of the UCI collection.
TABLE_SUFFIXES = frozenset({".csv", ".tsv", ".tab", ".psv", ".data"})
# Endings of files that may be a table, a list, or words for people. They are tables
# only where there is nothing better, see `tables_first`.
TEXT_SUFFIXES = frozenset({".txt", ".lst", ".list"})
ARCHIVE_SUFFIXES = frozenset(
    {".zip", ".tar", ".tgz", ".tbz", ".tbz2", ".txz", ".7z", ".rar", ".tzst"}
)
# Endings of one compressed file; behind `.tar` that of an archive.
COMPRESSED_SUFFIXES = frozenset({".gz", ".bz2", ".xz", ".zst", ".lz4", ".z"})
# Endings that are never an image: such files need not be opened to know it.
OTHER_SUFFIXES = frozenset(
    """.xml .json .jsonl .yaml .yml .toml .ini .cfg .md .rst .html .htm .css .js .pdf
    .doc .docx .xls .xlsx .ods .ppt .pptx .parquet .feather .arrow .h5 .hdf5 .keras .pt
    .pth .onnx .tflite .pb .tfrecord .mat .pkl .pickle .joblib .sqlite .db .py .pyc
    .ipynb .m .r .c .cpp .h .java .sh .bat .ps1 .cmake .exe .dll .so .log .lock .url
    .lnk .mp4 .avi .mov .mkv .webm .mp3 .wav .ogg .flac .ttf .otf .svg .eps .ps .ai
    .dcm .nii .mhd .md5 .sha1 .sha256 .bib .tex""".split()
)
# Words at the start of the names of texts for people, which are no tables.
FOR_PEOPLE = (
    "readme",
    "read_me",
    "licen",
    "copying",
    "changelog",
    "notice",
    "citation",
    "requirements",
)
# Files and folders that a system or a program writes by itself, in small letters.
SYSTEM_NAMES = frozenset(
    {
        "thumbs.db",
        "ehthumbs.db",
        "desktop.ini",
        "icon\r",
        ".ds_store",
        "__macosx",
        "@eadir",
        "$recycle.bin",
        "system volume information",
        "lost+found",
        "#recycle",
        "#snapshot",
        "__pycache__",
        ".git",
        ".svn",
        ".hg",
        ".ipynb_checkpoints",
        ".thumbnails",
        ".trashes",
        ".spotlight-v100",
        ".fseventsd",
    }
)
# A file of this name beside a file on a disk that knows no resource forks.
RESOURCE_FORK = "._"
# What an ending looks like; `.jpg_large` is one, `. Smith` and `.001` are none.
SUFFIX = re.compile(r"\.[a-z][a-z0-9_+~-]{0,11}")
# First bytes that are enough to know an image.
HEAD = 256
# First bytes of images. Those of BMP and PNM are too short to be told without more.
IMAGE_HEADS = (
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",  # JPEG
    b"GIF87a",
    b"GIF89a",
    b"II*\0",  # TIFF
    b"MM\0*",
    b"II+\0\x08\0\0\0",  # TIFF with more than 4 GiB
    b"MM\0+\0\x08\0\0",
)
# Bytes 4 to 12 of AVIF and HEIF files.
BRANDS = frozenset(b"ftyp" + brand for brand in b"avif avis heic heix mif1".split())
# Sizes of the second header of a BMP file, bytes.
BMP_HEADERS = (12, 16, 40, 52, 56, 64, 108, 124)
PNM = re.compile(rb"P[1-6]\s+(#[^\n]*\n\s*)*\d+\s+\d")


def kind_of(name: str) -> str:
    """Return what a file is for, by its name.

    Args:
        name: Path below the place, with "/" between folders.

    Returns:
        "hidden" for hidden and system files, and all that is in such folders; else
        "image", "array", "table", "archive", "text" (a table if there is none better),
        "other" (of a known kind that holds no image), or "unknown": only the content
        can tell, see `is_image_content`.
    """
    if _is_hidden(name):
        return "hidden"
    suffix = suffix_of(name)
    for kind, suffixes in (
        ("image", IMAGE_SUFFIXES),
        ("array", npz.SUFFIXES),
        ("table", TABLE_SUFFIXES),
        ("archive", ARCHIVE_SUFFIXES),
        ("text", TEXT_SUFFIXES),
        ("other", OTHER_SUFFIXES),
    ):
        if suffix in suffixes:
            return kind
    first, _, last = suffix[1:].rpartition(".")
    if f".{last}" in COMPRESSED_SUFFIXES:
        return "archive" if first == "tar" else "other"
    return "unknown"


def reason_of(name: str) -> str:
    """Return in words why a file is not read as an image."""
    kind = kind_of(name)
    if kind == "hidden":
        return "system file" if _is_system(name) else "hidden"
    if kind == "archive":
        return "archive inside, not opened"
    if told := unread_reason(name):
        return told
    suffix = suffix_of(name)
    return f"no image: {suffix}" if suffix else "no image: no ending"


def is_image_content(head: bytes) -> bool:
    """Return whether a file with these first bytes, `HEAD` or more, is an image."""
    if head.startswith(IMAGE_HEADS) or head[4:12] in BRANDS:
        return True
    if head[:4] == b"RIFF":
        return head[8:12] == b"WEBP"
    if head[:2] == b"BM":
        return int.from_bytes(head[14:18], "little") in BMP_HEADERS
    return PNM.match(head) is not None


def tables_first(names: list[str]) -> list[str]:
    """Return the files that may be tables: real ones, or else texts not for people."""
    tables = [name for name in names if kind_of(name) == "table"]
    return tables or [
        name
        for name in names
        if kind_of(name) == "text"
        and not name.rpartition("/")[2].lower().startswith(FOR_PEOPLE)
    ]


def suffix_of(name: str) -> str:
    """Return the ending of a name in small letters: ".jpg", ".tar.gz"; "" for none."""
    stem, dot, last = name.rpartition("/")[2].lower().rpartition(".")
    suffix = dot + last
    if not stem or not SUFFIX.fullmatch(suffix):
        return ""
    if suffix in COMPRESSED_SUFFIXES:
        _, dot, last = stem.rpartition(".")
        if SUFFIX.fullmatch(dot + last):
            return dot + last + suffix
    return suffix


def _is_hidden(name):
    """Return whether a file or a folder above it is hidden or a system's."""
    return name.startswith(".") or "/." in name or _is_system(name)


def _is_system(name):
    """Return whether a file or a folder above it is a system's."""
    return any(
        part in SYSTEM_NAMES or part.startswith(RESOURCE_FORK)
        for part in name.lower().split("/")
    )
