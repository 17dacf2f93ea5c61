"""A real Chromium for the tests of the site and of the notebooks in JupyterLab."""

import os
import shutil
from typing import Callable

import pytest
from playwright.sync_api import Browser, Page, sync_playwright


@pytest.fixture(scope="session")
def chromium() -> "Browser":
    """Return Chromium; without one the tests are skipped, but fail where `CI` is set."""
    names = ("chromium", "chromium-browser", "google-chrome")
    program = next(filter(None, map(shutil.which, names)), None)
    if program is None:
        stop = pytest.fail if os.environ.get("CI") else pytest.skip
        stop("no Chromium here: install the package chromium (or Google Chrome)")
    with sync_playwright() as playwright:
        # as root, for example in a container, Chromium starts only without its sandbox
        sandbox = os.geteuid() != 0
        browser = playwright.chromium.launch(executable_path=program, chromium_sandbox=sandbox)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: "Browser") -> "Callable[..., Page]":
    """Return a function that opens an address in a fresh window.

    A request to anywhere else than `home`, or without an answer, and a script's error fail the
    test in the end.
    """
    troubles, contexts = [], []

    def requested(request, home):
        if not request.url.startswith((home, "data:", "blob:")):
            troubles.append(f"a request to {request.url}")

    def failed(request):
        if request.failure != "net::ERR_ABORTED":  # the page was left before the answer came
            troubles.append(f"no answer from {request.url}: {request.failure}")

    def answered(response):
        if response.status >= 400:
            troubles.append(f"{response.status} for {response.url}")

    def visit(address: str, home: str, **options) -> Page:
        contexts.append(chromium.new_context(**options))
        contexts[-1].on("request", lambda request: requested(request, home))
        contexts[-1].on("requestfailed", failed)
        contexts[-1].on("response", answered)
        contexts[-1].on("weberror", lambda error: troubles.append(str(error.error)))
        page = contexts[-1].new_page()
        page.goto(address)
        return page

    yield visit
    for context in contexts:
        context.close()
    assert troubles == []
