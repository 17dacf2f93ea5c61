"""Who may sign in: a class list makes the accounts, each with a home and a first password."""

from __future__ import annotations

import csv
import io
import os
import re
import secrets
from pathlib import Path

from tools.grader.files import write_whole
from tools.grader.people import ClassList, read_table

TEACHER = "teacher"
NAME = re.compile(r"[a-z][a-z0-9._-]{0,31}")  # JupyterHub makes capitals small: two would be one
LEAST_LETTERS = 8
USERS = range(200_000, 300_000)  # numbers that Linux gives to nobody: for the students' servers


def read_class(path: Path) -> list[str]:
    """Return the students' names, which are those of their accounts and of their homes.

    Raises ValueError if there are none, or one can't be an account's.
    """
    people = ClassList(path).people
    names = [person["student"] for person in people]
    if not names:
        raise ValueError(f"CLASS must have a line for each student, got none in {path}")
    for number, name in enumerate(names):
        if not NAME.fullmatch(name) or name == TEACHER:
            raise ValueError(
                "student must be up to 32 small letters, digits and ._- that begin with a letter, "
                f"and not {TEACHER!r}, got {name!r} in {path}"
            )
        if name in names[:number]:
            raise ValueError(f"student must be another one in each line, got {name!r} twice")
    return names


def read_passwords(path: Path) -> dict[str, str]:
    """Return the first passwords by name.

    Raises ValueError for one that is short, is the name, or is another one's too.
    """
    rows = read_table(path)[1] if path.exists() else []
    known: dict[str, str] = {}
    for row in rows:
        name, password = row.get("student", ""), row.get("password", "")
        if len(password) < LEAST_LETTERS or password.lower() == name:
            raise ValueError(
                f"password must have at least {LEAST_LETTERS} letters and not be the name, "
                f"got {password!r} for {name!r} in {path}"
            )
        if password in known.values():
            raise ValueError(
                f"password must be another one for each, got {password!r} for {name!r} and others "
                f"in {path}"
            )
        known[name] = password
    return known


def home_of(data: Path, name: str) -> Path:
    """Return someone's home. The teacher's is beside those of the students, which are graded."""
    return data / TEACHER if name == TEACHER else data / "homes" / name


def prepare(data: Path, names: list[str], separate: bool) -> None:
    """Give each new name a first password and a home, as a user of its own if they are `separate`.

    Which user that is, is told by the home alone: it owns it.
    """
    homes = data / "homes"
    homes.mkdir(mode=0o700, parents=True, exist_ok=True)
    data.chmod(0o700)
    known = read_passwords(data / "passwords.csv")
    new = [name for name in [TEACHER, *names] if not home_of(data, name).exists()]
    known = {**{name: secrets.token_urlsafe(9) for name in new}, **known}
    text = io.StringIO()
    table = csv.writer(text)
    table.writerows([("student", "password"), *sorted(known.items())])
    os.umask(0o077)
    write_whole(data / "passwords.csv", text.getvalue())
    made = [home for home in (data / TEACHER, *homes.iterdir()) if home.exists()]
    last = max([USERS[0] - 1, *(home.stat().st_uid for home in made)])
    for user, name in enumerate(new, start=last + 1):
        if separate and user not in USERS:
            raise ValueError(f"homes must belong to users in {USERS}, got one of user {last}")
        home_of(data, name).mkdir(mode=0o700)
        if separate:
            os.chown(home_of(data, name), user, user)
