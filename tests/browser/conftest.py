import pytest
from serving import browser, server


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """The working directory of the server, where its runs go."""
    return tmp_path_factory.mktemp("app")


@pytest.fixture(scope="session")
def address(folder):
    with server(folder) as (address, _):
        yield address


@pytest.fixture(scope="session")
def chromium():
    with browser() as chromium:
        yield chromium


@pytest.fixture
def page(chromium):
    context = chromium.new_context(viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(30_000)
    yield page
    context.close()
