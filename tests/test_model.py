"""The model from outside: answers, shapes, seeds, saving."""

import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from helpers import BODIES, TINY

from ssvae.data.images import checked_images
from ssvae.model import SSVAE

ops = keras.ops


@pytest.mark.each_backend
def test_shapes_types_and_ranges(model, images):
    probabilities = model.predict_proba(images)
    assert probabilities.shape == (5, 3)
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(5), abs=1e-5)
    mean, log_var = model.encode(images)
    assert mean.shape == log_var.shape == (5, 3)
    for pixels in (
        model.generate([2, 0, 0, 1, 2]),
        model.reconstruct(images),
        model.decode(mean, [0] * 5),
    ):
        assert pixels.shape == (5, 9, 7, 1)
        assert pixels.dtype == np.float32
        assert 0 <= pixels.min() <= pixels.max() <= 1
    for value in (model.elbo(images), model.score(images, num_samples=2)):
        assert value.shape == (5,)
        assert np.all(np.isfinite(value))


@pytest.mark.parametrize("shape", [(28, 28, 1), (8, 8, 3), (5, 13, 1), (33, 30, 3)])
@pytest.mark.parametrize("body", ["mlp", "conv"])
def test_networks_fit_every_size(shape, body):
    config = TINY.replace(vae_body=body, classifier_body=body)
    model = SSVAE(shape, ("a", "b"), config)
    images = np.zeros((2, *shape), np.uint8)
    assert model.reconstruct(images).shape == (2, *shape)
    assert model.predict_proba(images).shape == (2, 2)


@pytest.mark.parametrize(("mirror", "count"), [(0.0, 5), (0.5, 10)])
def test_a_prediction_is_the_mean_over_changed_views(make_model, images, mirror, count):
    model = make_model(view_shift=0.2, mirror=mirror)
    seen = []
    classify = model.classify

    def watched(x):
        seen.append(ops.convert_to_numpy(x))
        return classify(x)

    model.classify = watched
    probabilities = model.predict_proba(images)
    # Once alone, since it is in doubt; then with the others, none of them twice.
    alone, *views = seen
    assert len(views) == len({view.tobytes() for view in views}) == count
    mirrored = {view[:, :, ::-1].tobytes() for view in views}
    assert (mirrored == {view.tobytes() for view in views}) == bool(mirror)
    assert np.array_equal(alone, views[0])
    logs = [ops.convert_to_numpy(ops.log_softmax(classify(view))) for view in views]
    product = np.exp(np.mean(logs, axis=0))
    product /= product.sum(axis=1, keepdims=True)
    assert probabilities == pytest.approx(product, rel=1e-4)


def test_a_sure_prediction_needs_no_more_views(make_model, images):
    model = make_model()
    doubtful = np.array([False, True, False, False, True])
    logits = np.where(doubtful[:, None], [2.0, 0, 1], [9.0, 0, 0]).astype(np.float32)
    shifted = np.full((2, 3), np.log(1 / 3), np.float32)
    model.classify = lambda x: ops.convert_to_tensor(logits)
    model.classify_views = lambda x: ops.convert_to_tensor(shifted[: len(x)])
    probabilities = model.predict_proba(images)
    assert probabilities[doubtful] == pytest.approx(1 / 3)
    assert np.all(probabilities[~doubtful, 0] > 0.999)


@pytest.mark.parametrize("changes", [{"view_shift": 0.0}, {"augment": "none"}])
def test_without_views_a_prediction_is_of_the_image_alone(make_model, images, changes):
    model = make_model(**changes)
    logits = model.classify(ops.convert_to_tensor(images.astype(np.float32) / 255))
    expected = ops.convert_to_numpy(ops.softmax(logits))
    assert model.predict_proba(images) == pytest.approx(expected, rel=1e-4)


@pytest.mark.each_backend
def test_one_image_and_no_image(model, images):
    assert model.predict_proba(images[:1]).shape == (1, 3)
    assert model.predict_proba(images[:0]).shape == (0, 3)
    assert model.generate([]).shape == (0, 9, 7, 1)
    assert model.log_likelihood(images[:0], 2).shape == (0,)


def test_answers_do_not_depend_on_the_chunk(model, images, monkeypatch):
    whole = model.elbo(images), model.predict_proba(images)
    monkeypatch.setattr("ssvae.vae.arrays.CHUNK_ROWS", 6)
    parts = model.elbo(images), model.predict_proba(images)
    for one, other in zip(whole, parts, strict=True):
        assert one == pytest.approx(other, rel=1e-5)


@pytest.mark.parametrize("classes", [[3], [-1], [0.0], ["d"], [0, "a"], 2, "a", [[1]]])
def test_unknown_class_is_refused(make_model, classes):
    with pytest.raises(ValueError, match="whole numbers from 0 to 2"):
        make_model().generate(classes)


@pytest.mark.parametrize(
    "kind", [list, np.array, lambda names: np.array(names, object)]
)
def test_classes_may_be_named(make_model, images, kind):
    model, names = make_model(), kind(["c", "a", "c", "b", "a"])
    numbers = [2, 0, 2, 1, 0]
    z = np.zeros((5, 3), np.float32)
    for one, other in (
        (model.generate(names), model.generate(numbers)),
        (model.decode(z, names), model.decode(z, numbers)),
        (model.encode(images, names)[0], model.encode(images, numbers)[0]),
        (model.reconstruct(images, names), model.reconstruct(images, numbers)),
        (
            model.log_likelihood(images, 2, classes=names),
            model.log_likelihood(images, 2, classes=numbers),
        ),
    ):
        assert np.array_equal(one, other)


