"""Chromium for the tests of the site and of the notebooks in JupyterLab."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from typing import Callable

import pytest
from playwright.sync_api import Browser, Page, sync_playwright


def pytest_terminal_summary(terminalreporter) -> None:
    """Print each reason for skipped tests once."""
    skipped = terminalreporter.stats.get("skipped", [])
    for reason, count in Counter(report.longrepr[2] for report in skipped).items():
        terminalreporter.write_line(f"{count} tests: {reason}")


@pytest.fixture(scope="session")
def chromium() -> Browser:
    """Return Chromium. Without one, skip the tests, or fail if `CI` is set."""
    names = ("chromium", "chromium-browser", "google-chrome")
    program = next(filter(None, map(shutil.which, names)), None)
    if program is None:
        stop = pytest.fail if os.environ.get("CI") else pytest.skip
        stop("no Chromium here: install the package chromium (or Google Chrome)")
    with sync_playwright() as playwright:
        # as root, Chromium starts only without its sandbox
        sandbox = os.geteuid() != 0
        browser = playwright.chromium.launch(executable_path=program, chromium_sandbox=sandbox)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser) -> Callable[..., Page]:
    """Return a function that opens an address in a fresh window.

    Requests to other addresses than `home` fail the test at its end. With `strict`, failed requests
    and script errors do too; JupyterLab counts an error in a cell as a script error.
    """
    troubles, contexts = [], []

    def visit(address: str, home: str, strict: bool = True, **options) -> Page:
        contexts.append(chromium.new_context(**options))
        contexts[-1].set_default_timeout(120_000)  # the machine may be busy

        def note(event, text):
            contexts[-1].on(event, lambda what: troubles.append(text(what)))

        def unanswered(request):
            if request.failure != "net::ERR_ABORTED":  # the window has left the page
                return f"no answer from {request.url}"

        def elsewhere(request):
            if not request.url.startswith((home, "data:", "blob:")):
                return f"a request to {request.url}"

        note("request", elsewhere)
        if strict:
            note("requestfailed", unanswered)
            note("response", lambda r: f"{r.status} from {r.url}" if r.status >= 400 else None)
            note("weberror", lambda error: str(error.error))
        page = contexts[-1].new_page()
        page.goto(address)
        return page

    yield visit
    for context in contexts:
        context.close()
    assert [trouble for trouble in troubles if trouble] == []
