"""Labels that are given quickly, on a slow server, in two tabs: none is lost."""

import time

import pytest
from delaying import delayed
from swatches import CLASSES, labels_of, make_project, name_of, shown, truth

from ssvae.projects.actions import add_class

# Keys in a second, and seconds that everything arrives later, in each direction.
RATE, DELAY = 4, 1.0


@pytest.fixture
def project(folder, request):
    name = request.node.name.split("[")[0]
    project = make_project(folder, name, 260)
    for one in CLASSES:
        add_class(project, one)
    return project


def open_label(page, address, project, **settings):
    """Open the page Label of a project and wait for the first image."""
    more = "".join(f"&{key}={value}" for key, value in settings.items())
    page.goto(f"{address}/label?project={project.name}{more}")
    page.locator(".labeler").wait_for(timeout=90_000)


def saved(page):
    """Wait until the page says that all is saved."""
    page.locator(".saving", has_text="All saved").wait_for(timeout=60_000)


def press_what_is_shown(page, until):
    """Press the key of the class of the image that is seen; return its number."""
    index = shown(page)
    page.wait_for_timeout(max(0, 1000 * (until - time.monotonic())))
    page.keyboard.press(str(1 + CLASSES.index(truth(index))))
    return index


def test_two_hundred_keys_at_four_a_second_on_a_slow_server_lose_nothing(
    page, address, project
):
    with delayed(address, DELAY) as slow:
        open_label(page, slow, project)
        start, pressed = time.monotonic(), []
        for number in range(200):
            pressed.append(press_what_is_shown(page, start + number / RATE))
        assert time.monotonic() - start < 1.15 * 200 / RATE
        saved(page)
    assert len(set(pressed)) == 200
    assert labels_of(project) == {name_of(index): truth(index) for index in pressed}
