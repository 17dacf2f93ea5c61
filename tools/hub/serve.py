"""Fill the home and become the student's server; runs in the sandbox, as the student."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from pathlib import Path
from unittest.mock import MagicMock

from jupyter_server.services.kernels.kernelmanager import ServerKernelManager

from tools.isolation.rlimits import set_limits
from tools.isolation.seccomp import install_filter
from tools.lab import lab

FILE_BYTES = 256 * 2**20
NOTE = "corrected.txt"
UNUSED = "sqlalchemy sqlalchemy.exc jupyterhub.orm jupyterhub.handlers jupyterhub.handlers.pages"
# Any process may raise its score, but only root may lower it. See `spawner.SERVER_SCORE`
KILL_FIRST = ["/bin/sh", "-c", 'echo 1000 2>/dev/null >/proc/self/oom_score_adj; exec "$@"', "sh"]

# Return freed memory after each cell: doing so at once (MALLOC_TRIM_THRESHOLD_) is a quarter slower
TRIM = "lambda _: getattr(__import__('ctypes').CDLL(None), 'malloc_trim', int)(0)"
TRIM = f"--IPKernelApp.exec_lines=get_ipython().events.register('post_run_cell', {TRIM})"


class KernelManager(ServerKernelManager):
    """JupyterLab's manager, with kernels that Linux kills before their server."""

    def format_kernel_cmd(self, extra_arguments: list[str] | None = None) -> list[str]:
        """Return the command that starts a kernel."""
        command = super().format_kernel_cmd(extra_arguments)
        return [*KILL_FIRST, *command, *([TRIM] if "ipykernel_launcher" in command else [])]


def fill(home: Path) -> None:
    """Update the copies in the home, and write a note on how to get the other new versions."""
    folders = {home: lab.ROOT / "notebooks"}
    for source in sorted((lab.ROOT / "assignments" / "release").iterdir()):
        folders[home / "assignments" / source.name] = source
    lines = []
    for folder, source in folders.items():
        with contextlib.suppress(OSError):  # a file of that name, or a full disk
            lines += lab.fill(folder, source)
    with contextlib.suppress(OSError):
        (home / NOTE).unlink(missing_ok=True)
        if lines:
            (home / NOTE).write_text("\n".join(["Type these in a terminal:", *lines, ""]))


def main() -> None:
    """Prepare the home, and become the server."""
    home = Path(os.environ["HOME"])
    set_limits(FSIZE=FILE_BYTES, CORE=0, NOFILE=4_096)
    install_filter()
    fill(home)
    environment, page = lab.for_students(home, home / ".jupyter" / "workspace")
    # Kernels' sockets are in here: keep the path short, because sockets allow 108 characters
    sockets = tempfile.mkdtemp(prefix="run-")
    os.environ.update(environment, JUPYTERHUB_DEFAULT_URL=page, JUPYTER_RUNTIME_DIR=sockets)
    os.chdir(home)
    shell = [*KILL_FIRST, "/bin/bash", "-l"]
    sys.argv += ["--AsyncMappingKernelManager.kernel_manager_class=tools.hub.serve.KernelManager"]
    sys.argv += [f"--ServerApp.terminado_settings={{'shell_command': {shell}}}"]
    lab.import_jupyterlab()
    # Only the hub needs its database, which takes 25 MiB and a third of a second to import
    unused = MagicMock(HealthCheckHandler=type(None))
    sys.modules.update(dict.fromkeys(UNUSED.split(), unused))
    from jupyterhub.singleuser import main as serve  # it reads the environment

    serve()


if __name__ == "__main__":
    main()
