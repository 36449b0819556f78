"""What became of every file of a place: read, or left out and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

# Characters of one line of an account, at most; longer ones become a line per reason.
LINE = 88
# Reasons that are printed one by one; rarer ones are counted together.
MAX_REASONS = 8
# Characters of an example that are printed: the end of a path says more than its start.
EXAMPLE = 60


@dataclass
class Left:
    """Files that were left out for one reason.

    Args:
        count: Number of the files.
        example: Name of the first of them.
    """

    count: int
    example: str


@dataclass
class Account:
    """Counts of the files that were read, and of those left out for each reason.

    A folder or link that is not entered counts as one file: what lies behind it is not
    known.

    Args:
        read: Number of files that became images, labels or arrays.
        reasons: Dict from a reason in words to the files that were left out for it.
    """

    read: int = 0
    reasons: dict[str, Left] = field(default_factory=dict)

    def leave_out(self, reason: str, name: str, count: int = 1) -> None:
        """Count files that were left out.

        Args:
            reason: Why, in a few words, such as "hidden" or "no image: .txt".
            name: Name of the file, or of the first of them.
            count: Number of the files.
        """
        left = self.reasons.setdefault(reason, Left(0, name))
        left.count += count

    def count_read(self, number: int = 1) -> None:
        """Count files that were read."""
        self.read += number

    @property
    def left_out(self) -> int:
        """Number of files that were left out."""
        return sum(left.count for left in self.reasons.values())

    @property
    def total(self) -> int:
        """Number of all files, read and left out."""
        return self.read + self.left_out

    def __add__(self, other: Account) -> Account:
        """Return the account of the files of both."""
        together = Account(self.read + other.read)
        for account in (self, other):
            for reason, left in account.reasons.items():
                together.leave_out(reason, left.example, left.count)
        return together

    def lines(self) -> list[str]:
        """Return what was left out, for a person; nothing if nothing was.

        It is one line if that is short, and otherwise a line per reason. The most
        frequent reason comes first.
        """
        if not self.reasons:
            return []
        parts = [
            f"{left.count:,} {reason} ({shown(left.example)})"
            for reason, left in self._by_frequency()
        ]
        count = self.left_out
        title = f"{count:,} {'file' if count == 1 else 'files'} left out:"
        line = f"{title} {', '.join(parts)}"
        if len(line) <= LINE:
            return [line]
        return [title, *(f"  {part}" for part in parts)]

    def why_nothing(self) -> str:
        """Return why nothing of a place was read, on one line."""
        return "; ".join(self.lines()) or "it is empty"

    def as_dict(self) -> dict[str, Any]:
        """Return the account as dicts, strings and numbers, for JSON."""
        reasons = sorted(self.reasons.items(), key=_frequent_first)
        return {
            "read": self.read,
            "left_out": self.left_out,
            "reasons": {
                reason: {"count": left.count, "example": printable(left.example)}
                for reason, left in reasons
            },
        }

    def _by_frequency(self):
        """Return the reasons to print, most frequent first, the last ones together."""
        reasons = sorted(self.reasons.items(), key=_frequent_first)
        few, rest = reasons[: MAX_REASONS - 1], reasons[MAX_REASONS - 1 :]
        if len(rest) > 1:
            count = sum(left.count for _, left in rest)
            words = f"for {len(rest)} other reasons"
            rest = [(words, Left(count, rest[0][1].example))]
        return few + rest


def shown(name: str) -> str:
    """Return the name of a file on one line that every terminal can print.

    What is printed is at most `EXAMPLE` characters long, the last ones of the name.
    """
    name = printable(name)
    return name if len(name) <= EXAMPLE else f"…{name[1 - EXAMPLE :]}"


def printable(name: str) -> str:
    """Return a name in which line breaks and undecodable bytes are escaped."""
    return name if name.isprintable() else repr(name)[1:-1]


def _frequent_first(item):
    """Return the key that sorts reasons: most frequent first, then by words."""
    reason, left = item
    return -left.count, reason
