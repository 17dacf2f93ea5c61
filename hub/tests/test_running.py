"""A hub that runs: what others may not do, and what harms nobody else (needs root, bubblewrap).

`make test-hub` runs it. What students try is run by the kernels of two of them.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
import requests
import websocket

from assignments.grader.walls import ROOT
from hub.accounts import read_passwords
from hub.load import ASSIGNMENT, LONGEST, NOTEBOOK, Student, sources
from hub.walls import listening

pytestmark = [
    pytest.mark.machine,
    pytest.mark.skipif(os.getuid() != 0 or not shutil.which("bwrap"), reason="needs root, bwrap"),
]
PORT = 8765
URL = f"http://127.0.0.1:{PORT}"
NAMES = ["student1", "student2", "student3"]


class Hub:
    """A hub with its folder, which can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.data, self.log, self.table = folder / "data", folder / "log", folder / "class.csv"
        self.table.write_text("\n".join(["student", *NAMES]))
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "hub", f"--class-list={self.table}"]
        command += [f"--data={self.data}", f"--port={PORT}"]
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        end = time.monotonic() + LONGEST
        while time.monotonic() < end:
            assert self.process.poll() is None, self.log.read_text()
            with contextlib.suppress(requests.RequestException):
                if requests.get(f"{URL}/hub/login", timeout=5).ok:
                    return
            time.sleep(2)
        raise TimeoutError(self.log.read_text())

    def user(self, name: str) -> int:
        return (self.data / "homes" / name).stat().st_uid

    def port(self, name: str) -> int:
        """Return the server's port; a kernel's own pipe has one above."""
        return min(port for port, user in listening().items() if user == self.user(name))

    def sign_in(self, name: str) -> Student:
        student = Student(URL, name)
        assert student.sign_in(read_passwords(self.data / "passwords.csv")[name])
        return student

    def kill(self) -> None:
        """End the hub, its proxy and all servers at once, as a machine that loses its power."""
        users = {self.user(name) for name in NAMES}
        own = psutil.Process(self.process.pid)
        students = [p for p in psutil.process_iter(["uids"]) if p.info["uids"].real in users]
        for process in [own, *own.children(recursive=True), *students]:
            with contextlib.suppress(psutil.NoSuchProcess):  # its parent was its end
                process.kill()
        self.process.wait()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(LONGEST)


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    running = Hub(tmp_path_factory.mktemp("hub"))
    yield running
    running.stop()


class Desk:
    """A student with a server and a kernel."""

    def __init__(self, hub: Hub, name: str) -> None:
        self.student = hub.sign_in(name)
        self.student.start()
        self.notebook, self.kernel = self.student.open(NOTEBOOK)

    def says(self, code: str) -> str:
        return self.student.execute(self.kernel, [code])[0].strip()


@pytest.fixture(scope="module")
def first(hub):
    return Desk(hub, "student1")


@pytest.fixture(scope="module")
def second(hub):
    return Desk(hub, "student2")


def status(url, **named):
    return requests.get(url, timeout=LONGEST, allow_redirects=False, **named).status_code


CODE = """
import urllib.error, urllib.request
def status(url, token="", method="GET"):
    headers = {"Authorization": "token " + token}
    request = urllib.request.Request(url, headers=headers, method=method)
    try:
        return urllib.request.urlopen(request, timeout=60).status
    except urllib.error.HTTPError as error:
        return error.code
"""


class TestOutsider:
    """Without an account."""

    def test_neither_hub_nor_a_server_lets_in_who_has_not_signed_in(self, hub, first):
        assert status(f"{URL}/hub/home") == 302
        assert status(f"{URL}/hub/api/users") == 403
        assert status(f"{URL}/user/student1/api/contents") == 403
        assert status(f"http://127.0.0.1:{hub.port('student1')}/user/student1/api/contents") == 403

    def test_nobody_signs_up(self, hub):
        assert status(f"{URL}/hub/signup") == 404

    def test_a_form_from_another_site_signs_nobody_in(self, hub):
        form = {"username": "student1", "password": "anything else"}
        assert requests.post(f"{URL}/hub/login", form, timeout=LONGEST).status_code == 403

    def test_the_proxy_s_api_and_the_database_are_closed(self, hub):
        assert status("http://127.0.0.1:882/api/routes") == 403

    @pytest.mark.parametrize("path", ["../../../etc/passwd", "..%2f..%2f..%2fetc/passwd"])
    def test_no_path_leads_out_of_the_home(self, hub, first, path):
        for kind in ("api/contents", "files"):
            url = f"{URL}/user/student1/{kind}/{path}"
            request = requests.Request("GET", url).prepare()
            request.url = url  # as it is: requests would tidy it up
            reply = first.student.http.send(request, timeout=LONGEST)
            assert reply.status_code in (400, 403, 404)
            assert "root:" not in reply.text

    def test_who_guesses_passwords_is_stopped(self, hub):
        guess = Student(URL, "student3")
        for number in range(5):
            assert not guess.sign_in(f"wrong password {number}")
        assert not guess.sign_in(read_passwords(hub.data / "passwords.csv")["student3"])


