"""Any submission is found and read, or reported as unreadable, without errors."""

from __future__ import annotations

import csv
import json
import os
import socket
import struct
import zipfile
from pathlib import Path

import nbformat
import pytest

from tools.grader import limits, report, tables
from tools.grader.assignments import assignment, notebook
from tools.grader.cells import Cell, parse_script
from tools.grader.files import file_name
from tools.grader.handed import find, has_answer, load, read, section_of, submission
from tools.grader.judge import pieces, states
from tools.grader.limits import MOST_FOLDERS, NOTEBOOK_BYTES
from tools.grader.people import Upload
from tools.grader.results import Result
from tools.grader.student import Job, finished, grade_student, key
from tools.grader.tests.submission import Submission, cells, read_one


def names(found):
    return {student: [path.name for path in files] for student, files in found.items()}


def table(students, out):
    out.mkdir(parents=True, exist_ok=True)
    results = {name: finished(name, files, out) for name, files in students.items()}
    uploads = {name: Upload(files) for name, files in students.items()}
    tables.write(tables.entries(results, uploads, None), None, out)
    with open(out / "marks.csv", encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


def grade_all(students, out):
    """Grade submissions without code to run."""
    for name, files in students.items():
        report.write(name, grade_student(name, files, Job(out, "none", 1)), out)


def itself(path):
    path.symlink_to(path.name)


def listening(path):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(path))  # the path of a socket may have 107 characters


ODD_FILES = {
    "a link to itself": (itself, "not a regular file"),
    "a link to nothing": (lambda path: path.symlink_to("nowhere"), "not a regular file"),
    "a link to the solutions": (
        lambda path: path.symlink_to(notebook("source", "6.2")),
        "not a regular file",
    ),
    "a pipe": (os.mkfifo, "not a regular file"),
    "a socket": (listening, "not a regular file"),
    "a folder": (Path.mkdir, "not a regular file"),
    "too large": (lambda path: (path.touch(), os.truncate(path, NOTEBOOK_BYTES + 1)), "larger"),
    "huge": (lambda path: (path.touch(), os.truncate(path, 2**42)), "larger"),
}


@pytest.mark.parametrize("kind", ODD_FILES)
@pytest.mark.parametrize("place", ["me.ipynb", "me/6.1.ipynb"])
def test_other_things_than_files_are_unreadable_and_do_not_block(tmp_path, kind, place):
    make, said = ODD_FILES[kind]
    folder, out = tmp_path / "in", tmp_path / "out"
    path = folder / place
    path.parent.mkdir(parents=True)
    make(path)
    with pytest.raises(ValueError, match=said):
        read(path)
    if kind == "a folder":
        return
    students = find(folder)
    grade_all(students, out)
    assert "unreadable" in table(students, out)[0]
    assert finished("me", students["me"], out)


def test_a_pipe_that_takes_a_file_s_place_is_empty(tmp_path, monkeypatch):
    file, pipe = tmp_path / "file", tmp_path / "pipe"
    file.touch()
    os.mkfifo(pipe)
    about, writer = os.lstat(file), os.open(pipe, os.O_RDWR)
    monkeypatch.setattr(os, "lstat", lambda path: about)
    assert read(pipe) == b""
    os.close(writer)


def test_a_script_s_cells_keep_their_indentation():
    script = b"# In[1]:\r\n\r\n    a = 1\r\n    b = 2\r\n\r\n# In[2]:\r\nc = 3\r\n"
    found = [cell.source for cell in parse_script(script)]
    assert found == ["", "    a = 1\n    b = 2", "c = 3"]


def test_very_many_definitions_give_few_states():
    asked = assignment("6.2")
    cells = [Cell("code", f"def corr2d(X, K):\n    return {number}") for number in range(1000)]
    for cell in asked.given:
        cells += [cell] * (cell.id == "corr2d-visible")
    found = states(pieces(cells, asked), "corr2d", asked.tests["corr2d"])
    assert [state[-1].number for state in found] == [1000, 999, 998, 1001]


