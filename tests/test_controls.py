"""The scripts of players and sliders share controls, have their own scope, and are safe in HTML."""

from __future__ import annotations

import re

from d2lconv.course import bench, field
from d2lconv.draw import controls, picture, style


def test_each_script_has_the_controls_and_its_own_scope():
    for path in (bench.SCRIPT, field.SCRIPT, picture.PLAYER):
        text = controls.script(path)
        assert text.startswith("<script>(() => {\n") and text.endswith("\n})();</script>")
        assert "function player(" in text and "keepKeys(root);" in text
        assert "\n\n" not in text  # an empty line would end the HTML inside Markdown


def test_data_cannot_end_the_script():
    text = controls.script(picture.PLAYER, ["</script><b>"])
    assert text.count("</script>") == 1 and r"\u003c/script>\u003cb>" in text


def test_the_palette_is_defined_once():
    colours = {style.BLUE, style.ORANGE, style.RED, style.STRONG_BLUE}
    assert set(controls.COLOURS.values()) == colours
    scripts = (bench.SCRIPT, field.SCRIPT, picture.PLAYER)
    for path in (*scripts, controls.CONTROLS):
        assert re.findall("#[0-9a-fA-F]{6}", path.read_text("utf-8")) == []
