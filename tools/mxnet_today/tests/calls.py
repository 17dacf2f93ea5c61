"""Make the calls in calls.tsv, and compare each result with the one stored for NumPy 1.

    python calls.py            list calls whose result differs from the stored one
    python calls.py --write    store the results of this NumPy

A line of calls.tsv has a call, its result with NumPy 1, its result with NumPy 2 if that differs,
and the reason. docs/mxnet.md lists the differences. Each call starts from the same arrays and the
same random state.
"""
# ruff: noqa: F401 - what the calls use

from __future__ import annotations

import contextlib
import copy
import io
import json
import math
import pickle
import random
import re
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

import mxnet as mx
import numpy
from mxnet import autograd, gluon, init, np, npx
from mxnet.gluon import nn, rnn

TABLE = Path(__file__).with_name("calls.tsv")
NUMPY_2 = int(numpy.__version__.partition(".")[0]) >= 2


def net(hybrid: bool = False) -> nn.Block:
    """Return a small convolutional network."""
    block = (nn.HybridSequential if hybrid else nn.Sequential)()
    block.add(nn.Conv2D(2, 3), nn.BatchNorm(), nn.Activation("relu"), nn.MaxPool2D(2))
    block.add(nn.Flatten(), nn.Dense(3))
    block.initialize(init.Constant(0.1))
    if hybrid:
        block.hybridize()
    return block


def train(optimizer: str = "sgd", hybrid: bool = False, **settings: Any) -> float:
    """Train the network for three steps and return the last loss."""
    block, X = net(hybrid), np.arange(256).reshape(4, 1, 8, 8) / 256
    y, loss = np.array([0, 1, 2, 0]), gluon.loss.SoftmaxCrossEntropyLoss()
    trainer = gluon.Trainer(block.collect_params(), optimizer, settings or {"learning_rate": 0.1})
    for _ in range(3):
        with autograd.record():
            value = loss(block(X), y)
        value.backward()
        trainer.step(4)
    return float(value.mean())


def grad(function: Any, *arrays: Any) -> list:
    """Return the gradient of a function's sum for each array."""
    for array in arrays:
        array.attach_grad()
    with autograd.record():
        value = function(*arrays).sum()
    value.backward()
    return [array.grad.tolist() for array in arrays]


def layer(block: nn.Block, *shape: int) -> Any:
    """Apply a layer, its weights 0.1, to the numbers from 0 in an array of that shape."""
    block.initialize(init.Constant(0.1))
    return block(np.arange(math.prod(shape)).reshape(shape) / 10)


def drawn(initializer: Any) -> Any:
    """Return an initializer's numbers for a layer."""
    block = nn.Dense(3, in_units=4)
    block.initialize(initializer)
    return block.weight.data()


def metric(name: Any, label: Any = (0, 1), pred: Any = ((0.9, 0.1), (0.3, 0.7)), **settings) -> Any:
    """Update a metric twice and return its value."""
    it = mx.metric.create(name, **settings)
    for _ in range(2):
        it.update([mx.nd.array(label)], [mx.nd.array(pred)])
    return it.get()


def loaded(dataset: Any = None, **settings: Any) -> list:
    """Return the sums of the batches of a DataLoader."""
    data = gluon.data.ArrayDataset(np.arange(10), np.arange(10)) if dataset is None else dataset
    return [float(y.sum()) for _, y in gluon.data.DataLoader(data, 4, **settings)]


def transformed(transform: Any, size: int = 8) -> Any:
    """Return the mean of a transformed image, and its shape."""
    image = np.array(numpy.arange(size * size * 3).reshape(size, size, 3) % 255, dtype="uint8")
    changed = transform(image)
    return changed.shape, str(changed.dtype), float(changed.astype("float32").mean())


def rates(schedule: Any) -> list:
    """Return the learning rates of the first updates."""
    return [schedule(update) for update in range(1, 8)]


