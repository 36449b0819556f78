"""Start in a real browser: the address, one's own images, and what forms keep."""

import numpy as np
import pytest
from garden import COUNT, KINDS, make_images, make_project
from PIL import Image
from playwright.sync_api import expect
from serving import settle, visit

from ssvae.projects.project import Project


@pytest.fixture(scope="module")
def project(folder):
    return make_project(folder, "kept")


def field(page, label):
    return page.get_by_label(label, exact=True)


def filled(page, label, text):
    """Type a text into a field, and wait for the page."""
    field(page, label).fill(text)
    field(page, label).press("Enter")
    settle(page)


def test_the_address_keeps_project_and_model_on_every_page(page, address, project):
    """Links, the browser's own buttons, a reload and a shared link."""
    page.goto(f"{address}/generate?project=kept&model=hand-signs-100")
    settle(page)
    for name in ("Train", "Take it away", "Start", "Map"):
        page.get_by_role("link", name=name, exact=True).click()
        page.get_by_role("heading", name=name, level=1).wait_for()
        settle(page)
        assert "project=kept" in page.url and "model=hand-signs-100" in page.url
    page.go_back()
    page.get_by_role("heading", name="Start", level=1).wait_for()
    page.go_back()
    page.get_by_role("heading", name="Take it away", level=1).wait_for()
    settle(page)
    expect(page.get_by_role("combobox", name="Model")).to_have_value("hand-signs-100")
    page.go_forward()
    page.get_by_role("heading", name="Start", level=1).wait_for()
    page.go_back()
    page.get_by_role("heading", name="Take it away", level=1).wait_for()
    page.reload()
    settle(page)
    expect(page.get_by_role("combobox", name="Model")).to_have_value("hand-signs-100")
    # Somebody else opens the link.
    other = page.context.browser.new_context().new_page()
    other.goto(page.url)
    settle(other)
    assert other.get_by_role("combobox", name="Model").input_value() == "hand-signs-100"
    assert other.get_by_text("Project kept").is_visible()
    other.context.close()


def test_another_model_is_chosen_and_back_returns_to_the_first(page, address):
    page.goto(f"{address}/take_away?model=mnist-100")
    settle(page)
    box = page.get_by_role("combobox", name="Model")
    box.click()
    page.get_by_role("option", name="hand-signs-100").click()
    page.wait_for_url("**model=hand-signs-100**")
    settle(page)
    page.go_back()
    page.wait_for_url("**model=mnist-100**")
    expect(box).to_have_value("mnist-100")


def test_a_folder_is_looked_at_and_becomes_a_project(page, address, folder, tmp_path):
    make_images(tmp_path / "garden")
    (tmp_path / "garden" / "notes.txt").write_text("no image")
    visit(page, address, "start")
    page.get_by_role("button", name="Use my images").click()
    settle(page)
    filled(page, "Folder or archive", str(tmp_path / "nowhere"))
    page.get_by_text("There is nothing at").wait_for()
    # What was typed stays, on another page too.
    page.get_by_role("link", name="Map", exact=True).click()
    page.get_by_role("heading", name="Map", level=1).wait_for()
    settle(page)
    page.go_back()
    field(page, "Folder or archive").wait_for()
    settle(page)
    assert field(page, "Folder or archive").input_value() == str(tmp_path / "nowhere")
    filled(page, "Folder or archive", str(tmp_path / "garden"))
    page.get_by_text(f"leaf ({COUNT})").wait_for()
    settle(page)
    words = page.locator("[data-testid=stMetric]").first.inner_text()
    assert f"{COUNT * len(KINDS)}" in words
    assert page.get_by_alt_text("Some of the images").is_visible()
    page.get_by_text("Take the labels that are there").click()
    settle(page)
    page.get_by_role("button", name="Make the project").click()
    page.wait_for_url("**/label?project=garden")
    assert not Project.open(folder / "projects" / "garden").state().labels
    visit(page, address, "start")
    page.get_by_role("link", name="Open garden").click()
    page.wait_for_url("**/label?project=garden")


def test_dropped_files_become_a_project(page, address, folder, tmp_path):
    rng = np.random.default_rng(0)
    files = []
    for number in range(12):
        files.append(tmp_path / f"photo {number}.jpg")
        pixels = rng.integers(0, 255, (20, 30, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(files[-1])
    files.append(tmp_path / "broken.png")
    files[-1].write_bytes(b"this is no picture")
    page.goto(f"{address}/?door=images")
    page.get_by_text("I drop them here").click()
    page.locator("input[type=file]").set_input_files(files)
    filled(page, "Name of the project", "dropped")
    page.get_by_role("button", name="Make the project").click()
    page.get_by_text("12 images stored, 1 file left out").wait_for()
    page.get_by_text("What was left out, and why").click()
    assert page.get_by_text("'broken.png' is no readable image").is_visible()
    page.get_by_role("link", name="Go on with these").click()
    page.wait_for_url("**/label?project=dropped")
    stored = folder / "projects" / "dropped" / "images"
    assert len(list(stored.glob("*.jpg"))) == 12


def test_a_message_names_the_fields_of_the_page(page, address, tmp_path):
    make_images(tmp_path / "garden")
    page.goto(f"{address}/?door=images")
    filled(page, "Folder or archive", str(tmp_path / "garden"))
    page.get_by_text("Details", exact=True).first.click()
    field(page, "More settings").fill("skip_broke = true")
    field(page, "More settings").press("Control+Enter")
    alert = page.locator("[data-testid=stAlert]", has_text="skip_broken")
    assert "--" not in alert.inner_text()
    filled(page, "Table of labels", str(tmp_path / "missing.csv"))
    field(page, "More settings").fill("")
    field(page, "More settings").press("Control+Enter")
    alert = page.locator("[data-testid=stAlert]", has_text="missing.csv")
    assert "--" not in alert.inner_text()
