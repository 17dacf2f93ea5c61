"""Adds to what setup.cfg says: every process of the environment calls `mxnet_today.install()`."""

from __future__ import annotations

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

STARTUP = {
    "mxnet_today.pth": "import mxnet_today; mxnet_today.install()\n",
    "mxnet_today.start": "mxnet_today:install\n",  # the same, for Python 3.15 and later (PEP 829)
}


class BuildPy(build_py):
    """`build_py` that also writes the files that Python reads when it starts."""

    def run(self):
        """Build, then write them to where they will be installed."""
        super().run()
        for name, text in STARTUP.items():
            self._target(name).write_text(text, "utf-8")

    def get_outputs(self, include_bytecode=1):
        """Name them too, so that an uninstall removes them."""
        return super().get_outputs(include_bytecode) + [str(self._target(n)) for n in STARTUP]

    def _target(self, name):
        # An editable install builds nothing; what is put beside it goes to `install_lib`
        if self.editable_mode:
            folder = self.get_finalized_command("install").install_lib
        else:
            folder = self.build_lib
        Path(folder).mkdir(parents=True, exist_ok=True)
        return Path(folder, name)


setup(cmdclass={"build_py": BuildPy})
