"""Time `corr2d` against other libraries: `make bench` writes corr2d.json and prints it as a table.

The site draws its tables and its plot from that file.

Everything is float32, with two threads. The libraries take turns. Each timed run follows an
untimed one, so that another library's idle threads don't slow it down. Compare the medians and
their ratios: absolute times depend on the machine.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "2"  # MXNet's default is half of the cores
os.environ["GOMP_SPINCOUNT"] = "1000"  # idle threads leave the cores to others

import cv2
import numpy
import torch
from mxnet import autograd, np, npx
from mxnet.gluon import nn
from scipy import signal

from d2lconv import Conv2D, corr2d, corr2d_loop

npx.set_np()
torch.set_num_threads(2)
cv2.setNumThreads(2)

BUDGET = 8  # seconds for one call; slower calls are left out
RESULTS = Path(__file__).with_suffix(".json")
SIDES = 28, 224, 1024, 4096
KERNELS = (1, 2), (3, 3), (5, 5), (11, 11), (31, 31), (63, 63)


def conv_block(kernel):
    """Return Gluon's convolution with one filter, and that filter."""
    block = nn.Conv2D(1, kernel_size=kernel.shape)
    block.initialize()
    block(np.zeros((1, 1) + kernel.shape))
    block.weight.set_data(kernel.reshape(1, 1, *kernel.shape))
    return block


def bare(X, K):
    """Return MXNet's convolution on 4-D arrays, without our checks."""
    X, K = (a.reshape(1, 1, *a.shape).copy() for a in (X, K))
    return lambda: npx.convolution(data=X, weight=K, kernel=K.shape[2:], num_filter=1, no_bias=True)


