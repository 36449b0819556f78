"""What holds on every page: no outside, no errors, contrasts, room on a phone."""

from urllib.parse import urlparse

import pytest
from accessibility import grave_findings
from serving import settle
from swatches import CLASSES, make_project, name_of, truth

from ssvae.projects.actions import act, add_class

# Pages that need a project, and pages that need a model.
OF_PROJECT = ("label", "how_good", "train", "map")
OF_MODEL = ("generate", "classify", "map", "accuracy", "take_away")
# Streamlit looks for its server below the page first, and then at the root: so it
# finds a server behind a proxy. Both requests go to this machine.
PROBES = ("/_stcore/health", "/_stcore/host-config")


@pytest.fixture(scope="module")
def pages(address, folder):
    """Return the address of every page by name."""
    project = make_project(folder, "shell", 40)
    ids = {name: add_class(project, name).id for name in CLASSES}
    actions = [
        {
            "number": 1 + index,
            "do": "label",
            "images": [name_of(index)],
            "class": ids[truth(index)],
        }
        for index in range(12)
    ]
    act(project, "test", actions)
    places = {"start": f"{address}/"}
    for name in OF_PROJECT:
        places[f"{name} of a project"] = f"{address}/{name}?project=shell"
    for name in OF_MODEL:
        places[f"{name} of a model"] = f"{address}/{name}?model=mnist-100"
    return places


def listened_to(context, name, wrong):
    """Return a new page whose errors are added to a list, with the page's name."""
    page = context.new_page()

    def told(message):
        probe = urlparse(message.location["url"]).path.endswith(PROBES)
        if message.type in ("error", "warning") and not probe:
            wrong.append(f"{name}: console: {message.text}")

    page.on("console", told)
    page.on("pageerror", lambda error: wrong.append(f"{name}: {error}"))
    return page


def open_at(page, url):
    """Open an address and wait until the page is at rest."""
    page.goto(url)
    page.wait_for_selector("h1", timeout=120_000)
    settle(page)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_stay_on_this_machine_without_errors_and_are_usable_by_all(
    chromium, pages, theme
):
    context = chromium.new_context(
        viewport={"width": 1280, "height": 1000}, color_scheme=theme
    )
    hosts, wrong = set(), []
    context.on("request", lambda request: hosts.add(urlparse(request.url).hostname))
    # The way to the outside is closed.
    context.route(
        lambda url: urlparse(url).hostname not in ("localhost", None),
        lambda route: route.abort(),
    )
    for name, url in pages.items():
        page = listened_to(context, name, wrong)
        open_at(page, url)
        wrong += [f"{name}: {finding}" for finding in grave_findings(page)]
        page.close()
    context.close()
    assert hosts - {None} == {"localhost"}
    assert not wrong, "\n".join(wrong)


def test_every_page_fits_a_phone(chromium, pages):
    context = chromium.new_context(viewport={"width": 390, "height": 844})
    wide = []
    for name, url in pages.items():
        page = context.new_page()
        open_at(page, url)
        over = page.evaluate(
            "() => { const main = document.querySelector('[data-testid=stMain]');"
            " return Math.max(main.scrollWidth - main.clientWidth,"
            " document.documentElement.scrollWidth - innerWidth); }"
        )
        if over > 0:
            wide.append(f"{name}: {over} pixels too wide")
        page.close()
    context.close()
    assert not wide, wide


def test_the_focus_of_the_keyboard_is_seen_in_the_sidebar(page, pages):
    open_at(page, pages["start"])
    page.locator("[data-testid=stSidebar] a").first.focus()
    page.keyboard.press("Tab")
    style = page.evaluate(
        "() => { const style = getComputedStyle(document.activeElement);"
        " return [document.activeElement.tagName, style.outlineStyle,"
        " parseFloat(style.outlineWidth)]; }"
    )
    assert style == ["A", "solid", 3]
    focused = page.locator("a:focus")
    assert focused.inner_text().strip()
