"""Attack a running hub: it refuses, and no other student is harmed (needs root, bubblewrap).

`make test-hub` runs it. The kernels of two students run the attacks.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import types
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
import requests
import websocket

from tools.hub.__main__ import RUN
from tools.hub.accounts import USERS, home_of, read_passwords
from tools.hub.sandbox import port_owners
from tools.hub.tests.load import ASSIGNMENT, NOTEBOOK, TIMEOUT, Student, sources
from tools.isolation import ROOT
from tools.isolation.cgroup import FILES

pytestmark = [
    pytest.mark.machine,
    pytest.mark.skipif(os.getuid() != 0 or not shutil.which("bwrap"), reason="needs root, bwrap"),
]
PORT = 8765
URL = f"http://127.0.0.1:{PORT}"
NAMES = ["student1", "student2", "student3", "student4"]


class Hub:
    """A hub and its folder; it can be killed and restarted."""

    def __init__(self, folder: Path, data: Path | None = None) -> None:
        self.data, self.log, self.table = data or folder / "data", folder / "log", folder / "class"
        self.table.write_text("\n".join(["student", *NAMES]))

    def command(self, *options: str, before: tuple[str, ...] = (), url: str = URL) -> list[str]:
        """Return the start command, with more options and the prefix `before`."""
        command = [*before, sys.executable, "-m", "tools.hub", f"--class-list={self.table}"]
        return [*command, f"--data={self.data}", f"--port={url.rpartition(':')[2]}", *options]

    def start(self, *options: str, before: tuple[str, ...] = (), url: str = URL) -> None:
        """Start the hub, and wait until it answers."""
        self.url = url
        command = self.command(*options, before=before, url=url)
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        end = time.monotonic() + TIMEOUT
        while time.monotonic() < end:
            assert self.process.poll() is None, self.log.read_text()
            with contextlib.suppress(requests.RequestException):
                if requests.get(f"{url}/hub/login", timeout=5).ok:
                    return
            time.sleep(2)
        raise TimeoutError(self.log.read_text())

    def user(self, name: str) -> int:
        return home_of(self.data, name).stat().st_uid

    def processes(self, name: str) -> list[psutil.Process]:
        """Return a student's processes."""
        user = self.user(name)
        return [p for p in psutil.process_iter(["uids"]) if p.info["uids"].real == user]

    def server(self, name: str) -> psutil.Process:
        """Return a student's server, the parent of all their processes."""
        return min(self.processes(name), key=lambda process: process.create_time())

    def port(self, name: str) -> int:
        """Return the server's port; kernels may listen at higher ports."""
        return min(port for port, user in port_owners().items() if user == self.user(name))

    def sign_in(self, name: str) -> Student:
        student = Student(self.url, name)
        assert student.sign_in(read_passwords(self.data / "passwords.csv")[name])
        return student

    def kill(self) -> None:
        """Kill the hub, its proxy and all servers together, as in a power cut."""
        own = psutil.Process(self.process.pid)
        students = [process for name in NAMES for process in self.processes(name)]
        for process in [own, *own.children(recursive=True), *students]:
            with contextlib.suppress(psutil.NoSuchProcess):  # it ended with its parent
                process.kill()
        self.process.wait()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(TIMEOUT)


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    running = Hub(tmp_path_factory.mktemp("hub"))
    running.start()
    yield running
    if running.process.poll() is None:
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
    return requests.get(url, timeout=TIMEOUT, allow_redirects=False, **named).status_code


def no_server_without_a_password(hub):
    assert status(f"{hub.url}/hub/home") == 302
    assert status(f"{hub.url}/hub/api/users") == 403
    for place in (hub.url, f"http://127.0.0.1:{hub.port('student1')}"):
        assert status(f"{place}/user/student1/api/contents") == 403


def no_form_from_another_site(hub):
    password = read_passwords(hub.data / "passwords.csv")["student1"]
    form = {"username": "student1", "password": password}
    assert requests.post(f"{hub.url}/hub/login", form, timeout=TIMEOUT).status_code == 403


