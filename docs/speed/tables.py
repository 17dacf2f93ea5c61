"""Make the tables and the plot of the speed page from the results of `make bench`."""

from __future__ import annotations

import io
import re
from statistics import geometric_mean
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure

from d2lconv.draw.style import BLUE, GREEN, GREY, ORANGE, RED, STRONG_BLUE

# The names in docs/speed/corr2d.py and on the page; ∇: has a gradient
NAMES = {
    "ours": "<code>corr2d</code> ∇",
    "loop": "the loop ∇",
    "nn.Conv2D": "<code>nn.Conv2D</code> ∇",
    "torch": "PyTorch ∇",
    "correlate": "SciPy <code>correlate</code>",
    "correlate2d": "SciPy <code>correlate2d</code>",
    "filter2D": "OpenCV",
    "copy": "one copy",
}
STYLES = {  # colour, marker, dashes
    "ours": ("#000000", "o", ""),
    "loop": (GREY, "v", ""),
    "nn.Conv2D": (RED, "s", ""),
    "torch": (ORANGE, "^", "6 2"),
    "correlate": (STRONG_BLUE, "D", ""),
    "correlate2d": (BLUE, "d", "6 2"),
    "filter2D": (GREEN, "P", ""),
    "copy": ("#CC79A7", "_", "2 2"),
}
Row = tuple[str, dict[str, float]]  # a name, and the milliseconds for each kernel


def by_image(cases: list[dict[str, Any]]) -> dict[str, dict[str, dict[str, float]]]:
    """Return the milliseconds for each image's side, peer and kernel."""
    sides: dict[str, dict[str, dict[str, float]]] = {}
    for case in cases:
        side, kernel = str(case["image"][0]), "{}x{}".format(*case["kernel"])
        for peer, time in case["milliseconds"].items():
            sides.setdefault(side, {}).setdefault(peer, {})[kernel] = time
    return sides


def in_order(peers: dict[str, dict[str, float]]) -> list[Row]:
    """Sort the peers by speed, with the copy last.

    Each is compared with ours over the kernels that it was timed for.
    """

    def pace(peer: str) -> float:
        times = peers[peer]
        return geometric_mean(
            [max(time, 0.001) / peers["ours"][kernel] for kernel, time in times.items()]
        )

    return [(peer, peers[peer]) for peer in sorted(peers, key=lambda p: (p == "copy", pace(p)))]


def _table(caption: str, rows: list[Row]) -> str:
    kernels = list(dict(rows)["ours"])
    lines = ["<tr><th>Kernel</th>"]
    lines += [f'<th scope="col">{kernel.replace("x", "×")}</th>' for kernel in kernels] + ["</tr>"]
    best = {k: min(t[k] for peer, t in rows if k in t and peer != "copy") for k in kernels}
    for peer, times in rows:
        kind = f' class="{peer}"' if peer in ("ours", "copy") else ""
        lines.append(f'<tr{kind}><th scope="row">{NAMES[peer]}</th>')
        for kernel in kernels:
            if kernel not in times:
                lines.append("<td>–</td>")
            elif peer != "copy" and times[kernel] == best[kernel]:
                lines.append(f"<td><b>{_short(times[kernel])}</b></td>")
            else:
                lines.append(f"<td>{_short(times[kernel])}</td>")
        lines.append("</tr>")
    table = f'<table class="speed"><caption>{caption}</caption>{"".join(lines)}</table>'
    return f'<div class="table-wrapper">{table}</div>'


def _short(time: float) -> str:
    if time < 0.01:
        return "&lt;0.01"
    return f"{time:.2f}" if time < 1 else f"{time:.1f}" if time < 10 else f"{time:.0f}"


def table(results: dict[str, Any]) -> str:
    """Return the tables as HTML: one for each image size, then those for training."""
    kinds = {"forward": "", "training": ", forward and backward"}
    tables = [
        _table(f"{side} × {side} pixels{words}", in_order(peers))
        for kind, words in kinds.items()
        for side, peers in by_image(results[kind]).items()
    ]
    return "\n".join(tables)


def plot(results: dict[str, Any]) -> str:
    """Return time against pixels as HTML: one drawing for each kernel, and one legend.

    The drawings are SVG in the page, so that black is the page's text colour, light or dark.
    """
    sides = by_image(results["forward"])
    kernels = list(dict.fromkeys("{}x{}".format(*case["kernel"]) for case in results["forward"]))
    drawings = [_drawing(kernel, sides) for kernel in kernels]
    names = "".join(
        f'<li><svg width="40" height="12" aria-hidden="true"><path d="M0 6h40" stroke="{colour}" '
        f'stroke-width="{2.5 if peer == "ours" else 1.5}" stroke-dasharray="{dashes}"/></svg> '
        f"{NAMES[peer]}</li>"
        for peer, (colour, _, dashes) in STYLES.items()
    ).replace("#000000", "currentColor")
    return f'<div class="speed-plot">{"".join(drawings)}</div><ul class="speed-legend">{names}</ul>'


def _drawing(kernel: str, sides: dict[str, dict[str, dict[str, float]]]) -> str:
    figure = Figure(figsize=(3.4, 2.8), layout="constrained")
    ax = figure.subplots()
    for peer, (colour, marker, dashes) in STYLES.items():
        times = {int(side): peers.get(peer, {}).get(kernel) for side, peers in sides.items()}
        points = [(side**2, time) for side, time in times.items() if time]
        style = {"linewidth": 2.5 if peer == "ours" else 1.5, "marker": marker, "markersize": 5}
        dash = (0, tuple(int(n) for n in dashes.split())) if dashes else "-"
        ax.loglog(*zip(*points), color=colour, linestyle=dash, **style) if points else None
    label = f"kernel {kernel.replace('x', '×')}"
    ax.set(title=label, xlabel="pixels", ylabel="milliseconds", xlim=(400, 4e7), ylim=(0.005, 1e4))
    ax.grid(alpha=0.3)
    file = io.StringIO()
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": kernel}):
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None})
    drawing = re.sub(
        r' id="[a-z_]+[\d.]*_\d+"|<metadata>.*?</metadata>', "", file.getvalue(), flags=re.S
    )
    drawing = drawing[drawing.index("<svg") :].replace("#000000", "currentColor")
    drawing = re.sub(r"\n\s*", " ", drawing)  # an empty line would end the HTML inside of Markdown
    label = f"Time against pixels with a {label}. The tables below have the numbers."
    return drawing.replace("<svg", f'<svg fill="currentColor" role="img" aria-label="{label}"', 1)
