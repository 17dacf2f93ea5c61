"""The kernel bench on the site's page of Section 6.2: its output, its products, its controls."""

from __future__ import annotations

import re
from pathlib import Path

import numpy
import pytest
from PIL import Image
from scipy import signal

from d2lconv.course.bench import PRESETS, flag, portrait
from d2lconv.draw.style import DIVERGING

SITE = Path(__file__).parents[2] / "build" / "site"
STEP = 20  # compare every STEP-th row of pixels
PIXELS = """([canvas, step]) => {
    const { height, width } = canvas, rows = [];
    for (let i = 0; i < height; i += step)
        rows.push([...canvas.getContext("2d").getImageData(0, i, width, 1).data]);
    return rows;
}"""
DROPPED = """(bytes) => {
    const data = new DataTransfer();
    const numbers = bytes.match(/../g).map((byte) => parseInt(byte, 16));
    data.items.add(new File([Uint8Array.from(numbers)], "mine.png", { type: "image/png" }));
    return data;
}"""
PHOTOGRAPH = portrait().reshape(300, 2, 256, 2).mean((1, 3)).round(2)


@pytest.fixture
def open_bench(visit):
    def open_bench(**options):
        (path,) = SITE.glob("notebooks/6.2*.html")
        return visit(path.as_uri(), SITE.as_uri(), **options).locator(".d2lconv-bench")

    return open_bench


def fill(shown, weights, divisor=1):
    """Write a kernel into the boxes."""
    boxes = shown.locator("input[type=number]").all()
    for box, number in zip(boxes, [*numpy.ravel(weights), divisor]):
        box.fill(f"{number:g}")


def drawn(shown, which):
    """Return rows of red, green and blue of the image (0) or the output (1)."""
    canvas = shown.locator("canvas").nth(which).element_handle()
    rows = numpy.array(shown.page.evaluate(PIXELS, [canvas, STEP]))
    return rows.reshape(len(rows), -1, 4)[..., :3]


def expected(image, weights, divisor):
    """Return SciPy's output and its expected colours."""
    output = signal.correlate2d(image, weights, mode="valid") / divisor
    if abs(numpy.sum(weights)) < 1e-9:
        limit = abs(output).max() / 2 or 1
        return output, 255 * DIVERGING((output / limit).clip(-1, 1) / 2 + 0.5)[..., :3]
    return output, 255 * output.clip(0, 1)[..., None].repeat(3, 2)


def test_output_and_products_equal_scipys(open_bench):
    shown, random = open_bench(), numpy.random.default_rng(62)
    others = [(random.integers(-9, 10, (3, 3)) / 4, int(random.integers(1, 9))) for _ in range(4)]
    for image, button in ((PHOTOGRAPH, "photograph"), (flag(), "flag")):
        shown.get_by_role("button", name=button).click()
        for name, (weights, divisor) in [*PRESETS.items(), *((None, other) for other in others)]:
            if name:
                shown.get_by_role("button", name=name, exact=True).click()
            else:
                fill(shown, weights, divisor)
            output, colours = expected(image, weights, divisor)
            # Matplotlib has 256 colours, the canvas any number
            assert abs(drawn(shown, 1) - colours[::STEP]).max() < 4
            row, column = (slider.input_value() for slider in shown.get_by_role("slider").all())
            i, j = int(row), int(column)
            left, *_, total = re.split(" = | ≈ ", shown.locator(".sum").inner_text())
            assert left == f"Y[{i}, {j}]"
            assert float(total.replace("−", "-")) == pytest.approx(output[i, j], abs=6e-5)
            products = shown.locator(".products b").all_inner_texts()
            found = [float(text.replace("−", "-")) for text in products]
            assert found == pytest.approx((image[i : i + 3, j : j + 3] * weights).ravel(), abs=6e-5)
            pressed = shown.locator("[aria-pressed=true]").all_inner_texts()
            assert pressed == ([button, name] if name else [button])
    assert abs(drawn(shown, 0) - 255 * flag()[::STEP, :, None]).max() < 1


def test_pointing_at_a_pixel_shows_its_window(open_bench):
    shown = open_bench(viewport={"width": 1280, "height": 900})
    for which, edge in ((0, 1), (1, 0)):
        canvas = shown.locator(".drawing").nth(which)
        scale = (300 - 2 * which) / canvas.bounding_box()["height"]
        canvas.hover(position={"x": 60.5, "y": 90.5})
        i, j = (int(scale * at) - edge for at in (90.5, 60.5))
        assert shown.locator(".sum").inner_text().startswith(f"Y[{i}, {j}] = ")
        canvas.hover(position={"x": 0.4, "y": 0.4})
        assert shown.locator(".sum").inner_text().startswith("Y[0, 0] = ")


