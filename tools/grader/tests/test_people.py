"""Names from Canvas and Moodle, their tables with the marks, and marks by hand."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from tools.grader import tables
from tools.grader.people import BY_HAND, ClassList, read_by_hand, uploads
from tools.grader.people import with_by_hand as total
from tools.grader.results import Graded, Result, Test
from tools.grader.tests.submission import THREE


@pytest.mark.parametrize(
    ("name", "lms", "student", "number", "late"),
    [
        ("studentone_123_456_6.2-1", "canvas", "studentone_123", "123", False),
        ("studentone_LATE_123_456_6.2-1", "canvas", "studentone_123", "123", True),
        ("student_of_mine_9_77_my_3_4 work", "canvas", "student_of_mine_9", "9", False),
        ("anon_x1Y2z_456_6.2", "canvas", "anon_x1Y2z", "x1Y2z", False),
        ("LATE_anon_x1Y2z_456_6.2", "canvas", "anon_x1Y2z", "x1Y2z", True),
        ("Student One_123456_assignsubmission_file_", None, "Student One_123456", "123456", False),
        ("Student One_123456_assignsubmission_file", None, "Student One_123456", "123456", False),
        ("Student_B_7_assignsubmission_file_6.2", "moodle", "Student_B_7", "7", False),
        ("Student_B_7_assignsubmission_onlinetext_", None, "Student_B_7", "7", False),
        ("group_3_14_ann", None, "group_3_14_ann", "", False),
        ("smith", "canvas", "smith", "", False),
    ],
)
def test_names_of_uploads_are_parsed(name, lms, student, number, late):
    ((found, upload),) = uploads({name: []}, lms).items()
    assert (found, upload.number, upload.late) == (student, number, late)


def test_uploads_are_grouped_by_student_and_never_mixed_up():
    found = {f"studentone_123_{n}_6.{n}-1": [Path(f"6.{n}.ipynb")] for n in (1, 2, 3)}
    assert {name: len(its.files) for name, its in uploads(found, "canvas").items()} == {
        "studentone_123": 3
    }
    like_canvas = {"group_3_14_ann": [Path("a")], "group_3_15_bob": [Path("b")]}
    assert {name: its.files for name, its in uploads(like_canvas).items()} == like_canvas


def table_of(path, *lines):
    path.write_text("\n".join(lines), "utf-8-sig")
    return path


def read(text):
    return list(csv.DictReader(io.StringIO(text)))


def result(**marks):
    """Return a stored result with these marks of 20."""
    notebooks = {}
    for name, mark in marks.items():
        tests = [Test("t", "", 20, mark, "", "")]
        answers = {"in-words": ""}
        notebooks["6." + name[-1]] = Graded(True, 1, {}, tests, {}, "", answers)
    return Result("", "", {}, [], False, notebooks)


def entries(results, class_list, lms=None):
    found = uploads({name: [Path(name)] for name in results}, lms)
    students = {name: results[str(its.files[0])] for name, its in found.items()}
    return tables.entries(students, found, class_list)


def add_by_hand(found, path):
    lines = tables.marks_by_hand(found, path)
    for entry in found:
        entry.by_hand = lines.get(entry.key, {})


def test_canvas_s_gradebook_comes_back_with_the_marks(tmp_path):
    gradebook = ClassList(
        table_of(
            tmp_path / "gradebook.csv",
            "Student,ID,SIS User ID,SIS Login ID,Section,Assignment 6.2 (77),Final Score",
            "    Points Possible,,,,,20,(read only)",
            '"One, Student",123,S1,one@example.org,One,,90',
            '"Two, Student",124,S2,two@example.org,One,5,80',
        )
    )
    assert gradebook.kind == "canvas"
    found = entries(
        {"studentone_LATE_123_1_6.2": result(m2=15, m1=7), "other_9_1_6.2": result(m2=1)},
        gradebook,
        lms="canvas",
    )
    possible, ann, bo = read(tables.platform(found, gradebook, [])["canvas"])
    assert [*ann][4:] == ["Section", "Assignment 6.2 (77)", "Final Score", "6.1"]
    assert (possible["Assignment 6.2 (77)"], possible["6.1"]) == ("20", "20")
    assert (ann["Student"], ann["ID"]) == ("One, Student", "123")
    assert (ann["Assignment 6.2 (77)"], ann["6.1"], ann["Final Score"]) == ("15", "7", "90")
    assert (bo["Assignment 6.2 (77)"], bo["6.1"]) == ("5", "")
    final = {row["student"]: row for row in read(tables.table(found, final=True))}
    assert final["studentone_123"]["name"] == "One, Student"
    assert final["studentone_123"]["email"] == "one@example.org"
    assert final["studentone_123"]["late"] == "late"
    assert final["other_9"]["name"] == ""
    assert final["Two, Student"]["total (40)"] == "nothing handed in"


def test_moodle_s_worksheet_comes_back_with_the_marks(tmp_path):
    head = "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
    head += "Last modified (submission),Last modified (grade),Feedback comments"
    worksheet = ClassList(
        table_of(
            tmp_path / "worksheet.csv",
            head,
            "Participant 123456,Student One,one@example.org,Submitted,,20,Yes,Monday,Tuesday,",
            "Participant 7,Student Two,two@example.org,No submission,,20,Yes,-,-,old",
        )
    )
    assert worksheet.kind == "moodle"
    found = entries(
        {"Student One_123456_assignsubmission_file_": result(m2=15)}, worksheet, "moodle"
    )
    line = "Student One,6.2,x,1.5,well done"  # by the name in the worksheet
    add_by_hand(found, table_of(tmp_path / "hand.csv", ",".join(BY_HAND), line))
    worksheets = tables.platform(found, worksheet, [])
    assert set(worksheets) == {"moodle-6.2"}
    ann, bo = read(worksheets["moodle-6.2"])
    assert ",".join(ann) == head
    assert (ann["Identifier"], ann["Grade"]) == ("Participant 123456", "16.5")
    assert (ann["Feedback comments"], ann["Last modified (grade)"]) == ("well done", "Tuesday")
    assert (bo["Grade"], bo["Feedback comments"]) == ("", "old")


def test_the_teacher_s_own_list_gives_tables_without_formulas(tmp_path):
    lines = ["student;name;id;email", "ann;Student One;S1;one@example.org", "bo;Student Two;S2;"]
    own = ClassList(table_of(tmp_path / "class.csv", *lines))
    assert own.kind == "own"
    found = entries({"ann": result(m2=15), "=SUM(A1)": result(m2=0)}, own)
    tables.write(found, own, tmp_path)
    assert {path.stem for path in (tmp_path / "class").iterdir()} == {"final", "written"}
    ann, formula, bo = sorted(
        read(tables.table(found, final=True)), key=lambda row: row["id"] or "S1+"
    )
    assert (ann["name"], ann["id"], ann["6.2 (20)"]) == ("Student One", "S1", "15")
    assert formula["student"] == "'=SUM(A1)"
    assert bo["6.2 (20)"] == ""
    written = read(tables.written(found))
    assert list(written[0]) == BY_HAND
    assert written[0]["item"] == "in-words"


def test_a_table_of_another_form_is_refused(tmp_path):
    for header, line in [("a,b", "1,2"), ("login,role", "s1,Student")]:
        said = f"class.csv must have a column 'student'.*got .* {header.replace(',', ', ')}"
        with pytest.raises(ValueError, match=said):
            ClassList(table_of(tmp_path / "class.csv", header, line))


def lines(*points):
    return [{"points": text, "comment": ""} for text in points]


@pytest.mark.parametrize(
    ("mark", "points", "needed"),
    [
        (15, [], 15),
        (15, [""], 15),
        (15, ["2", "1.5"], 18.5),
        (15, ["-10%"], 13.5),
        (15, ["5", "-10%", "-10%"], 16),
        (3, ["-5"], 0),
        (None, [], None),
        (None, ["4"], 4),
        (None, [""], None),
    ],
)
def test_marks_by_hand_and_then_the_penalty(mark, points, needed):
    assert total(mark, lines(*points)) == needed


def test_marks_by_hand_accept_any_name_of_the_class_list(tmp_path):
    path = table_of(
        tmp_path / "b.csv", ",".join(BY_HAND), "S1,6.2,late,-10%,a day", 'Ann,"6,2",x,2,'
    )
    found = read_by_hand(path, {"s1": "ann", "ann": "ann"}, THREE)
    assert [line["points"] for line in found["ann"]["6.2"]] == ["-10%", "2"]


def test_marks_by_hand_need_a_name_that_only_one_student_has(tmp_path):
    lines = ["student,name,id,email", "ann,Student One,1,", "bo,Student One,2,b@x.org"]
    found = entries({"ann": result(m2=1)}, ClassList(table_of(tmp_path / "c.csv", *lines)))
    for name in ("", "Student One"):
        path = table_of(tmp_path / "b.csv", ",".join(BY_HAND), f"{name},6.2,x,2,")
        with pytest.raises(ValueError, match="line 2: student must be the name of a folder"):
            add_by_hand(found, path)
    add_by_hand(found, table_of(path, ",".join(BY_HAND), "B@X.org,6.2,x,2,"))
    assert [entry.marks()["6.2"] for entry in found] == [1, 2]


def test_a_table_by_hand_with_other_columns_is_refused(tmp_path):
    path = table_of(tmp_path / "b.csv", "student,assignment,points", "ann,6.2,1")
    with pytest.raises(ValueError, match=r"must have the columns student, .*, got student, as"):
        read_by_hand(path, {"ann": "ann"}, THREE)


def test_two_folders_of_one_person_are_reported(tmp_path):
    own = ClassList(table_of(tmp_path / "class.csv", "student,id", "ann,7"))
    first, second = entries({"7": result(m1=4), "ann": result(m1=3)}, own)
    assert (first.person["student"], first.notes) == ("ann", [])
    assert (second.person, second.notes) == ({}, ["is the same person as 7"])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("nobody,6.2,x,2,", "line 2: student must be the name of a folder, .* got 'nobody'"),
        ("ann,6.9,x,2,", "line 2: assignment must be one of 6.1, 6.2, 6.3, got '6.9'"),
        ("ann,6.2,x,two,", "line 2: points must be a number such as 1.5, .* got 'two'"),
    ],
)
def test_a_malformed_line_by_hand_is_refused(tmp_path, line, said):
    path = table_of(tmp_path / "b.csv", ",".join(BY_HAND), line)
    with pytest.raises(ValueError, match=said):
        read_by_hand(path, {"ann": "ann"}, THREE)


def test_unreadable_and_ungraded_students_do_not_get_0(tmp_path):
    broken = result(m1=0, m2=12)
    broken.notebooks["6.1"].readable = False
    nothing = Result("", "", {}, [], True, {})
    odd = result(m1=3)
    odd.notebooks["6.1"].written = {"": ""}
    own = ClassList(table_of(tmp_path / "class.csv", "student,name", "away,Student One"))
    found = entries({"broken": broken, "link": nothing, "late": None, "odd": odd}, own)
    found += entries({"empty": Result("", "", {}, [], False, {}), "zero": result(m1=0)}, None)
    final, marks = (
        {row["student"]: row for row in read(tables.table(found, kind))} for kind in (True, False)
    )
    about = {name: (row["6.1 (20)"], row["total (40)"]) for name, row in final.items()}
    assert about.pop("away") == ("", "nothing handed in")
    assert about == {name: (row["6.1 (20)"], row["total (40)"]) for name, row in marks.items()}
    assert about == {
        "broken": ("unreadable", "12"),
        "link": ("", "unreadable"),
        "late": ("", "not graded"),
        "odd": ("3", "3"),
        "empty": ("", "nothing handed in"),
        "zero": ("0", "0"),
    }
    said = tables.write(found, own, tmp_path)
    assert "broken: unreadable (6.1): is not in class.csv; ask for it again" in said
    assert "link: unreadable (all): is not in class.csv; ask for it again" in said
    assert "odd is not in class.csv" in said
    assert "nothing handed in: away; empty" in said
    assert not any(line.startswith("zero") for line in said)
    found = found[:-2]
    assert [row["item"] for row in read(tables.written(found))] == ["in-words", "in-words"]


def test_a_name_in_invalid_utf_8_is_shown_in_the_tables():
    name = b"\xff=1".decode("utf-8", "surrogateescape")
    found = entries({name: result(m1=3)}, None)
    assert [row["student"] for row in read(tables.table(found, final=True))] == ["\\xff=1"]


def test_marks_by_hand_and_questions_add_up_in_the_final_table(tmp_path):
    graded = result(m2=15)
    graded.notebooks["6.2"].tests.append(Test("u", "", 5, 2, "", "another"))
    found = entries({"ann": graded, "bo": result(m2=20)}, None)
    line = "ann,6.2,w,1.5,well seen"
    add_by_hand(found, table_of(tmp_path / "hand.csv", ",".join(BY_HAND), line))
    ann, bo = read(tables.table(found, final=True))
    assert ann["6.2 (25)"] == "18.5"
    assert ann["6.2  (20)"] == "15"  # the tests of `result` belong to no question
    assert (ann["6.2 another (5)"], ann["6.2 by hand"], ann["comment"]) == (
        "2", "1.5", "6.2: well seen",
    )  # fmt: skip
    assert bo["6.2 by hand"] == ""
    assert read(tables.table(found, final=False))[0]["6.2 (25)"] == "17"


@pytest.mark.parametrize(
    ("worth", "mark", "line"),
    [
        ("100", "75", "6.2 is scaled from 20 marks to the platform's 100"),
        ("10,00", "7.5", "6.2 is scaled from 20 marks to the platform's 10"),
        ("20.00", "15", None),
        ("0", "15", "6.2 is in our 20 marks: the platform's maximum is unknown"),
    ],
)
def test_marks_are_scaled_to_the_platform_s_maximum(tmp_path, worth, mark, line):
    rows = ["Student,ID,Section,6.2 (77)", f'    Points Possible,,,"{worth}"', "One,1,A,"]
    gradebook = ClassList(table_of(tmp_path / "c.csv", *rows))
    said = tables.write(
        entries({"one_1_5_6.2": result(m2=15)}, gradebook, "canvas"), gradebook, tmp_path
    )
    assert said == ([f"canvas.csv: {line}"] if line else [])
    assert read((tmp_path / "class" / "canvas.csv").read_text())[1]["6.2 (77)"] == mark
    head = "ID,Name,E-Mail,Status,Bewertung,Bestwertung,Feedback"
    rows = [head, f'Teilnehmer/in 1,One,a@x.org,-,,"{worth}",']
    worksheet = ClassList(table_of(tmp_path / "m.csv", *rows))
    found = entries({"One_1_assignsubmission_file_": result(m2=15)}, worksheet)
    said = tables.write(found, worksheet, tmp_path)
    assert said == ([f"moodle-6.2.csv: {line}"] if line else [])
    assert read((tmp_path / "class" / "moodle-6.2.csv").read_text())[0]["Bewertung"] == mark
