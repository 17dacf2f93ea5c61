"""The built site in a browser, from a server and from files."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import product
from pathlib import Path

import nbformat
import numpy
import pytest
from matplotlib.text import Text
from scipy import signal

import d2lconv
from d2lconv import conv2d_output_shape
from d2lconv.course.bench import PRESETS, SLIDERS, portrait
from d2lconv.geometry import reach
from tests.browser.pictures import check_picture, check_player

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "docs"))  # as for Sphinx
import links  # noqa: E402
import pictures  # noqa: E402
from speed import tables as speed  # noqa: E402

SITE = ROOT / "build" / "site"
FOLDER = "/" + links.home(links.repository()).partition(".github.io/")[2]
AXE = ROOT / "build" / "npm" / "node_modules" / "axe-core" / "axe.min.js"
PAGES = sorted(str(path.relative_to(SITE)) for path in SITE.rglob("*.html") if path.stem != "404")
NOTEBOOKS = [f"notebooks/{path.stem}.html" for path in (ROOT / "notebooks").glob("*.ipynb")]
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]  # A and AA of WCAG 2.0 to 2.2

# Elements beyond the right edge of the screen, unless a scrolling box contains them
TOO_WIDE = """() => [...document.querySelectorAll("article *")].filter((element) => {
    if (element.closest(".katex-mathml, .katex svg")) return false;  // cut off by its box
    const { right, width } = element.getBoundingClientRect();
    if (!width || right <= innerWidth + 1) return false;
    for (let box = element.parentElement; box.tagName !== "ARTICLE"; box = box.parentElement)
        if (["auto", "scroll"].includes(getComputedStyle(box).overflowX)) return false;
    return true;
}).map((element) => element.outerHTML.slice(0, 100))"""

# Finish animations: an answer that fades in is too pale for the contrast rule
AT_REST = """() => {
    for (const animation of document.getAnimations())
        if (animation.effect.getComputedTiming().endTime < Infinity) animation.finish();
}"""


# The explorer's texts for each setting: a box, eight numbers and a window
TRY_ALL = """settings => {
    const root = document.querySelector(".d2lconv-explorer");
    const text = (name) => root.querySelector(name).textContent;
    const told = () => root.dispatchEvent(new Event("input"));
    return settings.map(([square, numbers, window]) => {
        root.querySelector("[type=checkbox]").checked = square;
        root.querySelectorAll(".sliders input").forEach((slider, i) => slider.value = numbers[i]);
        told(); // which says how many windows there are
        const slider = root.querySelector(".player input");
        slider.value = window;
        slider.dispatchEvent(new Event("input", { bubbles: true }));
        const count = (kind) => root.querySelectorAll(`.diagram .${kind}`).length;
        const kinds = ["pixel", "padding", "weight", "element", "unread", "start", "skipped"];
        return {
            formula: text(".formula"), sentence: text(".sentence"), position: text(".position"),
            label: root.querySelector(".diagram").getAttribute("aria-label"),
            count: kinds.map(count), sum: text(".sum"),
            numbers: [".input text", ".weight", ".output text"].map((cells) =>
                [...root.querySelectorAll(cells)].map((cell) => cell.value ?? cell.textContent)),
            blue: [...root.querySelectorAll(".input g rect")].map((cell) =>
                cell.classList.contains("reads")),
        };
    });
}"""


def settings():
    """Return all settings for small squares and some random ones, each with a window.

    A setting is the state of the box for both axes, the eight numbers, and the window.
    """
    ranges = [range(least, most + 1) for _, _, least, most in SLIDERS]
    random = numpy.random.default_rng(63)
    small = [range(1, 6), *ranges[1:]]
    found = [(True, numpy.repeat(numbers, 2).tolist()) for numbers in product(*small)]
    found += [
        (False, [int(random.choice(numbers)) for numbers in ranges for _ in range(2)])
        for _ in range(100)
    ]
    return [(square, numbers, int(random.integers(1, 200))) for square, numbers in found]


class Quiet(SimpleHTTPRequestHandler):
    """Serve files as GitHub does, and print nothing."""

    def translate_path(self, path: str) -> str:
        """Return the file for an address: on GitHub the site is in a subfolder."""
        return super().translate_path("/" + path.removeprefix(FOLDER))

    def send_error(self, code: int, *args, **options) -> None:
        """Show the site's error page for unknown addresses."""
        text = (SITE / "404.html").read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *args) -> None:
        """Print nothing."""