class TestStudent:
    """With an account, a browser and a notebook."""

    def test_another_s_server_is_closed(self, hub, first, second):
        reply = first.student.http.get(f"{URL}/user/student2/api/contents", timeout=LONGEST)
        assert reply.status_code == 403
        own = "import os; print(status('{}', os.environ['JUPYTERHUB_API_TOKEN']))"
        inside = f"http://127.0.0.1:{hub.port('student2')}/user/student2/api/contents"
        for url in (f"{URL}/user/student2/api/contents", inside):
            assert first.says(CODE + own.format(url)) == "403"

    def test_the_own_token_opens_nothing_of_others(self, hub, first, second):
        ask = "import os; print(status('{}', os.environ['JUPYTERHUB_API_TOKEN'], '{}'))"
        for path, method in [
            ("users", "GET"),
            ("users/student2", "GET"),
            ("users/student2/server", "DELETE"),
            ("users/student2/tokens", "POST"),
            ("proxy", "GET"),
            ("shutdown", "POST"),
        ]:
            said = first.says(CODE + ask.format(f"http://127.0.0.1:881/hub/api/{path}", method))
            assert said in ("403", "404"), path

    def test_another_s_files_tokens_and_processes_are_out_of_sight(self, hub, first, second):
        seen = """
            import glob, os
            print(os.listdir('/home'), glob.glob('/proc/[1-9]*/environ') != [])
            for path in glob.glob('/proc/[1-9]*/environ'):
                try:
                    print('student2' in open(path).read())
                except OSError:
                    pass
        """
        said = first.says("\n".join(line[12:] for line in seen.splitlines()))
        assert said.splitlines()[0] == "['student1'] True"
        assert set(said.splitlines()[1:]) == {"False"}

    def test_the_hub_s_database_and_secrets_and_the_solutions_are_out_of_sight(self, hub, first):
        paths = [hub.data / "jupyterhub.sqlite", hub.data / "cookie_secret"]
        paths += [hub.data / "passwords.csv", ROOT / "assignments" / "source"]
        code = f"import os; print([os.path.exists(path) for path in {list(map(str, paths))}])"
        assert first.says(code) == str([False] * 4)

    def test_the_proxy_s_api_is_closed(self, hub, first):
        assert first.says(CODE + "print(status('http://127.0.0.1:882/api/routes'))") == "403"

    def test_kernels_are_reached_through_files_out_of_sight_of_others(self, first, second):
        code = "import ipykernel.connect as c; print(c.get_connection_info(unpack=True)['{}'])"
        for desk in (first, second):
            assert desk.says(code.format("transport")) == "ipc"
        path = second.says(code.format("ip"))
        assert second.says(f"import glob; print(glob.glob('{path}*') != [])") == "True"
        assert first.says(f"import glob; print(glob.glob('{path}*') != [])") == "False"

    def test_another_site_s_page_changes_nothing(self, hub, first):
        cookies = first.student.http.cookies
        url = f"{URL}/user/student1/api/contents/{NOTEBOOK}"
        reply = requests.put(
            url, json={"type": "notebook", "content": {}}, cookies=cookies, timeout=LONGEST
        )
        assert reply.status_code == 403
        address = url.replace("http", "ws", 1).partition("contents")[0]
        text = "; ".join(f"{cookie.name}={cookie.value}" for cookie in cookies)
        with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
            websocket.create_connection(
                f"{address}kernels/{first.kernel}/channels",
                cookie=text,
                origin="http://elsewhere.example",
                timeout=LONGEST,
            )


class TestHarm:
    """What a student does to a server harms no other one."""

    def test_who_forks_without_end_harms_no_other(self, hub, first, second):
        code = """
import os, signal, time
children = []
try:
    while len(children) < 2000:
        child = os.fork()
        if not child:
            time.sleep(300)
            os._exit(0)
        children.append(child)
except OSError:
    time.sleep(20)
for child in children:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
print(len(children))
"""
        with ThreadPoolExecutor(1) as pool:
            forking = pool.submit(first.says, code)
            while not forking.done() and self.processes(hub, "student1") < 100:
                time.sleep(0.2)
            assert second.says("print(6 * 7)") == "42"
            assert 50 < int(forking.result().splitlines()[-1]) < 200

    def processes(self, hub, name):
        running = psutil.process_iter(["uids"])
        return sum(process.info["uids"].real == hub.user(name) for process in running)

    def test_who_fills_the_memory_harms_no_other(self, hub, first, second):
        second.says("kept = 42")
        kernel = first.student.ask("POST", "kernels", {"name": "python3"})["id"]
        begin = "import ctypes\nparts = []\n"
        begin += "while True:\n    parts.append(bytearray(b'x' * 2**26))\n    "
        begin += "assert len(parts) < 32, 'nothing has stopped it'"
        with pytest.raises((websocket.WebSocketException, RuntimeError, OSError)) as ended:
            first.student.execute(kernel, [begin], seconds=60)
        assert "nothing has stopped it" not in str(ended.value)
        assert second.says("print(kept)") == "42"


def test_after_all_was_killed_at_once_everyone_s_work_is_there(hub, second):
    notebook = second.student.ask("GET", f"contents/{ASSIGNMENT}")["content"]
    notebook["cells"][0]["source"] += "\n\nThis is mine"
    second.student.save(ASSIGNMENT, notebook)
    hub.kill()
    with pytest.raises(requests.ConnectionError):
        status(f"{URL}/hub/login")
    hub.start()
    again = Desk(hub, "student2")
    assert sources(again.student.ask("GET", f"contents/{ASSIGNMENT}")["content"]) == sources(
        notebook
    )
    assert "This is mine" in (hub.data / "homes" / "student2" / ASSIGNMENT).read_text()
    assert again.says("print(6 * 7)") == "42"
