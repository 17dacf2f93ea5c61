"""Let MXNet 1.9.1 be imported on NumPy 1.24 to 2.5 and on Python 3.12 to 3.14.

MXNet is retired and uses names that NumPy and Python have dropped since. `install()` puts a finder
before Python's own. Nothing else happens until MXNet is imported. Then `mxnet_today.repair` gives
MXNet's modules the missing names. NumPy itself and all other packages stay unchanged.

A `.pth` file calls `install()` at the start of every process, so this file imports nothing. You can
also copy this folder, and call `install()` before you import MXNet.
"""

import sys

__version__ = "1.0.0"
NO_DEPS = {"mxnet": "mxnet==1.9.1", "d2l": "d2l==1.0.3"}  # their metadata requires an old NumPy


class Finder:
    """Find `mxnet` and its modules as Python does, and repair them when they run."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        """Return the spec of a module of MXNet, or None for any other module.

        If MXNet or d2l is imported but not installed, raise an error that says how to install it.
        """
        if name in NO_DEPS and sys._getframe(2).f_code.co_name == "_find_and_load_unlocked":
            others = [finder for finder in sys.meta_path if finder is not Finder]
            if not any(finder.find_spec(name, path, target) for finder in others):
                from importlib.util import find_spec

                pip = "pip" if find_spec("pip") else "uv pip"
                advice = f"{pip} install --no-deps {NO_DEPS[name]}"
                raise ModuleNotFoundError(f"{name} is not installed: {advice}", name=name)
        if name != "mxnet" and not name.startswith("mxnet."):
            return None
        from importlib.machinery import PathFinder

        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and hasattr(spec.loader, "exec_module"):
            from mxnet_today.repair import repaired

            spec.loader.exec_module = repaired(spec.loader)
        return spec


def install():
    """Make later imports of MXNet work in this process; calling this once is enough."""
    if Finder not in sys.meta_path:
        sys.meta_path.insert(0, Finder)
    if "mxnet" not in sys.modules:  # a failed import leaves parts behind
        for name in [name for name in sys.modules if name.startswith("mxnet.")]:
            del sys.modules[name]