def setting(array: Any, index: Any, value: Any) -> Any:
    """Set elements and return the array."""
    array[index] = value
    return array


def printed(function: Any, *arguments: Any) -> int:
    """Return the number of lines that a function prints."""
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        function(*arguments)
    return len(text.getvalue().splitlines())


def file(name: str = "file") -> str:
    """Return the name of a file that doesn't exist yet."""
    return str(Path(tempfile.mkdtemp(), name))


def saved(save: Any, load: Any) -> Any:
    """Save to a file and load it again."""
    name = file()
    save(name)
    return load(name)


def names() -> dict[str, Any]:
    """Return the names for the calls."""
    mx.random.seed(3)
    numpy.random.seed(3)  # noqa: NPY002 - MXNet draws from it
    random.seed(3)
    arrays = {
        "X": np.arange(9).reshape(3, 3),
        "v": np.array([1.0, 2.0, 3.0]),
        "s": np.array(6.0),
        "N": numpy.arange(9.0).reshape(3, 3),
        "F": numpy.arange(9, dtype="float32").reshape(3, 3),
        "A": mx.nd.array([[1, 2], [3, 4]]),
        "f32": numpy.float32(0.1),
        "f64": numpy.float64(0.1),
        "i64": numpy.int64(2),
        "T": gluon.data.vision.transforms,
        "loss": gluon.loss,
        "lr": mx.lr_scheduler,
    }
    return {**globals(), **arrays}


def show(value: Any) -> str:
    """Write a result in one line: kinds, shapes, dtypes, numbers to five digits."""
    if isinstance(value, (mx.nd.NDArray, numpy.ndarray)):
        kind = "np" if isinstance(value, np.ndarray) else "nd"
        kind = "numpy" if isinstance(value, numpy.ndarray) else kind
        numbers = value if kind == "numpy" else value.asnumpy()
        text = show(numbers.ravel().tolist()[:8])
        return f"{kind} {numpy.dtype(value.dtype).name} {tuple(value.shape)} {text}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(show, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {show(item)}" for key, item in value.items()) + "}"
    if isinstance(value, float):  # or NumPy's float64, which is one
        return f"{value:.5g}"
    if isinstance(value, numpy.generic):
        return f"numpy {value.dtype.name} {show(value.item())}"
    return re.sub(r"0x\w+|/tmp/\S+", "...", " ".join(str(value).split()))[:200]


def make(call: str) -> str:
    """Make a call, and return its result or the name of its error in one line."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            result = show(eval(call, names()))
            mx.nd.waitall()
        except Exception as error:
            result = type(error).__name__
    return result


def same(call: str, one: str, other: str) -> bool:
    """Return whether two results agree; training amplifies differences between processors."""
    if call.startswith("train(") and not any(text.endswith("Error") for text in (one, other)):
        return math.isclose(float(one), float(other), rel_tol=0.01)
    return one == other


def read() -> list[list[str]]:
    """Return the rows of calls.tsv: call, NumPy 1, NumPy 2, reason."""
    rows = [line.split("\t") for line in TABLE.read_text().splitlines()]
    return [row + [""] * (4 - len(row)) for row in rows]


def main() -> int:
    """Make all calls, and print or store the differences."""
    npx.set_np()
    rows = read()
    wrong = 0
    for row in rows:
        result, expected = make(row[0]), (NUMPY_2 and row[2]) or row[1]
        if same(row[0], result, expected):
            continue
        wrong += 1
        print(f"{row[0]}\n    stored {expected}\n    got    {result}")
        if NUMPY_2:
            row[2] = "" if same(row[0], result, row[1]) else result
        else:
            row[1] = result
    if "--write" in sys.argv:
        TABLE.write_text("".join("\t".join(row).rstrip("\t") + "\n" for row in rows))
    print(f"{len(rows)} calls, {wrong} not as stored")
    return wrong > 0


if __name__ == "__main__":
    sys.exit(main())