def test_a_new_timeout_or_sandbox_grades_again(tmp_path):
    folder, out = tmp_path / "in", tmp_path / "out"
    Submission("6.1", solved=False).write(folder / "me.ipynb")
    (files,) = find(folder).values()
    chosen = Job(out, "bwrap", 20).settings()
    result = Result("me", key(load(files), chosen), chosen, [], False, {})
    (out / "results").mkdir(parents=True)
    (out / "results" / "me.json").write_text(result.to_json())
    assert finished("me", files, out) == result
    assert finished("me", files, out, Job(out, "bwrap", 20.0).settings()) == result
    assert finished("me", files, out, Job(out, "bwrap", 21).settings()) is None
    assert finished("me", files, out, Job(out, "none", 20).settings()) is None
    Submission("6.1").write(folder / "me.ipynb")
    assert finished("me", files, out) is None


def test_unreadable_files_and_folders_are_reported(tmp_path, monkeypatch):
    Submission("6.1").write(tmp_path / "in" / "me" / "6.1.ipynb")
    Submission("6.1").write(tmp_path / "in" / "you" / "deep" / "6.1.ipynb")

    def refuse(real):
        def call(path, *args):
            if str(path).endswith(("me/6.1.ipynb", "deep")):
                raise PermissionError(13, "Permission denied", str(path))
            return real(path, *args)

        return call

    # Not with file modes, which root ignores
    monkeypatch.setattr(os, "open", refuse(os.open))
    monkeypatch.setattr(os, "scandir", refuse(os.scandir))
    students = find(tmp_path / "in")
    assert names(students) == {"me": ["6.1.ipynb"], "you": ["deep"]}
    with pytest.raises(ValueError, match="Permission denied"):
        read(students["me"][0])
    assert submission(students["you"]).unreadable


def test_links_out_of_a_folder_are_not_followed(tmp_path):
    Submission("6.1").write(tmp_path / "in" / "ann" / "6.1.ipynb")
    (tmp_path / "in" / "bob").symlink_to("ann")
    (tmp_path / "in" / "eve").mkdir()
    (tmp_path / "in" / "eve" / "ann").symlink_to("../ann")
    (tmp_path / "in" / "eve" / "round").symlink_to("..")
    students = find(tmp_path / "in")
    assert names(students) == {"ann": ["6.1.ipynb"], "bob": ["bob"], "eve": []}
    assert not submission(students["bob"]).chosen
    assert submission(students["bob"]).unreadable


def test_a_zip_unpacks_no_more_than_its_announced_size(tmp_path, monkeypatch):
    def handed(**members):
        path = tmp_path / "me.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, size in members.items():
                archive.writestr(f"{name}.ipynb", b" " * size)
        return load([path])

    monkeypatch.setattr(limits, "NOTEBOOK_BYTES", 1000)
    assert [len(each.data) for each in handed(a=1000, b=999)] == [1000, 999]
    assert [each.name for each in handed(**{"__MACOSX/a": 5000, "../a": 1, "in/b": 1})] == [
        "b.ipynb"
    ]
    for members in ({"a": 2001}, {f"a{n}": 1 for n in range(limits.MOST_NOTEBOOKS + 1)}):
        assert [each.error for each in handed(**members)] == ["it holds too much"]
    lie = (tmp_path / "me.zip").read_bytes() if handed(a=1500) else b""
    (tmp_path / "me.zip").write_bytes(lie.replace(struct.pack("<I", 1500), struct.pack("<I", 15)))
    (lying,) = load([tmp_path / "me.zip"])
    assert not lying.data and "CRC" in lying.error


