"""Files and folders appear whole or not at all."""

import json
import os

import pytest

from ssvae.errors import InputError
from ssvae.files.atomic import (
    new_file,
    new_folder,
    replaced,
    write_json,
    write_text,
)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_a_failed_replacement_keeps_the_old_file(tmp_path, error):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(error), replaced(path) as partial:
        partial.write_text("new")
        raise error
    assert path.read_text() == "old"
    assert names(tmp_path) == ["a.txt"]


def test_a_durable_file_is_on_the_disk_before_it_replaces(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    path.write_text("old")
    seen = []
    monkeypatch.setattr(os, "fsync", lambda _: seen.append(path.read_text()))
    with replaced(path, durable=True) as partial:
        partial.write_text("new")
    assert (seen, path.read_text()) == (["old"], "new")


def test_folders_on_the_way_are_made(tmp_path):
    path = tmp_path / "deep" / "figures.json"
    for value in ({"a": 1}, {"a": 2}):
        write_json(path, value, indent=1)
    assert path.read_text() == '{\n "a": 2\n}\n'
    assert json.loads(path.read_text()) == {"a": 2}
    assert names(path.parent) == ["figures.json"]


@pytest.mark.parametrize("make", [new_file, new_folder])
def test_a_place_that_cannot_be_written_is_one_line(make):
    with (
        pytest.raises(InputError, match="cannot write '/dev/null/a'") as error,
        make("/dev/null/a"),
    ):
        pass
    assert "\n" not in str(error.value)


def test_a_folder_in_place_of_a_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="cannot write"):
        write_text(tmp_path, "text")
    assert names(tmp_path) == []


def test_a_folder_appears_whole(tmp_path):
    out = tmp_path / "deep" / "model.v1"
    with new_folder(out) as partial:
        (partial / "a").touch()
        assert not out.exists()
    assert names(out) == ["a"]
    assert names(out.parent) == ["model.v1"]


def test_a_folder_that_fails_leaves_nothing(tmp_path):
    with pytest.raises(KeyboardInterrupt), new_folder(tmp_path / "model") as partial:
        (partial / "a").touch()
        raise KeyboardInterrupt
    assert names(tmp_path) == []


@pytest.mark.parametrize("kind", ["folder", "link"])
def test_a_folder_that_exists_is_kept(tmp_path, kind):
    out = tmp_path / "model"
    if kind == "folder":
        out.mkdir()
    else:
        out.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match=r"exists.*--out"), new_folder(out):
        pass
    assert names(tmp_path) == ["model"]