@contextmanager
def served(folder):
    """Serve a folder; yield its address."""
    with ThreadingHTTPServer(("localhost", 0), partial(Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="module")
def server():
    with served(SITE) as address:
        yield address[:-1] + FOLDER


@pytest.fixture(params=["server", "file"])
def home(request):
    return SITE.as_uri() + "/" if request.param == "file" else request.getfixturevalue("server")


def test_the_site_has_the_notebooks_and_the_pages_around_them():
    to_read = ["index", "corrections", "course", "teachers", "hub", "speed", "api"]
    to_use = ["exercises", "explorer", "search"]
    assert (SITE / "404.html").exists()
    assert {*NOTEBOOKS, *(f"{name}.html" for name in to_read + to_use)} <= set(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_formulas_and_pictures_offline(name, home, visit):
    page = visit(home + name, home)
    assert page.locator(".katex-html").count() == page.locator(".math").count()
    assert page.locator(".katex-error").count() == 0
    for image in page.locator("img").all():
        check_picture(image)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_one_title_and_no_gap_in_its_headings(name, server, visit):
    page = visit(server + name, server)
    levels = page.eval_on_selector_all(
        "h1, h2, h3, h4, h5, h6", "headings => headings.map(h => Number(h.tagName[1]))"
    )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:]))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible_and_fits_the_screen_in_both_themes(name, server, visit):
    check_accessible(visit(server + name, server))


def check_accessible(page):
    """Run axe-core in both themes, on a wide screen and on a phone."""
    page.add_script_tag(path=AXE)
    for size, theme in product([WIDE, PHONE], ["light", "dark"]):
        page.set_viewport_size(size)
        page.evaluate("new Promise(requestAnimationFrame)")  # after the page has noticed
        page.emulate_media(color_scheme=theme)
        page.evaluate(AT_REST)
        assert page.evaluate("document.scrollingElement.scrollWidth") <= size["width"]
        assert page.evaluate(TOO_WIDE) == []
        result = page.evaluate("tags => axe.run({runOnly: tags})", LEVELS)
        assert result["passes"]
        assert [
            (violation["id"], node["html"][:200], node["failureSummary"])
            for violation in result["violations"]
            for node in violation["nodes"]
        ] == [], (size, theme)


@pytest.mark.parametrize("name", ["index.html", *NOTEBOOKS])
def test_buttons_start_and_stop_animations(name, home, visit):
    page = visit(home + name, home, reduced_motion="reduce")
    page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true")
    players = page.locator("figure:has(figcaption)")
    assert players.count() >= (0 if "/6.1" in name else 1)
    for player in players.all():
        check_player(player)


def test_the_front_page_respects_reduced_motion(server, visit):
    page = visit(server, server)
    below = "document.querySelector('.front').getBoundingClientRect().bottom"
    assert page.evaluate(below) <= page.viewport_size["height"]
    page.locator(".front output", has_text="2").wait_for()
    page.get_by_role("button", name="play or pause").click()
    still = visit(server, server, reduced_motion="reduce")
    assert still.get_by_role("button", name="play or pause").inner_text() == "play"


def test_the_front_page_s_cards_and_buttons_work(server, visit):
    page = visit(server, server)
    cards = page.locator(".cards a")
    assert sorted(cards.evaluate_all("all => all.map(a => a.href)")) == sorted(
        server + name for name in NOTEBOOKS
    )
    for button in page.locator("figcaption button").all():
        box = button.bounding_box()
        assert min(box["width"], box["height"]) >= 24


def test_the_front_page_s_output_fills_in():
    (values,) = re.findall(r"DATA = (\[\[\".*?\]);\n", (SITE / "index.html").read_text())
    images = values.count('.webp"') + values.count(
        '"data:image'
    )  # each also has words, url(data:...)
    assert images == 3  # the page starts with the first one
    seen = []
    for figure in pictures.figures():
        texts = [text for text in figure.findobj(Text) if str(text.get_gid()).startswith("Y[")]
        seen.append([text.get_text() for text in texts if text.get_visible()])
    assert seen == [["19"], ["19", "25"], ["19", "25", "37"], ["19", "25", "37", "43"]]


