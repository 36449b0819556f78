"""Exported SavedModels are opened as models, or refused with the reason."""

import shutil

import numpy as np
import pytest

from ssvae.errors import InputError
from ssvae.saving.find import find_model
from ssvae.saving.keras_file import load_model

pytestmark = pytest.mark.needs_backend("tensorflow")


@pytest.fixture(scope="module")
def images(mnist):
    return mnist.read_test()[0][:30]


@pytest.fixture(scope="module")
def savedmodel(exported):
    return exported("savedmodel")


def test_an_exported_model_answers_as_its_source(small_model, images, savedmodel):
    model = load_model(savedmodel)
    assert model.class_names == small_model.class_names
    assert model.image_shape == small_model.image_shape
    floats = images.astype(np.float32) / 255
    for given in (images, floats):
        assert model.predict_proba(given) == pytest.approx(
            small_model.predict_proba(images), abs=1e-5
        )
    for one, other in zip(
        model.encode(images), small_model.encode(images), strict=True
    ):
        assert one == pytest.approx(other, abs=1e-4)
    assert model.reconstruct(images) == pytest.approx(
        small_model.reconstruct(images), abs=1e-5
    )
    classes = [7, 0, 3]
    assert model.generate(classes, seed=4, temperature=0.7) == pytest.approx(
        small_model.generate(classes, seed=4, temperature=0.7), abs=1e-5
    )
    assert model.score(images, num_samples=3, seed=1) == pytest.approx(
        small_model.score(images, num_samples=3, seed=1), rel=1e-3, abs=1e-3
    )


def test_commands_refuse_an_exported_model(savedmodel):
    with pytest.raises(InputError, match="is a SavedModel, which answers but has no"):
        find_model(savedmodel)


@pytest.mark.parametrize("keep", [0, 100, 0.9])
def test_a_damaged_savedmodel_is_refused(savedmodel, tmp_path, keep):
    folder = tmp_path / "model"
    shutil.copytree(savedmodel, folder)
    graph = folder / "saved_model.pb"
    content = graph.read_bytes()
    graph.write_bytes(content[: keep if keep != 0.9 else int(0.9 * len(content))])
    with pytest.raises(InputError, match="cannot load"):
        load_model(folder)


def test_a_savedmodel_that_does_more_than_compute_is_refused(tmp_path):
    """The graph is a program: one that writes a file is never run."""
    import tensorflow as tf

    class Trap(tf.Module):
        @tf.function(input_signature=[])
        def about(self):
            tf.io.write_file(str(tmp_path / "mark"), "x")
            return {"about": tf.constant("{}")}

    trap = Trap()
    folder = tmp_path / "trap"
    tf.saved_model.save(trap, folder, signatures={"about": trap.about})
    (tmp_path / "mark").unlink(missing_ok=True)
    with pytest.raises(InputError, match="holds the operation WriteFile"):
        load_model(folder)
    assert not (tmp_path / "mark").exists()


def test_a_bug_of_ours_is_not_told_as_a_damaged_savedmodel(savedmodel, monkeypatch):
    def buggy(*arguments):
        raise AttributeError("a bug")

    monkeypatch.setattr("ssvae.saving.savedmodel._check_graph", buggy)
    with pytest.raises(AttributeError, match="a bug"):
        load_model(savedmodel)
