import gzip
import json

import numpy as np
import pytest

from ssvae.data import (
    Batches,
    as_float_images,
    draw_labels,
    load_dataset,
    read_labels,
    save_labels,
)
from ssvae.data.mnist import CHECKSUMS, FOLDER, load_mnist
from ssvae.errors import InputError


def test_mnist_is_whole(mnist):
    assert mnist.images.shape == (60000, 28, 28, 1)
    assert mnist.images.dtype == np.uint8
    # Class counts and mean pixel as published for the database.
    counts = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(mnist.labels).tolist() == counts
    assert mnist.images.mean() / 255 == pytest.approx(0.1307, abs=5e-5)
    images, labels = mnist.read_test()
    assert images.shape == (10000, 28, 28, 1)
    assert labels[:5].tolist() == [7, 2, 1, 0, 4]


@pytest.fixture
def mnist_copy(tmp_path):
    for name in CHECKSUMS:
        (tmp_path / f"{name}.gz").write_bytes((FOLDER / f"{name}.gz").read_bytes())
    return tmp_path


@pytest.mark.parametrize("name", CHECKSUMS)
@pytest.mark.parametrize("damage", ["truncate", "flip", "swap", "text", "remove"])
def test_damaged_mnist_file_is_named(mnist_copy, name, damage):
    path = mnist_copy / f"{name}.gz"
    content = path.read_bytes()
    if damage == "truncate":
        path.write_bytes(content[:-100])
    elif damage == "flip":
        middle = len(content) // 2
        path.write_bytes(
            content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
        )
    elif damage == "swap":
        path.write_bytes(gzip.compress(b"other content"))
    elif damage == "text":
        path.write_bytes(b"not gzip at all")
    else:
        path.unlink()
    with pytest.raises(InputError) as error:
        load_mnist(mnist_copy)
    assert path.name in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["cifar", "", "tfds", "MNIST"])
def test_unknown_data_set_is_refused(name):
    with pytest.raises(
        InputError, match="need mnist, fashion-mnist, tfds:NAME, or the path"
    ):
        load_dataset(name)


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


def test_all_and_none_are_draws_too(mnist):
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
        ('{"indices": [1, 1], "classes": [0, 0]}', "stands twice"),
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


def test_saved_draw_is_plain_json(tmp_path, tiny_dataset):
    path = tmp_path / "labels.json"
    save_labels(path, tiny_dataset)
    draw = json.loads(path.read_text())
    assert draw["indices"] == list(range(9))
    assert draw["classes"] == [0, 1, 2] * 3


def test_labeled_images_alone_make_an_epoch_of_as_many_as_there_are(tiny_dataset):
    batches = Batches(tiny_dataset, 7, 0, seed=0)
    assert batches.steps_per_epoch == 6
    assert batches.images_per_step == 7
    batch = batches.batch(0)
    assert set(batch) == {"labeled", "labels"}
    assert batch["labeled"].shape == (7, 9, 7, 1)


def test_an_epoch_shows_every_image(tiny_dataset):
    batches = Batches(tiny_dataset, 2, 7, seed=0)
    seen = {"labeled": set(), "unlabeled": set()}
    for step in range(batches.steps_per_epoch):
        batch = batches.batch(step)
        for kind, images in seen.items():
            images.update(image.tobytes() for image in batch[kind])
    assert batches.steps_per_epoch == 5
    assert (len(seen["labeled"]), len(seen["unlabeled"])) == (9, 31)


def test_batches_have_one_shape_and_depend_on_seed_and_step_alone(tiny_dataset):
    batches = Batches(tiny_dataset, 20, 8, seed=0)
    walked = [batches.batch(step) for step in range(9)]
    assert {batch["labeled"].shape for batch in walked} == {(20, 9, 7, 1)}
    # Asked for out of order, as a resumed run does.
    jumped = Batches(tiny_dataset, 20, 8, seed=0).batch(7)
    assert all(np.array_equal(jumped[name], walked[7][name]) for name in jumped)
    other = Batches(tiny_dataset, 20, 8, seed=1).batch(7)
    assert not np.array_equal(jumped["unlabeled"], other["unlabeled"])


def test_labels_stay_beside_their_images(tiny_dataset, tiny_batches):
    by_image = {
        image.tobytes(): label
        for image, label in zip(tiny_dataset.images, tiny_dataset.labels, strict=True)
    }
    for step in range(5):
        batch = tiny_batches.batch(step)
        known = [by_image[image.tobytes()] for image in batch["labeled"]]
        assert known == batch["labels"].tolist()


def test_a_kind_without_images_is_absent(tiny_dataset):
    everything = tiny_dataset.with_labels(np.arange(40), np.arange(40) % 3)
    assert set(Batches(everything, 6, 8, 0).batch(0)) == {"labeled", "labels"}
    nothing = tiny_dataset.with_labels([], [])
    assert set(Batches(nothing, 6, 8, 0).batch(0)) == {"unlabeled"}


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


def test_images_are_taken_as_people_have_them(rng):
    grey = rng.integers(0, 256, (4, 9, 7), dtype=np.uint8)
    first = as_float_images(grey, (9, 7, 1))
    assert first.shape == (4, 9, 7, 1)
    assert first.dtype == np.float32
    for other in (grey[..., None], grey / 255, (grey / 255).astype(np.float32)):
        assert np.allclose(as_float_images(other, (9, 7, 1)), first)


@pytest.mark.parametrize(
    ("images", "words"),
    [
        (np.zeros((2, 9, 8)), r"shape \(2, 9, 8\); need \(n, 9, 7, 1\) or \(n, 9, 7\)"),
        (np.zeros((9, 7)), "shape"),
        (np.zeros((2, 9, 7, 3)), "shape"),
        (np.full((2, 9, 7), 1.5), "values from 1.5 to 1.5"),
        (np.full((2, 9, 7), -0.1), "values"),
        (np.full((2, 9, 7), np.nan), "values"),
        (np.zeros((2, 9, 7), np.int64), "dtype int64; need uint8"),
        (np.full((2, 9, 7), "x", object), "dtype object"),
    ],
)
def test_other_images_are_refused(images, words):
    with pytest.raises(ValueError, match=words):
        as_float_images(images, (9, 7, 1))


def test_a_class_left_out_leaves_nothing(tiny_dataset):
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


def test_a_draw_of_no_label_is_read_as_saved(tiny_dataset, tmp_path):
    empty = tiny_dataset.with_labels(*draw_labels(tiny_dataset.labels, 0, 0, seed=0))
    save_labels(tmp_path / "labels.json", empty)
    indices, classes = read_labels(tmp_path / "labels.json", tiny_dataset)
    assert len(indices) == len(classes) == 0


def test_a_test_part_of_no_image_is_refused(tiny_dataset):
    with pytest.raises(InputError, match=r"0\.1 of the 9 labeled images"):
        tiny_dataset.split_test(0.1, seed=0)
