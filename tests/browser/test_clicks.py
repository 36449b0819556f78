"""Real clicks in a real browser, on the shipped model."""

import io

import numpy as np
import pytest
from PIL import Image
from serving import settle, visit


def verdict(page):
    """Return the answer of the page Classify for an image, once there is one."""
    settle(page)
    alert = page.locator("[data-testid=stAlert] [data-testid=stMarkdownContainer]")
    return alert.first.inner_text()


def picture(page):
    """Return the source of the first picture."""
    return page.locator("[data-testid=stImage] img").first.get_attribute("src")


def pixels(page):
    """Return the first picture as an array."""
    box = page.locator("[data-testid=stImage] img").first.screenshot()
    return np.asarray(Image.open(io.BytesIO(box)).convert("L"), float)


def test_generate_redraws_with_another_seed(page, address):
    visit(page, address, "generate")
    first = pixels(page)
    # Digits on black: some of it bright, most of it dark.
    assert 0.02 < np.mean(first[:, 60:] > 128) < 0.4
    page.get_by_label("Seed", exact=True).fill("7")
    page.get_by_label("Seed", exact=True).press("Enter")
    settle(page)
    assert np.abs(pixels(page) - first).mean() > 5
    page.get_by_label("Seed", exact=True).fill("0")
    page.get_by_label("Seed", exact=True).press("Enter")
    settle(page)
    assert np.abs(pixels(page) - first).mean() < 1


def test_other_views_of_generate(page, address):
    visit(page, address, "generate")
    for name, pictures in (
        ("One style, every class", 2),
        ("From image to image", 2),
        ("Latent variables", 1),
    ):
        page.get_by_text(name, exact=True).click()
        settle(page)
        assert page.locator("[data-testid=stImage] img").count() == pictures


def test_the_map_shows_an_image_and_opens_it(page, address):
    visit(page, address, "map")
    chart = page.locator("[data-testid=stVegaLiteChart] canvas").first
    box = chart.bounding_box()
    # A point near the middle of a cluster is found by looking around.
    for x, y in np.random.default_rng(0).uniform(0.1, 0.8, (200, 2)):
        page.mouse.move(
            box["x"] + x * box["width"], box["y"] + y * box["height"], steps=2
        )
        page.wait_for_timeout(30)
        tip = page.query_selector("#vg-tooltip-element.visible img")
        if tip:
            break
    else:
        pytest.fail("no image on 200 places of the map")
    page.mouse.down()
    page.mouse.up()
    page.get_by_role("heading", name="Classify").wait_for()
    settle(page)
    assert verdict(page)
