import pickle
from pathlib import Path

import numpy as np
import pytest
from helpers import PHOTO, TINY, save_photographs, tiny_dataset
from PIL import Image
from sklearn.base import clone

from ssvae import Config, SSVAEClassifier
from ssvae.errors import InputError
from ssvae.estimator.pictures import are_images, as_bytes


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    """Return the paths of sixty small photographs, and their classes."""
    folder = tmp_path_factory.mktemp("photographs")
    save_photographs(folder, 60)
    paths = sorted(folder.glob("*/*.png"))
    return paths, np.array([path.parent.name for path in paths], object)


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        (np.zeros((3, 4)), False),
        (np.zeros((3, 8, 8)), True),
        (np.zeros((3, 8, 8, 3)), True),
        ([[1.0, 2.0]], False),
        (["a.png"], True),
        (np.array(["a.png", "b.png"]), True),
        ([Path("a.png")], True),
        ([Image.new("L", (8, 8))], True),
        ([np.zeros((8, 8)), np.zeros((8, 8))], True),
        ("a.png", False),
        ([], False),
    ],
)
def test_what_counts_as_images(x, expected):
    assert are_images(x) is expected


def test_paths_and_pictures_become_the_same_bytes(photographs):
    paths = photographs[0][::6]
    config = Config()
    images = as_bytes(paths, config)
    assert images.dtype == np.uint8
    assert images.shape[0] == 10
    assert images.shape[3] == 3
    pictures = [Image.open(path) for path in paths]
    np.testing.assert_array_equal(as_bytes(pictures, config), images)
    sized = as_bytes([str(path) for path in paths], config.replace(image_size=16))
    assert sized.shape == (10, 16, 16, 3)


def test_pictures_of_every_mode_are_taken():
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
    picture = Image.fromarray(grey)
    deep = Image.fromarray(grey.astype(np.uint16) * 257)
    images = as_bytes([picture, picture.convert("CMYK"), deep], Config())
    assert images.shape == (3, 16, 16, 1)
    assert np.abs(images[..., 0].astype(int) - grey).max() <= 1


@pytest.mark.parametrize(
    ("x", "words"),
    [
        (np.full((3, 8, 8), 16.0), r"X: images have values|X: .*need"),
        (["/nowhere/a.png"], "nowhere"),
        ([np.zeros((8, 8)), np.zeros((9, 8))], "X: "),
        ([Image.new("L", (8, 8)), 3], r"X\[1\] is a int"),
    ],
)
def test_images_that_are_none_are_refused(x, words):
    with pytest.raises(InputError, match=words):
        as_bytes(x, Config())


@pytest.fixture(scope="module")
def fitted():
    """Return an estimator of tiny images, these, and their labels."""
    dataset = tiny_dataset()
    labels = np.array(["a", "b", "c", ""])[dataset.labels]
    config = TINY.replace(epochs=1)
    estimator = SSVAEClassifier(config=config, random_state=3)
    return estimator.fit(dataset.images, labels), dataset.images, labels


@pytest.mark.slow
def test_an_estimator_of_images_answers_as_its_model(fitted):
    estimator, images, labels = fitted
    probabilities = estimator.predict_proba(images)
    np.testing.assert_array_equal(probabilities, estimator.model_.predict_proba(images))
    best = estimator.classes_[probabilities.argmax(axis=1)]
    np.testing.assert_array_equal(estimator.predict(images), best)
    np.testing.assert_array_equal(
        estimator.transduction_, np.where(labels == "", best, labels)
    )
    np.testing.assert_array_equal(
        estimator.transform(images), estimator.model_.encode(images)[0]
    )
    drawn, classes = estimator.sample(3, y="b", random_state=0)
    assert drawn.shape == (3, 9, 7, 1)
    assert classes.tolist() == ["b"] * 3
    assert not hasattr(estimator, "n_features_in_")
    assert estimator.model_.config.seed == 3
    assert estimator.model_.config.labels == "all"


@pytest.mark.slow
def test_log_density_of_an_image_does_not_depend_on_the_others(fitted):
    estimator, images, _ = fitted
    together = estimator.score_samples(images[:6])
    alone = [estimator.score_samples(images[row : row + 1])[0] for row in range(6)]
    np.testing.assert_allclose(together, alone, rtol=1e-4)


@pytest.mark.slow
def test_an_estimator_of_images_is_kept_as_its_model_s_file(fitted):
    estimator, images, _ = fitted
    content = pickle.dumps(estimator)
    assert estimator._learned.content in content
    other = pickle.loads(content)
    np.testing.assert_array_equal(
        other.predict_proba(images), estimator.predict_proba(images)
    )
    with pytest.raises(InputError, match="X holds no images"):
        other.predict(np.zeros((3, 4)))
    assert not hasattr(clone(estimator), "classes_")


@pytest.mark.slow
def test_photographs_are_learned_from_quietly(photographs, capsys):
    paths, classes = photographs
    labels = classes.copy()
    labels[[*range(8, 20), *range(28, 40), *range(48, 60)]] = None
    estimator = SSVAEClassifier(config=PHOTO, random_state=0).fit(paths, labels)
    assert capsys.readouterr().err == ""
    assert estimator.score(paths, classes) > 0.9
    assert 0.5 < estimator.estimated_accuracy_ < 1
    pictures = [Image.open(path) for path in paths]
    np.testing.assert_allclose(
        estimator.predict_proba(pictures), estimator.predict_proba(paths), atol=1e-5
    )
    codes = estimator.transform(pictures)
    assert codes.shape == (60, len(estimator.get_feature_names_out()))
    images = as_bytes(paths, PHOTO)
    surprise, _ = estimator.model_.score_parts(images)
    np.testing.assert_allclose(estimator.score_samples(images), -surprise, rtol=1e-6)
