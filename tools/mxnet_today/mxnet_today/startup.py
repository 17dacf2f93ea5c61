"""Write the files that call `mxnet_today.install()` when Python starts; only setuptools uses this.

Two distributions contain `mxnet_today`: mxnet-today as a package in site-packages, and d2lconv
inside its own package. They share no files, so you can remove either. If both are installed, Python
finds the one in site-packages first.
"""

from pathlib import Path

from setuptools.command.build_py import build_py

HERE = Path(__file__).parent


class BuildPy(build_py):
    """`build_py` that also writes a `.pth` file and, for Python 3.15, a `.start` file (PEP 829)."""

    def run(self):
        """Build, and write the two files to the folder to install."""
        super().run()
        for path, text in self._startup().items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")

    def get_outputs(self, include_bytecode=1):
        """List the two files, so that an uninstall removes them."""
        return super().get_outputs(include_bytecode) + [str(path) for path in self._startup()]

    def _startup(self):
        own = "mxnet_today" in self.packages  # otherwise it is nested in another package
        nested = next(name for name in self.packages if name.endswith("mxnet_today"))
        # The folder of `mxnet_today`, if it isn't site-packages
        place = "" if own else str(Path(*nested.split(".")[:-1]))
        if self.editable_mode:  # nothing is built: write to the installed folder
            folder, place = self.get_finalized_command("install").install_lib, str(HERE.parent)
        else:
            folder = self.build_lib
        name = "mxnet_today" if own else f"mxnet_today_{nested.partition('.')[0]}"
        lines = [place] if place else []
        lines.append("import mxnet_today; mxnet_today.install()")
        return {
            Path(folder, f"{name}.pth"): "\n".join(lines) + "\n",
            Path(folder, f"{name}.start"): "mxnet_today:install\n",
        }
