"""Open and run each notebook in JupyterLab, and use its sliders and animations."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest

from d2lconv.geometry import formula
from tests.browser.pictures import check_picture, check_player
from tests.outputs import same_output
from tests.stored import NOTEBOOKS, code_cells, meaning, text_cells

ROOT = Path(__file__).parents[2]
ASSIGNMENTS = sorted((ROOT / "assignments" / "release").rglob("*.ipynb"))
SETTINGS = {
    # no question about news, and all cells in the page, not only the visible ones
    "apputils-extension/notification": '{"fetchNews": "false", "checkForUpdates": false}',
    "notebook-extension/tracker": '{"windowingMode": "none"}',
}
OPEN = """async (path) => {
    const app = window.jupyterapp, wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    const { context } = await app.commands.execute("docmanager:open", { path });
    await context.sessionContext.ready;
    const status = () => context.sessionContext.session?.kernel?.status;
    for (let i = 0; i < 120 && status() !== "idle"; i++) await wait(1000);
    await wait(3000);  // the kernel has told its language
    return [status(), context.model.dirty, context.model.toJSON()];
}"""
RUN_ALL = """async () => {
    const app = window.jupyterapp;
    await app.restored;
    const session = app.shell.currentWidget.sessionContext;
    const late = new Promise((_, no) => setTimeout(() => no("the kernel does not start"), 120000));
    await Promise.race([session.ready, late]);
    return app.commands.execute("notebook:run-all-cells");
}"""


def answers(server, address, log):
    """Wait until JupyterLab answers."""
    for _ in range(240):
        assert server.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(f"{address}api").close()
            return
        except OSError:
            time.sleep(0.5)


def end(server):
    """End JupyterLab, which can wait forever for a kernel to start."""
    server.terminate()
    try:
        server.wait(60)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Start JupyterLab on copies of the notebooks without outputs; return folder and address."""
    folder = tmp_path_factory.mktemp("lab")
    for path in NOTEBOOKS:
        notebook = nbformat.read(path, as_version=4)
        for cell in code_cells(notebook):
            cell.outputs, cell.execution_count = [], None
        nbformat.write(notebook, folder / path.name)
    for path in ASSIGNMENTS:
        nbformat.write(first_exercise_solved(path), folder / path.name)
    for name, text in SETTINGS.items():
        file = folder / f".settings/@jupyterlab/{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    own = {
        f"{name}_DIR": str(folder / f".{name.lower()}")
        for name in ("JUPYTER_CONFIG", "JUPYTER_DATA", "JUPYTER_RUNTIME", "JUPYTERLAB_WORKSPACES")
    }
    own["JUPYTERLAB_SETTINGS_DIR"] = str(folder / ".settings")
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    command += [f"--port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token="]
    command += [f"--ServerApp.root_dir={folder}", "--LabApp.expose_app_in_browser=True"]
    with (folder / ".log").open("w") as log:
        server = subprocess.Popen(command, env={**os.environ, **own}, stdout=log, stderr=log)
    address = f"http://localhost:{port}/"
    try:
        answers(server, address, folder / ".log")
        yield folder, address
    finally:
        end(server)


def test_make_lab_opens_the_first_notebook_of_the_student_s_copy(tmp_path, visit):
    """It has no nbgrader menus and no question about news, and shows the table of contents."""
    course = tmp_path / "course"
    shutil.copytree(ROOT / "tools", course / "tools")
    shutil.copytree(ROOT / "notebooks", course / "notebooks")
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    own = ("JUPYTER_CONFIG", "JUPYTER_DATA", "JUPYTER_RUNTIME", "JUPYTERLAB_SETTINGS")
    environment = {**os.environ, **{f"{name}_DIR": str(tmp_path / name) for name in own}}
    command = [
        sys.executable,
        "tools/lab/lab.py",
        "work",
        str(port),
        "--no-browser",
        "--allow-root",
    ]
    command += ["--IdentityProvider.token=", "--LabApp.expose_app_in_browser=True"]
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen(command, cwd=course, env=environment, stdout=log, stderr=log)
    try:
        home = f"http://localhost:{port}/"
        answers(server, home, tmp_path / "log")
        page = visit(home, home, strict=False, viewport={"width": 1300, "height": 800})
        page.locator(".jp-Notebook h1", has_text="6.1 From Dense Layers").wait_for()
        page.locator(".jp-TableOfContents", has_text="6.1.4 Waldo Revisited").wait_for()
        page.locator(".jp-PlaceholderText").first.wait_for(state="attached")
        folded = page.locator(".jp-PlaceholderText").all()  # its text is an output's first line
        assert {text.evaluate("text => getComputedStyle(text).fontSize") for text in folded} == {
            "0px"
        }
        assert page.locator("text=/news|nbgrader|formgrader/i").count() == 0
        plugins = page.evaluate("window.jupyterapp.listPlugins()")
        assert any(name.startswith("@jupyterlab/toc") for name in plugins)
        assert [name for name in plugins if "nbgrader" in name or "announcements" in name] == []
        for path in NOTEBOOKS:
            status, changed, shown = page.evaluate(OPEN, path.name)
            stored = json.loads((course / "work" / path.name).read_text())
            assert status == "idle"
            assert shown["metadata"] == stored["metadata"]
            assert not changed, path.name
        page.evaluate(OPEN, "6.1-extra-finding-waldo.ipynb")
        page.evaluate(RUN_ALL)
        question = page.locator(".jp-CodeCell", has_text='guess("the lamp"')
        answer = question.locator("xpath=following-sibling::*[1]").locator(".jp-OutputArea")
        answer.locator("pre", has_text="(930, 819)").wait_for(state="attached")
        assert not answer.is_visible()  # nobody has guessed
        question.locator("summary").click()
        assert answer.is_visible()
    finally:
        end(server)
    copied = {path.name for path in (course / "work").glob("*.ipynb")}
    assert copied == {path.name for path in NOTEBOOKS}


