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


def test_two_tabs_of_one_project_lose_nothing(page, address, project):
    with delayed(address, DELAY) as slow:
        other = page.context.new_page()
        pressed = set()
        for tab in (page, other):
            open_label(tab, slow, project, order="As in the folder")
        for _ in range(20):
            for tab in (page, other):
                pressed.add(press_what_is_shown(tab, time.monotonic()))
        saved(page)
        saved(other)
        other.close()
    labels = labels_of(project)
    assert labels == {name_of(index): truth(index) for index in pressed}
    # Nobody labels for long what the other has labelled.
    assert len(labels) >= 20


def test_what_a_tab_could_not_send_is_stored_when_the_page_is_opened_again(
    page, address, project
):
    with delayed(address, 4 * DELAY) as slow:
        open_label(page, slow, project)
        pressed = [press_what_is_shown(page, time.monotonic()) for _ in range(5)]
        assert "being saved" in page.locator(".saving").inner_text()
        # The first may have arrived; the others waited for its answer.
        page.close()
        again = page.context.new_page()
        open_label(again, slow, project)
        for _ in range(300):
            if len(labels_of(project)) == 5:
                break
            again.wait_for_timeout(100)
        again.close()
    assert labels_of(project) == {name_of(index): truth(index) for index in pressed}


def test_keys_name_skip_refuse_and_take_back(page, address, project):
    open_label(page, address, project, order="As in the folder")
    first = shown(page)
    page.keyboard.press("+")
    page.keyboard.type("a fifth")
    page.keyboard.press("Enter")
    page.locator(".class", has_text="a fifth").wait_for()
    second = shown(page)
    page.keyboard.press("0")
    third = shown(page)
    page.keyboard.press("s")
    assert len({first, second, third, shown(page)}) == 4
    saved(page)
    assert labels_of(project) == {name_of(first): "a fifth", name_of(second): "none"}
    assert project.state().skipped == {name_of(third)}
    for expected in (third, second, first):
        page.keyboard.press("z")
        assert shown(page) == expected
    saved(page)
    assert not project.state().labels
    assert not project.state().skipped


def test_many_images_get_one_label_by_one_key(page, address, project):
    open_label(page, address, project, show="Many at once", group="As in the folder")
    page.locator(".tile").nth(39).wait_for()
    tiles = page.locator(".tile")
    names = [tiles.nth(place).get_attribute("data-name") for place in range(40)]
    tiles.nth(2).click()
    tiles.nth(5).click(modifiers=["Shift"])
    page.keyboard.press("2")
    page.locator(".saving", has_text="All saved").wait_for()
    tiles = page.locator(".tile")
    # The others stay on the screen; drag over three of them.
    boxes = [tiles.nth(place).bounding_box() for place in (0, 2)]
    middles = [(b["x"] + b["width"] / 2, b["y"] + b["height"] / 2) for b in boxes]
    page.mouse.move(*middles[0])
    page.mouse.down()
    page.mouse.move(*middles[1], steps=20)
    page.mouse.up()
    assert page.locator(".selected-count").inner_text() == "3 of 36 selected"
    page.get_by_role("button", name="All but these").click()
    assert page.locator(".selected-count").inner_text() == "33 of 36 selected"
    page.keyboard.press("3")
    saved(page)
    others = [names[0], names[1], names[6]]
    wanted = dict.fromkeys(names[2:6], "two")
    wanted |= {name: "three" for name in names if name not in (*names[2:6], *others)}
    assert labels_of(project) == wanted
    page.keyboard.press("z")
    saved(page)
    assert labels_of(project) == dict.fromkeys(names[2:6], "two")


def test_a_class_is_renamed_merged_and_removed_while_labels_are_there(
    page, address, project
):
    open_label(page, address, project, order="As in the folder")
    for key in ("1", "2", "2"):
        shown(page)
        page.keyboard.press(key)
    saved(page)
    page.get_by_test_id("stPopover").first.get_by_role("button").click()
    field = page.get_by_label("Its name")
    field.fill("uno")
    field.press("Enter")
    page.locator(".class", has_text="uno").wait_for()
    page.get_by_role("button", name="Merge uno into two").click()
    page.locator(".class", has_text="uno").wait_for(state="detached")
    assert sorted(labels_of(project).values()) == ["two"] * 3


def test_images_like_one_are_searched_and_back_leads_back(page, address, project):
    open_label(page, address, project, order="As in the folder")
    first = name_of(shown(page))
    page.keyboard.press("Shift+L")
    page.locator(".title", has_text=f"Most like {first}").wait_for(timeout=60_000)
    assert f"like={first}" in page.url
    page.reload()
    page.locator(".title", has_text=f"Most like {first}").wait_for(timeout=60_000)
    page.get_by_role("button", name="Back").click()
    page.locator(".picture img").wait_for()
    assert "like=" not in page.url


def test_an_image_is_seen_at_its_full_size(page, address, project):
    open_label(page, address, project, order="As in the folder")
    first = name_of(shown(page))
    page.keyboard.press("Shift+F")
    size = "24 \N{MULTIPLICATION SIGN} 24 pixels"
    page.locator(".viewer", has_text=f"{first}, {size}").wait_for()
    # No key labels what is behind it.
    page.keyboard.press("1")
    page.keyboard.press("Escape")
    assert not project.state().labels