def test_the_names_of_classes_are_told_where_one_is_unknown(make_model):
    with pytest.raises(ValueError, match="no class 'd'; need names of a, b, c, or"):
        make_model().generate(["a", "d"])


@pytest.mark.each_backend
def test_generation_follows_seed_and_class(model):
    first = model.generate([0, 0, 1], seed=5)
    assert np.array_equal(first, model.generate([0, 0, 1], seed=5))
    assert not np.allclose(first, model.generate([0, 0, 1], seed=6))
    assert not np.allclose(first[0], first[1])
    # The same z under another class gives another image.
    assert not np.allclose(first[2], model.generate([0, 0, 0], seed=5)[2])


def test_weights_are_a_function_of_the_seed(make_model):
    first, again, other = (
        make_model(seed=seed).decoder.get_weights() for seed in (0, 0, 1)
    )
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], other[0])


@pytest.mark.each_backend
def test_saved_models_answer_the_same_in_a_new_process(make_model, images, tmp_path):
    models = {name: make_model(**changes) for name, changes in BODIES.items()}
    np.save(tmp_path / "images.npy", images)
    places = []
    for name, model in models.items():
        places += [tmp_path / f"{name}.keras", tmp_path / f"{name}.npz"]
        model.save(places[-2])
    script = Path(__file__).with_name("scripts") / "open_models.py"
    command = [sys.executable, script, tmp_path / "images.npy", *places]
    subprocess.run(command, check=True)
    for name, model in models.items():
        answers = np.load(tmp_path / f"{name}.npz")
        assert answers["p"] == pytest.approx(model.predict_proba(images), abs=1e-6)
        generated = model.generate([1, 2, 0], seed=5)
        assert answers["g"] == pytest.approx(generated, abs=1e-6)
        assert answers["names"].tolist() == ["a", "b", "c"]


@pytest.mark.each_backend
def test_saved_model_keeps_the_state_of_its_noise(make_model, tmp_path):
    model = make_model()
    keras.random.normal((2,), seed=model.seed_generator)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    drawn, again = (
        ops.convert_to_numpy(keras.random.normal((4,), seed=m.seed_generator))
        for m in (model, loaded)
    )
    assert np.array_equal(drawn, again)


@pytest.mark.parametrize(
    "answer",
    [
        lambda model, images: model.logits(images),
        lambda model, images: model.predict_proba(images),
        lambda model, images: model.predict(images),
        lambda model, images: model.assess(images),
        lambda model, images: model.encode(images),
        lambda model, images: model.reconstruct(images),
        lambda model, images: model.score(images, 2),
        lambda model, images: model.elbo(images),
        lambda model, images: model.log_likelihood(images, 2),
    ],
    ids="logits predict_proba predict assess encode reconstruct score elbo "
    "log_likelihood".split(),
)
def test_images_are_checked_once_per_call(make_model, images, monkeypatch, answer):
    checks = []

    def counted(*arguments):
        checks.append(arguments)
        return checked_images(*arguments)

    monkeypatch.setattr("ssvae.model.checked_images", counted)
    answer(make_model(), images)
    assert len(checks) == 1


def test_assess_gives_probabilities_and_scores(model, images):
    probabilities, scores = model.assess(images)
    assert np.array_equal(probabilities, model.predict_proba(images))
    assert np.array_equal(scores, model.score(images))


def test_keras_predict_gives_probabilities(model, images):
    expected = model.predict_proba(images)
    floats = images.astype(np.float32) / 255
    for given in (images, images[..., 0], floats, ops.convert_to_tensor(images)):
        assert model.predict(given, batch_size=2, verbose=0) == pytest.approx(
            expected, abs=1e-6
        )
        assert model.predict_on_batch(given) == pytest.approx(expected, abs=1e-6)


def test_a_call_gives_logits_of_bytes_and_of_floats(model, images):
    expected = model.logits(images)
    for given in (images, images.astype(np.float32) / 255):
        logits = ops.convert_to_numpy(model(given))
        assert logits == pytest.approx(expected, rel=1e-5, abs=1e-5)


LEARN = r"ssvae\.train\(dataset=ssvae\.data\.from_arrays"
MEASURE = r"ssvae\.evaluate\.evaluate\(model, images, labels\)"


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("fit", LEARN),
        ("train_on_batch", LEARN),
        ("evaluate", MEASURE),
        ("test_on_batch", MEASURE),
    ],
)
def test_keras_methods_for_batches_refuse_arrays(make_model, images, name, instead):
    method = getattr(make_model(), name)
    labels = np.arange(5) % 3
    for given in (
        (images, labels),
        (images,),
        (ops.convert_to_tensor(images),),
        ([images],),
        (None,),
        (iter([images]), labels),
    ):
        with pytest.raises(ValueError, match=f"^{name} got .*{instead}") as error:
            method(*given)
        assert "\n" not in str(error.value)


def test_compile_has_the_signature_of_keras(make_model):
    model = make_model()
    model.compile(optimizer="sgd", loss=None)
    assert isinstance(model.optimizer, keras.optimizers.SGD)