def marks(cell):
    """Return nbgrader's metadata of a cell."""
    return cell.metadata.get("nbgrader", {})


def first_exercise_solved(path):
    """Return a student's assignment with the first exercise solved."""
    notebook = nbformat.read(path, as_version=4)
    source = nbformat.read(ROOT / "assignments/source" / path.parent.name / path.name, 4)
    answers = {marks(cell)["grade_id"]: cell.source for cell in source.cells if marks(cell)}
    first = next(cell for cell in code_cells(notebook) if marks(cell).get("solution"))
    first.source = answers[marks(first)["grade_id"]]
    return notebook


def open_in_lab(visit, lab, name):
    """Open a notebook, run all its cells, and return the page."""
    _, address = lab
    size = {"width": 1400, "height": 1000}
    page = visit(f"{address}lab/tree/{name}?reset", address, strict=False, viewport=size)
    page.locator(".jp-Notebook .jp-Cell").first.wait_for()
    page.evaluate(RUN_ALL)
    # returns early if a cell raises on purpose
    cells = page.locator(".jp-Notebook .jp-CodeCell")
    cells.last.locator(".jp-InputPrompt", has_text=f"[{cells.count()}]:").wait_for()
    return page


def outputs(cell):
    """Return a code cell's text outputs."""
    texts = cell.locator(".jp-OutputArea-output pre").all()
    return [text.evaluate("pre => pre.textContent").rstrip("\n") for text in texts]


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request):
    return request.param


def test_a_notebook_shows_its_documented_outputs_and_animations(path, lab, visit):
    page = open_in_lab(visit, lab, path.name)
    stored = code_cells(nbformat.read(path, as_version=4))
    cells = page.locator(".jp-Notebook .jp-CodeCell").all()
    assert len(cells) == len(stored)

    for number, (cell, source) in enumerate(zip(cells, stored), 1):
        if not source.metadata.get("jupyter", {}).get("source_hidden"):  # else unnumbered
            assert cell.locator(".jp-InputPrompt").inner_text() == f"[{number}]:"
        raises = "raises-exception" in source.metadata.get("tags", [])
        # JupyterLab shows errors like stderr
        assert cell.locator("[data-mime-type='application/vnd.jupyter.stderr']").count() == raises

    todo = list(text_cells(path))
    for cell, source in zip(cells, stored):
        if todo and meaning(source.source) == todo[0][0]:
            _, documented = todo.pop(0)
            shown = outputs(cell)
            assert len(shown) == (documented is not None)
            assert all(same_output(documented, text) for text in shown), (documented, shown)
    assert todo == []

    # Answers to guesses are hidden until they are unfolded
    page.evaluate(
        "for (const d of document.querySelectorAll('.jp-RenderedHTML > details')) d.open = true"
    )
    pictures = page.locator(".jp-OutputArea-output img").all()
    assert pictures
    for picture in pictures:
        check_picture(picture)
    assert page.locator(".jp-RenderedMarkdown mjx-container").count() > 0
    assert page.locator("[data-mjx-error], mjx-merror").count() == 0

    for figure in page.locator("figure:has(figcaption)").all():
        check_player(figure)

    if path.name.startswith("6.3"):
        check_sliders(page)


def check_sliders(page):
    """Move the explorer's sliders by key, and check its formula and diagram."""
    explorer = page.locator(".d2lconv-explorer")
    text, diagram = explorer.locator(".formula"), explorer.locator(".diagram")
    assert text.inner_text().endswith(formula(5, 3, 0, 1))
    before = diagram.inner_html()
    n, _, _, s, window = explorer.get_by_role("slider").all()
    for _ in range(2):
        n.press("ArrowRight")
    text.filter(has_text=formula(7, 3, 0, 1)).wait_for()
    assert diagram.inner_html() != before
    s.press("ArrowRight")
    text.filter(has_text=formula(7, 3, 0, 2)).wait_for()
    for _ in range(2):
        window.press("ArrowRight")
    assert explorer.locator(".sum").inner_text().startswith("Y[0, 2] = ")
    explorer.get_by_role("button", name="back").press("Enter")
    assert explorer.locator(".sum").inner_text().startswith("Y[0, 1] = ")
    assert "#" not in page.url  # the address belongs to JupyterLab


@pytest.mark.parametrize("path", ASSIGNMENTS, ids=lambda path: path.stem)
def test_an_assignment_opens_and_lists_what_is_done(path, lab, visit):
    page = open_in_lab(visit, lab, path.name)
    cells = zip(page.locator(".jp-Notebook .jp-CodeCell").all(), code_cells(nbformat.read(path, 4)))
    visible = []
    for cell, source in cells:
        errors = cell.locator("[data-mime-type='application/vnd.jupyter.stderr']").all_inner_texts()
        if source.source.startswith("# Visible"):
            visible.append(["NotImplementedError" in error for error in errors])
        else:
            assert errors == []
    assert len(visible) > 1
    assert visible == [[], *[[True]] * (len(visible) - 1)]
    summary = page.locator(".jp-Notebook .jp-CodeCell").nth(-2)  # the last one tries the grader
    passes, *others = outputs(summary)[0].splitlines()
    assert passes.endswith(": passes")
    assert others and all(line.endswith(": still to do") for line in others)