def loaded(page):
    """Return what a page has loaded, and the bytes of each."""
    return page.evaluate(
        """["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind))
            .map((entry) => [entry.name, entry.decodedBodySize])"""
    )


@pytest.mark.parametrize("name", PAGES)
def test_a_page_weighs_less_than_a_megabyte(name, server, visit):
    weights = loaded(visit(server + name, server))
    assert 20_000 < sum(weight for _, weight in weights) < 1_000_000, weights


def test_a_search_loads_little_and_shows_formulas_once(server, visit):
    page = visit(f"{server}search.html?q=padding", server)
    page.get_by_text("Search finished").wait_for()
    results = page.locator("#search-results p.context")
    assert results.count() > 5
    weights = loaded(page)
    assert 100_000 < sum(weight for _, weight in weights) < 500_000, weights
    text = " ".join(results.all_inner_texts())
    assert "×" in text
    assert not re.search(r"[{}\\\\]|(\d ?× ?\d)\1", text)


def test_no_page_shows_the_placeholder_of_an_address():
    if links.repository():
        pytest.skip("the repository has an address")
    for path in [*SITE.rglob("*.html"), *SITE.rglob("*.txt"), *SITE.glob("_sources/*.md")]:
        assert not re.search("OWNER|/REPO", path.read_text()), path


def test_an_unknown_address_leads_to_the_front_page(server, visit):
    page = visit(server + "notebooks/nowhere/at-all.html", server, strict=False)
    assert page.title().startswith("Not here")
    check_accessible(page)
    page.locator("article a", has_text="front page").click()
    assert page.locator("h1").inner_text().startswith("Convolutions that run")


@pytest.mark.parametrize("name", [name for name in PAGES if name != "search.html"])
def test_a_page_has_a_title_a_description_and_an_icon(name, server, visit):
    page = visit(server + name, server)
    assert page.title() != "d2lconv"
    assert len(page.locator("meta[name=description]").get_attribute("content")) > 20
    assert page.locator("meta[property='og:title']").count() == 1
    for icon in page.locator("link[rel~=icon], link[rel=apple-touch-icon]").all():
        address = icon.evaluate("link => link.href")
        assert page.request.get(address).ok


@pytest.mark.parametrize("name", [name for name in PAGES if "/6." in name])
def test_a_notebook_can_be_downloaded(name, server, visit):
    page = visit(server + name, server)
    download, *others = page.locator(".links a").all()
    with page.expect_download() as started:
        download.click()
    folder = "" if name.startswith("notebooks") else "assignments/release"
    source = ROOT / folder / name.removeprefix("assignments/").replace(".html", ".ipynb")
    assert started.value.suggested_filename == source.name
    assert Path(started.value.path()).read_text() == source.read_text()
    expected = links.links(links.repository(), name.removesuffix(".html"))
    assert [(a.inner_text(), a.get_attribute("href")) for a in others] == expected


def test_links_come_from_the_repository_s_address():
    url, page = "https://github.com/someone/course", "notebooks/6.2-convolutions-for-images"
    assert links.links(links.PLACEHOLDER, page) == links.links("", page) == []
    assert links.links(url, page) == [
        (
            "Open in Colab",
            "https://colab.research.google.com/github/someone/course/blob/colab/"
            "6.2-convolutions-for-images.ipynb",
        ),
        (
            "Open in Binder",
            "https://mybinder.org/v2/gh/someone/course/HEAD?labpath=notebooks/"
            "6.2-convolutions-for-images.ipynb",
        ),
        ("Source", f"{url}/blob/HEAD/{page}.ipynb"),
    ]
    assert links.links(url + ".git", "assignments/6.1/6.1") == [
        ("Source", f"{url}/blob/HEAD/assignments/release/6.1/6.1.ipynb")
    ]
    assert links.home(url) == "https://someone.github.io/course/"
    assert links.home("https://github.com/Some/some.github.io") == "https://some.github.io/"
    assert links.home("") == links.home("https://example.org/some/course") == ""


