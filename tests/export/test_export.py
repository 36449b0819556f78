"""Exports, opened again by programs that have no ssvae."""

import json
import shutil
import subprocess
import sys
import zipfile

import keras
import numpy as np
import pytest
from PIL import Image

from ssvae.errors import InputError
from ssvae.export.__main__ import main
from ssvae.export.checked import FORMATS, export
from ssvae.export.endpoints import endpoints
from ssvae.export.package import PROGRAM, program
from ssvae.vae.inference import draw_choice, draw_noise


@pytest.fixture
def images(mnist):
    return mnist.read_test()[0][:30]


def call(model, name, *arguments):
    ops = keras.ops
    outputs = endpoints(model)[name].function(*map(ops.convert_to_tensor, arguments))
    return {key: ops.convert_to_numpy(value) for key, value in outputs.items()}


@pytest.mark.each_backend
def test_endpoints_answer_as_the_methods_of_the_model(small_model, images, rng):
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


@pytest.mark.needs_backend("tensorflow")
@pytest.mark.parametrize("kind", FORMATS)
def test_exports_are_opened_again_and_answer_the_same(small_model, exported, kind):
    report = json.loads((exported(kind) / "export.json").read_text())
    assert report["differences"].keys() == endpoints(small_model).keys()
    assert max(report["differences"].values()) < 1e-4
    assert report["class_names"] == list(map(str, range(10)))


@pytest.mark.needs_backend("tensorflow")
@pytest.mark.parametrize(
    "kind",
    [
        "onnx",
        # The other programs take longer to start, TensorFlow's most.
        pytest.param("litert", marks=pytest.mark.slow),
        pytest.param("savedmodel", marks=pytest.mark.slow),
        pytest.param("keras", marks=pytest.mark.slow),
    ],
)
def test_the_program_beside_an_export_tells_the_class_of_a_picture(
    small_model, images, exported, tmp_path, kind
):
    """It runs where only the packages are that its format needs."""
    folder = tmp_path / "taken"
    shutil.copytree(exported(kind), folder)
    (folder / PROGRAM).write_text(program(kind))
    Image.fromarray(images[3, ..., 0]).save(tmp_path / "digit.png")
    told = subprocess.run(
        [sys.executable, "-I", folder / PROGRAM, tmp_path / "digit.png"],
        capture_output=True,
        text=True,
        check=False,
    )
    probabilities = small_model.predict_proba(images[3:4])[0]
    name = small_model.class_names[probabilities.argmax()]
    assert told.stdout.strip() == (
        f"{tmp_path / 'digit.png'}: {name} ({probabilities.max():.1%})"
    ), told.stderr


def test_a_zip_to_take_away_needs_no_data_set(small_run, tmp_path, monkeypatch):
    run = tmp_path / "run"
    shutil.copytree(small_run, run)
    # The images that it learned from are gone.
    config = (run / "config.toml").read_text()
    config = config.replace('dataset = "mnist"', 'dataset = "/gone"')
    (run / "config.toml").write_text(config)
    path = tmp_path / "model.zip"
    arguments = [run, "--format", "keras", "--zip", path]
    monkeypatch.setattr("sys.argv", ["export", *map(str, arguments)])
    main()
    names = set(zipfile.ZipFile(path).namelist())
    wanted = "model.keras export.json use.py requirements.txt README.md samples.png"
    assert names == {f"model/{name}" for name in wanted.split()}


def test_what_exists_is_not_overwritten(small_run, tmp_path, monkeypatch):
    (tmp_path / "out").mkdir()
    arguments = [small_run, "--format", "keras", "--out", tmp_path / "out"]
    monkeypatch.setattr("sys.argv", ["export", *map(str, arguments)])
    with pytest.raises(InputError, match="exists"):
        main()


@pytest.mark.each_backend
@pytest.mark.needs_backend("jax", "torch")
def test_other_backends_name_the_one_that_is_needed(small_model, images, tmp_path):
    with pytest.raises(InputError, match="KERAS_BACKEND=tensorflow"):
        export(small_model, tmp_path / "out", "savedmodel", images)


def test_every_format_has_a_writer():
    from ssvae.export.writers import WRITERS

    assert tuple(WRITERS) == FORMATS


@pytest.mark.parametrize(
    ("output", "damage", "message"),
    [
        ("classify.probabilities", lambda values: values + 0.1, "differs .* by 0.1"),
        ("score.scores", lambda values: values * np.nan, "differs .* by nan"),
        ("encode.log_variance", None, "lacks encode.log_variance"),
    ],
    ids=["other", "nan", "lacking"],
)
def test_an_export_that_differs_is_removed(
    small_model, images, tmp_path, monkeypatch, output, damage, message
):
    """Whichever output it is; what opens the export is replaced by the model."""

    def answers(command, **kwargs):
        place = command[-1]
        outputs = {}
        with np.load(place / "inputs.npz") as inputs:
            for name, endpoint in endpoints(small_model).items():
                given = [inputs[f"{name}.{key}"] for key in endpoint.inputs]
                for key, values in call(small_model, name, *given).items():
                    outputs[f"{name}.{key}"] = values
        values = outputs.pop(output)
        if damage:
            outputs[output] = damage(values)
        np.savez(place / "outputs.npz", **outputs)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr("ssvae.export.checked.subprocess.run", answers)
    with pytest.raises(InputError, match=message):
        export(small_model, tmp_path / "out", "keras", images)
    assert not list(tmp_path.iterdir())