def test_deep_and_wide_folders_are_abandoned(tmp_path):
    folder = Submission("6.1").write(tmp_path / "me" / "6.1.ipynb").parent
    (folder / Path(*"d" * 900)).mkdir(parents=True)
    for number in range(MOST_FOLDERS):
        (folder / f"w{number}").mkdir()
    assert len(find(tmp_path)["me"]) == 2
    assert set(submission(find(tmp_path)["me"]).chosen) == {"6.1"}


def test_files_from_the_operating_system_are_ignored(tmp_path):
    mac = b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X"
    for folder in (tmp_path, tmp_path / "ann"):
        Submission("6.1").write(folder / "6.1.ipynb")
        Submission("6.1").write(folder / ".ipynb_checkpoints" / "6.1-checkpoint.ipynb")
        (folder / "__MACOSX").mkdir()
        (folder / "__MACOSX" / "._6.1.ipynb").write_bytes(mac)
        (folder / "._6.1.ipynb").write_bytes(mac)
        (folder / ".DS_Store").write_bytes(mac)
        (folder / "Thumbs.db").write_bytes(mac)
    assert names(find(tmp_path)) == {"6.1": ["6.1.ipynb"], "ann": ["6.1.ipynb"]}


@pytest.mark.parametrize("name", ["6.1.IPYNB", "6.1.Ipynb"])
def test_a_suffix_in_capitals_is_found(tmp_path, name):
    Submission("6.1").write(tmp_path / "me" / name)
    Submission("6.1").write(tmp_path / f"you{name[3:]}")
    assert {len(files) for files in find(tmp_path).values()} == {1}
    assert set(find(tmp_path)) == {"me", "you"}


ENCODINGS = ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_other_encodings_are_read(tmp_path, encoding):
    path = Submission("6.1").append("'ä'").write(tmp_path / "6.1.ipynb")
    right = cells(path)
    text = json.dumps(json.loads(path.read_text()), ensure_ascii=False)
    path.write_bytes(text.encode(encoding))
    assert cells(path) == right


@pytest.mark.parametrize("version", [2, 3])
def test_older_formats_are_read(tmp_path, version):
    path = Submission("6.1").write(tmp_path / "6.1.ipynb")
    right = [(cell.kind, cell.source, cell.id) for cell in cells(path)]
    old = nbformat.convert(nbformat.read(path, 4), 3)
    old["nbformat"] = version  # nearly equal
    path.write_text(json.dumps(old))
    assert "worksheets" in path.read_text()
    assert [(cell.kind, cell.source, cell.id) for cell in cells(path)] == right
    assert section_of(read_one(path)) == "6.1"


def odd(change):
    submission = Submission("6.1")
    change(submission)
    return submission


ODD_NOTEBOOKS = {
    "no metadata": lambda s: s.content.pop("metadata"),
    "metadata null": lambda s: s.content.update(metadata=None),
    "a kernel that is a list": lambda s: s.content["metadata"].update(kernelspec=[1]),
    "a malformed kernel name": lambda s: s.content["metadata"].update(kernelspec={"name": {}}),
    "no cell's metadata": lambda s: s.cells.append({"cell_type": "code", "source": ""}),
    "a cell's metadata null": lambda s: s.cells.append({"cell_type": "code", "metadata": None}),
    "nbgrader null": lambda s: s.cells.append({"metadata": {"nbgrader": None}}),
    "nbgrader a number": lambda s: s.cells.append({"metadata": {"nbgrader": 3}}),
    "malformed cells": lambda s: s.cells.extend([None, 5, [], "cell", {}]),
    "a source that is a number": lambda s: s.cells.append({"cell_type": "code", "source": 5}),
    "a source of odd parts": lambda s: s.cells.append({"cell_type": "code", "source": [None, 1]}),
    "NaN": lambda s: s.content.update(a=float("nan"), b=float("inf"), c=1e999),
    "a lone surrogate": lambda s: s.append("'\ud800'"),
    **{
        f"an id that is {value!r}"[:40]: lambda s, value=value: s.cells.append(
            {"cell_type": "code", "metadata": {"nbgrader": {"grade_id": value, "solution": True}}}
        )
        for value in ([1], {"a": 1}, 1, None, 1.5, True, "x" * 2**21, "\ud800")
    },
}


