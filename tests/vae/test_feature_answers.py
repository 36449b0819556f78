"""What a model of features answers, and at what cost."""

import numpy as np
import pytest
from helpers import PHOTO

from ssvae import embed, evaluate, generate, predict, score
from ssvae.evaluation import codes
from ssvae.export.checked import FORMATS, export
from ssvae.features.extractor import extract
from ssvae.saving.keras_file import load_model
from ssvae.vae.arrays import in_chunks


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (12, 30, 17, 3), dtype=np.uint8)


@pytest.fixture
def counted(monkeypatch):
    """Return a list of how many images each pass through the features had."""
    counts = []

    def counting(extractor, images):
        counts.append(len(images))
        return extract(extractor, images)

    monkeypatch.setattr("ssvae.vae.answers.extract", counting)
    return counts


@pytest.mark.parametrize(
    "ask",
    [
        lambda model, x: model.predict_proba(x),
        lambda model, x: model.encode(x),
        lambda model, x: model.reconstruct(x),
        lambda model, x: model.elbo(x),
        lambda model, x: model.score(x),
        lambda model, x: model.assess(x),
        lambda model, x: codes.embed(model, x),
        lambda model, x: predict.predict(model, x),
        lambda model, x: generate.analogies(model, x),
        lambda model, x: evaluate.evaluate(model, x, np.arange(12) % 3, 2, 3),
    ],
    ids=[
        "predict_proba",
        "encode",
        "reconstruct",
        "elbo",
        "score",
        "assess",
        "embed",
        "predict",
        "analogies",
        "evaluate",
    ],
)
def test_features_are_computed_once_per_question(photo_model, images, counted, ask):
    ask(photo_model, images)
    assert counted == [len(images)]


def test_a_density_needs_no_features(photo_model, images, counted):
    photo_model.log_likelihood(images, 3)
    photo_model.encode(images, [0] * len(images))
    assert counted == []


def test_answers_are_those_of_the_smaller_images(photo_model, images):
    model = photo_model
    small = model.as_drawn(images)
    assert small.shape == (12, *model.pixel_shape)
    assert small.min() >= 0 and small.max() <= 1 and small.dtype == np.float32
    logits = model.logits(images)
    surprise, energy = model.score_parts(images)
    parts = model.score_parts(small, logits=logits, surprise=surprise)
    assert np.allclose(parts, (surprise, energy))
    one, other = model.elbo_parts(images), model.elbo_parts(small, logits=logits)
    for name, values in one.items():
        assert values == pytest.approx(other[name], rel=1e-4)
    assert model.log_likelihood(images, 3) == pytest.approx(
        model.log_likelihood(small, 3)
    )


def test_images_of_the_size_that_is_drawn_stay_as_they_are(small_model, mnist):
    images = mnist.images[:3]
    assert np.array_equal(small_model.as_drawn(images), np.float32(images) / 255)


def test_larger_images_pass_in_smaller_chunks():
    """Of 28 pixels ten thousand at once, of 56 a quarter; and what is drawn counts."""
    seen = []

    def note(tensor, *_):
        seen.append(len(tensor))
        return tensor[:, :1, :1] if len(tensor.shape) == 4 else tensor

    in_chunks(note, 10, np.zeros((2_000, 28, 28, 1), np.float32))
    assert seen == [1_000, 1_000]
    seen.clear()
    in_chunks(note, 10, np.zeros((500, 56, 56, 1), np.float32))
    assert seen == [250, 250]
    seen.clear()
    in_chunks(note, 1, np.zeros((5_000, 3), np.float32), drawn=(56, 56, 3))
    assert seen == [2_500, 2_500]


def test_pictures_show_photographs_beside_what_is_drawn(
    photo_run, photographs, tmp_path, call
):
    one, two = sorted(photographs.rglob("*.png"))[:2]
    place = ["--grid", tmp_path / "like.png"]
    assert "images: 8" in call(generate.main, photo_run, "--like", one, two, *place)
    place = ["--grid", tmp_path / "between.png"]
    assert "images: 12" in call(generate.main, photo_run, "--between", one, two, *place)
    place = ["--out", tmp_path / "scores.csv", "--picture", tmp_path / "scores.png"]
    assert "images: 18" in call(score.main, photo_run, *place)
    assert (tmp_path / "scores.png").exists()


def test_codes_of_photographs_are_written(photo_run, photographs, tmp_path, call):
    place = ["--out", tmp_path / "codes.npz", "--map", tmp_path / "map.png"]
    assert "images: 90" in call(embed.main, photo_run, photographs, *place)


@pytest.mark.needs_backend("tensorflow")
@pytest.mark.parametrize("kind", FORMATS)
def test_exports_take_images_of_any_size(photo_model, images, tmp_path, kind):
    out = tmp_path / "out"
    differences = export(photo_model, out, kind, images)
    assert max(differences.values()) < 1e-2
    assert '"images": [[null, null, null, 3], "uint8"]' in " ".join(
        (out / "export.json").read_text().split()
    ).replace("[ ", "[").replace(" ]", "]")


@pytest.mark.slow
@pytest.mark.needs_backend("tensorflow")
def test_a_savedmodel_is_asked_about_images_of_any_size(
    photo_model, images, tmp_path, monkeypatch
):
    export(photo_model, tmp_path / "out", "savedmodel", images)
    # More images than pass at once.
    monkeypatch.setattr("ssvae.saving.savedmodel.CHUNK", 5)
    model = load_model(tmp_path / "out")
    for size in ((30, 17), (24, 26), (10, 10)):
        some = np.resize(images, (12, *size, 3))
        assert model.predict_proba(some) == pytest.approx(
            photo_model.predict_proba(some), abs=1e-4
        )
        assert model.reconstruct(some).shape == (12, *photo_model.pixel_shape)
        assert model.score(some) == pytest.approx(
            photo_model.score(some), rel=1e-3, abs=1e-2
        )
    with pytest.raises(ValueError, match=r"images have shape \(12, 30, 17, 1\)"):
        model.predict_proba(images[..., :1])
    assert model.predict_proba(images[:0]).shape == (0, 3)


@pytest.mark.slow
@pytest.mark.needs_backend("tensorflow")
def test_exports_have_the_default_backbone(photographs, tmp_path):
    """With its weights: images of a size that it was not trained on are answered."""
    from ssvae.data import open_dataset
    from ssvae.training.run import train

    config = PHOTO.replace(dataset=str(photographs), features="backbone gradients")
    model = load_model(train(config, tmp_path / "run"))
    images = open_dataset(config).images[:10]
    for kind in FORMATS:
        assert export(model, tmp_path / kind, kind, images)["classify"] < 1e-3
