"""The pages that look at a model, and the map of a project, in a real browser."""

import io

import numpy as np
import pytest
from PIL import Image
from serving import settle
from swatches import make_project

from ssvae.projects.actions import add_class
from ssvae.saving.find import saved_models

MAP = ".above"


def open_page(page, address, name, **settings):
    """Open a page and wait until it is at rest."""
    more = "&".join(f"{key}={value}" for key, value in settings.items())
    page.goto(f"{address}/{name}?{more}")
    page.wait_for_selector("h1", timeout=90_000)
    settle(page)


def pixels(page):
    """Return the first picture as an array."""
    box = page.locator("[data-testid=stImage] img").first.screenshot()
    return np.asarray(Image.open(io.BytesIO(box)).convert("L"), float)


def test_generate_redraws_with_another_seed_which_the_address_keeps(page, address):
    open_page(page, address, "generate")
    first = pixels(page)
    # Digits on black: some of it bright, most of it dark.
    assert 0.02 < np.mean(first[:, 60:] > 128) < 0.4
    page.get_by_label("Seed", exact=True).fill("7")
    page.get_by_label("Seed", exact=True).press("Enter")
    settle(page)
    other = pixels(page)
    assert np.abs(other - first).mean() > 5
    page.reload()
    page.wait_for_selector("h1", timeout=90_000)
    settle(page)
    assert page.get_by_label("Seed", exact=True).input_value() == "7"
    assert np.abs(pixels(page) - other).mean() < 1


def test_other_views_of_generate(page, address):
    open_page(page, address, "generate")
    for name, pictures in (
        ("One style, every class", 11),
        ("From image to image", 12),
        ("Style by hand", 1),
    ):
        page.get_by_text(name, exact=True).click()
        settle(page)
        assert page.locator("[data-testid=stImage] img").count() >= pictures


@pytest.mark.parametrize("model", sorted(saved_models()))
def test_every_page_of_a_shipped_model_works_without_its_images(page, address, model):
    for name in ("generate", "classify", "map", "accuracy"):
        open_page(page, address, name, model=model)
        alerts = page.locator("[data-testid=stAlertContentError]")
        told = alerts.all_inner_texts()
        # Classify has a word for a picture that is unusual.
        assert not [text for text in told if "don't know" not in text], (name, told)
        if model == "density" and name in ("classify", "accuracy"):
            assert page.get_by_text("knows no classes").first.is_visible()
        elif name == "map":
            assert page.locator(".legend button").count() == 10
        else:
            assert page.locator("[data-testid=stImage] img").count() > 0


def find_point(page):
    """Move the mouse until it points at an image; return its place."""
    box = page.locator(MAP).bounding_box()
    for x, y in np.random.default_rng(0).uniform(0.1, 0.9, (200, 2)):
        place = box["x"] + x * box["width"], box["y"] + y * box["height"]
        page.mouse.move(*place)
        page.wait_for_timeout(30)
        if int(page.locator(MAP).get_attribute("data-at") or -1) >= 0:
            return place
    raise AssertionError("no image at 200 places of the map")


def test_the_map_shows_an_image_and_opens_it(page, address):
    open_page(page, address, "map", model="mnist-100")
    place = find_point(page)
    page.locator(".tip", has_text="sure").wait_for()
    page.mouse.click(*place)
    page.get_by_text("Chosen: 1").wait_for()
    page.get_by_role("button", name="Open it on the page Classify").click()
    page.get_by_role("heading", name="Classify").wait_for()


def test_the_wheel_over_the_map_scrolls_the_page_and_zooms_with_ctrl(page, address):
    page.set_viewport_size({"width": 1280, "height": 700})
    open_page(page, address, "map", model="mnist-100")
    box = page.locator(MAP).bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 100)
    before = page.screenshot()
    page.mouse.wheel(0, 200)
    page.wait_for_timeout(500)
    after = page.locator(MAP).bounding_box()
    assert after["y"] < box["y"] - 50
    page.mouse.wheel(0, -200)
    page.wait_for_timeout(500)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    page.wait_for_timeout(500)
    assert page.locator(MAP).bounding_box()["y"] == pytest.approx(box["y"], abs=2)
    assert page.screenshot() != before


def test_colors_of_classes_stay_when_mistakes_are_pointed_out(page, address):
    open_page(page, address, "map", model="mnist-100")

    def colors():
        dots = page.locator(".legend .dot")
        return [dot.get_attribute("style") for dot in dots.all()]

    before = colors()
    assert len(set(before)) == 10
    page.get_by_text("mistakes", exact=False).first.click()
    settle(page)
    assert colors() == before


def draw_around_all(page, tool):
    """Choose all points of the map with the lasso or the box."""
    page.get_by_role("button", name=tool).click()
    box = page.locator(MAP).bounding_box()
    corners = [(0.01, 0.01), (0.99, 0.01), (0.99, 0.99), (0.01, 0.99)]
    if tool == "Box":
        corners = [corners[0], corners[2]]
    places = [
        (box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in corners
    ]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=5)
    page.mouse.up()


def test_images_of_a_project_are_labeled_on_the_map(page, address, folder):
    project = make_project(folder, "mapped", 40)
    one, other = add_class(project, "one"), add_class(project, "two")
    page.set_viewport_size({"width": 1280, "height": 1400})
    open_page(page, address, "map", project="mapped")
    page.locator(MAP).wait_for(timeout=300_000)
    draw_around_all(page, "Box")
    page.get_by_text("Chosen: 40").wait_for()
    page.get_by_role("button", name="two", exact=True).click()
    page.locator(".legend button", has_text="two").get_by_text("(40)").wait_for()
    names = {f"{index:04d}.png" for index in range(40)}
    assert project.state().labels == dict.fromkeys(names, other.id)
    # One is found by its name, and gets another label.
    page.get_by_label("Search file names").fill("0007")
    page.get_by_label("Search file names").press("Enter")
    page.get_by_role("button", name="Choose these 1").click()
    page.get_by_role("button", name="one", exact=True).click()
    page.locator(".legend button", has_text="one").get_by_text("(1)").wait_for()
    assert project.state().labels["0007.png"] == one.id
    page.get_by_role("button", name="Undo the last label").click()
    page.locator(".legend button", has_text="two").get_by_text("(40)").wait_for()
    page.get_by_label("Search file names").fill("")
    page.get_by_label("Search file names").press("Enter")
    settle(page)
    draw_around_all(page, "Lasso")
    page.get_by_text("Chosen: 40").wait_for()
    page.get_by_role("button", name="Remove their labels").click()
    page.locator(".legend button", has_text="No label").get_by_text("(40)").wait_for()
    assert not project.state().labels


def test_the_map_is_used_by_keys(page, address):
    open_page(page, address, "map", model="mnist-100")
    page.locator(MAP).focus()
    page.keyboard.press("ArrowRight")
    page.locator(".tip", has_text="sure").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_text("Chosen: 1").wait_for()
    page.locator(MAP).focus()
    page.keyboard.press("Escape")
    page.get_by_text("Chosen: 1").wait_for(state="detached")
