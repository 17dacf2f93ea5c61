"""Start kernels and terminals so that Linux kills them before their server."""

from __future__ import annotations

from jupyter_server.services.kernels.kernelmanager import ServerKernelManager

# Any process may raise its score, but only root may lower it. See `spawner.SERVER_SCORE`
KILL_FIRST = ["/bin/sh", "-c", 'echo 1000 2>/dev/null >/proc/self/oom_score_adj; exec "$@"', "sh"]


class KernelManager(ServerKernelManager):
    """JupyterLab's manager, with kernels that are killed first when memory runs out."""

    def format_kernel_cmd(self, extra_arguments: list[str] | None = None) -> list[str]:
        """Return the command that starts a kernel."""
        return [*KILL_FIRST, *super().format_kernel_cmd(extra_arguments)]