def no_page_from_another_site(desk):
    cookies = desk.student.http.cookies
    url = f"{desk.student.own}/api/contents/{NOTEBOOK}"
    empty = '{"type": "notebook", "content": {}}'
    assert requests.put(url, empty, cookies=cookies, timeout=TIMEOUT).status_code == 403
    address = url.replace("http", "ws", 1).partition("contents")[0]
    text = "; ".join(f"{cookie.name}={cookie.value}" for cookie in cookies)
    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        websocket.create_connection(
            f"{address}kernels/{desk.kernel}/channels",
            cookie=text,
            origin="http://elsewhere.example",
            timeout=TIMEOUT,
        )


def no_path_out(desk):
    for path in (f"{'../' * 20}etc/hosts", f"{'..%2f' * 20}etc%2fhosts"):  # visible in the sandbox
        for kind in ("api/contents", "files"):
            signed_in = requests.Request("GET", f"{desk.student.own}/{kind}/{NOTEBOOK}")
            request = desk.student.http.prepare_request(signed_in)
            assert desk.student.http.send(request, timeout=TIMEOUT).status_code == 200
            request.url = f"{desk.student.own}/{kind}/{path}"  # requests would normalize it
            reply = desk.student.http.send(request, timeout=TIMEOUT)
            assert reply.status_code in (400, 403, 404)
            assert Path("/etc/hosts").read_text() not in reply.text


def no_guessing(hub, name):
    guess = Student(hub.url, name)
    for number in range(5):
        assert not guess.sign_in(f"wrong password {number}")
    time.sleep(2)  # the account stays closed
    assert not guess.sign_in(read_passwords(hub.data / "passwords.csv")[name])


CODE = """
import glob, os
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

    def test_hub_and_servers_need_a_login(self, hub, first):
        no_server_without_a_password(hub)

    def test_nobody_signs_up(self, hub):
        assert status(f"{URL}/hub/signup") == 404

    def test_forms_from_other_sites_sign_nobody_in(self, hub):
        no_form_from_another_site(hub)

    def test_the_proxy_s_api_is_closed(self, hub):
        assert status("http://127.0.0.1:882/api/routes") == 403

    def test_no_path_leads_out_of_the_home(self, hub, first):
        no_path_out(first)

    def test_guessing_passwords_is_stopped(self, hub):
        no_guessing(hub, "student3")


class TestStudent:
    """With an account, a browser and a notebook."""

    def test_other_students_servers_are_closed(self, hub, first, second):
        for place in (
            "lab",
            "api/contents",
        ):  # the first goes through the hub, which checks the user
            reply = first.student.http.get(f"{URL}/user/student2/{place}", timeout=TIMEOUT)
            assert reply.status_code == 403
        own = "print(status('{}', os.environ['JUPYTERHUB_API_TOKEN']))"
        inside = f"http://127.0.0.1:{hub.port('student2')}/user/student2/api/contents"
        for url in (f"{URL}/user/student2/api/contents", inside):
            assert first.says(CODE + own.format(url)) == "403"

    def test_a_student_s_token_opens_only_their_own_server(self, hub, first, second):
        ask = "print(status('{}', os.environ['JUPYTERHUB_API_TOKEN'], '{}'))"
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

    def test_other_students_files_tokens_and_processes_are_hidden(self, hub, first, second):
        seen = """
