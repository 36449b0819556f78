"""Parts of a data set: held out, left out, and to test by."""

import numpy as np
import pytest

from ssvae.data import Batches, load_dataset
from ssvae.errors import InputError


@pytest.mark.parametrize("name", ["cifar", "", "tfds", "MNIST"])
def test_unknown_data_set_is_refused(name):
    with pytest.raises(
        InputError, match="need mnist, fashion-mnist, tfds:NAME, or the path"
    ):
        load_dataset(name)


def test_held_out_images_are_unlabeled_and_in_no_batch(tiny_dataset):
    dataset = tiny_dataset.hold_out(0.2, seed=0)
    assert len(dataset.held_out) == round(0.2 * 31)
    assert set(tiny_dataset.unlabeled) == {*dataset.unlabeled, *dataset.held_out}
    batches = Batches(dataset, 6, 8, seed=0)
    shown = {
        image.tobytes()
        for step in range(9)
        for image in batches.batch(step)["unlabeled"]
    }
    assert shown == {image.tobytes() for image in dataset.images[dataset.unlabeled]}
    other = tiny_dataset.hold_out(0.2, seed=1)
    assert not np.array_equal(dataset.held_out, other.held_out)


def test_a_class_that_is_left_out_is_gone(tiny_dataset):
    full = tiny_dataset.with_labels(np.arange(40), np.arange(40) % 3)
    rest = full.without("b")
    assert rest.class_names == ("a", "c")
    kept = np.arange(40) % 3 != 1
    assert np.array_equal(rest.images, full.images[kept])
    assert np.array_equal(rest.labels, (np.arange(40) % 3)[kept] // 2)
    images, labels = rest.read_test()
    assert np.array_equal(images, full.read_test()[0][np.arange(20) % 3 != 1])
    assert set(labels) == {0, 1}
    with pytest.raises(InputError, match="no class 'd': need one of a, b, c"):
        full.without("d")


def test_a_test_part_of_no_image_is_refused(tiny_dataset):
    with pytest.raises(InputError, match=r"0\.1 of the 9 labeled images"):
        tiny_dataset.split_test(0.1, seed=0)
