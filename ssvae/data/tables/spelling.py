"""Labels of a table become names of classes: one spelling each, one class per image."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from ssvae.data.tables.missing import is_doubtful, is_missing
from ssvae.data.tables.parse import short
from ssvae.errors import InputError

_INVISIBLE = re.compile("[\ufeff\u200b\u200e\u200f\u2060]")
_BLANKS = re.compile(r"\s+")
_WHOLE = re.compile(r"([-+]?\d+)\.0*")
_LIST = re.compile(r"\s*[;|,]\s*")
# Letters that must occur large and small before single characters are kept apart.
_LETTERS = 3
# Keys of the JSON that label tools write, which say nothing about the class.
_CHOICES = ("choices", "choice", "label", "labels", "class", "name")


def classes_of(
    texts: Sequence[str], where: str, column: str
) -> tuple[list[str], list[str]]:
    """Return the class that each label names, "" for no label; and what was assumed.

    Args:
        texts: Labels as they stand in the table.
        where: How messages call the table.
        column: How messages call the column.

    Raises:
        InputError: If labels hold several classes each, or are measured numbers.
    """
    # Few different texts stand in many rows: each is looked at once.
    counts = Counter(texts)
    cleaned = {text: _cleaned(text) for text in counts}
    missing = {text for text, label in cleaned.items() if is_missing(label)}
    labels: Counter[str] = Counter()
    for text, count in counts.items():
        if text not in missing:
            labels[cleaned[text]] += count
    numbers = _whole_numbers(labels, where, column)
    _refuse_lists(labels, where, column)
    spelling, notes = _one_spelling(labels, where)
    final = {}
    for text in counts:
        label = cleaned[text]
        final[text] = "" if text in missing else numbers.get(label, spelling[label])
    return [final[text] for text in texts], [*_said(counts, missing, where), *notes]


def _cleaned(text):
    """Return a label without what a program put around it."""
    text = _BLANKS.sub(" ", _INVISIBLE.sub("", text)).strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1].strip()
    if text[:1] in ("{", "[") and text[-1:] in ("}", "]"):
        return _unwrapped(text)
    return text


def _unwrapped(text):
    """Return the label within the JSON or the list that a label tool writes."""
    quoted = re.fullmatch(r"\[\s*'([^']*)'\s*\]", text)
    if quoted:
        return quoted[1].strip()
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    for _ in range(4):
        if isinstance(value, dict):
            # A box that can be ticked: {"cat": true, "dog": false}.
            if value and all(isinstance(chosen, bool) for chosen in value.values()):
                value = [name for name, chosen in value.items() if chosen]
            elif len(value) == 1:
                value = next(iter(value.values()))
            else:
                known = [value[key] for key in _CHOICES if key in value]
                value = known[0] if known else "" if not value else text
        elif isinstance(value, list):
            value = value[0] if len(value) == 1 else ";".join(map(str, value))
    return _BLANKS.sub(" ", str(value)).strip() if value is not None else ""


def _whole_numbers(labels, where, column):
    """Return "3" for "3.0" if all labels are whole numbers; refuse measurements."""
    try:
        values = [float(label) for label in labels]
    except ValueError:
        return {}
    if all(value % 1 == 0 for value in values):
        found = {label: _WHOLE.fullmatch(label) for label in labels}
        return {label: match[1] for label, match in found.items() if match}
    if len(values) > 20 and len(values) > sum(labels.values()) / 4:
        first = next(label for label in labels if float(label) % 1 != 0)
        raise InputError(
            f"{where}: {column} holds {len(values):,} different numbers with "
            f"fractions (first: {short(first)}); need classes: --label-column takes "
            "another column"
        )
    return {}


def _refuse_lists(labels, where, column):
    """Raise `InputError` if labels are lists of classes that occur in other labels."""
    lists = {
        label: set(_LIST.split(label.casefold()))
        for label in labels
        if _LIST.search(label)
    }
    if not lists:
        return
    occurs: Counter[str] = Counter(
        label.casefold() for label in labels if label not in lists
    )
    for parts in lists.values():
        occurs.update(parts)
    alone = {label.casefold() for label in labels} - {x.casefold() for x in lists}
    several = [
        label
        for label, parts in lists.items()
        if len(parts) > 1 and all(part in alone or occurs[part] > 1 for part in parts)
    ]
    rows = sum(labels[label] for label in several)
    if rows > 1 and 2 * len(several) >= len(lists):
        raise InputError(
            f"{where}: {column} names several classes in {rows:,} rows (first: "
            f"{short(several[0], 60)!r}); need one class per image: keep one of them, "
            "or take another column with --label-column"
        )


def _one_spelling(labels, where):
    """Return the most frequent spelling of each label; case and blanks do not count."""
    spellings = defaultdict(list)
    for label in labels:
        spellings[_key(label)].append(label)
    if _are_characters(labels, spellings):
        note = f"{where}: large and small letters are classes of their own"
        return {label: label for label in labels}, [note]
    chosen, joined = {}, []
    for same in spellings.values():
        best = max(same, key=lambda label: (labels[label], label))
        chosen.update(dict.fromkeys(same, best))
        if len(same) > 1:
            joined.append((best, [label for label in same if label != best]))
    if not joined:
        return chosen, []
    shown = "; ".join(
        f"{', '.join(repr(short(label)) for label in others[:3])} as {short(best)!r}"
        for best, others in joined[:3]
    )
    more = f" and {len(joined) - 3} more classes" if len(joined) > 3 else ""
    note = (
        f"{where}: labels that differ in case or blanks alone are one class: {shown}"
        f"{more}; rename one in the table if they are two"
    )
    return chosen, [note]


def _key(label):
    """Return what is equal for spellings of one class; TeX symbols keep their case."""
    key = label.replace(" ", "") or label
    return key if key.startswith("\\") else key.casefold()


def _are_characters(labels, spellings):
    """Return whether the classes are single letters, large and small."""
    pairs = sum(len(same) > 1 for same in spellings.values())
    return pairs >= _LETTERS and all(len(label) == 1 for label in labels)


def _said(counts, missing, where):
    """Return a note about the words that were read as no label, with their rows."""
    words: Counter[str] = Counter()
    for text in missing:
        if text.strip():
            words[text.strip()] += counts[text]
    if not words or len(missing) == len(counts):
        return []
    listed = ", ".join(f"{short(w)!r} ({n:,})" for w, n in words.most_common(4))
    note = f"{where}: read as no label, with the number of rows: {listed}"
    if any(is_doubtful(word) or word == "-1" for word in words):
        note += "; give it another name in the table if it is a class"
    return [note]
