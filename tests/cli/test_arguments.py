"""Flags that commands share."""

import re
from pathlib import Path

import pytest

import ssvae
from ssvae.cli.arguments import add_out, add_output, add_seed
from ssvae.cli.parser import Parser

FOLDER = Path(ssvae.__file__).parent


@pytest.mark.parametrize("flag", ["--seed", "--json", "--out", "--overwrite"])
def test_a_shared_flag_is_defined_once(flag):
    defined = [
        path.relative_to(FOLDER).as_posix()
        for path in FOLDER.rglob("*.py")
        if re.search(rf'add_argument\(\s*"{flag}"', path.read_text(encoding="utf-8"))
    ]
    assert defined == ["cli/arguments.py"]


def test_shared_flags_have_the_same_defaults_everywhere():
    parser = Parser("test")
    add_output(parser, "table to write", "table.csv")
    add_seed(parser, "the noise")
    flags = vars(parser.parse_args([]))
    assert flags == {"out": "table.csv", "overwrite": False, "json": False, "seed": 0}
    assert "table to write (table.csv)" in parser.format_help()


def test_an_output_that_must_be_named_is_said_in_a_line(capsys):
    parser = Parser("test")
    add_out(parser, "FILE", "table to write", required=True)
    with pytest.raises(SystemExit) as ended:
        parser.parse_args([])
    assert ended.value.code == 2
    assert capsys.readouterr().err == (
        "python -m ssvae.test: error: the following arguments are required: --out\n"
    )
