"""Where this JupyterHub differs from the default. `__main__.py` has checked the settings it reads.

JupyterHub runs it, with `c`, its configuration.
"""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import psutil

from tools.hub.accounts import LEAST_LETTERS, TEACHER
from tools.hub.settings import Settings
from tools.hub.signing_in import ClassAuthenticator
from tools.hub.spawner import StudentSpawner

SERVER_BYTES = 480 * 2**20  # with a kernel that has executed a notebook, measured, and some more
chosen = Settings.from_env()
data, port = Path(chosen.data), chosen.port
# Ports that a student's program can't take over when the hub or the proxy has ended, if it is root
first = 880 if os.getuid() == 0 else port
c = get_config()  # type: ignore[name-defined]  # noqa: F821 - JupyterHub's

try:  # to reach what listens everywhere, JupyterHub asks for the machine by its name
    socket.getaddrinfo(socket.gethostname(), port)
    everywhere = ""
except OSError:
    everywhere = "0"  # the same by number, of IPv4 alone
c.JupyterHub.bind_url = f"http{'s' if chosen.cert else ''}://{everywhere}:{port}"
c.JupyterHub.ssl_cert, c.JupyterHub.ssl_key = chosen.cert, chosen.key
c.JupyterHub.hub_port = first + 1
c.JupyterHub.db_url = f"sqlite:///{data / 'jupyterhub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(data / "cookie_secret")
c.JupyterHub.template_paths = [str(Path(__file__).with_name("templates"))]
c.JupyterHub.implicit_spawn_seconds = 2  # the page of a server that has ended starts it again
c.JupyterHub.concurrent_spawn_limit = 0  # none: they wait for their turn, without an error page

c.ConfigurableHTTPProxy.command = [chosen.proxy]
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{first + 2}"
c.ConfigurableHTTPProxy.pid_file = str(Path(chosen.run, "proxy.pid"))

c.JupyterHub.authenticator_class = ClassAuthenticator
c.ClassAuthenticator.first_passwords = str(data / "passwords.csv")
c.ClassAuthenticator.allowed_users = {*chosen.names.values(), TEACHER}
c.ClassAuthenticator.username_map = chosen.names
c.ClassAuthenticator.allow_existing_users = False  # who is in the list no more stays outside
c.ClassAuthenticator.admin_users = {TEACHER}
c.ClassAuthenticator.enable_signup = False
c.ClassAuthenticator.allowed_failed_logins = 5
c.ClassAuthenticator.seconds_before_next_try = 600
c.ClassAuthenticator.minimum_password_length = LEAST_LETTERS
c.ClassAuthenticator.check_common_password = True

c.JupyterHub.spawner_class = StudentSpawner
c.StudentSpawner.data = str(data)
c.StudentSpawner.walls = chosen.walls
c.StudentSpawner.mem_limit = "2G"  # all three notebooks at once
c.StudentSpawner.cpu_limit = 1
# Beyond it the machine stands still, for all; who comes then is told to come later
c.JupyterHub.active_server_limit = max(1, psutil.virtual_memory().total // SERVER_BYTES)
c.StudentSpawner.start_timeout = 900  # with the time in which it waits for its turn
c.StudentSpawner.http_timeout = 120
c.StudentSpawner.poll_interval = 5  # seconds; it looks at the disk, too
# A kernel's TCP ports can be taken by another student's kernel before it has them
c.StudentSpawner.args = ["--ConnectionFileMixin.transport=ipc"]

c.JupyterHub.services = [
    {
        "name": "idle-culler",
        "command": [sys.executable, "-m", "jupyterhub_idle_culler", f"--timeout={chosen.idle}"],
    }
]
c.JupyterHub.load_roles = [
    {
        "name": "idle-culler",
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        "services": ["idle-culler"],
    }
]
