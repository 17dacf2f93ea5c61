"""Configure JupyterHub, for settings that `__main__.py` has checked."""

import argparse
import os
import socket
import sys
from pathlib import Path
from typing import Any

import bcrypt
import psutil
from nativeauthenticator import NativeAuthenticator
from nativeauthenticator.orm import UserInfo
from traitlets import Unicode
from traitlets.config import Config

from tools.hub.accounts import LEAST_LETTERS, TEACHER, read_passwords
from tools.hub.spawner import StudentSpawner

SERVER_BYTES = 320 * 2**20  # a server and a kernel that has run a notebook, plus some room


class ClassAuthenticator(NativeAuthenticator):
    """A NativeAuthenticator that makes all accounts at the start, so nobody signs up."""

    first_passwords = Unicode(config=True, help="The table of the first passwords.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, password in read_passwords(Path(self.first_passwords)).items():
            if not self.user_exists(name):
                scrambled = bcrypt.hashpw(password.encode(), bcrypt.gensalt())
                self.db.add(UserInfo(username=name, password=scrambled, is_authorized=True))
        self.db.commit()


def hub_config(args: argparse.Namespace, names: dict[str, str]) -> Config:
    """Return JupyterHub's configuration; `names` maps the names for signing in to accounts."""
    # As root, use ports that students' programs can't take when the hub or the proxy ends
    first = 880 if os.getuid() == 0 else args.port
    c = Config()
    try:  # JupyterHub looks up the machine's name to reach its own servers
        socket.getaddrinfo(socket.gethostname(), args.port)
        everywhere = ""
    except OSError:
        everywhere = "0"  # if that fails, listen on IPv4 only
    c.JupyterHub.bind_url = f"http{'s' if args.cert else ''}://{everywhere}:{args.port}"
    c.JupyterHub.ssl_cert, c.JupyterHub.ssl_key = args.cert, args.key
    c.JupyterHub.hub_port = first + 1
    c.JupyterHub.db_url = f"sqlite:///{args.data / 'jupyterhub.sqlite'}"
    c.JupyterHub.cookie_secret_file = str(args.data / "cookie_secret")
    c.JupyterHub.template_paths = [str(Path(__file__).with_name("templates"))]
    c.JupyterHub.implicit_spawn_seconds = 2  # restart a server that has died
    c.JupyterHub.concurrent_spawn_limit = 0  # no limit, which would show students an error page

    c.ConfigurableHTTPProxy.command = ["build/proxy/node_modules/.bin/configurable-http-proxy"]
    c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{first + 2}"
    c.ConfigurableHTTPProxy.pid_file = str(args.run / "proxy.pid")

    c.JupyterHub.authenticator_class = ClassAuthenticator
    c.ClassAuthenticator.first_passwords = str(args.data / "passwords.csv")
    c.ClassAuthenticator.allowed_users = {*names.values(), TEACHER}
    c.ClassAuthenticator.username_map = names
    c.ClassAuthenticator.allow_existing_users = False  # removed students can't sign in
    c.ClassAuthenticator.admin_users = {TEACHER}
    c.ClassAuthenticator.enable_signup = False
    c.ClassAuthenticator.allowed_failed_logins = 5
    c.ClassAuthenticator.seconds_before_next_try = 600  # the documented default isn't applied
    c.ClassAuthenticator.minimum_password_length = LEAST_LETTERS
    c.ClassAuthenticator.check_common_password = True

    c.JupyterHub.spawner_class = StudentSpawner
    c.StudentSpawner.data = str(args.data)
    c.StudentSpawner.sandboxed = not args.sandbox
    c.StudentSpawner.mem_limit = "2G"  # all three notebooks at once
    c.StudentSpawner.cpu_limit = 1
    # More servers would make the machine swap for everyone; later students are asked to retry
    c.JupyterHub.active_server_limit = max(1, psutil.virtual_memory().total // SERVER_BYTES)
    c.StudentSpawner.start_timeout = c.StudentSpawner.http_timeout = 300
    c.StudentSpawner.poll_interval = 5  # seconds; each poll also checks the disk
    # Another student's kernel could take a TCP port before this one binds it
    c.StudentSpawner.args = ["--ConnectionFileMixin.transport=ipc"]

    name = "idle-culler"
    command = [sys.executable, "-m", "jupyterhub_idle_culler", f"--timeout={args.idle}"]
    c.JupyterHub.services = [{"name": name, "command": command}]
    scopes = ["list:users", "read:users:activity", "read:servers", "delete:servers"]
    c.JupyterHub.load_roles = [{"name": name, "scopes": scopes, "services": [name]}]
    return c