def test_the_keyboard_works(open_bench):
    shown = open_bench()
    shown.get_by_role("button", name="identity").focus()
    shown.page.keyboard.press("Enter")
    assert shown.locator("input[type=number]").nth(4).input_value() == "1"
    shown.get_by_label("weight in row 1, column 1").press("ArrowUp")
    assert shown.locator(".total").inner_text() == "The weights add up to 2."
    assert shown.locator(".choices [aria-pressed=true]").all_inner_texts() == ["photograph"]
    row, column = shown.get_by_role("slider").all()
    row.press("Home")
    column.press("End")
    column.press("ArrowLeft")
    height, width = PHOTOGRAPH.shape
    assert shown.locator(".sum").inner_text().startswith(f"Y[0, {width - 4}] = ")
    row.press("End")
    assert shown.locator(".sum").inner_text().startswith(f"Y[{height - 3}, {width - 4}] = ")


def test_the_reader_s_image_takes_the_place_of_the_photograph(open_bench, tmp_path):
    shown, random = open_bench(), numpy.random.default_rng(7)
    image = random.integers(0, 256, (40, 60, 3), numpy.uint8)
    Image.fromarray(image).save(tmp_path / "mine.png")
    (tmp_path / "broken.png").write_bytes(b"no image")
    with shown.page.expect_file_chooser() as chosen:
        shown.get_by_role("button", name="your image").click()
    chosen.value.set_files(tmp_path / "broken.png")
    shown.locator(".trouble", has_text="can't show this file as an image").wait_for()
    assert shown.locator("[aria-pressed=true]").first.inner_text() == "photograph"
    with shown.page.expect_file_chooser() as chosen:
        shown.get_by_role("button", name="your image").click()
    chosen.value.set_files(tmp_path / "mine.png")
    shown.get_by_role("button", name="your image", pressed=True).wait_for()
    check_own_image(shown, image)
    data = shown.page.evaluate_handle(DROPPED, (tmp_path / "mine.png").read_bytes().hex())
    shown.get_by_role("button", name="flag").click()
    shown.dispatch_event("drop", {"dataTransfer": data})
    shown.get_by_role("button", name="your image", pressed=True).wait_for()
    check_own_image(shown, image)


def check_own_image(shown, image):
    grey = (image.mean(2) / 2.55).round() / 100
    assert abs(drawn(shown, 0) - 255 * grey[::STEP, :, None]).max() <= 2.6
    weights, divisor = PRESETS["vertical edges"]
    _, colours = expected(grey, weights, divisor)
    assert abs(drawn(shown, 1) - colours[::STEP]).max() < 16


def test_an_image_is_as_small_as_the_photograph(open_bench, tmp_path):
    shown = open_bench()
    Image.new("RGBA", (900, 60), "red").save(tmp_path / "wide.png")
    shown.locator("[type=file]").set_input_files(tmp_path / "wide.png")
    shown.get_by_role("img", name="the input as an image, 20 by 300").wait_for()
    assert abs(drawn(shown, 0) - 255 * 0.33).max() < 1


def test_a_tap_shows_the_nine_products(open_bench):
    shown = open_bench(viewport={"width": 360, "height": 740}, has_touch=True)
    for which, edge in ((0, 1), (1, 0)):
        canvas = shown.locator(".drawing").nth(which)
        scale = (300 - 2 * which) / canvas.bounding_box()["height"]
        canvas.tap(position={"x": 40.5, "y": 60.5})
        i, j = map(int, re.findall(r"\d+", shown.locator(".sum").inner_text())[:2])
        assert abs(i - scale * 60.5 + edge) < 3 and abs(j - scale * 40.5 + edge) < 3
        found = shown.locator(".products b").all_inner_texts()
        window, weights = PHOTOGRAPH[i : i + 3, j : j + 3], PRESETS["vertical edges"][0]
        products = [float(text.replace("−", "-")) for text in found]
        assert products == pytest.approx((window * weights).ravel(), abs=6e-5)
        canvas.tap(position={"x": 0.4, "y": 0.4})


def test_its_settings_are_in_the_address(open_bench, visit):
    shown = open_bench()
    shown.get_by_role("button", name="flag").click()
    fill(shown, [[0, 1, 0], [0.5, 0, -2], [0, 0, 1]], 4)
    row, column = shown.get_by_role("slider").all()
    row.press("Home")
    column.press("End")
    again = visit(shown.page.url, SITE.as_uri()).locator(".d2lconv-bench")
    texts = [bench.locator(".sum").inner_text() for bench in (shown, again)]
    assert texts[0] == texts[1] and texts[0].startswith("Y[0, 253] = ")
    assert again.locator("[aria-pressed=true]").all_inner_texts() == ["flag"]
    assert abs(drawn(shown, 1) - drawn(again, 1)).max() == 0
    page = visit(shown.page.url.split("#")[0] + "#input=x&kernel=a+b&window=-7", SITE.as_uri())
    assert page.locator(".d2lconv-bench .sum").inner_text().startswith("Y[0, 0] = ")