@pytest.mark.parametrize("what", ODD_NOTEBOOKS)
def test_a_malformed_cell_does_not_affect_the_others(tmp_path, what):
    right = Submission("6.1").write(tmp_path / "right.ipynb")
    path = odd(ODD_NOTEBOOKS[what]).write(tmp_path / "me" / "odd.ipynb")
    assert section_of(read_one(path)) == "6.1"
    assert has_answer(read_one(path), "6.1")
    found = cells(path)[: len(cells(right))]
    assert [(c.id, c.source) for c in found] == [(c.id, c.source) for c in cells(right)]
    assert all(len(cell.id) <= 100 for cell in cells(path))


NO_NOTEBOOKS = [
    b"",
    b"[",
    b"[]",
    b"null",
    b"{}",
    b'{"cells": 5}',
    b'{"cells": {"a": {}}}',
    b'{"worksheets": 5}',
    b'{"worksheets": [5], "nbformat": 3}',
    b'{"worksheets": [{"cells": {}}], "nbformat": "x"}',
    b"[" * 10**6,
    b'{"a":' * 10**6,
    b"9" * 10**7,
    b'{"cells": [], "n": -' + b"9" * 10**7 + b"}",
    b"\x00\xff",
    b"\xff\xfe",
    b"\xff" * 1000,
    "{'größe'}".encode("latin-1"),
]


@pytest.mark.parametrize("data", NO_NOTEBOOKS, ids=lambda data: repr(data[:20]))
def test_files_that_are_not_notebooks_are_unreadable_in_tables(tmp_path, data):
    (tmp_path / "in" / "me").mkdir(parents=True)
    for name in ("6.1.ipynb", "mine.ipynb"):
        (tmp_path / "in" / "me" / name).write_bytes(data)
    students = find(tmp_path / "in")
    grade_all(students, tmp_path / "out")
    assert table(students, tmp_path / "out") == [["me", "unreadable", "", "", "unreadable"]]


def test_scripts_and_files_of_no_assignment_are_noted(tmp_path):
    code = [cell for cell in Submission("6.1").cells if cell["cell_type"] == "code"]
    script = "\n# In[1]:\n".join("".join(cell["source"]) for cell in code)
    (tmp_path / "6.1.py").write_text(script)
    (tmp_path / "mine.ipynb").write_text('{"cells": []}')
    (tmp_path / "odd.ipynb").write_text("{")
    found = submission(sorted(tmp_path.iterdir()))
    assert {section: each.name for section, each in found.chosen.items()} == {"6.1": "6.1.py"}
    assert found.notes == [
        "mine.ipynb belongs to no assignment",
        "odd.ipynb can't be read: it is not JSON: Expecting property name enclosed in double "
        "quotes: line 1 column 2 (char 1)",
        "6.1.py is a script; it was read as a notebook",
    ]
    assert found.unreadable


@pytest.mark.parametrize(
    "other", ["empty", "untouched", "broken", "stripped"], ids=lambda other: other
)
def test_a_full_notebook_beats_an_empty_one_with_the_right_name(tmp_path, other):
    wrong = Submission("6.1", solved=False)
    if other == "empty":
        wrong.cells.clear()
    for cell in wrong.cells if other == "stripped" else []:
        cell["metadata"] = {}
    wrong.write(tmp_path / "6.1.ipynb")
    if other == "broken":
        (tmp_path / "6.1.ipynb").write_text("{")
    right = Submission("6.1").write(tmp_path / "6.1 final.ipynb")
    found = submission(sorted(tmp_path.iterdir()))
    assert {section: each.name for section, each in found.chosen.items()} == {"6.1": right.name}
    assert found.notes == ["6.1.ipynb was not graded: 6.1 final.ipynb was, with answers"]
    assert not found.unreadable