import glob, os
print(os.listdir('/home'))
print(os.path.exists(%r))
users = {os.stat(path).st_uid for path in glob.glob('/proc/[1-9]*')}
print(os.getuid() in users, %d in users)
lines = [open(path, 'rb').read() for path in glob.glob('/proc/[1-9]*/cmdline')]
print(any(b'--class-list' in line for line in lines))
"""
        said = first.says(seen % (str(hub.data / "homes"), hub.user("student2")))
        assert said.splitlines() == [
            "['student1']",  # of the homes
            "False",  # their folder
            "True False",  # processes of this student and of the other
            "False",  # the hub
        ]

    def test_the_hub_s_secrets_and_the_solutions_are_hidden(self, hub, first):
        paths = [hub.data / "jupyterhub.sqlite", hub.data / "cookie_secret"]
        paths += [hub.data / "passwords.csv", ROOT / "assignments" / "source", RUN / "proxy.pid"]
        assert all(path.exists() for path in paths)
        code = f"import os; print([os.path.exists(path) for path in {list(map(str, paths))}])"
        assert first.says(code) == str([False] * 5)

    def test_the_proxy_s_api_is_closed(self, hub, first):
        assert first.says(CODE + "print(status('http://127.0.0.1:882/api/routes'))") == "403"

    def test_kernels_use_sockets_that_others_can_t_see(self, first, second):
        code = "import ipykernel.connect as c; print(c.get_connection_info(unpack=True)['{}'])"
        for desk in (first, second):
            assert desk.says(code.format("transport")) == "ipc"
        path = second.says(code.format("ip"))
        assert second.says(f"import glob; print(glob.glob('{path}*') != [])") == "True"
        assert first.says(f"import glob; print(glob.glob('{path}*') != [])") == "False"

    def test_pages_of_other_sites_change_nothing(self, hub, first):
        no_page_from_another_site(first)


class TestHarm:
    """A student who overloads a server harms no other student."""

    def test_a_fork_bomb_harms_no_other_student(self, hub, first, second):
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
            while not forking.done() and len(hub.processes("student1")) < 100:
                time.sleep(0.2)
            assert second.says("print(6 * 7)") == "42"
            assert 50 < int(forking.result().splitlines()[-1]) < 200

    def test_a_thousand_kernels_harm_no_other_student(self, hub, second):
        from tools.hub.spawner import PROCESSES  # not at the top: only a hub needs it

        third = hub.sign_in("student4")
        third.start()
        server = hub.server("student4")
        second.says("kept = 43")

        def one_more(_: int) -> bool:
            try:
                return bool(third.ask("POST", "kernels", {"name": "python3"}))
            except (requests.RequestException, ValueError):
                return False

        with ThreadPoolExecutor(4) as pool:
            opening = [pool.submit(one_more, number) for number in range(1000)]
            while not all(each.done() for each in opening):
                assert second.says("print(kept)") == "43"
                time.sleep(1)
        opened = sum(each.result() for each in opening)
        assert 3 < opened < 1000  # the limits refuse some
        assert len(hub.processes("student4")) <= PROCESSES
        assert server.is_running()  # kernels were killed, not the server
        third.http.get(f"{URL}/hub/home", timeout=TIMEOUT)  # an error page may have reset the token
        token = {"X-XSRFToken": third._xsrf("/hub/")}
        address = f"{URL}/hub/api/users/student4/server"
        assert third.http.delete(address, headers=token, timeout=TIMEOUT).ok
        third.start()
        assert third.ask("GET", "kernels") == []

    def test_one_click_restarts_a_dead_server(self, hub):
        student = hub.sign_in("student4")
        student.start()
        dead = hub.server("student4")
        dead.kill()
        address = f"{URL}/hub/spawn/student4"  # of the button "Restart" in JupyterLab's dialog
        end = time.monotonic() + TIMEOUT
        while not student.http.get(f"{student.own}/api/status", timeout=TIMEOUT).ok:
            assert time.monotonic() < end, hub.log.read_text()
            page = student.http.get(address, timeout=TIMEOUT)
            reloads = 'http-equiv="refresh"' in page.text or "window.location.reload()" in page.text
            starts = re.search(r'var spawn_url = "(.+?)"', page.text)
            assert reloads or starts or "/hub/spawn-pending/" in page.url or page.ok, page.text
            address = f"{URL}{starts[1]}" if starts else page.url  # as a browser would
            time.sleep(2)
        assert student.ask("GET", "kernels") == []
        assert hub.server("student4") != dead

    def test_filling_the_memory_harms_no_other_student(self, hub, first, second):
        second.says("kept = 42")
        kernel = first.student.ask("POST", "kernels", {"name": "python3"})["id"]
        begin = "import ctypes\nparts = []\n"
        begin += "while True:\n    parts.append(bytearray(b'x' * 2**26))\n    "
        begin += "assert len(parts) < 32, 'nothing has stopped it'"
        with pytest.raises(RuntimeError, match="the kernel has ended"):
            first.student.execute(kernel, [begin])
        assert second.says("print(kept)") == "42"


def groups(hub, name):
    """Return the control groups of a server."""
    return [*FILES.rglob(f"d2lconv-hub-{hub.user(name)}")]


def test_work_survives_killing_everything_at_once(hub, first, second):
    notebook = second.student.ask("GET", f"contents/{ASSIGNMENT}")["content"]
    notebook["cells"][0]["source"] += "\n\nThis is mine"
    second.student.save(ASSIGNMENT, notebook)
    hub.kill()
    with pytest.raises(requests.ConnectionError):
        status(f"{URL}/hub/login")
    assert groups(hub, "student1")
    hub.start()
    end = time.monotonic() + TIMEOUT
    while groups(hub, "student1"):  # nothing is left, even of students who don't come back
        assert time.monotonic() < end, groups(hub, "student1")
        time.sleep(1)
    again = Desk(hub, "student2")
    assert sources(again.student.ask("GET", f"contents/{ASSIGNMENT}")["content"]) == sources(
        notebook
    )
    assert "This is mine" in (hub.data / "homes" / "student2" / ASSIGNMENT).read_text()
    assert again.says("print(6 * 7)") == "42"


@pytest.fixture
def small_disk(tmp_path):
    """Return a folder on a separate file system, with the usual twentieth reserved for root."""
    if not shutil.which("mkfs.ext4"):
        pytest.skip("needs mkfs.ext4, of the package e2fsprogs")
    image, folder = tmp_path / "image", tmp_path / "disk"
    with open(image, "wb") as file:
        file.truncate(64 * 2**20)
    folder.mkdir()
    subprocess.run(["mkfs.ext4", "-q", image], check=True)
    subprocess.run(["mount", "-o", "loop", image, folder], check=True)
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def certificate(tmp_path, monkeypatch):
    """Return the options for a certificate that this test trusts."""
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=hub"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-out", cert, "-keyout", key]
    subprocess.run(command, check=True, capture_output=True)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(cert))
    monkeypatch.setenv("WEBSOCKET_CLIENT_CA_BUNDLE", str(cert))
    return [f"--cert={cert}", f"--key={key}"]


@pytest.fixture
def alone(hub):
    """Stop the other tests' hub: a machine can have only one."""
    if hub.process.poll() is None:
        hub.stop()


