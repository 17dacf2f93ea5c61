"""Make an account for each student of a class list, with a home and a first password."""

import os
import secrets
from pathlib import Path

from tools.grader.files import csv_text, no_formula, write_whole
from tools.grader.people import ClassList, read_table

TEACHER = "teacher"
LEAST_LETTERS = 8
USERS = range(200_000, 300_000)  # for the students' servers; Linux assigns none of these


def read_class(path: Path) -> dict[str, dict]:
    """Return the people in the class by account, which is also the name of their home.

    Raises ValueError if the list is empty, or two people would get the same account.
    """
    people: dict[str, dict] = {}
    for person in ClassList(path).people:
        name, where = person["account"], f"{path.name}, line {person['line']}"
        if name == TEACHER:
            raise ValueError(f"{where}: student must not be {TEACHER!r}, which is your own account")
        if name in people:
            raise ValueError(
                f"{where}: student must give a unique account, got {name!r} as in line "
                f"{people[name]['line']}: add a letter to one of the two"
            )
        people[name] = person
    if not people:
        raise ValueError(f"{path.name} must have a line for each student, got none")
    return people


def read_passwords(path: Path) -> dict[str, str]:
    """Return the first passwords by account. Raises ValueError, without the password, if short."""
    rows = read_table(path).rows
    for line, row in rows.items():
        if len(row.get("password", "")) < LEAST_LETTERS:
            raise ValueError(
                f"{path.name}, line {line}: password must have at least {LEAST_LETTERS} "
                "characters, got fewer: change it, or delete the line"
            )
    return {row["account"]: row["password"] for row in rows.values()}


def home_of(data: Path, name: str) -> Path:
    """Return an account's home. The teacher's is outside `homes`, whose folders are graded."""
    return data / TEACHER if name == TEACHER else data / "homes" / name


def prepare(data: Path, people: dict[str, dict], separate: bool) -> None:
    """Give each new account a first password and a home, owned by a new user if `separate`."""
    homes = data / "homes"
    homes.mkdir(mode=0o700, parents=True, exist_ok=True)
    data.chmod(0o700)
    table = data / "passwords.csv"
    known = read_passwords(table) if table.exists() else {}
    new = [name for name in [TEACHER, *people] if not home_of(data, name).exists()]
    known = {**{name: secrets.token_urlsafe(9) for name in new}, **known}
    rows = [["account", "password", "student", "name"]]
    for name, password in sorted(known.items()):
        person = people.get(name, {"login": "", "name": ""})
        rows.append([name, password, no_formula(person["login"]), no_formula(person["name"])])
    os.umask(0o077)
    write_whole(table, csv_text(rows, safe=False))
    made = [home for home in (data / TEACHER, *homes.iterdir()) if home.exists()]
    last = max([USERS[0] - 1, *(home.stat().st_uid for home in made)])
    for user, name in enumerate(new, start=last + 1):
        if separate and user not in USERS:
            raise ValueError(f"homes must belong to users in {USERS}, got one of user {last}")
        home_of(data, name).mkdir(mode=0o700)
        if separate:
            os.chown(home_of(data, name), user, user)
