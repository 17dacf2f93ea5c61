"""The built site, from a server and from files, as a reader's browser shows it."""

from __future__ import annotations

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import product
from pathlib import Path

import numpy
import pytest
from scipy import signal

import d2lconv
from d2lconv import conv2d_output_shape
from d2lconv.explorer import SLIDERS
from d2lconv.geometry import reach
from tests.browser.pictures import check_picture, check_player

ROOT = Path(__file__).parents[2]
SITE = ROOT / "build" / "site"
AXE = ROOT / "build" / "npm" / "node_modules" / "axe-core" / "axe.min.js"
PAGES = sorted(str(path.relative_to(SITE)) for path in SITE.rglob("*.html"))
NOTEBOOKS = [f"notebooks/{path.stem}.html" for path in (ROOT / "notebooks").glob("*.ipynb")]
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]  # A and AA of WCAG 2.0 to 2.2
MATHS_DONE = "window.MathJax ? MathJax.startup.promise.then(() => true) : true"

# What sticks out of the screen to the right, and is in no box that scrolls
TOO_WIDE = """() => [...document.querySelectorAll("article *")].filter((element) => {
    const { right, width } = element.getBoundingClientRect();
    if (!width || right <= innerWidth + 1) return false;
    for (let box = element.parentElement; box.tagName !== "ARTICLE"; box = box.parentElement)
        if (["auto", "scroll"].includes(getComputedStyle(box).overflowX)) return false;
    return true;
}).map((element) => element.outerHTML.slice(0, 100))"""