def test_a_student_who_fills_the_disk_is_stopped(alone, tmp_path, small_disk, certificate):
    full = Hub(tmp_path, small_disk / "data")
    full.start(*certificate, url=URL.replace("http", "https"))
    with pytest.raises(requests.RequestException):
        status(URL)  # no passwords without HTTPS
    try:
        who, other = Desk(full, "student1"), Desk(full, "student2")
        fill = """
try:
    with open('much', 'wb', buffering=0) as file:
        while True:
            file.write(bytes(2**16))
except OSError as error:
    print(error.strerror)
"""
        with ThreadPoolExecutor(1) as pool:
            filling = pool.submit(who.says, fill)
            saved = other.student.ask("GET", f"contents/{ASSIGNMENT}")["content"]
            changed = {**saved, "cells": [{**saved["cells"][0], "source": "x" * 2**20}]}
            end = time.monotonic() + TIMEOUT
            while full.processes("student1"):
                assert time.monotonic() < end, full.log.read_text()
                with contextlib.suppress(requests.HTTPError):  # everyone sees a message meanwhile
                    other.student.save(ASSIGNMENT, changed)
                time.sleep(0.2)
            with contextlib.suppress(websocket.WebSocketException, RuntimeError, OSError):
                filling.result()
        other.student.save(ASSIGNMENT, changed)
        assert sources(other.student.ask("GET", f"contents/{ASSIGNMENT}")["content"]) == sources(
            changed
        )
        assert "42" in other.says("print(6 * 7)").splitlines()
        full.sign_in("student3").start()
        again, page = full.sign_in("student1"), ""
        # The old server may still be ending
        while "the disk is full, mostly of your files" not in page:
            assert time.monotonic() < end, page
            page = again.http.get(f"{full.url}/hub/spawn", timeout=TIMEOUT).text
            time.sleep(1)
        assert not full.processes("student1")
        assert (full.data / "homes" / "student1" / ASSIGNMENT).exists()  # nothing was deleted
    finally:
        full.stop()


