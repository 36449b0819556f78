import pytest

from ssvae.errors import InputError
from ssvae.runs.folder import new_run


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_run_appears_whole(tmp_path):
    out = tmp_path / "deep" / "run"
    with new_run(out) as folder:
        (folder / "config.toml").write_text("")
        assert not out.exists()
    assert names(out) == ["config.toml"]
    assert names(out.parent) == ["run"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError, ValueError])
def test_a_run_that_fails_leaves_nothing(tmp_path, error):
    with pytest.raises(error), new_run(tmp_path / "run") as folder:
        (folder / "config.toml").write_text("")
        raise error
    assert names(tmp_path) == []


def test_an_existing_run_is_replaced_only_with_overwrite(tmp_path):
    out = tmp_path / "run"
    for text in ("old", "new"):
        with new_run(out, overwrite=True) as folder:
            (folder / "config.toml").write_text(text)
    assert (out / "config.toml").read_text() == "new"
    with pytest.raises(InputError, match=r"exists.*--overwrite"), new_run(out):
        pass
    assert (out / "config.toml").read_text() == "new"
    assert names(tmp_path) == ["run"]


def test_a_failed_replacement_keeps_the_old_run(tmp_path):
    out = tmp_path / "run"
    with new_run(out) as folder:
        (folder / "config.toml").write_text("old")
    with pytest.raises(KeyboardInterrupt), new_run(out, overwrite=True):
        raise KeyboardInterrupt
    assert (out / "config.toml").read_text() == "old"
    assert names(tmp_path) == ["run"]


@pytest.mark.parametrize("kind", ["work", "file", "link"])
def test_other_files_are_never_overwritten(tmp_path, kind):
    out = tmp_path / "run"
    if kind == "work":
        out.mkdir()
        (out / "thesis.tex").write_text("years")
    elif kind == "file":
        out.write_text("years")
    else:
        out.symlink_to(tmp_path / "elsewhere")
    with (
        pytest.raises(InputError, match="no run folder"),
        new_run(out, overwrite=True),
    ):
        pass
    assert names(tmp_path) == ["run"]


@pytest.mark.parametrize("out", ["/proc/run", "/dev/null/run"])
def test_an_unwritable_place_is_refused(out):
    with pytest.raises(InputError, match="cannot write"), new_run(out):
        pass