SETTINGS = list(product(*(range(least, most + 1) for _, _, least, most in SLIDERS)))
# What the explorer shows at each of the settings
TRY_ALL = """settings => {
    const root = document.querySelector(".d2lconv-explorer");
    const text = (name) => root.querySelector(name).textContent;
    return settings.map((numbers) => {
        root.querySelectorAll("input").forEach((slider, i) => {
            slider.value = numbers[i];
            slider.dispatchEvent(new Event("input", { bubbles: true }));
        });
        const count = (kind) => root.querySelectorAll(`svg .${kind}`).length;
        return {
            formula: text(".formula"), sentence: text(".sentence"),
            label: root.querySelector("svg").getAttribute("aria-label"),
            count: ["pixel", "padding", "weight", "element", "unread"].map(count),
            numbers: [...root.querySelectorAll("svg text")].map((e) => e.textContent),
            sum: text(".sum"),
        };
    });
}"""


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and prints nothing."""

    def log_message(self, *args) -> None:
        """Print nothing."""


@pytest.fixture(scope="module")
def server():
    with ThreadingHTTPServer(("localhost", 0), partial(Quiet, directory=SITE)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()


@pytest.fixture(params=["server", "file"])
def home(request):
    return SITE.as_uri() + "/" if request.param == "file" else request.getfixturevalue("server")


def test_the_site_has_the_notebooks_and_the_pages_around_them():
    to_read = ["index", "corrections", "course", "teachers", "speed", "api"]
    to_use = ["exercises", "explorer", "search"]
    assert {*NOTEBOOKS, *(f"{name}.html" for name in to_read + to_use)} <= set(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_its_maths_and_pictures_and_fetches_nothing_from_elsewhere(name, home, visit):
    page = visit(home + name, home)
    assert page.evaluate(MATHS_DONE)
    assert page.locator("mjx-container svg").count() == page.locator(".math").count()
    assert page.locator("mjx-merror, [data-mjx-error]").count() == 0
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
def test_a_page_is_accessible_and_fits_the_screen_in_either_theme(name, server, visit):
    page = visit(server + name, server)
    assert page.evaluate(MATHS_DONE)
    page.add_script_tag(path=AXE)
    for size, theme in product([WIDE, PHONE], ["light", "dark"]):
        page.set_viewport_size(size)
        page.evaluate("new Promise(requestAnimationFrame)")  # after the page has been told
        page.emulate_media(color_scheme=theme)
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
def test_animations_play_and_stop_at_a_button(name, home, visit):
    page = visit(home + name, home, reduced_motion="reduce")
    players = page.locator("figure:has(figcaption)")
    assert players.count() >= (0 if "/6.1" in name else 1)
    for player in players.all():
        check_player(player)


def test_the_front_page_s_picture_moves_unless_the_reader_wants_it_still(server, visit):
    page = visit(server, server)
    below = "document.querySelector('.front').getBoundingClientRect().bottom"
    assert page.evaluate(below) <= page.viewport_size["height"]
    page.locator(".front output", has_text="2").wait_for()
    page.get_by_role("button", name="play or pause").click()
    still = visit(server, server, reduced_motion="reduce")
    assert still.get_by_role("button", name="play or pause").inner_text() == "play"


def test_the_search_finds_a_word_and_leads_to_it(home, visit):
    page = visit(home + "index.html", home)
    page.get_by_role("textbox", name="Search").first.fill("transposed")
    page.keyboard.press("Enter")
    page.locator("#search-results a", has_text="6.2 Convolutions for Images").first.click()
    assert page.locator("h1").inner_text().startswith("6.2 Convolutions for Images")
    assert page.get_by_text("transposed").first.is_visible()


def test_the_package_s_page_documents_every_public_name(server, visit):
    page = visit(server + "api.html", server)
    documented = page.locator("dt .descname").all_inner_texts()
    assert set(d2lconv.__all__) <= set(documented)


class TestExplorer:
    """The sliders of padding and stride, which need no kernel."""

    def test_it_agrees_with_the_package_on_every_setting(self, home, visit):
        page = visit(home + "explorer.html", home)
        seen = page.evaluate(TRY_ALL, SETTINGS)
        for shown in seen:
            assert shown["sentence"] in shown["label"]
        seen = dict(zip(SETTINGS, seen))
        empty = [(n, k, p, s) for n, k, p, s in SETTINGS if k > n + 2 * p]
        for n, k, p, s in empty:
            shown = seen.pop((n, k, p, s))
            assert (shown["formula"], shown["sum"]) == ("", "")
            assert shown["sentence"].startswith("No output")
            assert shown["count"] == [n * n, (n + 2 * p) ** 2 - n * n, k * k, 0, 0]
        for (n, k, p, s), shown in seen.items():
            m, _ = conv2d_output_shape((n, n), (k, k), p, s)
            size, reached = n + 2 * p, reach((n, n), (k, k), (p, p), (s, s)).reached
            assert shown["formula"].endswith(f"= ⌊({n} + 2·{p} − {k}) / {s}⌋ + 1 = {m}")
            assert f"gives {m} × {m}." in shown["sentence"]
            rows_left = int((~reached.any(axis=1)).sum())
            assert (f"{rows_left} of the {size} rows" in shown["sentence"]) == (rows_left > 0)
            unread = int((~reached).sum())
            assert shown["count"] == [n * n, size * size - n * n, k * k, m * m, unread]
            X = numpy.pad(numpy.arange(n * n).reshape(n, n), p)
            K = numpy.arange(k * k).reshape(k, k)
            Y = signal.correlate2d(X, K, mode="valid")[::s, ::s]
            assert shown["numbers"] == [str(number) for A in (X, K, Y) for number in A.flat]
            assert shown["sum"].endswith(f" = {Y[m // 2, m // 2]}")
            products = [term.split("·") for term in shown["sum"].split(" = ")[0].split(" + ")]
            assert sum(int(x) * int(w) for x, w in products) == Y[m // 2, m // 2]

    def test_it_follows_keys(self, server, visit):
        page = visit(server + "explorer.html", server)
        page.get_by_role("slider", name="n, input").focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Tab")
        page.keyboard.press("End")
        formula = page.locator(".formula")
        assert formula.inner_text().endswith("= ⌊(4 + 2·1 − 5) / 2⌋ + 1 = 1")
        assert page.get_by_role("img", name="gives 1 × 1").count() == 1

    def test_it_follows_fingers(self, server, visit):
        page = visit(server + "explorer.html", server, viewport=PHONE, has_touch=True)
        slider = page.get_by_role("slider", name="p, padding per side")
        box = slider.bounding_box()
        slider.tap(position={"x": box["width"] - 4, "y": box["height"] / 2})
        assert slider.input_value() == "2"
        assert page.locator(".formula").inner_text().endswith("(3 + 2·2 − 2) / 2⌋ + 1 = 3")
