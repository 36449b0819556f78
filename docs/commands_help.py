"""A directive that shows what `--help` of every command prints."""

import os
import subprocess
import sys

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from ssvae.__main__ import COMMANDS

# Columns of the help: as many as a page shows without scrolling.
WIDTH = 80


class CommandHelp(SphinxDirective):
    """One section per command, with its help."""

    def run(self):
        """Return the sections, in the order of `ssvae --help`."""
        return [_section(name, meaning) for name, (_, meaning) in COMMANDS.items()]


def _section(name, meaning):
    section = nodes.section(ids=[f"ssvae-{name}"])
    section += nodes.title("", f"ssvae {name}")
    section += nodes.paragraph("", f"To {meaning}.")
    text = subprocess.run(
        [sys.executable, "-m", "ssvae", name, "--help"],
        env=os.environ | {"COLUMNS": str(WIDTH)},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    section += nodes.literal_block(text, text, language="text")
    return section


def setup(app):
    """Add the directive."""
    app.add_directive("command-help", CommandHelp)
    return {"parallel_read_safe": True}
