"""Simulate many students in a hub: `python -m tools.hub.tests.load URL DATA STUDENTS`.

Each student signs in, starts a server, opens and executes 6.2 as JupyterLab does, saves it, and
hands in an assignment. For each step, print the seconds until half and until 95 % of the students
had done it; then the memory per student, and who failed and why.
"""

from __future__ import annotations

import contextlib
import json
import math
import statistics
import sys
import time
import uuid
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import requests
import websocket

from tools.hub.accounts import TEACHER, read_passwords

NOTEBOOK = "6.2-convolutions-for-images.ipynb"
ASSIGNMENT = "assignments/6.2/6.2.ipynb"
TIMEOUT = 600  # seconds per step
STEPS = ["signed in", "started", "opened", "executed", "saved", "handed in"]


class Student:
    """A simulated browser of a student."""

    def __init__(self, url: str, name: str) -> None:
        self.url, self.name, self.own = url, name, f"{url}/user/{name}"
        self.http = requests.Session()
        # The proxy may close a kept connection just when it is used again
        self.http.headers["Connection"] = "close"

    def _xsrf(self, path: str) -> str:
        found = [c.value for c in self.http.cookies if c.name == "_xsrf" and c.path == path]
        return str(found[-1])

    def sign_in(self, password: str) -> bool:
        """Fill in the form, and return whether that worked."""
        page = f"{self.url}/hub/login"
        self.http.get(page, timeout=TIMEOUT).raise_for_status()
        form = {"username": self.name, "password": password, "_xsrf": self._xsrf("/hub/")}
        self.http.post(page, form, allow_redirects=False, timeout=TIMEOUT)
        home = self.http.get(f"{self.url}/hub/home", allow_redirects=False, timeout=TIMEOUT)
        return home.status_code == 200

    def start(self) -> None:
        """Start the server as the hub's button does, and wait; retry if too many are starting."""
        end = time.monotonic() + TIMEOUT
        while time.monotonic() < end:
            reply = self.http.get(f"{self.own}/api/status", timeout=TIMEOUT)
            if reply.ok and reply.url.startswith(self.own):
                return
            if reply.status_code != 424 or "pending" not in reply.text:
                self.http.get(f"{self.url}/hub/spawn/{self.name}", timeout=TIMEOUT)
            time.sleep(1)
        raise TimeoutError(f"no server after {TIMEOUT} s: {reply.status_code} {reply.text[:200]}")

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request to the student's server, as JupyterLab does."""
        headers = {"X-XSRFToken": self._xsrf(f"/user/{self.name}/")}
        address = f"{self.own}/api/{path}"
        reply = self.http.request(method, address, json=body, headers=headers, timeout=TIMEOUT)
        reply.raise_for_status()
        return reply.json() if reply.content else None

    def open(self, path: str) -> tuple[dict, str]:
        """Open a session for a notebook; return the notebook and its kernel."""
        notebook = self.ask("GET", f"contents/{path}")
        session = {"path": path, "name": path, "type": "notebook", "kernel": {"name": "python3"}}
        return notebook["content"], self.ask("POST", "sessions", session)["kernel"]["id"]

    def execute(self, kernel: str, cells: list[str], seconds: float = TIMEOUT) -> list[str]:
        """Run cells through the kernel's websocket, and return what they printed."""
        address = f"{self.own}/api/kernels/{kernel}/channels?session_id={uuid.uuid4().hex}"
        cookies = "; ".join(f"{c.name}={c.value}" for c in self.http.cookies if c.path in address)
        line = websocket.create_connection(
            address.replace("http", "ws", 1), cookie=cookies, origin=self.url, timeout=seconds
        )
        try:
            return [self._cell(line, code, seconds) for code in cells]
        finally:
            line.close()

    def _cell(self, line: websocket.WebSocket, code: str, seconds: float) -> str:
        number = uuid.uuid4().hex
        header = {"msg_id": number, "msg_type": "execute_request", "version": "5.3"}
        header |= {"username": self.name, "session": number, "date": "2000-01-01T00:00:00Z"}
        content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False}
        empty = {"parent_header": {}, "metadata": {}, "buffers": [], "channel": "shell"}
        line.send(json.dumps({"header": header, "content": content, **empty}))
        printed, left, end = "", {"execute_reply", "idle"}, time.monotonic() + seconds
        while left:
            sort, data = line.recv_data(
                control_frame=True
            )  # return for pings too, to check the time
            if time.monotonic() > end:
                raise TimeoutError(f"a cell didn't end after {seconds:.0f} s")
            if sort != websocket.ABNF.OPCODE_TEXT:
                continue
            said = json.loads(data)
            kind, content = said["header"]["msg_type"], said["content"]
            if content.get("execution_state") in ("restarting", "dead"):
                raise RuntimeError("the kernel has ended")
            if said["parent_header"].get("msg_id") != number:
                continue
            printed += content.get("text", "") if kind == "stream" else ""
            if kind == "error":
                raise RuntimeError(f"{content['ename']}: {content['evalue']}")
            left -= {kind, content.get("execution_state", "")}
        return printed

    def save(self, path: str, notebook: dict) -> None:
        """Save a notebook, and check that the server has its cells."""
        self.ask("PUT", f"contents/{path}", {"type": "notebook", "content": notebook})
        if sources(self.ask("GET", f"contents/{path}")["content"]) != sources(notebook):
            raise RuntimeError(f"{path} differs from what was saved")


