"""Combine a script for sliders or players with the shared controls and the figures' colours."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from d2lconv.draw.style import BLUE, ORANGE, RED, STRONG_BLUE

CONTROLS = Path(__file__).with_name("controls.js")
COLOURS = {"blue": BLUE, "orange": ORANGE, "red": RED, "strongBlue": STRONG_BLUE}


def script(path: Path, data: Any = None) -> str:
    """Return an HTML script that runs `controls.js` and then the file `path`.

    The two share a separate scope, so that a page can have several such scripts. The file reads
    `data` as the JSON value `DATA`. Comments are left out, and so are empty lines, which would end
    the HTML inside Markdown.
    """
    constants = json.dumps(COLOURS), json.dumps(data).replace("<", r"\u003c")
    code = "const COLOURS = {}, DATA = {};\n".format(*constants)
    code += CONTROLS.read_text("utf-8") + path.read_text("utf-8")
    lines = [line for line in code.splitlines() if line.split("//")[0].strip()]
    return "<script>(() => {\n" + "\n".join(lines) + "\n})();</script>"
