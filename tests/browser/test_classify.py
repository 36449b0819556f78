"""The page Classify in a real browser, on the shipped model of digits."""

import csv
import io

import numpy as np
import pytest
from digits import DIGITS
from pictures import foreign, photographed
from PIL import Image
from serving import draw, settle, visit
from sklearn.datasets import load_sample_image

from ssvae.data import load_dataset
from ssvae.data.ink import NOT_PLAIN

# Seed of the pictures here; nothing was tuned on them.
SEED = 2026


@pytest.fixture(scope="module")
def digits():
    """The test part of MNIST: images and classes."""
    return load_dataset("mnist").read_test()


def choose(page, way):
    """Choose how to bring a picture."""
    page.locator(".st-key-classify-way button", has_text=way).click()
    settle(page)


def opened(page, address, way):
    """Open the page and choose how to bring a picture."""
    visit(page, address, "classify?model=mnist-100")
    choose(page, way)


def upload(page, *paths):
    """Upload files."""
    page.locator("input[type=file]").first.set_input_files(paths)
    page.get_by_text("Choose a picture, or draw").wait_for(state="hidden")
    settle(page)


def verdict(page):
    """Return the first message of the page, and which kind it is."""
    alert = page.locator("[data-testid=stAlert]").first
    alert.wait_for()
    kind = alert.locator("[data-testid^=stAlertContent]").get_attribute("data-testid")
    return alert.inner_text(), kind.removeprefix("stAlertContent").lower()


def table(page):
    """Return the rows of the table of many files."""
    with page.expect_download() as download:
        page.get_by_text("Download as CSV").click()
    with open(download.value.path(), encoding="utf-8", newline="") as file:
        return {row["file"]: row for row in csv.DictReader(file)}


def saved(folder, pictures):
    """Save pictures as files; return their paths."""
    for name, picture in pictures.items():
        Image.fromarray(picture).save(folder / f"{name}.png")
    return [folder / f"{name}.png" for name in pictures]


def test_none_of_forty_other_pictures_is_called_a_digit(page, address, tmp_path):
    paths = saved(tmp_path, foreign(SEED))
    assert len(paths) == 40
    opened(page, address, "Upload")
    upload(page, *paths)
    rows = table(page)
    assert len(rows) == 40
    sure = [name for name, row in rows.items() if row["verdict"] == "sure"]
    assert not sure
    assert all(row["why"] for row in rows.values() if row["verdict"] == "unusual")


def test_thirty_six_of_forty_photographed_digits_are_read(
    page, address, tmp_path, digits
):
    images, labels = digits
    rng = np.random.default_rng(SEED)
    rows = rng.permutation(len(images))[:40]
    taken = {f"{row}": photographed(images[row, ..., 0], rng) for row in rows}
    opened(page, address, "Upload")
    upload(page, *saved(tmp_path, taken))
    answers = table(page)
    told = [answers[f"{row}.png"] for row in rows]
    right = [a["class"] == str(labels[r]) for a, r in zip(told, rows, strict=True)]
    sure = [answer["verdict"] == "sure" for answer in told]
    assert sum(map(min, right, sure)) >= 36, answers
    # What is read wrong is hardly ever said to be sure.
    wrong = [s and not r for s, r in zip(sure, right, strict=True)]
    assert sum(wrong) <= 1, answers


def test_what_is_unlike_the_images_is_said_first(page, address, tmp_path):
    opened(page, address, "Upload")
    upload(page, *saved(tmp_path, {"flower": load_sample_image("flower.jpg")}))
    text, kind = verdict(page)
    assert "I don't know this" in text and NOT_PLAIN in text
    assert kind == "error"
    assert page.locator("[data-testid=stAlertContentSuccess]").count() == 0
    # What a made-up digit would be is of no interest.
    assert page.get_by_text("How the model would draw it").count() == 0


