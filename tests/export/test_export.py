"""Exports, opened again by programs that have no ssvae."""

import contextlib
import json

import keras
import numpy as np
import pytest

from ssvae.errors import InputError
from ssvae.export.__main__ import main
from ssvae.export.checked import FORMATS, export
from ssvae.export.endpoints import endpoints
from ssvae.vae.inference import draw_choice, draw_noise

tensorflow_only = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="is written by TensorFlow"
)


@pytest.fixture
def images(mnist):
    return mnist.read_test()[0][:30]


def call(model, name, *arguments):
    ops = keras.ops
    outputs = endpoints(model)[name].function(*map(ops.convert_to_tensor, arguments))
    return {key: ops.convert_to_numpy(value) for key, value in outputs.items()}


def test_endpoints_say_what_the_methods_say(small_model, images, rng):
    model = small_model
    assert call(model, "classify", images)["probabilities"] == pytest.approx(
        model.predict_proba(images), abs=1e-5
    )
    encoded = call(model, "encode", images)
    mean, log_variance = model.encode(images)
    assert encoded["mean"] == pytest.approx(mean, abs=1e-4)
    assert encoded["log_variance"] == pytest.approx(log_variance, abs=1e-4)
    assert call(model, "reconstruct", images)["reconstructions"] == pytest.approx(
        model.reconstruct(images), abs=1e-5
    )
    noise = np.concatenate([draw_noise(1, model.noise_size, (0, s)) for s in range(10)])
    assert call(model, "score", images, noise)["scores"] == pytest.approx(
        model.score(images), rel=1e-3, abs=1e-3
    )


def test_generated_images_come_from_the_prior(small_model, rng):
    """The same noise and choice as `generate` draws."""
    model, seed = small_model, 5
    classes = np.arange(20, dtype=np.int32) % 10
    noise = draw_noise(20, model.noise_size, seed)
    choice = draw_choice(20, seed).astype(np.float32)
    images = call(model, "generate", classes, noise, choice)["images"]
    assert images == pytest.approx(model.generate(classes, seed), abs=1e-5)


@tensorflow_only
@pytest.mark.parametrize("kind", FORMATS)
def test_exports_are_opened_again_and_say_the_same(small_model, images, tmp_path, kind):
    differences = export(small_model, tmp_path / "out", kind, images)
    assert differences.keys() == endpoints(small_model).keys()
    assert max(differences.values()) < 1e-4
    report = json.loads((tmp_path / "out" / "export.json").read_text())
    assert report["class_names"] == list(map(str, range(10)))
    assert report["differences"] == differences


@tensorflow_only
def test_an_export_that_differs_is_not_left(small_model, images, tmp_path, monkeypatch):
    monkeypatch.setattr("ssvae.export.checked.TOLERANCE", -1.0)
    with pytest.raises(InputError, match="differs from the model"):
        export(small_model, tmp_path / "out", "savedmodel", images)
    assert not list(tmp_path.iterdir())


def test_what_is_there_is_not_overwritten(small_run, tmp_path, monkeypatch):
    import sys

    (tmp_path / "out").mkdir()
    arguments = [small_run, "--format", "keras", "--out", tmp_path / "out"]
    monkeypatch.setattr(sys, "argv", ["export", *map(str, arguments)])
    with pytest.raises(InputError, match="exists"):
        main()


@pytest.mark.skipif(
    keras.backend.backend() == "tensorflow", reason="is about the other backends"
)
def test_other_backends_say_how(small_model, images, tmp_path):
    with pytest.raises(InputError, match="KERAS_BACKEND=tensorflow"):
        export(small_model, tmp_path / "out", "savedmodel", images)


def test_every_format_has_a_writer():
    from ssvae.export.writers import WRITERS

    assert tuple(WRITERS) == FORMATS


@tensorflow_only
@pytest.mark.parametrize(
    ("output", "message"),
    [("score.scores", "differs from the model by nan"), ("encode.log_variance", None)],
)
def test_a_number_that_is_none_and_a_lacking_one_are_seen(
    output, message, small_model, images, tmp_path, monkeypatch
):
    """Whichever comes last, or second."""
    load = np.load

    def damaged(path):
        arrays = dict(load(path))
        if message:
            arrays[output] = np.full_like(arrays[output], np.nan)
        else:
            del arrays[output]
        return contextlib.nullcontext(arrays)

    monkeypatch.setattr("ssvae.export.checked.np.load", damaged)
    with pytest.raises(InputError, match=message or f"lacks {output}"):
        export(small_model, tmp_path / "out", "savedmodel", images)
    assert not list(tmp_path.iterdir())
