"""A browser, where the machine has one; and pages that are watched for whatever should not happen in them."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.watch import Watched

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="package")
def browser() -> Iterator[object]:
    # Not for the session: its event loop would be in the way of other tests' own.
    playwright = pytest.importorskip("playwright.sync_api")
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip("no Chromium on this machine")
    with playwright.sync_playwright() as runner:
        started = runner.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(params=[1280, 400])
def watched(browser, request) -> Iterator[Watched]:
    """A page of either width; fails where the console or the network saw anything amiss."""
    page = Watched(browser, request.param)
    yield page
    page.close()


@pytest.fixture
def wide(browser) -> Iterator[Watched]:
    page = Watched(browser, 1280)
    yield page
    page.close()


@pytest.fixture(scope="session")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("browser")
