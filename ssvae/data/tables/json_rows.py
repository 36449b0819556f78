"""Rows of a table that is written as JSON."""

import json
import re

from ssvae.data.tables.separators import Row
from ssvae.errors import InputError

_WANTED = (
    'need a list of objects like [{"file": "a.png", "label": "cat"}], one per line, or '
    '{"a.png": "cat"}; or save the table as CSV'
)
# What JSON begins with; a table of text may begin with a bracket.
_OBJECT = re.compile(r'\s*(\[\s*)?\{\s*"')


def json_rows(text: str, where: str) -> tuple[list[str], list[Row]] | None:
    """Return the columns and rows of a table in JSON, None if the text is no JSON.

    A list of objects, an object per line, or one object from files to labels is read.

    Args:
        text: The content of the table.
        where: How messages call the table.

    Raises:
        InputError: If the text is JSON of another form.
    """
    if text.lstrip()[:1] not in ("[", "{"):
        return None
    value = _parsed(text)
    if value is None:
        lines = [line for line in text.split("\n") if line.strip()]
        value = [_parsed(line) for line in lines]
        if not all(isinstance(entry, dict) for entry in value):
            if _OBJECT.match(text):
                raise InputError(f"{where} looks like JSON, but is damaged; {_WANTED}")
            return None
    if isinstance(value, dict):
        if not all(isinstance(label, str | int | float) for label in value.values()):
            raise InputError(
                f"{where} is JSON with the keys {', '.join(map(repr, [*value][:5]))}; "
                f"{_WANTED}"
            )
        value = [{"file": name, "label": label} for name, label in value.items()]
    if not value or not all(isinstance(entry, dict) for entry in value):
        raise InputError(f"{where} is JSON, but no list of objects; {_WANTED}")
    columns = list(dict.fromkeys(str(name) for entry in value for name in entry))
    if not columns:
        raise InputError(f"{where} is JSON of empty objects; {_WANTED}")
    rows = [
        (number, [_cell(entry.get(column)) for column in columns])
        for number, entry in enumerate(value, 1)
    ]
    return columns, rows


def _parsed(text):
    """Return a value from JSON, None if it is no JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _cell(value):
    """Return a value of an object as the text of a cell."""
    if value is None:
        return ""
    return str(value).strip() if not isinstance(value, dict | list) else _dumped(value)


def _dumped(value):
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return ""
