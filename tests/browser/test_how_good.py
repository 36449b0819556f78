"""The page How good in a real browser: unusual images are shown and answered."""

import json

import numpy as np
from serving import settle
from swatches import make_project, name_of

from ssvae.projects.actions import add_class
from ssvae.runs.unusual import Unusual, save_unusual

# Images that a model asks about: a group, and single ones.
GROUP, ALONE = range(20, 32), range(35, 38)


def add_model(project):
    """Write what a run leaves that asks about unusual images."""
    run = project.folder / "models" / "model-1"
    run.mkdir()
    (run / "config.toml").write_text(project.config.to_toml(), encoding="utf-8")
    (run / "model.keras").write_text("")
    told = {"test_accuracy": None, "num_labels": 0}
    (run / "metrics.json").write_text(json.dumps(told))
    rows = np.array([*GROUP, *ALONE])
    groups = np.isin(rows, GROUP).astype(int)
    images = project.images()
    found = Unusual(rows, groups, groups == 1, np.linspace(1, 0.5, len(rows)))
    save_unusual(run, found, images.dataset.images, images.dataset.files)


def test_unusual_images_get_a_class_or_none_and_undo_asks_again(page, address, folder):
    project = make_project(folder, "unusual", 40)
    add_class(project, "known")
    add_model(project)
    page.set_viewport_size({"width": 1280, "height": 2000})
    page.goto(f"{address}/how_good?project=unusual")
    question = page.get_by_text("12 images look like each other and like none of your")
    question.wait_for(timeout=90_000)
    settle(page)
    assert page.locator("[data-testid=stImage] img").count() == len(GROUP) + len(ALONE)
    give = page.get_by_role("button", name="Give them this class")
    assert give.first.is_disabled() and give.last.is_disabled()
    page.get_by_role("combobox", name="What are they?").first.fill("new kind")
    page.keyboard.press("Enter")
    settle(page)
    give.first.click()
    page.get_by_text("12 images got the label new kind").wait_for()
    new = project.state().class_named("new kind")
    assert project.state().labels == dict.fromkeys(map(name_of, GROUP), new.id)
    question.wait_for(state="detached")
    page.get_by_role("button", name="Undo", exact=True).click()
    question.wait_for()
    assert not project.state().labels
    # Single images are answered one by one.
    page.get_by_text(name_of(36), exact=True).click()
    settle(page)
    page.get_by_role("button", name="None of these classes").last.click()
    page.get_by_text("1 image got the label “none of these”").wait_for()
    assert project.state().labels == {name_of(36): "none"}
    page.get_by_text("2 images are unlike all others").wait_for()
    # What is left as it is stays so after a reload.
    page.get_by_role("button", name="Leave them as they are").first.click()
    question.wait_for(state="detached")
    page.reload()
    page.get_by_text("2 images are unlike all others").wait_for()
    assert not question.is_visible()
    assert project.state().left == set(map(name_of, GROUP))
