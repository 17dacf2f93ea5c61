"""Cache the compiled functions that MXNet generates at each import.

MXNet generates and compiles about 2,600 functions, more than a third of its import time. Each
function contains the address of an operator, which differs between processes. In the cache, a fixed
number replaces the address.
"""

import hashlib
import marshal
import os
import re
import sys
from contextlib import suppress
from pathlib import Path
from types import CodeType
from typing import Any

CALL = re.compile(r"(return (?:_imperative_invoke|_symbol_creator)\()(\d+),")  # with the address
STAND_IN = 0x6D786E6574_746F646179


class Generated:
    """The compiled functions of one version of MXNet, Python and mxnet_today."""

    def __init__(self, library: Path, version: str) -> None:
        about, folder = library.stat(), library.parent
        key = (sys.version, sys.flags.optimize, version, about.st_size, about.st_mtime_ns)
        self.key = repr(key).encode()
        self.owners = {0, os.geteuid(), folder.stat().st_uid}
        home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        name = f"generated.{sys.implementation.cache_tag}-{sys.flags.optimize}.bin"
        self.files = [folder / "__pycache__" / name, Path(home, "mxnet_today", name)]
        self.compiled: dict[bytes, CodeType] = {}
        self.complete = any(map(self.read, self.files))

    def exec(self, source: Any, globals: Any, locals: dict) -> None:
        """Replace `exec` where MXNet calls it: take generated functions from the cache."""
        if call := CALL.search(source):
            source = self.code(source.replace(call[0], f"{call[1]}{STAND_IN},"), int(call[2]))
        exec(source, globals or sys._getframe(1).f_globals, locals)

    def code(self, source: str, address: int) -> CodeType:
        """Return a compiled function for an operator at this address."""
        name = hashlib.sha1(source.encode()).digest()
        if name not in self.compiled:
            self.compiled[name] = compile(source, "<string>", "exec", dont_inherit=True)
            self.complete = False
        return with_address(self.compiled[name], address)

    def trusts(self, path: Path) -> bool:
        """Return whether only this user, root or the owner of MXNet's folder can change a file."""
        about = path.stat()
        # The group may write if it is the user's private one
        shared = 0o002 if about.st_gid == about.st_uid else 0o022
        return about.st_uid in self.owners and not about.st_mode & shared

    def read(self, file: Path) -> bool:
        """Read the functions from a file; return True if it is trusted, current and complete."""
        with suppress(OSError):
            if self.trusts(file.parent) and self.trusts(file):
                content = file.read_bytes()
                if content[:32] == hashlib.sha256(self.key + content[32:]).digest():
                    self.compiled = marshal.loads(content[32:])
        return bool(self.compiled)

    def close(self) -> None:
        """Write the functions to the cache if any is new, and free their memory."""
        files = [] if self.complete or sys.dont_write_bytecode else self.files
        content = marshal.dumps(self.compiled) if files else b""
        content = hashlib.sha256(self.key + content).digest() + content
        self.compiled = {}
        for file in files:
            part = file.with_suffix(f".{os.getpid()}")
            try:
                file.parent.mkdir(parents=True, exist_ok=True)
                if self.trusts(file.parent):
                    part.write_bytes(content)
                    os.replace(part, file)
                    return
            except OSError:
                with suppress(OSError):
                    part.unlink()


def with_address(constant: Any, address: int) -> Any:
    """Return code, or one of its constants, with an operator's address instead of the stand-in."""
    if isinstance(constant, CodeType):
        constants = tuple(with_address(inner, address) for inner in constant.co_consts)
        return constant.replace(co_consts=constants)
    return address if constant == STAND_IN else constant
