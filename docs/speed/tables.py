"""The tables of the page on speed, from what `make bench` printed."""

from __future__ import annotations

import re
from statistics import geometric_mean

# As docs/speed/corr2d.py calls them, and as the page does; ∇: has a gradient
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
Row = tuple[str, dict[str, float]]  # a name, and the milliseconds for each kernel


def forward(text: str) -> dict[str, dict[str, dict[str, float]]]:
    """Return the milliseconds of the large table: for each image, peer and kernel."""
    (header,) = re.findall(r"^ image +kernel +(.*)$", text, re.MULTILINE)
    sides: dict[str, dict[str, dict[str, float]]] = {}
    for side, kernel, rest in re.findall(r"^ +(\d+) +(\d+x\d+) +(.*\[.*)$", text, re.MULTILINE):
        times = re.findall(r"(-|[\d.]+)(?: \[[^]]*\])?", rest)
        for peer, time in zip(header.split(), times):
            if time != "-":
                sides.setdefault(side, {}).setdefault(peer, {})[kernel] = float(time)
    return sides


def training(text: str) -> dict[str, dict[str, dict[str, float]]]:
    """Return the milliseconds of a pass forward and backward: for each image, peer and kernel."""
    line = r"^(\d+) \((\d+), (\d+)\): ([\d.]+) ms / (-|[\d.]+)"
    sides: dict[str, dict[str, dict[str, float]]] = {}
    for side, height, width, ours, gluon in re.findall(line, text, re.MULTILINE):
        for peer, time in (("ours", ours), ("nn.Conv2D", gluon)):
            if time != "-":
                sides.setdefault(side, {}).setdefault(peer, {})[f"{height}x{width}"] = float(time)
    return sides


def in_order(peers: dict[str, dict[str, float]]) -> list[Row]:
    """Sort the peers, the fastest first; the copy, which computes nothing, comes last.

    They are compared with ours over the kernels that they have a time for.
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


def table(text: str) -> str:
    """Return the tables as HTML: first one for each size of the image, then the training."""
    tables = [_table(f"{s} × {s} pixels", in_order(peers)) for s, peers in forward(text).items()]
    tables += [
        _table(f"{s} × {s} pixels, forward and backward", in_order(peers))
        for s, peers in training(text).items()
    ]
    return "\n".join(tables)