def sources(notebook: dict) -> list[str]:
    """Return the cells' sources."""
    return [cell["source"] for cell in notebook["cells"]]


def work(student: Student, password: str) -> list[float]:
    """Do all steps of a lesson, and return the time of each."""
    done = []
    if not student.sign_in(password):
        raise RuntimeError("the password is refused")
    done.append(time.monotonic())
    student.start()
    done.append(time.monotonic())
    notebook, kernel = student.open(NOTEBOOK)
    done.append(time.monotonic())
    student.execute(kernel, [c["source"] for c in notebook["cells"] if c["cell_type"] == "code"])
    done.append(time.monotonic())
    notebook["cells"][0]["source"] += f"\n\nRead by {student.name}"
    student.save(NOTEBOOK, notebook)
    done.append(time.monotonic())
    assignment = student.ask("GET", f"contents/{ASSIGNMENT}")["content"]
    answers = [c for c in assignment["cells"] if c["metadata"].get("nbgrader", {}).get("solution")]
    answers[0]["source"] += f"\n# handed in by {student.name}"
    student.save(ASSIGNMENT, assignment)
    return [*done, time.monotonic()]


def memory(home: Path) -> int:
    """Return the bytes of all processes of a home's owner; shared memory is divided among users."""
    taken = 0
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):  # it may have ended
            if process.uids().real == home.stat().st_uid:
                taken += process.memory_full_info().pss
    return taken


def percentile(values: Iterable[float], percent: int) -> float:
    """Return the percentile, as one of the values."""
    ordered = sorted(values)
    return ordered[math.ceil(len(ordered) * percent / 100) - 1]


def main() -> int:
    """Run the load test, and return the exit status."""
    url, data, number = sys.argv[1].rstrip("/"), Path(sys.argv[2]), int(sys.argv[3])
    passwords = read_passwords(data / "passwords.csv")
    names = [name for name in sorted(passwords) if name != TEACHER][:number]
    if len(names) < number:
        sys.exit(f"load: STUDENTS must be at most the class's {len(names)}, got {number}")
    began = time.monotonic()
    times, failures = [], []
    with ThreadPoolExecutor(number) as pool:
        running = {name: pool.submit(work, Student(url, name), passwords[name]) for name in names}
        for name, future in running.items():
            try:
                times.append([moment - began for moment in future.result()])
            except Exception as error:
                failures.append(f"{name}: {type(error).__name__}: {error}")
    print(f"{number} students, {len(failures)} failures", *failures, sep="\n  ")
    for step, moments in zip(STEPS, zip(*times)):
        print(
            f"{step:10} p50 {percentile(moments, 50):6.1f} s   p95 {percentile(moments, 95):6.1f} s"
        )
    sizes = [memory(data / "homes" / name) / 2**20 for name in names]
    print(f"memory     median {statistics.median(sizes):.0f} MiB, most {max(sizes):.0f} MiB")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