def test_the_picture_stands_beside_what_the_model_sees(page, address, tmp_path, digits):
    images, labels = digits
    taken = photographed(images[0, ..., 0], np.random.default_rng(SEED))
    opened(page, address, "Upload")
    upload(page, *saved(tmp_path, {"digit": taken}))
    text, kind = verdict(page)
    assert str(labels[0]) in text and kind == "success"
    for caption in ("The picture", "What the model sees"):
        assert page.get_by_text(caption, exact=True).is_visible()
    sizes = page.locator("[data-testid=stImage] img").evaluate_all(
        "images => images.map(one => [one.naturalWidth, one.naturalHeight])"
    )
    # The photograph as it is, and a square.
    assert sizes[0][0] == pytest.approx(sizes[0][1] * 4 / 3, abs=1)
    assert sizes[1][0] == sizes[1][1]


def test_drawn_digits_are_told(page, address):
    right = {}
    opened(page, address, "Draw")
    for digit, strokes in DIGITS.items():
        draw(page, strokes)
        text, _ = verdict(page)
        right[digit] = digit in text
        page.get_by_role("button", name="Clear").click()
        settle(page)
    assert sum(right.values()) >= 9, right


def test_a_digit_is_drawn_by_the_keyboard_alone(page, address):
    opened(page, address, "Draw")
    canvas = page.locator(".st-key-classify-canvas canvas")
    for _ in range(60):
        page.keyboard.press("Tab")
        if canvas.evaluate("canvas => canvas.matches(':focus')"):
            break
    else:
        pytest.fail("60 times Tab do not reach the canvas")
    seven = ["Space", *["ArrowRight"] * 5, *["ArrowDown"] * 10, "Space"]
    for key in seven:
        page.keyboard.press(key)
    settle(page)
    text, kind = verdict(page)
    assert "7" in text and kind == "success"
    page.keyboard.press("Backspace")
    page.get_by_text("Choose a picture, or draw").wait_for()


def test_a_photograph_of_the_camera_is_answered(page, address):
    opened(page, address, "Camera")
    page.get_by_role("button", name="Take photo").click()
    page.locator("[data-testid=stAlert]").first.wait_for(timeout=60_000)
    settle(page)
    text, kind = verdict(page)
    # Chromium's own pattern is no digit.
    assert "I don't know this" in text and kind == "error"


def test_animations_and_color_are_taken_as_grey_pictures(
    page, address, tmp_path, digits
):
    images, labels = digits
    digit = Image.fromarray(images[0, ..., 0])
    digit.save(tmp_path / "a.gif", save_all=True, append_images=[digit, digit])
    digit.convert("RGB").save(tmp_path / "b.png")
    opened(page, address, "Upload")
    upload(page, tmp_path / "a.gif", tmp_path / "b.png")
    rows = table(page)
    assert [row["class"] for row in rows.values()] == 2 * [str(labels[0])]
    assert len({row["score"] for row in rows.values()}) == 1


def bad_files(folder, digit):
    """Write files that are no images; yield their paths."""
    jpeg = io.BytesIO()
    Image.fromarray(digit).save(jpeg, "JPEG")
    contents = {
        "text.png": b"this is no picture",
        "empty.png": b"",
        "cut.jpg": jpeg.getvalue()[:200],
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
        yield folder / name


def test_bad_uploads_are_a_message(page, address, tmp_path, digits):
    bad = list(bad_files(tmp_path, digits[0][0, ..., 0]))
    opened(page, address, "Upload")
    page.locator("input[type=file]").first.set_input_files(bad[0])
    page.get_by_text("is no readable image").wait_for()
    assert verdict(page)[1] == "error"
    upload(page, *bad[1:])
    for path in bad:
        page.get_by_text(f"{path.name} is left out").wait_for()
    assert "BytesIO" not in page.content()
    large = tmp_path / "large.png"
    large.write_bytes(bytes(50 * 2**20))
    upload(page, large)
    words = page.locator("[data-testid=stFileUploader]").inner_text()
    assert "must be 20" in words
