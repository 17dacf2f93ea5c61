"""A student's server: a process of a user of its own, behind bubblewrap, in a control group."""

from __future__ import annotations

import asyncio
import functools
import itertools
import random
import signal
import sys
from pathlib import Path

from jupyterhub.spawner import LocalProcessSpawner
from tornado.web import HTTPError
from traitlets import Bool, Unicode

from tools.hub.accounts import home_of
from tools.hub.disk import crowds_out, give_back
from tools.hub.walls import listening, student_command
from tools.isolation.bwrap import first_to_go
from tools.isolation.cgroup import Group
from tools.isolation.users import signal_all

SERVER_SCORE = 500  # kernels and terminals have 1000, so they are killed first: see `hub.kernels`
PROCESSES = 200  # and threads: a server and about ten kernels
PORTS = range(10_000, 32_000)  # below those that Linux takes for connections
TERM_SECONDS = 10
AT_A_TIME = 3  # servers that start: of more at once, none would be ready in time on two cores
TURN_SECONDS = 60  # then the next one starts: a home may hold what keeps a server from starting
# In an order that nobody can foresee, and none twice: else two servers could meet at one
_ports = itertools.cycle(random.SystemRandom().sample(PORTS, len(PORTS)))

_crowding: set[Path] = set()  # the homes that have filled the disk since the hub was started


@functools.cache
def _turn() -> asyncio.Semaphore:
    return asyncio.Semaphore(AT_A_TIME)  # in the hub's loop, which there is not at the import


class StudentSpawner(LocalProcessSpawner):
    """Start a student's server in the student's home, which `hub.accounts` has made."""

    data = Unicode(config=True, help="The hub's folder, with the homes.")
    walls = Bool(config=True, help="Whether each server is a user's of its own, behind walls.")

    def make_preexec_fn(self, name: str) -> None:
        """Change no user before the walls stand."""

    def user_env(self, env: dict[str, str]) -> dict[str, str]:
        """Return the environment, in which a student's home is in the same place for all."""
        home = f"/home/{self.user.name}" if self.walls else str(self._home)
        paths = f"{sys.prefix}/bin:/usr/local/bin:/usr/bin:/bin"
        own = {"USER": self.user.name, "HOME": home, "SHELL": "/bin/bash", "PATH": paths}
        return {**env, **own, "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1"}

    @property
    def _home(self) -> Path:
        return home_of(Path(self.data), self.user.name)

    def _group(self) -> Group | None:
        try:
            name = f"hub-{self._home.stat().st_uid}"
            return Group(self.mem_limit, PROCESSES, self.cpu_limit, name, all_at_once=False)
        except OSError as error:
            self.log.warning(
                "memory and processor of %s are not limited: %s", self._log_name, error
            )
            return None

    async def poll(self) -> int | None:
        """Return the exit status, or None. Who has filled the disk has no server any more."""
        if self.walls and await asyncio.to_thread(crowds_out, Path(self.data), self._home):
            _crowding.add(self._home)
            self.log.error("%s has filled the disk: %s", self._log_name, self._home)
            await asyncio.to_thread(signal_all, self._home.stat().st_uid, signal.SIGKILL)
            await asyncio.to_thread(give_back, Path(self.data))
        return await super().poll()

    async def start(self) -> tuple[str, int]:
        """Start the server when it is its turn: until then, the student's page says that it starts.

        Raises RuntimeError if it is another one's that listens at its port, and HTTPError, for the
        student's page, if its owner has filled the disk.
        """
        if self._home in _crowding:
            full = HTTPError(507)
            full.jupyterhub_message = "the disk is full, and your home has most: ask your teacher"  # type: ignore[attr-defined]
            raise full
        async with _turn():
            starting = asyncio.ensure_future(self._start())
            await asyncio.wait([starting], timeout=TURN_SECONDS)
        return await starting

    async def _start(self) -> tuple[str, int]:
        users = listening()
        self.port = next(port for port in _ports if port not in users)
        self.cmd = [sys.executable, "-m", "tools.hub.serve"]
        if self.walls:
            await asyncio.to_thread(self._end)  # what another hub has left
            group = self._group()
            self.cmd = first_to_go(
                student_command(self.cmd, self._home, self.user_env({})["HOME"]),
                group.entrances() if group else [],
                SERVER_SCORE,
            )
        place = await super().start()
        while sys.platform == "linux" and await self.poll() is None:
            user = listening().get(self.port)
            if user == self._home.stat().st_uid:
                break
            if user is not None:
                raise RuntimeError(
                    f"user {user} listens at {self.port}, the port of {self._log_name}"
                )
            await asyncio.sleep(0.2)
        return place

    def _end(self) -> None:
        signal_all(self._home.stat().st_uid, signal.SIGKILL)
        group = self._group()
        if group:
            group.close()

    async def stop(self, now: bool = False) -> None:
        """Stop the server and all that the student has started."""
        if not self.walls:
            await super().stop(now)
            return
        if not now:  # a file that is being written is written whole
            await asyncio.to_thread(signal_all, self._home.stat().st_uid, signal.SIGTERM)
            await self.wait_for_death(TERM_SECONDS)
        await asyncio.to_thread(self._end)
        await self.wait_for_death(TERM_SECONDS)

    async def run_post_stop_hook(self) -> None:
        """End what a server has left that ended by itself, for which nobody calls `stop`."""
        if self.walls:
            await asyncio.to_thread(self._end)
