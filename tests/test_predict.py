import csv
import io
import json

import numpy as np
import pytest
from pictures import photographed
from PIL import Image
from sklearn.datasets import load_sample_image

from ssvae.data.ink import NOT_PLAIN
from ssvae.errors import InputError
from ssvae.evaluation.unusual import Usual
from ssvae.predict import grouped, main, predict


@pytest.fixture
def images(mnist):
    return mnist.images[:6]


@pytest.fixture
def files(tmp_path, images):
    paths = [tmp_path / "in" / f"{row}.png" for row in range(len(images))]
    paths[0].parent.mkdir()
    for path, image in zip(paths, images, strict=True):
        Image.fromarray(image[..., 0]).save(path)
    return paths


def rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def test_answers_are_those_of_the_model(small_model, images):
    answers = predict(small_model, images, confidence=0.0, false_alarms=0.0)
    probabilities = small_model.predict_proba(images)
    assert np.array_equal(answers.classes, probabilities.argmax(axis=1))
    assert np.array_equal(answers.probability, probabilities.max(axis=1))
    assert np.array_equal(answers.score, small_model.score(images))


def test_an_answer_is_unsure_below_the_confidence(small_model, mnist):
    answers = predict(small_model, mnist.images[:200], 0.8, 0.0, Usual(0.0))
    sure = np.array(answers.verdict) == "sure"
    assert np.array_equal(sure, answers.probability >= 0.8)
    assert 0 < sure.mean() < 1


def test_an_image_is_unusual_above_the_threshold(small_model, mnist, rng):
    digits = mnist.read_test()[0][:300]
    noise = rng.integers(0, 256, (50, 28, 28, 1), dtype=np.uint8)
    told = [
        np.mean(np.array(predict(small_model, x, 0.0, 0.02).verdict) == "unusual")
        for x in (digits, noise)
    ]
    assert told[0] < 0.1
    assert told[1] == 1.0


def test_the_table_has_one_row_per_image(
    small_run, small_model, files, images, tmp_path, call
):
    out = tmp_path / "answers.csv"
    printed = json.loads(call(main, small_run, files[0].parent, "--out", out, "--json"))
    answers = predict(small_model, images)
    table = rows(out)
    assert [row["image"] for row in table] == [str(path) for path in files]
    assert [row["class"] for row in table] == [str(c) for c in answers.classes]
    assert [row["verdict"] for row in table] == answers.verdict
    assert [float(row["probability"]) for row in table] == pytest.approx(
        answers.probability.tolist(), rel=1e-4
    )
    assert printed["images"] == 6
    assert printed["sure"] == answers.verdict.count("sure")


def test_names_come_from_standard_input(small_run, files, tmp_path, call, monkeypatch):
    names = "\n".join(map(str, files[:2])) + "\n"
    monkeypatch.setattr("sys.stdin", io.StringIO(names))
    call(main, small_run, "-", "--out", tmp_path / "answers.csv")
    found = [row["image"] for row in rows(tmp_path / "answers.csv")]
    assert found == [str(path) for path in files[:2]]


def test_skipped_files_are_counted(small_run, files, tmp_path, call):
    files[2].write_text("no picture")
    flags = "--out", tmp_path / "answers.csv", "--skip-broken", "--json"
    printed = json.loads(call(main, small_run, files[0].parent, *flags))
    assert (printed["images"], printed["skipped"]) == (5, 1)


def test_a_photograph_of_a_digit_is_read_and_one_of_a_scene_is_not(
    small_run, small_model, mnist, rng, tmp_path, call
):
    images, labels = mnist.read_test()
    digit = Image.fromarray(photographed(images[0, ..., 0], rng))
    digit.save(tmp_path / "digit.png")
    # Most of an image of the model's size is not brought to another form.
    Image.fromarray(images[1, ..., 0]).save(tmp_path / "small.png")
    Image.fromarray(load_sample_image("china.jpg")).save(tmp_path / "scene.png")
    out = tmp_path / "answers.csv"
    call(main, small_run, tmp_path, "--out", out)
    digit, scene, small = rows(out)
    assert digit["class"] == str(labels[0])
    assert digit["verdict"] != "unusual"
    assert (scene["verdict"], scene["reason"]) == ("unusual", NOT_PLAIN)
    answer = predict(small_model, images[1:2])
    assert float(small["score"]) == pytest.approx(answer.score[0], rel=1e-4)
    assert small["reason"] == answer.reason[0]


def test_a_blank_image_among_others_is_told(
    small_run, files, tmp_path, monkeypatch, capsys
):
    Image.fromarray(np.zeros((28, 28), np.uint8)).save(files[2])
    out = tmp_path / "answers.csv"
    flags = ["predict", small_run, files[0].parent, "--out", out]
    monkeypatch.setattr("sys.argv", list(map(str, flags)))
    main()
    assert f"nothing is on {files[2]}: all pixels" in capsys.readouterr().err
    table = rows(out)
    assert len(table) == 6
    assert table[2]["verdict"] == "unusual"


def test_the_probability_of_a_group_is_the_sum_over_its_classes():
    probabilities = np.array([[0.3, 0.25, 0.05, 0.4], [0.1, 0.1, 0.7, 0.1]])
    groups = {"bird": ("crow", "wren"), "fish": ("eel",)}
    both = grouped(probabilities, ("crow", "wren", "eel", "fox"), groups)
    assert both.groups == ["bird", "fish"]
    assert both.probability == pytest.approx([0.55, 0.7])
    # A class in no group is one of its own.
    alone = grouped(probabilities[:1, [0, 1, 2, 3]], ("crow", "wren", "eel", "fox"), {})
    assert alone.groups == ["fox"]
    with pytest.raises(InputError, match="'bird' holds 'emu', which is no class of"):
        grouped(probabilities, ("crow", "wren", "eel", "fox"), {"bird": ("emu",)})


def test_the_table_has_groups_if_they_are_asked_for(
    small_run, small_model, files, images, tmp_path, call
):
    path, out = tmp_path / "groups.csv", tmp_path / "answers.csv"
    path.write_text("low,0,1,2,3,4\nhigh,5,6,7,8,9\n")
    call(main, small_run, files[0].parent, "--out", out, "--groups", path)
    low = small_model.predict_proba(images)[:, :5].sum(axis=1)
    for row, chance in zip(rows(out), low, strict=True):
        assert row["group"] == ("low" if chance > 0.5 else "high")
        told = float(row["group_probability"])
        assert told == pytest.approx(max(chance, 1 - chance), abs=1e-4)
