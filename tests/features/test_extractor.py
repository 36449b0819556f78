from types import SimpleNamespace

import keras
import numpy as np
import pytest
from helpers import TINY, waves
from keras import layers, ops

from ssvae.augment import warp
from ssvae.backends import compiled
from ssvae.config.presets import FEATURES
from ssvae.data import store
from ssvae.errors import InputError
from ssvae.features import extractor as module
from ssvae.features.descriptors import ColorHistogram, OrientedGradients
from ssvae.features.extractor import (
    DESCRIPTORS,
    build_extractor,
    columns,
    extract,
    extract_views,
)
from ssvae.features.resize import resized
from ssvae.features.texture import Texture

# Side of the images that the tiny backbone takes.
SIDE = 8
# Columns of each descriptor.
SIZES = {"gradients": 972, "color": 1080, "texture": 177}


def tiny_backbone(seed=0):
    """Return a network with a map of 5 channels and a vector of 6 numbers."""
    kernel = keras.initializers.RandomNormal(seed=seed)
    images = keras.Input((SIDE, SIDE, 3))
    maps = layers.Conv2D(5, 3, kernel_initializer=kernel)(images)
    x = layers.BatchNormalization()(maps)
    vectors = layers.Dense(6, kernel_initializer=kernel)(layers.Flatten()(x))
    model = keras.Model(images, [maps, vectors])
    return SimpleNamespace(name="tiny", model=model, side=SIDE)


@pytest.fixture(scope="module")
def backbone():
    return tiny_backbone()


@pytest.fixture(scope="module")
def extractor(backbone):
    return build_extractor(FEATURES, 3, backbone)


