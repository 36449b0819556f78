"""The command `ssvae`: every command under one name."""

import json
import sys
from pathlib import Path

import pytest

import ssvae
from ssvae import __main__ as command
from ssvae.app import app_script

PACKAGE = Path(ssvae.__file__).parent


def run(monkeypatch, *words):
    monkeypatch.setattr(sys, "argv", ["ssvae", *words])
    command.main()


def test_the_help_names_every_command_of_the_package(monkeypatch, capsys):
    with pytest.raises(SystemExit, match="0"):
        run(monkeypatch)
    listed = capsys.readouterr().out
    modules = {
        path.parent.name if path.stem == "__main__" else path.stem
        for path in PACKAGE.rglob("*.py")
        if "process.run(main" in path.read_text(encoding="utf-8")
    }
    # A part of `benchmark` that is started by it, and no command of its own.
    assert modules - {"jobs"} == set(command.COMMANDS)
    assert all(f"  {name} " in listed for name in command.COMMANDS)


@pytest.mark.parametrize("name", command.COMMANDS)
def test_a_command_is_named_as_it_was_started(name, monkeypatch, capsys):
    with pytest.raises(SystemExit, match="0"):
        run(monkeypatch, name, "--help")
    assert capsys.readouterr().out.startswith(f"usage: ssvae {name} ")


def test_an_unknown_command_is_one_line_with_the_most_similar_name(monkeypatch, capsys):
    with pytest.raises(SystemExit, match="2"):
        run(monkeypatch, "trian", "--labels", "100")
    line = capsys.readouterr().err
    assert line == "ssvae trian: error: there is no such command; did you mean train?\n"


def test_without_streamlit_the_app_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SystemExit, match="2"):
        run(monkeypatch, "app")
    assert "pip install 'ssvae[app]'" in capsys.readouterr().err


def test_the_app_is_found():
    assert app_script().read_text(encoding="utf-8").startswith('"""The app')


def test_the_sizes_that_are_told_were_measured():
    root = Path(__file__).parents[1]
    text = (root / "docs" / "start.md").read_text(encoding="utf-8")
    rows = text.split("<!-- release/install.json -->")[1].split("<!-- end")[0]
    cells = [row.split("|")[2:-1] for row in rows.strip().splitlines()[2:]]
    told = [[float(cell.replace(",", "")) for cell in row] for row in cells]
    measured = json.loads((root / "release" / "install.json").read_text())
    assert told == [
        [
            each["megabytes"],
            each["packages"],
            round(each["install_seconds"]),
            round(each["import_seconds"], 2),
        ]
        for each in measured.values()
    ]
