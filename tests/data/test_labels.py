"""Which images are labeled: drawn by a seed, saved and read back."""

import json

import numpy as np
import pytest

from ssvae.data import draw_labels, read_labels, save_labels
from ssvae.errors import InputError


@pytest.mark.parametrize("count", [10, 11, 19, 100, 5421, 59999])
def test_draw_is_balanced_and_exact(mnist, count):
    indices, classes = draw_labels(mnist.labels, count, 10, seed=3)
    assert len(indices) == len(set(indices.tolist())) == count
    assert np.array_equal(mnist.labels[indices], classes)
    shares = np.bincount(classes, minlength=10)
    full = np.bincount(mnist.labels)
    # Nobody gets two less than another, unless it has no more to give.
    short = shares < shares.max() - 1
    assert np.array_equal(shares[short], full[short])


def test_draw_depends_on_the_seed_alone(mnist):
    first, again, other = (draw_labels(mnist.labels, 100, 10, s)[0] for s in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_remainder_goes_to_different_classes_by_seed(mnist):
    firsts = {
        int(np.bincount(draw_labels(mnist.labels, 11, 10, seed)[1]).argmax())
        for seed in range(20)
    }
    assert len(firsts) > 3


def test_all_labels_and_no_labels_can_be_drawn(mnist):
    assert len(draw_labels(mnist.labels, "all", 10, 0)[0]) == 60000
    assert len(draw_labels(mnist.labels, 0, 10, 0)[0]) == 0


@pytest.mark.parametrize("count", [1, 9, 60001])
def test_impossible_draw_is_refused(mnist, count):
    with pytest.raises(InputError, match=f"labels: got {count}"):
        draw_labels(mnist.labels, count, 10, 0)


def test_saved_draw_is_read_back(tmp_path, tiny_dataset):
    path = tmp_path / "labels.json"
    save_labels(path, tiny_dataset)
    again = tiny_dataset.with_labels([], []).with_labels(
        *read_labels(path, tiny_dataset)
    )
    assert np.array_equal(again.labels, tiny_dataset.labels)


def test_saved_draw_is_plain_json(tmp_path, tiny_dataset):
    path = tmp_path / "labels.json"
    save_labels(path, tiny_dataset)
    draw = json.loads(path.read_text())
    assert draw["indices"] == list(range(9))
    assert draw["classes"] == [0, 1, 2] * 3


def test_a_draw_of_no_label_is_read_as_saved(tiny_dataset, tmp_path):
    empty = tiny_dataset.with_labels(*draw_labels(tiny_dataset.labels, 0, 0, seed=0))
    save_labels(tmp_path / "labels.json", empty)
    indices, classes = read_labels(tmp_path / "labels.json", tiny_dataset)
    assert len(indices) == len(classes) == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is not JSON"),
        ("[]", "'indices' and 'classes'"),
        ('{"indices": {"1": 1}, "classes": [0]}', "'indices' and 'classes'"),
        ('{"indices": [1]}', "'indices' and 'classes'"),
        ('{"indices": [1], "classes": [0.5]}', "whole numbers"),
        ('{"indices": [true], "classes": [0]}', "whole numbers"),
        ('{"indices": [1, 2], "classes": [0]}', "2 indices and 1 classes"),
        ('{"indices": [1, 1], "classes": [0, 0]}', "occurs twice"),
        ('{"indices": [40], "classes": [0]}', "index 40: need 0 to 39"),
        ('{"indices": [-1], "classes": [0]}', "index -1"),
        ('{"indices": [1], "classes": [3]}', "class 3: need 0 to 2"),
        ('{"indices": [99999999999999999999], "classes": [0]}', "whole numbers"),
    ],
)
def test_bad_labels_file_is_refused(tmp_path, tiny_dataset, text, words):
    path = tmp_path / "labels.json"
    path.write_text(text)
    with pytest.raises(InputError) as error:
        read_labels(path, tiny_dataset)
    assert words in str(error.value)
    assert str(path) in str(error.value)
