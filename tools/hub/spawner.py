"""Start a student's server as a separate user, in bubblewrap and a control group."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

from jupyterhub.spawner import LocalProcessSpawner
from tornado.web import HTTPError
from traitlets import Bool, Unicode

from tools.hub.accounts import home_of
from tools.hub.disk import RESERVE, is_hogging_disk
from tools.hub.sandbox import port_owners, sandboxed_command
from tools.isolation.cgroup import Group, in_cgroups
from tools.isolation.users import signal_all

SERVER_SCORE = 500  # kernels and terminals have 1000, so they are killed first: see `serve.py`
PROCESSES = 200  # and threads: a server and about ten kernels
TERM_SECONDS = 10
_disk_hogs: set[Path] = set()  # homes that have filled the disk since the hub started


class StudentSpawner(LocalProcessSpawner):
    """Start a student's server in the student's home, which `hub.accounts` has made."""

    data = Unicode(config=True, help="The hub's folder, with the homes.")
    sandboxed = Bool(config=True, help="Run each server as a separate user, in a sandbox.")

    def make_preexec_fn(self, name: str) -> None:
        """Skip setuid here: setpriv drops the rights inside bubblewrap."""

    def user_env(self, env: dict[str, str]) -> dict[str, str]:
        """Return the environment; in the sandbox, the home is /home/NAME."""
        home = f"/home/{self.user.name}" if self.sandboxed else str(self._home)
        paths = f"{sys.prefix}/bin:/usr/local/bin:/usr/bin:/bin"
        own = {"USER": self.user.name, "HOME": home, "SHELL": "/bin/bash", "PATH": paths}
        return {**env, **own, "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}

    @property
    def _home(self) -> Path:
        return home_of(Path(self.data), self.user.name)

    def _group(self) -> Group | None:
        try:
            name = f"hub-{self._home.stat().st_uid}"
            return Group(self.mem_limit, PROCESSES, self.cpu_limit, name, together=False)
        except OSError as error:
            self.log.warning("memory and CPU of %s are not limited: %s", self._log_name, error)
            return None

    async def poll(self) -> int | None:
        """Stop the server if its owner has filled the disk; return the exit status, or None."""
        if self.sandboxed and await asyncio.to_thread(is_hogging_disk, Path(self.data), self._home):
            _disk_hogs.add(self._home)
            self.log.error("%s has filled the disk: %s", self._log_name, self._home)
            await asyncio.to_thread(signal_all, self._home.stat().st_uid, signal.SIGKILL)
            Path(self.data, RESERVE).unlink(missing_ok=True)
        return await super().poll()

    async def start(self) -> tuple[str, int]:
        """Start the server.

        Raises RuntimeError if another user listens at the port, and HTTPError, for the student's
        page, if the owner has filled the disk.
        """
        if self._home in _disk_hogs:
            full = HTTPError(507)
            full.jupyterhub_message = "the disk is full, mostly of your files: ask your teacher"  # type: ignore[attr-defined]
            raise full
        self.port = 0  # let Linux choose another port each time
        self.cmd = [sys.executable, "-m", "tools.hub.serve"]
        if self.sandboxed:
            await asyncio.to_thread(self._end)  # end what another hub left running
            group = self._group()
            self.cmd = in_cgroups(
                sandboxed_command(self.cmd, self._home, self.user_env({})["HOME"]),
                group.entrances() if group else [],
                SERVER_SCORE,
            )
        place = await super().start()
        while sys.platform == "linux" and await self.poll() is None:
            user = port_owners().get(self.port)
            if user == self._home.stat().st_uid:
                break
            if user is not None:
                port = f"{self.port}, the port of {self._log_name}"
                raise RuntimeError(f"user {user} listens at {port}")
            await asyncio.sleep(0.2)
        return place

    def _end(self) -> None:
        signal_all(self._home.stat().st_uid, signal.SIGKILL)
        if group := self._group():
            group.close()

    async def stop(self, now: bool = False) -> None:
        """Stop the server and all that the student has started."""
        if not self.sandboxed:
            await super().stop(now)
            return
        if not now:  # let it finish writing files
            await asyncio.to_thread(signal_all, self._home.stat().st_uid, signal.SIGTERM)
            await self.wait_for_death(TERM_SECONDS)
        await asyncio.to_thread(self._end)
        await self.wait_for_death(TERM_SECONDS)

    async def run_post_stop_hook(self) -> None:
        """Clean up after a server that ended by itself: JupyterHub doesn't call `stop` then."""
        if self.sandboxed:
            await asyncio.to_thread(self._end)