def peers(x, k):
    """Return each peer's call for an image and a kernel (NumPy arrays)."""
    X, K = np.array(x), np.array(k)
    X4, block = X.reshape(1, 1, *X.shape).copy(), conv_block(K)
    tx, tk = (torch.from_numpy(a)[None, None] for a in (x, k))
    top, left = (n // 2 for n in k.shape)
    rows, columns = (n - m + 1 for n, m in zip(x.shape, k.shape))

    def filter2d():  # as large as the image: the valid part is inside
        y = cv2.filter2D(x, -1, k)
        return y[top : top + rows, left : left + columns]

    return {
        "ours": lambda: corr2d(X, K),
        "loop": lambda: corr2d_loop(X, K),
        "nn.Conv2D": lambda: block(X4),
        "torch": lambda: torch.nn.functional.conv2d(tx, tk),
        "correlate": lambda: signal.correlate(x, k, "valid"),
        "correlate2d": lambda: signal.correlate2d(x, k, "valid"),
        "filter2D": filter2d,
        "copy": lambda: X.copy(),
    }


def timed(call):
    """Return a call's seconds and its result. MXNet computes asynchronously, so wait for it."""
    start = time.perf_counter()
    result = call()
    if hasattr(result, "wait_to_read"):
        result.wait_to_read()
    return time.perf_counter() - start, result


def medians(calls, seconds=1.0, most=31):
    """Time the calls in turns; return the median seconds of each."""
    first = {name: timed(call)[0] for name, call in calls.items()}
    times = {name: [t] if t > seconds else [] for name, t in first.items()}
    for turn in range(most):
        for name, call in calls.items():
            if turn < min(most, seconds / first[name]):
                timed(call)
                times[name].append(timed(call)[0])
    return {name: statistics.median(t) for name, t in times.items()}


def row(image, kernel, times):
    """Print a case, and return it in the stored form."""
    milliseconds = {name: round(seconds * 1e3, 4) for name, seconds in times.items()}
    print(*image, "with", *kernel, milliseconds, flush=True)
    return {"image": list(image), "kernel": list(kernel), "milliseconds": milliseconds}


def forward():
    """Compare all peers."""
    random = numpy.random.RandomState(0)
    rows, pace = [], {}
    for side in SIDES:
        x = random.randn(side, side).astype("float32")
        for kernel in KERNELS:
            if max(kernel) > side:
                continue
            k = random.randn(*kernel).astype("float32")
            calls = peers(x, k)
            work = {name: x.size * (1 if name == "loop" else k.size) for name in calls}
            for name in list(calls):  # leave out calls that are bound to be slow
                if pace.get(name, 0) * work[name] > BUDGET:
                    del calls[name]
            want = numpy.asarray(calls["correlate"]())
            for name in calls:
                if name not in ("nn.Conv2D", "correlate", "correlate2d", "copy", "loop"):
                    got = calls[name]()
                    got = numpy.asarray(got.asnumpy() if hasattr(got, "asnumpy") else got)
                    numpy.testing.assert_allclose(
                        got.reshape(want.shape), want, atol=1e-3 * k.size**0.5
                    )
            times = medians(calls)
            for name in ("loop", "nn.Conv2D", "correlate2d"):
                if times.get(name, 0) > 0.1:
                    pace[name] = times[name] / work[name]
            rows.append(row(x.shape, kernel, times))
    return rows


def small():
    """Compare small images with the bare convolution call."""
    rows = []
    for shape, kernels in ((6, 8), [(1, 2)]), ((28, 28), KERNELS[:4]):
        for kernel in kernels:
            X, K = np.random.randn(*shape), np.random.randn(*kernel)
            times = medians({"ours": partial(corr2d, X, K), "bare": bare(X, K)}, most=201)
            rows.append(row(shape, kernel, times))
    return rows


def train_step(block, X):
    """Return a call that runs a block forward and backward."""

    def step():
        with autograd.record():
            loss = block(X)
        loss.backward()
        for parameter in block.collect_params().values():
            parameter.grad().wait_to_read()

    return step


def training():
    """Compare a forward and backward pass with nn.Conv2D's."""
    rows, pace = [], 0
    for side in SIDES[:3]:
        X = np.random.randn(side, side)
        for kernel in KERNELS:
            work = X.size * kernel[0] * kernel[1]
            if max(kernel) > side:
                continue
            ours = Conv2D(kernel)
            ours.initialize()
            calls = {"ours": train_step(ours, X)}
            if pace * work < BUDGET:
                block = conv_block(np.zeros(kernel))
                X4 = X.reshape(1, 1, side, side).copy()
                calls["nn.Conv2D"] = train_step(block, X4)
            times = medians(calls)
            if times.get("nn.Conv2D", 0) > 0.1:
                pace = times["nn.Conv2D"] / work
            rows.append(row(X.shape, kernel, times))
    return rows


def memory():
    """Return the memory peak at 4096x4096 with 31x31, without input and output, in images."""
    command = [sys.executable, __file__, "--memory"]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def memory_child():
    """Measure this process's peak during one call, in images."""

    def status(field):
        with open("/proc/self/status") as lines:
            return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field))

    corr2d(np.ones((256, 256)), np.ones((31, 31))).wait_to_read()
    X, K = np.ones((4096, 4096)), np.ones((31, 31))
    X.wait_to_read()
    before = status("VmRSS")
    Y = corr2d(X, K)
    Y.wait_to_read()
    print(round((status("VmHWM") - before - Y.size * 4) / (X.size * 4), 2))


def show(results):
    """Print the results as tables: milliseconds, and in brackets ours / peer."""
    for part in ("small", "training", "forward"):
        print(f"\n{part}")
        for case in results[part]:
            times = case["milliseconds"]
            shapes = ["x".join(map(str, case[name])) for name in ("image", "kernel")]
            ratios = [f"{p} {t:.2f} [{times['ours'] / (t or 1e-3):.2g}]" for p, t in times.items()]
            print(*shapes, *ratios, sep="  ")
    print(f"\npeak memory at 4096x4096 with 31x31, in images: {results['memory']}")


def main():
    """Measure, write corr2d.json and print it; measure the memory peak in a separate process."""
    if sys.argv[1:] == ["--memory"]:
        return memory_child()
    if sys.argv[1:] != ["--show"]:
        results = {part.__name__: part() for part in (small, training, forward, memory)}
        RESULTS.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    show(json.loads(RESULTS.read_text("utf-8")))


if __name__ == "__main__":
    main()
