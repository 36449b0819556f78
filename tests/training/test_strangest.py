"""Single images that are unlike all others."""

import numpy as np
import pytest

from ssvae.data import Dataset
from ssvae.data.coarse import Coarse
from ssvae.training.outside import Outside
from ssvae.training.strangest import MOST_LISTED, unusual_images

COUNT, ODD = 1000, 7


class Fitted:
    """What is usual: scores of at most 3."""

    def score(self, deviance, energy):
        return np.logaddexp(deviance, energy)

    def threshold(self, false_alarms):
        assert 0 < false_alarms < 0.05
        return 3.0


class Model:
    """A model whose score of an image is the image's only value."""

    fitted = Fitted()

    def score(self, images, num_samples):
        noise = 0.5 if num_samples == 1 else 0
        return images.reshape(len(images)) + noise * (np.arange(len(images)) % 2)


class Known:
    """What a classifier of features says: the surprise is the image's value."""

    def __init__(self, images):
        self.surprise = images.ravel().astype(float)
        self.logits = np.full((len(images), 2), 50.0, np.float32)


@pytest.fixture
def dataset():
    """Usual images among some odd ones, of which two are known."""
    images = np.random.default_rng(0).integers(0, 3, (COUNT, 1, 1, 1), np.uint8)
    images[100 : 100 + ODD, 0, 0, 0] = np.arange(10, 10 + ODD)
    labels = np.full(COUNT, -1)
    labels[100] = 0
    coarse = Coarse(np.array([101]), np.array([[True, True]]))
    said = np.array([102])
    names = ("a", "b")
    return Dataset("odd", images, labels, names, None, outside=said, coarse=coarse)


@pytest.mark.parametrize("has_features", [False, True])
def test_odd_images_are_listed_beside_groups_the_strangest_first(dataset, has_features):
    groups = np.full(COUNT, -1)
    groups[[102, 103]], groups[104] = 0, 1
    strange = np.full(COUNT, 0.5, np.float32)
    sure = np.array([True, False])
    found = Outside(groups, np.array([9.0, 4.0]), sure, strange)
    known = Known(dataset.images) if has_features else None
    unusual = unusual_images(Model(), dataset, found, known)
    # What people said is not told to them; a single image has no group.
    assert unusual.rows.tolist() == [103, 104, 106, 105]
    assert unusual.groups.tolist() == [1, 2, 0, 0]
    assert unusual.put_aside.tolist() == [True, False, False, False]
    assert unusual.strangeness == pytest.approx([0.5, 0.5, 16, 15])
    assert unusual.num_alone == 2


def test_no_more_are_listed_than_people_look_at(dataset):
    dataset.images[200:400] = 9
    unusual = unusual_images(Model(), dataset, Outside.none(COUNT), None)
    assert len(unusual.rows) == unusual.num_alone == MOST_LISTED
    assert unusual.rows[:2].tolist() == [106, 105]