def block(vectors):
    vectors = np.sign(vectors) * np.sqrt(np.abs(vectors))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def slow_features(backbone, images):
    """The features of images, block by block."""
    small = resized(images, SIDE)
    small = np.repeat(ops.convert_to_numpy(small), 3 // images.shape[-1], axis=-1)
    maps, vectors = map(ops.convert_to_numpy, backbone.model(small))
    rows = []
    for image in maps.astype(np.float64):
        means = [image[..., c].mean() for c in range(image.shape[-1])]
        spreads = [image[..., c].std() for c in range(image.shape[-1])]
        rows.append([*means, *spreads])
    described = [
        ops.convert_to_numpy(layer(images))
        for layer in (OrientedGradients(), ColorHistogram(), Texture())
    ]
    return np.hstack([block(np.array(rows)), block(vectors), *described])


@pytest.mark.each_backend
@pytest.mark.parametrize("shape", [(31, 20), (60, 110), (96, 96)])
@pytest.mark.parametrize("channels", [1, 3])
def test_features_are_blocks_side_by_side(rng, backbone, channels, shape):
    images = waves(rng, 3, *shape, channels)
    extractor = build_extractor(FEATURES, channels, backbone)
    features = ops.convert_to_numpy(extractor(images))
    assert features.dtype == np.float32
    # A neighbor as bright as the threshold may count or not.
    assert features == pytest.approx(slow_features(backbone, images), abs=1e-2)


@pytest.mark.each_backend
def test_blocks_have_length_one_and_known_columns(rng, backbone, extractor):
    images = waves(rng, 2, 20, 20, 3)
    every = ops.convert_to_numpy(extractor(images))
    places = columns(extractor)
    assert list(places) == list(FEATURES)
    for name, place in places.items():
        alone = build_extractor([name], 3, backbone)
        assert columns(alone) == {name: slice(0, SIZES.get(name, 16))}
        result = ops.convert_to_numpy(alone(images))
        assert result == pytest.approx(every[:, place], abs=1e-6)
        squares = np.linalg.norm(result, axis=1) ** 2
        # Two maps of length one.
        wanted = 2 if name == "backbone" else DESCRIPTORS[name].length ** 2
        assert squares == pytest.approx(wanted, abs=1e-5)


def test_the_order_of_names_does_not_matter(rng):
    images = waves(rng, 2, 20, 20, 3)
    first = build_extractor(["texture", "color"], 3)(images)
    second = build_extractor(["color", "texture"], 3)(images)
    assert np.array_equal(ops.convert_to_numpy(first), ops.convert_to_numpy(second))


@pytest.mark.parametrize("names", [(), ("gradients", "colour")])
def test_unknown_features_are_refused(names):
    with pytest.raises(InputError, match="need some of backbone, gradients"):
        build_extractor(names, 3)


def test_a_backbone_is_needed_where_it_is_named():
    with pytest.raises(ValueError, match="need the backbone"):
        build_extractor(["backbone"], 3)


def test_a_frozen_backbone_keeps_its_statistics(rng, extractor, backbone):
    before = [ops.convert_to_numpy(value) for value in backbone.model.weights]
    extractor(waves(rng, 4, 20, 20, 3), training=True)
    after = [ops.convert_to_numpy(value) for value in backbone.model.weights]
    assert all(np.array_equal(*pair) for pair in zip(before, after, strict=True))
    assert not extractor.trainable_weights


@pytest.mark.each_backend
def test_an_extractor_is_saved_within_a_model(rng, tmp_path, extractor):
    images = waves(rng, 3, 25, 40, 3)
    pixels = keras.Input((None, None, 3))
    model = keras.Model(pixels, layers.Dense(2)(extractor(pixels)))
    path = tmp_path / "model.keras"
    model.save(path)
    opened = keras.saving.load_model(path)
    wanted = ops.convert_to_numpy(model(images))
    assert ops.convert_to_numpy(opened(images)) == pytest.approx(wanted, abs=1e-6)


@pytest.mark.needs_backend("tensorflow")
def test_one_program_takes_images_of_every_size(rng, extractor):
    import tensorflow as tf

    signature = [tf.TensorSpec((None, None, None, 3))]
    function = tf.function(extractor, input_signature=signature)
    for shape in ((1, 96, 96, 3), (3, 33, 128, 3)):
        images = waves(rng, *shape)
        wanted = ops.convert_to_numpy(extractor(images))
        assert function(images).numpy() == pytest.approx(wanted, abs=1e-2)


@pytest.fixture
def seen(monkeypatch):
    """Return the shapes of the chunks that pass through extractors."""
    shapes = []
    for_inference = compiled.for_inference

    def spied(model):
        compute = for_inference(model)

        def call(images):
            shapes.append(tuple(images.shape))
            return compute(images)

        return call

    monkeypatch.setattr(module, "for_inference", spied)
    return shapes


@pytest.mark.each_backend
def test_images_are_extracted_in_chunks_of_one_length(rng, monkeypatch, seen):
    monkeypatch.setattr(module, "CHUNK", 4)
    images = rng.integers(0, 256, (11, 12, 10, 3), np.uint8)
    extractor = build_extractor(["color", "texture"], 3)
    features = extract(extractor, images)
    assert seen == [(4, 12, 10, 3)] * 3
    assert features.dtype == np.float32
    wanted = ops.convert_to_numpy(extractor(images.astype(np.float32) / 255))
    assert features == pytest.approx(wanted, abs=1e-2)
    half = extract(extractor, images, dtype="float16")
    assert half.dtype == np.float16
    assert half == pytest.approx(features, abs=1e-3)


@pytest.mark.parametrize(
    ("count", "side", "rows"), [(1, 8, 1), (5, 8, 8), (64, 8, 64), (9, 448, 16)]
)
def test_chunks_suit_the_images(count, side, rows):
    chunks = list(module._chunks(np.zeros((count, side, side, 1), np.uint8)))
    assert [(start, len(chunk)) for start, chunk in chunks] == [(0, rows)]


def test_large_images_make_small_chunks():
    chunks = list(module._chunks(np.zeros((40, 448, 448, 1), np.uint8)))
    assert [len(chunk) for _, chunk in chunks] == [16, 16, 16]


def test_features_of_many_images_are_in_a_file(rng, monkeypatch):
    images = rng.integers(0, 256, (9, 16, 16, 1), np.uint8)
    describe = build_extractor(["texture"], 1)
    wanted = extract(describe, images, dtype="float16")
    assert not isinstance(wanted, np.memmap)
    monkeypatch.setattr(store, "MAX_IN_MEMORY", wanted.nbytes - 1)
    found = extract(describe, images, dtype="float16")
    assert isinstance(found, np.memmap) and found.dtype == np.float16
    assert np.array_equal(found, wanted)


def test_no_image_has_no_features():
    extractor = build_extractor(["color"], 1)
    assert extract(extractor, np.zeros((0, 9, 9, 1), np.uint8)).shape == (0, 1080)


def test_every_tenth_of_the_images_is_told(monkeypatch):
    monkeypatch.setattr(module, "CHUNK", 1)
    said, told = [], []
    images = np.zeros((20, 8, 8, 1), np.uint8)
    extractor = build_extractor(["texture"], 1)
    extract(extractor, images, said.append, lambda *counts: told.append(counts))
    assert said[:2] == ["Features: 2 of 20 images.", "Features: 4 of 20 images."]
    assert len(said) == 10
    assert told == [(done, 20) for done in range(1, 21)]


WARPS = TINY.replace(augment="objects", seed=3)


@pytest.mark.each_backend
def test_views_are_features_of_warped_images(rng, monkeypatch):
    monkeypatch.setattr(module, "CHUNK", 4)
    images = (255 * waves(rng, 6, 24, 24, 3)).astype(np.uint8)
    extractor = build_extractor(["gradients", "color"], 3)
    views = extract_views(extractor, images, WARPS, 2)
    assert views.shape == (2, 6, 972 + 1080)
    seed = keras.random.SeedGenerator(WARPS.seed)
    warped = warp(ops.convert_to_tensor(images[:4] / np.float32(255)), WARPS, seed)
    wanted = ops.convert_to_numpy(extractor(warped))
    assert views[0, :4] == pytest.approx(wanted, abs=1e-3)
    assert (np.abs(views[0] - views[1]).max(axis=1) > 1e-2).all()
    assert np.array_equal(views, extract_views(extractor, images, WARPS, 2))
    other = extract_views(extractor, images, WARPS.replace(seed=4), 2)
    assert not np.array_equal(views, other)


def test_no_warp_makes_views_like_the_images(rng):
    images = (255 * waves(rng, 3, 24, 24, 1)).astype(np.uint8)
    extractor = build_extractor(["gradients"], 1)
    views = extract_views(extractor, images, TINY.replace(augment="none"), 1)
    assert views[0] == pytest.approx(extract(extractor, images), abs=1e-3)


@pytest.mark.slow
@pytest.mark.needs_backend("tensorflow")
def test_onnx_and_litert_files_compute_the_same_features(rng, tmp_path, extractor):
    import onnxruntime
    import tensorflow as tf
    import tf2onnx
    from ai_edge_litert.interpreter import Interpreter

    signature = [tf.TensorSpec((None, None, None, 3), name="images")]
    archive = keras.export.ExportArchive()
    archive.track(extractor)
    archive.add_endpoint("features", lambda images: {"y": extractor(images)}, signature)
    archive.write_out(tmp_path, verbose=False)
    converter = tf.lite.TFLiteConverter.from_saved_model(
        str(tmp_path), signature_keys=["features"]
    )
    litert = converter.convert()
    function = tf.function(extractor, input_signature=signature)
    onnx, _ = tf2onnx.convert.from_function(function, signature, opset=18)
    session = onnxruntime.InferenceSession(onnx.SerializeToString())
    for shape in ((2, 50, 70, 3), (1, 96, 96, 3)):
        images = waves(rng, *shape)
        wanted = function(images).numpy()
        runner = Interpreter(model_content=litert).get_signature_runner("features")
        for result in (
            runner(images=images)["y"],
            session.run(None, {"images": images})[0],
        ):
            # A neighbor as bright as the threshold may count or not.
            assert result == pytest.approx(wanted, abs=1e-2)