def test_the_workflow_publishes_the_branch_that_colab_opens():
    workflow = (ROOT / ".github/workflows/site.yml").read_text()
    assert "make colab" in workflow
    assert "git push --force" in workflow
    assert "HEAD:colab" in workflow


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    """Build a small site with the same settings and a repository."""
    folder, cell = tmp_path_factory.mktemp("other"), nbformat.v4.new_code_cell("6 * 7")
    cell.metadata["tags"] = ["hide-output"]
    cell.execution_count = 1
    cell.outputs = [
        nbformat.v4.new_output("execute_result", {"text/plain": "42"}, execution_count=1)
    ]
    cells = [nbformat.v4.new_markdown_cell("# A section\n\nWith an answer."), cell]
    (folder / "source/notebooks").mkdir(parents=True)
    python = {"language_info": {"name": "python", "pygments_lexer": "ipython3"}}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=python)
    nbformat.write(notebook, folder / "source/notebooks/some.ipynb")
    (folder / "source/index.md").write_text("# Course\n\n```{toctree}\nnotebooks/some\n```\n")
    settings = ["repository=https://github.com/someone/course", "nb_execution_mode=off"]
    command = [sys.executable, "-m", "sphinx", "--quiet", "-c", ROOT / "docs"]
    command += [part for setting in settings for part in ("-D", setting)]
    subprocess.run([*command, folder / "source", folder / "site"], check=True)
    with served(folder / "site") as address:
        yield address


def test_a_site_with_a_repository_has_links_and_a_picture(other, visit):
    page = visit(other + "notebooks/some.html", other)
    expected = links.links("https://github.com/someone/course", "notebooks/some")
    shown = page.locator(".links a").all()[1:]
    assert [(a.inner_text(), a.get_attribute("href")) for a in shown] == expected
    image = page.locator("meta[property='og:image']").get_attribute("content")
    assert image == "https://someone.github.io/course/_static/shared.png"


def test_an_answer_unfolds_and_is_printed(other, visit):
    page = visit(other + "notebooks/some.html", other)
    answer = page.locator(".output", has_text="42")
    assert not answer.is_visible()
    check_accessible(page)
    page.locator("summary").click()
    assert answer.is_visible()
    check_accessible(page)
    page.locator("summary").click()
    assert not answer.is_visible()
    page.evaluate(
        """() => addEventListener("beforeprint", () => {
            window.printed = [...document.querySelectorAll("details")].map((details) => [
                details.open,
                getComputedStyle(details.querySelector("summary")).display,
                getComputedStyle(details.querySelector("summary ~ *")).opacity,
            ]);
        })"""
    )
    page.emulate_media(media="print")
    page.pdf()
    assert page.evaluate("window.printed") == [[True, "none", "1"]]
    assert not answer.is_visible()


@pytest.mark.parametrize("name", [*NOTEBOOKS, "explorer.html", "course.html"])
def test_printed_text_is_neither_covered_nor_cut_off(name, server, visit):
    page = visit(server + name, server, viewport={"width": 720, "height": 1000})
    page.emulate_media(media="print")
    controls = ".skip-to-content, figcaption, .copybtn, .links, .player, .sliders, .held"
    controls += ", details:not(.answers) > summary"
    assert page.locator(controls).count()
    assert not any(control.is_visible() for control in page.locator(controls).all())
    wide = "all => all.filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.textContent)"
    assert page.locator("pre").evaluate_all(wide) == []


def test_nothing_covers_printed_pictures(server, visit):
    """Chromium prints no backgrounds by default, so the mask of words covered the picture."""
    page = visit(server, server)
    words = page.locator("figure span[style*='--words']")
    assert words.count() == 1
    words.wait_for(state="visible")
    page.emulate_media(media="print")
    words.wait_for(state="hidden")
    assert page.locator(".front img").is_visible()


def test_the_table_of_speeds_is_sorted_and_marks_the_fastest(server, visit):
    page = visit(server + "speed.html", server, viewport=PHONE)
    assert "goal" not in page.locator("article").inner_text()
    tables = page.locator("table.speed")
    assert tables.count() == 7
    large = speed.by_image(json.loads((ROOT / "docs/speed/corr2d.json").read_text())["forward"])[
        "224"
    ]
    rows = tables.nth(1).locator("tr").all()[1:]
    assert [row.locator("th").inner_text().rstrip(" ∇") for row in rows] == [
        re.sub("<.*?>", "", speed.NAMES[name]).rstrip(" ∇") for name, _ in speed.in_order(large)
    ]
    del large["copy"]
    for number, kernel in enumerate(large["ours"]):
        best = min(large, key=lambda name: large[name].get(kernel, numpy.inf))
        bold = [row for row in rows if row.locator("td").nth(number).locator("b").count()]
        assert [row.locator("th").inner_text() for row in bold] == [
            re.sub("<.*?>", "", speed.NAMES[best])
        ]