@pytest.mark.parametrize("kind", ["link", "zip", "text"])
def test_of_two_versions_without_an_answer_the_later_counts(tmp_path, kind):
    untouched = Submission("6.1", solved=False).write(tmp_path / "6.1 (1).ipynb")
    later = tmp_path / f"6.1 (2).{'zip' if kind == 'zip' else 'ipynb'}"
    if kind == "link":
        later.symlink_to("/nowhere")
    else:
        later.write_bytes(b"no notebook" * 10)
    found = submission([untouched, later])
    assert found.chosen["6.1"].name == later.name
    assert found.notes == [f"{untouched.name} was not graded: {later.name} was, which is later"]


ODD_NAMES = [
    b"-rf",
    b"-h",
    b"--out=x",
    b"--",
    b"x" * 255,
    b"y" * 250,
    "é".encode() * 127,
    "e\u0301".encode() * 80,
    "\u00e9".encode(),
    "e\u0301".encode(),
    b"ann",
    b"Ann",
    b"=1+1",
    b"@SUM(1)",
    b"+1",
    b"\t=1",
    "\uff1d1".encode(),
    b"a;=1+1",
    b"a,b",
    b'a"b',
    b"\xff",
    b"\xfe",
    b"two\nlines",
    b"a\rb",
    "\u202egnp".encode(),
    b"results",
    b"marks.csv",
    b"%s%n{0}",
    b"$(reboot)",
    b"a'b",
    b"...",
    b"aux.part",
]


def test_every_name_has_its_own_row_and_files(tmp_path):
    folder, out = tmp_path / "in", tmp_path / "out"
    for name in ODD_NAMES:
        (folder / os.fsdecode(name)).mkdir(parents=True)
    students = find(folder)
    assert {os.fsencode(name) for name in students} == set(ODD_NAMES) - {b"..."}
    grade_all(students, out)
    rows = table(students, out)
    assert len({row[0] for row in rows}) == len(rows) == len(students)
    assert {row[-1] for row in rows} == {"nothing handed in"}
    assert all(row[0].lstrip()[:1] not in tuple("=+-@\uff1d") for row in rows)
    assert "'=1+1" in {row[0] for row in rows}
    assert len(list(out.glob("*.html"))) == len(students)
    assert len(list((out / "results").glob("*.json"))) == len(students)
    assert not [path for path in out.rglob("*") if path.name.startswith("-")]
    plain = (out / "marks.csv").read_text().splitlines()
    assert not [line for line in plain if line[:1] in "=+-@"]
    assert '"a;=1+1","","","","nothing handed in"' in plain


def test_programs_files_in_a_home_are_not_handed_in(tmp_path):
    Submission("6.2").write(tmp_path / "ann" / "assignments" / "6.2" / "6.2.ipynb")
    for name in (".cache/fontlist.json", ".local/share/jupyter/notebook_secret"):
        (tmp_path / "ann" / name).parent.mkdir(parents=True)
        (tmp_path / "ann" / name).write_text("{}")
    assert names(find(tmp_path)) == {"ann": ["6.2.ipynb"]}


def test_files_of_different_students_are_kept_apart():
    long = "x" * 255
    stolen = file_name(long)
    assert len({file_name(name) for name in (long, stolen, stolen[:-1], long[1:])}) == 4
    assert file_name("Student One") == "Student One"
    assert file_name("Zoë") == "Zoë"


def test_the_table_is_written_atomically(tmp_path, monkeypatch):
    table({"ann": []}, tmp_path)
    before = (tmp_path / "marks.csv").read_bytes()

    def fail(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="No space"):
        table({"ann": [], "bob": []}, tmp_path)
    assert (tmp_path / "marks.csv").read_bytes() == before
