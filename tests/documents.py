"""What the README and the pages of the site hold: text, links, commands, examples."""

import re
from pathlib import Path

README = Path("README.md")
# Pages whose examples run as printed.
PAGES = [README, *sorted(Path("docs").glob("*.md"))]
# What else the site shows.
SHOWN = [
    Path("CHANGELOG.md"),
    Path("CONTRIBUTING.md"),
    Path("saved_models/README.md"),
    *sorted(Path("benchmarks").glob("*.md")),
]


def text_of(paths):
    """Return the text of pages, one after another."""
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def blocks(language, paths=PAGES):
    """Return the code blocks of a language, each once, without the last line break."""
    found = re.findall(
        rf"^```{language}\n(.*?)^```", text_of(paths), flags=re.DOTALL | re.MULTILINE
    )
    return list(dict.fromkeys(found))


def lines_of_commands(paths=PAGES):
    """Return each line of the shell blocks once, without its comment.

    A line that goes on in the next one is joined with it, and `ssvae NAME` becomes
    `python -m ssvae.NAME`.
    """
    text = "\n".join(blocks("sh", paths)).replace("\\\n", " ")
    lines = [" ".join(line.split("#")[0].split()) for line in text.splitlines()]
    named = [re.sub(r"^ssvae (\w+)", r"python -m ssvae.\1", line) for line in lines]
    return [line for line in dict.fromkeys(named) if line]


def commands(start, paths=PAGES):
    """Return the lines of commands that begin so."""
    return [line for line in lines_of_commands(paths) if line.startswith(start)]
