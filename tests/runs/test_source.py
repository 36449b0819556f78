"""A run finds its images from any working directory."""

import json

import pytest

from ssvae.config.settings import Config
from ssvae.errors import InputError
from ssvae.runs.source import FILE, KEY, located, paths_from


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A run folder whose images lay at `data/images` when it was made."""
    (tmp_path / "data" / "images").mkdir(parents=True)
    (tmp_path / "runs" / "one").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    config = Config(dataset="data/images")
    paths = paths_from(tmp_path / "runs" / "one", config)
    assert paths == {"dataset": "../../data/images"}
    text = json.dumps({KEY: paths})
    (tmp_path / "runs" / "one" / FILE).write_text(text, encoding="utf-8")
    return tmp_path / "runs" / "one", config


def test_the_images_are_found_from_elsewhere(run, tmp_path, monkeypatch):
    folder, config = run
    assert located(config, folder) == config
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert located(config, folder).dataset == str(tmp_path / "data" / "images")


def test_images_that_moved_are_told_where_they_were_looked_for(
    run, tmp_path, monkeypatch
):
    folder, config = run
    (tmp_path / "data").rename(tmp_path / "moved")
    words = (
        r"looked for it at '.*/data/images' and at '.*/data/images'; --dataset names"
    )
    with pytest.raises(InputError, match=words):
        located(config, folder)
    # Run and images moved together.
    (tmp_path / "new").mkdir()
    (tmp_path / "moved").rename(tmp_path / "new" / "data")
    (tmp_path / "runs").rename(tmp_path / "new" / "runs")
    found = located(config, tmp_path / "new" / "runs" / "one").dataset
    assert found == str(tmp_path / "new" / "data" / "images")


def test_named_data_and_absolute_paths_stay_as_they_are(tmp_path):
    for name in ("mnist", "tfds:kmnist", "/not/here"):
        config = Config(dataset=name)
        assert paths_from(tmp_path, config) == {}
        assert located(config, tmp_path) == config


def test_a_run_of_an_older_version_has_no_paths(tmp_path):
    (tmp_path / FILE).write_text('{"indices": []}', encoding="utf-8")
    with pytest.raises(InputError, match=r"looked for it at '[^']*'; --dataset"):
        located(Config(dataset="gone/away"), tmp_path)