def test_the_search_ranks_sections_before_the_package(server, visit):
    page = visit(server + "search.html?q=corr2d", server)
    results = page.locator("#search-results li")
    results.locator("p.context").first.wait_for()
    page.get_by_text("Search finished").wait_for()  # results arrive one by one
    pages = results.locator("a").evaluate_all("all => all.map(a => a.pathname)")
    sections = [i for i, path in enumerate(pages) if "/notebooks/" in path]
    package = [i for i, path in enumerate(pages) if path.endswith("/api.html")]
    assert sections and package, pages
    assert max(sections) < min(package)


def test_the_search_finds_a_word_and_links_to_it(home, visit):
    page = visit(home + "index.html", home)
    page.get_by_role("textbox", name="Search").first.fill("correlation")
    page.keyboard.press("Enter")
    page.locator("#search-results a", has_text="6.2 Convolutions for Images").first.click()
    assert page.locator("h1").inner_text().startswith("6.2 Convolutions for Images")
    page.get_by_text("correlation").first.wait_for()


def test_the_package_s_page_documents_every_public_name(server, visit):
    page = visit(server + "api.html", server)
    documented = page.locator("dt .descname").all_inner_texts()
    assert set(d2lconv.__all__) <= set(documented)


class TestExplorer:
    """The sliders of padding and stride, without a Jupyter kernel."""

    def test_the_explorer_agrees_with_scipy_and_the_package(self, server, visit):
        page = visit(server + "explorer.html", server)
        tried = settings()
        empty = 0
        for (square, numbers, window), shown in zip(tried, page.evaluate(TRY_ALL, tried)):
            n, k, p, s = (tuple(numbers[i : i + 2]) for i in (0, 2, 4, 6))
            size = tuple(side + 2 * padding for side, padding in zip(n, p))
            padding = math.prod(size) - math.prod(n)
            cells = [math.prod(n), padding, math.prod(k)]
            assert shown["sentence"] in shown["label"]
            if k[0] > size[0] or k[1] > size[1]:
                empty += 1
                assert (shown["formula"], shown["sum"], shown["position"]) == ("", "", "")
                assert shown["sentence"].startswith("No output")
                assert shown["count"] == [*cells, 0, 0, 0, 0]
                continue
            m = conv2d_output_shape(n, k, p, s)
            for length, *axis in zip(m, n, p, k, s):
                assert (
                    "⌊({} + 2·{} − {}) / {}⌋ + 1 = ".format(*axis) + str(length)
                    in (shown["formula"])
                )
            assert shown["formula"].startswith("⌊" if square else "height: ")
            assert f"gives {m[0]} × {m[1]}." in shown["sentence"]

            window = min(window, math.prod(m))  # the slider ends there
            assert shown["position"] == f"{window} of {math.prod(m)}"
            i, j = divmod(window - 1, m[1])
            there = reach(n, k, p, s, (i, j))
            rows, columns = ((~there.reached.any(axis)).sum() for axis in (1, 0))
            unread = f"{rows} of the {size[0]} rows and {columns} of the {size[1]} columns"
            assert (unread in shown["sentence"]) == (rows + columns > 0)
            starts = there.start[: size[0] - k[0] + 1, : size[1] - k[1] + 1]
            dots = [starts.sum(), (~starts).sum()] if max(s) > 1 else [0, 0]
            assert shown["count"] == [*cells, math.prod(m), (~there.reached).sum(), *dots]
            assert shown["blue"] == there.window.ravel().tolist()

            X = numpy.pad(numpy.arange(math.prod(n)).reshape(n), [(side, side) for side in p])
            K = numpy.arange(math.prod(k)).reshape(k)
            Y = signal.correlate2d(X, K, mode="valid")[:: s[0], :: s[1]]
            assert shown["numbers"] == [list(map(str, A.flat)) for A in (X, K, Y)]
            name, terms, total = shown["sum"].split(" = ")
            assert (name, total) == (f"Y[{i}, {j}]", str(Y[i, j]))
            products = [term.split("×") for term in terms.split(" + ")]
            assert [int(x) for x, _ in products] == X[there.window].tolist()
            assert [int(w) for _, w in products] == K.ravel().tolist()
        assert 0 < empty < len(tried) / 2

    def test_the_keyboard_works(self, home, visit):
        page = visit(home + "explorer.html", home)
        page.get_by_role("slider", name="n, input").focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Tab")
        page.keyboard.press("End")
        formula = page.locator(".formula")
        assert formula.inner_text().endswith("= ⌊(4 + 2·1 − 5) / 2⌋ + 1 = 1")
        assert page.get_by_role("group", name="gives 1 × 1").count() == 1
        page.get_by_role("checkbox").press("Space")
        page.get_by_role("slider", name="input, width").press("End")
        assert "width: ⌊(12 + 2·1 − 5) / 2⌋ + 1 = 5" in formula.inner_text()

    def test_buttons_keys_and_mouse_reach_every_window(self, server, visit):
        page = visit(server + "explorer.html#n=3&k=2&p=0&s=1", server)
        shown = page.locator(".sum")
        elements = [f"Y[{i}, {j}] = " for i in (0, 1) for j in (0, 1)]
        step = {name: page.get_by_role("button", name=name) for name in ("back", "play", "next")}
        window = page.get_by_role("slider", name="window")
        for element in [*elements, elements[0]]:
            assert shown.inner_text().startswith(element)
            step["next"].click()
        step["back"].click()
        for element in elements:
            assert shown.inner_text().startswith(element)
            window.press("ArrowRight")
        step["play"].click()
        page.locator(".sum", has_text=elements[1]).wait_for()
        page.get_by_role("button", name="pause").click()
        for element, cell in zip(elements, page.locator(".output .element").all()):
            cell.hover()
            assert shown.inner_text().startswith(element)
        page.locator(".input .pixel").first.hover()
        assert shown.inner_text().startswith(elements[0])

    def test_touch_works(self, server, visit):
        page = visit(server + "explorer.html", server, viewport=PHONE, has_touch=True)
        slider = page.get_by_role("slider", name="p, padding per side")
        box = slider.bounding_box()
        slider.tap(position={"x": box["width"] - 4, "y": box["height"] / 2})
        assert slider.input_value() == "2"
        assert page.locator(".formula").inner_text().endswith("(3 + 2·2 − 2) / 2⌋ + 1 = 3")
        page.locator(".output .element").nth(2 * 3 + 1).tap()
        assert page.locator(".sum").inner_text().startswith("Y[2, 1] = ")

    def test_the_address_contains_the_settings(self, home, visit):
        page = visit(home + "explorer.html", home)
        assert "#" not in page.url
        page.get_by_role("checkbox").click()
        page.get_by_role("slider", name="input, width").press("End")
        page.get_by_role("button", name="next").click()
        sentence = "The input of 3 × 12, with padding 5 × 14, gives 2 × 7."
        assert page.url.endswith("#n_h=3&n_w=12&k_h=2&k_w=2&p_h=1&p_w=1&s_h=2&s_w=2&window=2")
        other = visit(page.url, home)
        assert other.locator(".sentence").inner_text().startswith(sentence)
        assert other.locator(".position").inner_text() == "2 of 14"
        wrong = visit(home + "explorer.html#n=99&k=x&s=0&window=-5", home)
        assert wrong.locator(".sentence").inner_text().startswith("The input of 12 × 12")
        assert wrong.locator(".position").inner_text().startswith("1 of ")

    def test_the_section_s_anchors_are_not_read_as_settings(self, server, visit):
        page = visit(server + "notebooks/6.3-padding-and-stride.html#632-stride", server)
        assert page.url.endswith("#632-stride")
        assert page.locator(".d2lconv-explorer .formula").inner_text().endswith("= 3")

    def test_the_reader_s_numbers_are_used_and_are_in_the_address(self, server, visit):
        page = visit(server + "explorer.html", server)
        root = page.locator(".d2lconv-explorer")
        root.get_by_role("slider", name="kernel").press("ArrowRight")
        field, weights = root.get_by_role("textbox"), [[1, 0.5, -2], [0, 3, 1], [-1, 0, 4]]
        for box, weight in zip(root.locator(".weight").all(), numpy.ravel(weights)):
            box.fill(str(weight))
        field.fill("1 1 0; −2 0.5 0; 0, 1, 1")
        field.press("Tab")
        X = numpy.pad(numpy.array([[1, 1, 0], [-2, 0.5, 0], [0, 1, 1]]), 1)
        Y = signal.correlate2d(X, weights, mode="valid")[::2, ::2]

        def shown(page):
            texts = page.locator(".d2lconv-explorer .output text").all_text_contents()
            return [float(text.replace("−", "-")) for text in texts]

        assert shown(page) == Y.ravel().tolist()
        again = visit(page.url, server)
        assert shown(again) == Y.ravel().tolist()
        assert root.locator(".sum").inner_text().endswith(f"= {Y[0, 0]:g}")
        field.fill("1 2; x")
        assert field.get_attribute("aria-invalid") == "true"
        assert shown(page) == Y.ravel().tolist()
        field.fill("1 2")
        assert root.get_by_role("checkbox").is_checked() is False  # it isn't square
        X = numpy.pad([[1, 2]], 1)
        assert shown(page) == signal.correlate2d(X, weights, mode="valid")[0, ::2].tolist()
        root.get_by_role("combobox", name="kernel").select_option("blur")
        assert root.locator(".weight").evaluate_all("all => all.map(box => box.value)") == ["1"] * 9
        assert root.get_by_label("divide by").input_value() == "9"
        assert shown(page) == [0.3333]

    def test_padding_and_strides_of_an_image(self, server, visit):
        page = visit(server + "explorer.html#k=3&p=1&s=2&input=photograph&kernel=emboss", server)
        root = page.locator(".d2lconv-explorer")
        assert "(300 + 2·1 − 3) / 2⌋ + 1 = 150" in root.locator(".formula").inner_text()
        assert root.bounding_box()["height"] <= 800
        X = numpy.pad(portrait().reshape(300, 2, 256, 2).mean((1, 3)).round(2), 1)
        Y = signal.correlate2d(X, PRESETS["emboss"][0], mode="valid")[::2, ::2]
        row, column = root.locator(".places input").all()
        for i, j in ((0, 0), (149, 127), (71, 33)):
            row.fill(str(i))
            column.fill(str(j))
            name, total = re.split(" = .* = ", root.locator(".sum").inner_text())
            assert name == f"Y[{i}, {j}]"
            assert float(total.replace("−", "-")) == pytest.approx(Y[i, j], abs=6e-5)
        assert root.get_by_role("img", name="the output as an image, 150 by 128").count() == 1
        check_accessible(page)

    def test_it_fits_into_800_pixels_at_its_largest(self, server, visit):
        page = visit(server + "explorer.html#n=12&k=5&p=2&s=1&window=1", server)
        assert page.locator(".d2lconv-explorer").bounding_box()["height"] <= 800
        page.get_by_label("the same for height and width").uncheck()
        assert page.locator(".d2lconv-explorer").bounding_box()["height"] <= 800
        check_accessible(page)

    def test_symbols_and_products_are_linked_to_the_figure(self, server, visit):
        page = visit(server + "explorer.html#n=3&k=2&p=1&s=2&window=2", server)
        root = page.locator(".d2lconv-explorer")

        def orange():
            cells = """all => all.filter((cell) => getComputedStyle(cell).fillOpacity === "0.75" ||
                getComputedStyle(cell).backgroundColor === "rgb(240, 184, 74)")
                .map((cell) => cell.value ?? cell.parentElement.textContent.trim())"""
            return [
                root.locator(f".{grid} :is(rect, .weight)").evaluate_all(cells) for grid in grids
            ]

        grids = ["input", "kernel", "output"]
        assert orange() == [[], [], []]
        root.locator("[data-term='3']").hover()
        assert orange() == [["2"], ["3"], []]
        assert root.locator("[data-term='3']").inner_text() == "2×3"
        page.mouse.move(0, 0)  # otherwise the page scrolls, and the mouse points at a product
        root.locator("[data-symbol=n]").first.focus()
        assert orange() == [[str(number) for number in range(9)], [], []]
        root.locator("[data-symbol=p]").last.focus()
        assert [len(cells) for cells in orange()] == [16, 0, 0]
        root.locator("[data-symbol=k]").last.focus()
        assert orange()[1] == ["0", "1", "2", "3"]
        root.locator("[data-symbol=m]").last.focus()
        assert [len(cells) for cells in orange()] == [0, 0, 4]
