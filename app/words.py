"""Texts for pages: names that somebody chose, numbers with nouns, durations."""

import re


def plain(text: str) -> str:
    """Return a text that Streamlit shows as it is, without taking it for Markdown.

    Args:
        text: Any text, such as a name that somebody chose.
    """
    return re.sub(r"([\\`*_{}\[\]()#+!|~$<>:-])", r"\\\1", text)


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: "1 class", "2 classes".

    Args:
        number: The number.
        noun: The noun for one.
        plural: The noun for more; empty for one that takes an s.
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def left(seconds: float) -> str:
    """Return in words how long something still takes: "About 3 minutes left".

    Args:
        seconds: Seconds that are left.
    """
    if seconds < 8:
        return "A few seconds left"
    if seconds < 90:
        return f"About {5 * round(seconds / 5)} seconds left"
    if seconds < 90 * 60:
        return f"About {counted(round(seconds / 60), 'minute')} left"
    return f"About {counted(round(seconds / 3600), 'hour')} left"
