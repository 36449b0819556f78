"""Models on the disk: found, told apart, opened, refused with the reason."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest

from ssvae.config.settings import FORMAT, Config
from ssvae.config.toml import load_config
from ssvae.errors import InputError
from ssvae.saving.find import describe, find_model, saved_models
from ssvae.saving.keras_file import load_model, save_model

RUNS = Path(__file__).parents[1] / "run_folders"
SCRIPTS = Path(__file__).parents[1] / "scripts"


@pytest.fixture(scope="module")
def images(mnist):
    return mnist.read_test()[0][:30]


@pytest.mark.parametrize("what", ["nothing", "empty"])
def test_a_place_without_a_model_is_refused(tmp_path, what):
    path = tmp_path / what
    if what == "empty":
        path.mkdir()
    with pytest.raises(InputError, match=r"need a run folder, a \.keras file") as error:
        load_model(path)
    assert str(path) in str(error.value)


# Keras warns of the layers that do not fit before it fails.
@pytest.mark.filterwarnings("ignore:Skipping nested container:UserWarning")
def test_arrays_of_other_networks_are_refused(small_run, tmp_path):
    """Settings and weights that do not fit each other."""
    path = tmp_path / "model.keras"
    with (
        zipfile.ZipFile(small_run / "model.keras") as source,
        zipfile.ZipFile(path, "w") as target,
    ):
        for name in source.namelist():
            content = source.read(name)
            if name == "config.json":
                config = json.loads(content)
                config["config"]["config"]["hidden_units"] = 65
                content = json.dumps(config)
            target.writestr(name, content)
    with pytest.raises(InputError, match="cannot load"):
        load_model(path)


@pytest.mark.each_backend
@pytest.mark.parametrize("folder", sorted(RUNS.glob("format-*")), ids=str)
def test_run_folders_of_every_format_load(folder, mnist):
    """Each was written by the ssvae of its time, with what it answered then."""
    model = load_model(folder)
    assert load_config(folder / "config.toml") == model.config
    with np.load(folder / "answers.npz") as answers:
        images = answers.get("images", mnist.read_test()[0][:20])
        assert model.predict_proba(images) == pytest.approx(answers["p"], abs=1e-5)
        assert model.encode(images)[0] == pytest.approx(answers["z"], abs=1e-4)
        generated = model.generate([3, 1], seed=2)
        assert generated == pytest.approx(answers["generated"], abs=1e-3)


def test_the_newest_format_has_a_fixture_and_later_ones_are_refused(tmp_path):
    assert (RUNS / f"format-{FORMAT}").is_dir()
    path = tmp_path / "config.toml"
    path.write_text(Config().to_toml())
    assert f"format = {FORMAT}" in path.read_text()
    path.write_text(f"format = {FORMAT + 1}\n")
    with pytest.raises(InputError, match="get a newer one"):
        load_config(path)


def test_shipped_models_are_found_by_name():
    assert "mnist-100" in saved_models()
    assert find_model("mnist-100").name == "model.keras"


def test_every_kind_of_model_is_described(small_run, tmp_path):
    assert describe(small_run) == f"run folder {small_run}"
    file = small_run / "model.keras"
    assert describe(file) == f"file {file}"
    place = find_model("mnist-100").parent
    assert describe("mnist-100") == f"shipped model {place}"


@pytest.mark.each_backend
@pytest.mark.slow
@pytest.mark.needs_backend("tensorflow")
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_models_cross_backends(small_run, small_model, images, tmp_path, backend):
    pytest.importorskip(backend)
    np.save(tmp_path / "images.npy", images)
    out = tmp_path / "answers.npz"
    subprocess.run(
        [
            *(sys.executable, SCRIPTS / "open_models.py"),
            *(tmp_path / "images.npy", small_run, out),
        ],
        env=os.environ | {"KERAS_BACKEND": backend},
        check=True,
    )
    with np.load(out) as answers:
        assert answers["p"] == pytest.approx(
            small_model.predict_proba(images), abs=1e-5
        )
        assert answers["z"] == pytest.approx(small_model.encode(images)[0], abs=1e-5)
        generated = small_model.generate([1, 2, 0], seed=5)
        assert answers["g"] == pytest.approx(generated, abs=1e-5)


@pytest.mark.each_backend
@pytest.mark.slow
def test_threads_save_and_load_while_another_imports_tensorflow(tmp_path):
    pytest.importorskip("jax")
    pytest.importorskip("tensorflow")
    process = subprocess.run(
        [sys.executable, SCRIPTS / "save_in_threads.py", tmp_path],
        env=os.environ | {"KERAS_BACKEND": "jax"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not process.returncode, process.stderr


@pytest.mark.each_backend
def test_a_saved_model_is_opened_by_keras(small_model, images, tmp_path):
    save_model(small_model, tmp_path / "model.keras")
    opened = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    assert np.array_equal(
        opened.predict_proba(images), small_model.predict_proba(images)
    )
    assert opened.get_config() == small_model.get_config()
    # And a file that Keras wrote is opened here.
    small_model.save(tmp_path / "keras.keras")
    opened = load_model(tmp_path / "keras.keras")
    assert np.array_equal(opened.score(images), small_model.score(images))


def test_a_compiled_model_is_saved_without_its_optimizer(make_model, fit, tmp_path):
    model = make_model(classifier_body="mlp", epochs=1)
    fit(model, run_eagerly=True)
    save_model(model, tmp_path / "model.keras")
    weights = load_model(tmp_path / "model.keras").get_weights()
    assert all(
        np.array_equal(one, other)
        for one, other in zip(weights, model.get_weights(), strict=False)
    )


def test_a_failed_save_leaves_the_old_file(small_model, tmp_path, monkeypatch):
    path = tmp_path / "model.keras"
    save_model(small_model, path)
    before = path.read_bytes()
    monkeypatch.setattr(type(small_model), "save_weights", None)
    with pytest.raises(TypeError):
        save_model(small_model, path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "place",
    ["archive._check_config", "archive._check_arrays", "keras_file._load_weights"],
)
def test_a_bug_of_ours_is_not_told_as_a_damaged_file(small_run, monkeypatch, place):
    def buggy(*arguments):
        raise AttributeError("a bug")

    monkeypatch.setattr(f"ssvae.saving.{place}", buggy)
    with pytest.raises(AttributeError, match="a bug"):
        load_model(small_run)
