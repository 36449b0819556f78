"""tensorflow-datasets as a source, on sets really prepared with its own tools."""

import hashlib
import sys

import numpy as np
import pytest

from ssvae.data import load_dataset
from ssvae.data.mnist import CHECKSUMS, FOLDER
from ssvae.errors import InputError

# What tensorflow-datasets and its own dependencies say of themselves.
pytestmark = pytest.mark.filterwarnings("default")


@pytest.fixture(scope="module")
def prepare(tmp_path_factory):
    """Return a function that prepares a data set, and its folder."""
    tfds = pytest.importorskip("tensorflow_datasets")
    import tensorflow as tf

    folder = tmp_path_factory.mktemp("tfds")

    def prepare(name, arrays, features, splits=("train", "test")):
        dataset = tf.data.Dataset.from_tensor_slices(arrays)
        tfds.dataset_builders.store_as_tfds_dataset(
            name=name,
            version="1.0.0",
            features=tfds.features.FeaturesDict(features),
            split_datasets={split: dataset for split in splits},
            data_dir=folder,
        )
        return folder

    return prepare


@pytest.fixture(scope="module")
def arrays():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (30, 9, 7, 1), dtype=np.uint8)
    return {"image": images, "label": np.arange(30) % 3}


@pytest.fixture(scope="module")
def features():
    tfds = pytest.importorskip("tensorflow_datasets")
    return {
        "image": tfds.features.Image(shape=(9, 7, 1)),
        "label": tfds.features.ClassLabel(names=["ant", "bee", "cat"]),
    }


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """Return the folder of a data set whose images have three sizes."""
    tfds = pytest.importorskip("tensorflow_datasets")
    import tensorflow as tf

    def split(*sizes):
        return tf.data.Dataset.from_generator(
            lambda: (
                {"image": np.zeros((*size, 3), np.uint8), "label": row % 2}
                for row, size in enumerate(sizes)
            ),
            output_signature={
                "image": tf.TensorSpec((None, None, 3), tf.uint8),
                "label": tf.TensorSpec((), tf.int64),
            },
        )

    folder = tmp_path_factory.mktemp("mixed")
    tfds.dataset_builders.store_as_tfds_dataset(
        name="mixed_sizes",
        version="1.0.0",
        features=tfds.features.FeaturesDict(
            {
                "image": tfds.features.Image(shape=(None, None, 3)),
                "label": tfds.features.ClassLabel(names=["ant", "bee"]),
            }
        ),
        split_datasets={
            "train": split((10, 20), (20, 40), (30, 50)),
            "test": split((70, 60)),
        },
        data_dir=folder,
    )
    return folder


def test_a_prepared_set_is_read_whole_and_offline(prepare, arrays, features):
    folder = prepare("tiny_animals", arrays, features)
    dataset = load_dataset("tfds:tiny_animals", data_dir=str(folder))
    assert dataset.class_names == ("ant", "bee", "cat")
    assert dataset.image_shape == (9, 7, 1)
    for images, labels in ((dataset.images, dataset.labels), dataset.read_test()):
        # Splits are stored in an order of their own.
        read = sorted(
            (label, image.tobytes())
            for image, label in zip(images, labels, strict=True)
        )
        given = sorted(
            (label, image.tobytes())
            for image, label in zip(arrays["image"], arrays["label"], strict=True)
        )
        assert read == given


@pytest.mark.parametrize(
    ("name", "drop", "splits", "words"),
    [
        ("no_labels", "label", ("train", "test"), "lacks a feature 'label'"),
        ("no_images", "image", ("train", "test"), "lacks a feature 'image'"),
        ("no_train", None, ("test",), "lacks a split 'train'"),
    ],
)
def test_a_data_set_that_lacks_something_is_refused(
    prepare, arrays, features, name, drop, splits, words
):
    keep = [key for key in features if key != drop]
    folder = prepare(
        name, {k: arrays[k] for k in keep}, {k: features[k] for k in keep}, splits
    )
    with pytest.raises(InputError) as error:
        load_dataset(f"tfds:{name}", data_dir=str(folder))
    assert words in str(error.value)
    assert f"tfds:{name}" in str(error.value)


def test_a_split_of_unlabeled_images_joins_the_training_part(prepare, arrays, features):
    folder = prepare("partly", arrays, features, ("train", "unlabelled"))
    dataset = load_dataset("tfds:partly:1.0.0", data_dir=str(folder))
    assert np.bincount(dataset.labels + 1).tolist() == [30, 10, 10, 10]
    assert dataset.read_test is None
    with pytest.raises(InputError, match=r"'tfds:partly:2\.0\.0' is not prepared"):
        load_dataset("tfds:partly:2.0.0", data_dir=str(folder))


