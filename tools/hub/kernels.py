"""Start kernels and terminals so that the kernel of Linux ends them before their server."""

from __future__ import annotations

from jupyter_server.services.kernels.kernelmanager import ServerKernelManager

# Anyone may raise this number for a process; only root may lower it. See `spawner.SERVER_SCORE`
FIRST = ["/bin/sh", "-c", 'echo 1000 2>/dev/null >/proc/self/oom_score_adj; exec "$@"', "sh"]


class KernelManager(ServerKernelManager):
    """JupyterLab's, whose kernels are the first to be ended when memory runs out."""

    def format_kernel_cmd(self, extra_arguments: list[str] | None = None) -> list[str]:
        """Return the command that starts a kernel."""
        return [*FIRST, *super().format_kernel_cmd(extra_arguments)]