def test_unused_servers_stop_despite_an_unknown_host_name(alone, tmp_path):
    hub = Hub(tmp_path)
    name = ("unshare", "--uts", "sh", "-c", 'hostname nowhere.invalid && exec "$@"', "sh")
    hub.start("--idle=5", before=name)
    try:
        Desk(hub, "student1")
        end = time.monotonic() + TIMEOUT
        while hub.processes("student1"):
            assert time.monotonic() < end, hub.log.read_text()
            time.sleep(1)
        assert "Culling server student1" in hub.log.read_text()
    finally:
        hub.stop()


def test_a_hub_without_root_runs_and_is_as_open_as_documented():
    user = ROOT.stat().st_uid or USERS[-1]
    other = ("setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups")
    with tempfile.TemporaryDirectory() as folder:
        os.chown(folder, user, user)
        hub = Hub(Path(folder))
        before = (*other, "env", f"HOME={folder}")
        tried = subprocess.run(hub.command("--help", before=before), cwd=ROOT, capture_output=True)
        if tried.returncode:
            pytest.skip(f"an ordinary user can't run the hub here: {tried.stderr.decode()[-200:]}")
        place = "http://127.0.0.1:8775"
        hub.start("--sandbox=none", before=before, url=place)
        try:
            assert "NOT DEFENDED" in hub.log.read_text()
            first, second = Desk(hub, "student1"), Desk(hub, "student2")
            assert status(f"{place}/hub/home") == 302
            assert status(f"{place}/user/student1/api/contents") == 403
            no_form_from_another_site(hub)
            no_page_from_another_site(first)
            no_path_out(first)
            no_guessing(hub, "student3")
            paths = [hub.data / "jupyterhub.sqlite", hub.data / "cookie_secret"]
            paths += [home_of(hub.data, "student2") / ASSIGNMENT, hub.data / "passwords.csv"]
            code = f"print([os.access(path, os.R_OK) for path in {list(map(str, paths))}])"
            assert first.says("import os; " + code) == str([True] * 4)
            assert first.says(f"print(os.listdir({str(ROOT / 'assignments' / 'source')!r}))")
            assert first.says("print(open('/proc/self/cgroup').read())") == (
                Path("/proc/self/cgroup").read_text().strip()
            )
            token = """
for path in glob.glob('/proc/[1-9]*/environ'):
    try:
        found = dict(line.split('=', 1) for line in open(path).read().split('\\0') if '=' in line)
    except OSError:
        continue
    if %s:
        print(status(%r, found[%r]))
        break
"""
            theirs = f"{place}/user/student2/api/contents"
            who = "found.get('JUPYTERHUB_USER') == 'student2'"
            assert first.says(CODE + token % (who, theirs, "JUPYTERHUB_API_TOKEN")) == "200"
            proxy = "http://127.0.0.1:8777/api/routes"
            who = "'CONFIGPROXY_AUTH_TOKEN' in found"
            assert first.says(CODE + token % (who, proxy, "CONFIGPROXY_AUTH_TOKEN")) == "200"
            assert second.says("print(6 * 7)") == "42"
        finally:
            hub.stop()


def test_a_port_taken_by_another_user_is_refused(monkeypatch, tmp_path):
    from tools.hub import spawner

    async def start(self):
        self.port = 20_000
        return "127.0.0.1", self.port

    async def poll(self):
        return None

    home_of(tmp_path, "student1").mkdir(parents=True)
    seen = iter([{}, {20_000: 12_345}])
    monkeypatch.setattr(spawner, "port_owners", lambda: next(seen))
    monkeypatch.setattr(spawner.LocalProcessSpawner, "start", start)
    monkeypatch.setattr(spawner.StudentSpawner, "poll", poll)
    monkeypatch.setattr(spawner.StudentSpawner, "_end", lambda self: None)
    monkeypatch.setattr(spawner.StudentSpawner, "_group", lambda self: None)
    server = spawner.StudentSpawner(data=str(tmp_path), sandboxed=True)
    server.user = types.SimpleNamespace(name="student1", url="")
    with pytest.raises(RuntimeError, match="user 12345 listens at 20000"):
        asyncio.run(server.start())
