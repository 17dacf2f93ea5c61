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
        package = next(name for name in self.packages if name.endswith("mxnet_today"))
        outer = package.split(".")[:-1]  # the packages around it, if any
        name = "_".join(["mxnet_today", *outer[:1]])
        folder, place = Path(self.build_lib), "/".join(outer)
        if self.editable_mode:  # nothing is built: write to the installed folder
            folder = Path(self.get_finalized_command("install").install_lib)
            place = HERE.parent
        folder.mkdir(parents=True, exist_ok=True)
        # The first line is the folder of `mxnet_today`; an empty line is site-packages
        pth = f"{place}\nimport mxnet_today; mxnet_today.install()\n"
        folder.joinpath(f"{name}.pth").write_text(pth, "utf-8")
        folder.joinpath(f"{name}.start").write_text("mxnet_today:install\n", "utf-8")
