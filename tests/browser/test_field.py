"""The sliders over receptive fields, on the site's page of Section 6.3, at every setting."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from mxnet import npx

from d2lconv.course.field import SIDE, SLIDERS, path_counts

npx.set_np()
SITE = Path(__file__).parents[2] / "build" / "site"
SETTINGS = list(product(*(range(least, most + 1) for _, _, least, most, _ in SLIDERS)))
TRY_ALL = """settings => {
    const root = document.querySelector(".d2lconv-field");
    return settings.map((numbers) => {
        root.querySelectorAll("input").forEach((slider, i) => {
            slider.value = numbers[i];
            slider.dispatchEvent(new Event("input", { bubbles: true }));
        });
        const drawn = [...root.querySelectorAll("rect[fill-opacity]")];
        return {
            formula: root.querySelector(".formula").textContent,
            sentence: root.querySelector(".sentence").textContent,
            dark: drawn.filter((cell) => Number(cell.getAttribute("fill-opacity")) > 0).length,
            cells: drawn.length,
        };
    });
}"""


@pytest.fixture
def page(visit):
    (path,) = SITE.glob("notebooks/6.3*.html")
    return visit(path.as_uri(), SITE.as_uri())


def test_map_and_formula_agree_with_autograd(page):
    for (k, p, s, depth), shown in zip(SETTINGS, page.evaluate(TRY_ALL, SETTINGS)):
        row = path_counts(SIDE, k, p, s, depth)
        size = 1 + sum((k - 1) * s**layer for layer in range(depth))
        assert shown["formula"].endswith(f" = {size}")
        assert shown["cells"] == (SIDE**2 if row else 0)
        if not row:
            assert shown["sentence"].startswith("No output is left")
            continue
        seen = sum(count > 0 for count in row)
        assert shown["dark"] == seen**2
        assert f"{seen} × {seen}" in shown["sentence"]
        assert f"paths from a pixel to the output is {max(row) ** 2}." in shown["sentence"]
        assert shown["sentence"].startswith("The field covers") == (seen == size)


def test_the_keyboard_works_and_changes_are_announced(page):
    page.locator('.d2lconv-field input[name="depth"]').focus()
    page.keyboard.press("ArrowRight")
    field = page.locator(".d2lconv-field")
    assert field.locator(".formula").inner_text() == "1 + (3 − 1)·1 + (3 − 1)·1 + (3 − 1)·1 = 7"
    assert field.locator("[aria-live]").count() == 1
    assert "7 × 7" in field.locator("svg").get_attribute("aria-label")
