"""The functions that MXNet generates are compiled once, kept, and the same as before."""

from __future__ import annotations

import json
import marshal
import os
import subprocess
import sys
from pathlib import Path

import pytest
from mxnet_today.generated import CALL, STAND_IN, Generated, with_address

SOURCE = "def double(x):\n    return _imperative_invoke(%d, x)"
# Prints what a user can see of every generated function, and how many were compiled
LOOK = """
import builtins, hashlib, inspect, json, sys
from pathlib import Path
from mxnet_today import generated
made, compiled = generated.Generated.__init__, []
def init(self, *args):
    made(self, *args)
    self.files = [Path(file) for file in sys.argv[1:]]
    self.compiled = {}
    self.complete = any(map(self.read, self.files))
generated.Generated.__init__ = init
generated.compile = lambda *args, **kwargs: compiled.append(0) or builtins.compile(*args, **kwargs)
import mxnet
functions = {}
for name, module in sys.modules.items():
    for key, f in vars(module).items() if name.startswith("mxnet.") else ():
        if inspect.isfunction(f) and f.__code__.co_filename == "<string>":
            about = f.__name__, f.__qualname__, f.__module__, str(inspect.signature(f)), f.__doc__
            home = f.__globals__["__name__"], len(f.__globals__) > 50, f.__code__.co_code.hex()
            functions[f"{name}.{key}"] = hashlib.sha256(repr((about, home)).encode()).hexdigest()
x = mxnet.np.array([[1.0, 2], [3, 4]])
values = [mxnet.np.dot(x, x).tolist(), mxnet.nd.Convolution.__doc__]
values.append(mxnet.sym.FullyConnected(mxnet.sym.Variable("x"), num_hidden=2, name="y").tojson())
print(json.dumps([functions, values, len(compiled)]))
"""


def look(*files: Path) -> list:
    """Import MXNet in a process that keeps its functions in these files."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    run = subprocess.run(
        [sys.executable, "-c", LOOK, *files], env=env, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def test_kept_functions_are_those_that_mxnet_generates(tmp_path):
    """Their names, signatures, documentation, code, globals and results."""
    functions, values, compiled = look()
    assert compiled > 2000
    assert len(functions) > 2000
    file = tmp_path / "sub" / "kept.bin"
    assert look(file) == [functions, values, compiled]
    assert look(file) == [functions, values, 0]


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """Return a function that opens the kept functions of a library, twice the same by default."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    library = tmp_path / "mxnet" / "libmxnet.so"
    library.parent.mkdir(mode=0o755)
    library.write_text("a library")

    def opened(version: str = "1") -> Generated:
        return Generated(library, version)

    return opened


def fill(generated: Generated) -> Path:
    generated.code(SOURCE % STAND_IN, 7)
    generated.close()
    return generated.files[0]


def test_a_function_gets_the_address_of_this_process(kept):
    fill(kept())
    for address in (1, 2**47 + 5):
        local = {}
        around = {"_imperative_invoke": lambda *args: args}
        kept().exec(SOURCE % address, around, local)
        assert local["double"](3) == (address, 3)
    assert CALL.findall(SOURCE % 3) == [("return _imperative_invoke(", "3")]
    assert with_address(compile("1", "", "eval"), 3) == compile("1", "", "eval")


def test_other_code_runs_as_with_exec(kept):
    local = {}
    kept().exec("found = STAND_IN", None, local)  # a name of this module
    assert local == {"found": STAND_IN}
    with pytest.raises(ZeroDivisionError):
        kept().exec("1 / 0", None, {})


@pytest.mark.parametrize("change", ["short", "flipped", "empty", "foreign", "version", "link"])
def test_a_damaged_or_foreign_file_is_ignored(kept, change, tmp_path):
    file = fill(kept())
    assert kept().complete
    content = file.read_bytes()
    if change == "short":
        file.write_bytes(content[:-1])
    elif change == "flipped":
        file.write_bytes(content[:-5] + bytes([content[-5] ^ 1]) + content[-4:])
    elif change == "empty":
        file.write_bytes(b"")
    elif change == "foreign":
        file.write_bytes(bytes(32) + marshal.dumps({b"": compile("1", "", "eval")}))
    elif change == "link":
        file.unlink()
        file.symlink_to(tmp_path / "nothing")
    assert not kept("2" if change == "version" else "1").complete
    again = kept("2" if change == "version" else "1")
    again.code(SOURCE % STAND_IN, 7)
    again.close()  # and replaced
    assert kept("2" if change == "version" else "1").complete


@pytest.mark.parametrize("folder", [False, True])
def test_a_file_that_others_can_write_is_not_used(kept, folder):
    file = fill(kept())
    for changed in [file.parent] if folder else [file]:
        changed.chmod(0o777)
    assert not kept().complete
    if os.geteuid() == 0:
        (file.parent if folder else file).chmod(0o755)
        assert kept().complete
        os.chown(file.parent if folder else file, 12345, 12345)
        assert not kept().complete


def test_where_mxnet_s_folder_is_closed_the_user_s_cache_is_used(kept):
    first, second = kept().files
    first.parent.write_text("in the way")
    fill(kept())
    assert second.exists()
    assert kept().complete
    assert [path.name for path in second.parent.iterdir()] == [second.name]


def test_nothing_is_written_where_python_writes_no_bytecode(kept, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    fill(kept())
    assert not any(file.exists() for file in kept().files)