def test_a_size_that_is_stated_is_what_images_are_brought_to(prepare, arrays, features):
    folder = prepare("tiny_square", arrays, features)
    dataset = load_dataset("tfds:tiny_square", data_dir=str(folder), image_size=7)
    assert dataset.images.shape == (30, 7, 7, 1)
    whole = {image.tobytes() for image in arrays["image"][:, 1:8]}
    assert {image.tobytes() for image in dataset.images} == whole


def test_sizes_that_are_not_declared_are_read_from_the_images(
    prepare, arrays, features
):
    tfds = pytest.importorskip("tensorflow_datasets")
    free = {**features, "image": tfds.features.Image(shape=(None, None, 1))}
    folder = prepare("undeclared", arrays, free)
    dataset = load_dataset("tfds:undeclared", data_dir=str(folder))
    assert dataset.images.shape == (30, 9, 7, 1)
    whole = {image.tobytes() for image in arrays["image"]}
    assert {image.tobytes() for image in dataset.images} == whole


def test_mixed_sizes_are_brought_to_one(mixed):
    said = []
    dataset = load_dataset("tfds:mixed_sizes", data_dir=str(mixed), say=said.append)
    assert said == ["Images of mixed sizes, 20x10 to 50x30 pixels: brought to 20x20."]
    assert dataset.images.shape == (3, 20, 20, 3)
    images, _ = dataset.read_test()
    assert images.shape == (1, 20, 20, 3)


def test_large_images_of_a_declared_size_keep_their_shape(prepare, features):
    tfds = pytest.importorskip("tensorflow_datasets")
    large = {**features, "image": tfds.features.Image(shape=(300, 600, 1))}
    images = np.zeros((2, 300, 600, 1), np.uint8)
    folder = prepare("large", {"image": images, "label": np.arange(2)}, large)
    dataset = load_dataset("tfds:large", data_dir=str(folder))
    assert dataset.images.shape == (2, 112, 224, 1)


def test_a_set_whose_labels_are_no_classes_is_refused(prepare, arrays, features):
    plain = {**features, "label": np.int64}
    folder = prepare("numbers", arrays, plain)
    with pytest.raises(InputError, match="lacks labels that are classes"):
        load_dataset("tfds:numbers", data_dir=str(folder))


@pytest.mark.slow
def test_the_official_builder_of_mnist_gives_mnist(tmp_path, mnist, monkeypatch):
    """Fed with the bundled files, since there is no network."""
    tfds = pytest.importorskip("tensorflow_datasets")
    from tensorflow_datasets.core.download import checksums

    builder = tfds.builder("mnist", data_dir=tmp_path / "sets")
    infos, files = {}, tmp_path / "files"
    files.mkdir()
    for name in CHECKSUMS:
        content = (FOLDER / f"{name}.gz").read_bytes()
        (files / f"{name}.gz").write_bytes(content)
        (url,) = [url for url in type(builder).url_infos if url.endswith(f"{name}.gz")]
        infos[url] = checksums.UrlInfo(
            len(content), hashlib.sha256(content).hexdigest(), f"{name}.gz"
        )
    monkeypatch.setattr(type(builder), "url_infos", infos)
    config = tfds.download.DownloadConfig(manual_dir=files)
    builder.download_and_prepare(download_config=config)
    dataset = load_dataset("tfds:mnist", data_dir=str(tmp_path / "sets"))
    assert dataset.class_names == mnist.class_names
    parts = (dataset.images, dataset.labels), dataset.read_test()
    bundled = (mnist.images, mnist.labels), mnist.read_test()
    for read, given in zip(parts, bundled, strict=True):
        # In an order of their own.
        one, other = (
            sorted((label, image.tobytes()) for image, label in zip(*part, strict=True))
            for part in (read, given)
        )
        assert one == other


def test_a_missing_set_does_not_start_tensorflow_datasets(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow_datasets", None)
    with pytest.raises(InputError, match=r"is not prepared under .*--download"):
        load_dataset("tfds:kmnist", data_dir=str(tmp_path))


def test_a_test_split_without_labels_is_told(tmp_path, arrays, features):
    tfds = pytest.importorskip("tensorflow_datasets")
    import tensorflow as tf

    unlabeled = arrays | {"label": np.full(30, -1)}
    parts = {"train": arrays, "test": unlabeled}
    tfds.dataset_builders.store_as_tfds_dataset(
        name="blind",
        version="1.0.0",
        features=tfds.features.FeaturesDict(features),
        split_datasets={
            split: tf.data.Dataset.from_tensor_slices(part)
            for split, part in parts.items()
        },
        data_dir=tmp_path,
    )
    dataset = load_dataset("tfds:blind", str(tmp_path))
    assert len(dataset.labeled) == 30
    with pytest.raises(InputError, match="no image of the test part"):
        dataset.labeled_test_part()
