"""Checks for every picture, in JupyterLab and on the site."""

from __future__ import annotations

from playwright.sync_api import Locator, expect


def check_picture(image: Locator) -> None:
    """Check that a picture is visible and has an alternative text."""
    image.evaluate("image => image.loading = 'eager'")  # one further down loads on scrolling
    expect(image).not_to_have_js_property("naturalWidth", 0, timeout=60_000)
    assert len(image.get_attribute("alt")) > 10


def check_player(figure: Locator) -> None:
    """Step, play and stop an animation, and check that its picture changes."""
    image, position = figure.locator("img"), figure.locator("output")
    shown = [image.get_attribute("src")]
    assert position.inner_text() == "1"
    figure.get_by_role("button", name="next position").click()
    assert position.inner_text() == "2"
    shown.append(image.get_attribute("src"))
    play = figure.get_by_role("button", name="play or pause")
    play.click()
    figure.locator("output", has_text="3").wait_for()
    play.click()
    shown.append(image.get_attribute("src"))
    assert len(set(shown)) == 3
    for key, there in (("Home", "1"), ("ArrowRight", "2")):
        figure.get_by_role("slider").press(key)
        assert position.inner_text() == there
