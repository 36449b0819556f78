import json
import shutil

import numpy as np
import pytest

from ssvae.config.settings import Config
from ssvae.data import Dataset, open_dataset
from ssvae.errors import InputError
from ssvae.evaluate import evaluate, main
from ssvae.saving.keras_file import load_model
from ssvae.training.run import train


@pytest.fixture
def test_digits(mnist):
    images, labels = mnist.read_test()
    return images[:400], labels[:400]


@pytest.fixture
def run(small_run, tmp_path):
    """A copy of the small run, to write into."""
    return shutil.copytree(small_run, tmp_path / "run")


@pytest.fixture
def sources(monkeypatch, rng):
    """`open_dataset` that also knows `noise`, a data set of random pixels."""
    images = rng.integers(0, 256, (60, 28, 28, 1), dtype=np.uint8)
    names = tuple(map(str, range(10)))
    noise = Dataset("noise", images, np.arange(60) % 10, names, lambda: (images, None))

    def opened(config, **others):
        return noise if config.dataset == "noise" else open_dataset(config, **others)

    monkeypatch.setattr("ssvae.cli.sources.open_dataset", opened)


def test_figures_are_those_of_the_model(small_model, test_digits):
    images, labels = test_digits
    figures = evaluate(small_model, images, labels, num_samples=5, num_likelihood=50)
    predicted = small_model.predict_proba(images).argmax(axis=1)
    assert figures["accuracy"] == pytest.approx(np.mean(predicted == labels))
    assert figures["recall"]["3"] == pytest.approx(np.mean(predicted[labels == 3] == 3))
    counts = np.bincount(labels, minlength=10)
    assert np.array_equal(np.sum(figures["confusion"], axis=1), counts)
    parts = figures["reconstruction"] - figures["kl_z"] - figures["kl_y"]
    assert figures["elbo"] == pytest.approx(parts, rel=1e-5)
    assert figures["log_px"] > figures["elbo"] - 5
    # That it is this class and this image cannot be likelier than the image.
    assert figures["log_pxy"] < figures["log_px"]
    assert 1 <= figures["active_units"] <= 6
    json.dumps(figures, allow_nan=False)


def test_labels_may_be_names_and_none_may_be_missing(small_model, test_digits):
    images, labels = (part[:30] for part in test_digits)
    counts = {"num_samples": 1, "num_likelihood": 2}
    named = evaluate(small_model, images, labels.astype(str), **counts)
    assert named == evaluate(small_model, images, labels, **counts)
    labels[3] = -1
    with pytest.raises(ValueError, match=r"29 of them classes .* for 30 images; need"):
        evaluate(small_model, images, labels, **counts)


def test_likelihood_of_binary_pixels_is_that_of_drawn_ones(small_model, test_digits):
    images, labels = (part[:40] for part in test_digits)
    grey, binary = (
        evaluate(small_model, images, labels, num_samples=2, binarize=binarize)
        for binarize in (False, True)
    )
    white = np.random.default_rng(0).random(images.shape) < images / 255
    drawn = small_model.log_likelihood(np.uint8(255 * white), 2)
    assert binary["log_px"] == pytest.approx(drawn.mean(), rel=1e-5)
    assert grey["log_px"] != binary["log_px"]
    assert grey["accuracy"] == binary["accuracy"]


def test_command_adds_to_the_run_folder(run, sources, call):
    before = json.loads((run / "metrics.json").read_text())
    flags = ("--samples", 2, "--likelihood-images", 20, "--unusual", "noise", "--json")
    printed = json.loads(call(main, run, *flags))
    after = json.loads((run / "metrics.json").read_text())
    figures = after.pop("evaluation")
    assert after == before
    assert printed == {"run": str(run), **figures}
    assert figures["accuracy"] == pytest.approx(before["test_accuracy"], abs=1e-3)
    assert figures["unusual_auroc"] > 0.99
    for name in ("confusion.png", "reliability.png", "coverage.png"):
        assert (run / name).stat().st_size > 1000
    load_model(run)


def test_a_class_that_is_left_out_should_be_unusual(tmp_path, digits, mnist, call):
    config = Config(
        dataset=str(digits),
        left_out="1",
        labels=18,
        classifier_body="mlp",
        hidden_units=16,
        latent_dim=4,
        propagation="none",
        unlabeled_batch_size=500,
        epochs=1,
    )
    run = train(config, tmp_path / "run")
    model = load_model(run)
    assert model.class_names == tuple("023456789")
    flags = ("--samples", 1, "--likelihood-images", 10, "--json")
    figures = json.loads(call(main, run, *flags))
    images, labels = (part[:1000] for part in mnist.read_test())
    assert figures["num_images"] == np.sum(labels != 1)
    assert figures["left_out"] == "1"
    scores = model.score(images)
    ranks = scores[labels == 1][:, None] > scores[labels != 1][None]
    assert figures["left_out_auroc"] == pytest.approx(ranks.mean(), abs=1e-4)


def test_a_run_of_other_classes_is_refused(run, call, tmp_path, mnist):
    path = tmp_path / "letters.npz"
    np.savez(path, x=mnist.images[:6], y=list("abcabc"))
    with pytest.raises(
        InputError, match=r"knows the classes 0, 1, 2.*letters.npz has a, b, c"
    ):
        call(main, run, "--dataset", path)
