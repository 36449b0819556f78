"""Training in a real browser: a project's button, the queue, and every end of a run."""

import re

import pytest
from garden import make_project
from serving import settle

from ssvae.projects.project import Project
from ssvae.runs.background import Background

# Features that need no pretrained network: a run of one round takes some seconds.
QUICK = 'features = "gradients color"\npropagation = "none"'
# Milliseconds until a run has ended on a busy machine.
LONG = 300_000


@pytest.fixture(scope="module")
def project(folder):
    return make_project(folder, "orchard")


@pytest.fixture(autouse=True)
def stopped(folder):
    """No run is left to train, or to wait for, when a test is over."""
    yield
    background = Background(folder / "runs" / ".background")
    for job in reversed(background.jobs.all()):
        background.stop(job["out"])
        (folder / "runs" / ".background" / f"{job['number']:06d}.json").unlink()


def open_training(page, address):
    page.goto(f"{address}/train?project=orchard")
    page.get_by_role("button", name="Train a model").wait_for(timeout=90_000)
    settle(page)


def settings(page, rounds):
    """State settings under Details."""
    page.get_by_text("Details", exact=True).last.click()
    page.get_by_label("Rounds", exact=True).fill(str(rounds))
    page.get_by_label("Rounds", exact=True).press("Tab")
    page.get_by_label("More settings", exact=True).fill(QUICK)
    page.get_by_label("More settings", exact=True).press("Control+Enter")
    settle(page)


def test_a_model_is_trained_watched_and_opened_and_others_wait(page, address, project):
    open_training(page, address)
    settings(page, 2000)
    button = page.get_by_role("button", name="Train a model")
    button.click()
    page.get_by_text("model-1 is being trained").wait_for()
    # Stop is seen without scrolling.
    stop = page.get_by_role("button", name="Stop", exact=True)
    assert stop.bounding_box()["y"] < 700
    page.get_by_label("Rounds", exact=True).fill("1")
    page.get_by_label("Rounds", exact=True).press("Tab")
    settle(page)
    button.click()
    page.get_by_text("model-2 waits for its turn: 1 model before it").wait_for()
    page.get_by_text("Right by now").wait_for(timeout=LONG)
    page.get_by_text(re.compile("(About .*|A few seconds) left")).wait_for()
    # Another tab sees the same, and a reload loses nothing.
    other = page.context.new_page()
    open_training(other, address)
    assert other.get_by_text("model-1 is being trained").is_visible()
    other.close()
    page.reload()
    page.get_by_text("model-1 is being trained").wait_for()
    # It is stopped: what was learned is kept, and the next one begins.
    page.locator("[data-testid=stMain]").get_by_text("Right by now").wait_for()
    page.wait_for_timeout(3000)
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_text("model-1 was stopped").wait_for(timeout=60_000)
    page.get_by_text("model-2 is trained").wait_for(timeout=LONG)
    settle(page)
    names = Project.open(project.folder).models()
    assert list(names) == ["model-2"]
    page.get_by_role("link", name="See what it draws").click()
    page.get_by_role("heading", name="Generate", level=1).wait_for()
    settle(page)
    assert "model=orchard%2Fmodel-2" in page.url
    # It is still open on the next page, and after a reload.
    page.get_by_role("link", name="Accuracy", exact=True).click()
    page.get_by_role("heading", name="Accuracy", level=1).wait_for()
    page.reload()
    settle(page)
    box = page.get_by_role("combobox", name="Model")
    assert box.input_value() == "orchard/model-2"


def test_a_run_that_cannot_be_trained_says_why_and_what_to_change(
    page, address, project
):
    open_training(page, address)
    page.get_by_text("Details", exact=True).last.click()
    page.get_by_label("Name", exact=True).fill("wrong")
    page.get_by_label("Name", exact=True).press("Tab")
    page.get_by_label("More settings", exact=True).fill('likelihood = "magic"')
    page.get_by_label("More settings", exact=True).press("Control+Enter")
    settle(page)
    alert = page.locator("[data-testid=stAlert]").last.inner_text()
    assert "Likelihood: got" in alert
    page.get_by_label("More settings", exact=True).fill('labels_csv = "/gone.csv"')
    page.get_by_label("More settings", exact=True).press("Control+Enter")
    settle(page)
    page.get_by_role("button", name="Train a model").click()
    failed = page.locator("[data-testid=stAlert]", has_text="could not be trained")
    failed.wait_for(timeout=LONG)
    assert "gone.csv" in failed.inner_text() and "--" not in failed.inner_text()
    # What was typed is still there, and the run can be put away.
    kept = page.get_by_label("More settings", exact=True).input_value()
    assert kept == 'labels_csv = "/gone.csv"'
    page.get_by_role("button", name="Close").last.click()
    failed.wait_for(state="hidden")


def test_without_a_project_digits_are_trained_and_stopped_at_once(page, address):
    page.goto(f"{address}/train")
    page.get_by_role("button", name="Train a model").wait_for()
    page.get_by_role("button", name="Train a model").click()
    page.get_by_text("my-run is being trained").wait_for()
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_text("my-run was stopped").wait_for(timeout=60_000)
    assert page.get_by_role("button", name="Begin again").is_visible()
