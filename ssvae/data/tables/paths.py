"""Paths as they stand in tables: of other systems, URLs, and those of label tools."""

import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote

# Label Studio puts eight hexadecimal digits before the name of a file.
_UPLOADED = re.compile(r"(?:^|(?<=/))[0-9a-f]{8}-(?=[^/]+$)")


def plain_path(path: str) -> str:
    """Return a path in lower case, with "/" between names and letters composed.

    Args:
        path: A path of any system.
    """
    if not path.isascii():
        path = unicodedata.normalize("NFC", path)
    return path.casefold().replace("\\", "/")


def readings(text: str) -> Iterator[str]:
    """Yield the paths that a text may mean, the likeliest first.

    Args:
        text: A path, a URL, or what a label tool makes of one.
    """
    path = plain_path(text)
    yield path
    if "?" in path or "#" in path:
        before, _, query = path.partition("?")
        yield before.partition("#")[0]
        if "=" in query:  # local files of Label Studio: /data/local-files/?d=a/b.png
            yield unquote(query.partition("=")[2].partition("&")[0])
    if "%" in path:
        path = plain_path(unquote(path))
        yield path
    if "-" in path:
        uploaded = _UPLOADED.sub("", path, count=1)
        if uploaded != path:
            yield uploaded
