"""Tables from Excel, similar programs and learning platforms."""

from __future__ import annotations

import csv
import io
import re
import unicodedata

import openpyxl
import pytest

from tools.grader.people import ClassList
from tools.grader.spreadsheets import read_table, title_key

OWN = "student,name,id\ns1,Schüler Übung,7\ns2,François Éluère,8\n"
ROWS = [["s1", "Schüler Übung", "7"], ["s2", "François Éluère", "8"]]


def write(tmp_path, data, name="class.csv"):
    path = tmp_path / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


@pytest.mark.parametrize(
    "data",
    [
        OWN,
        *(OWN.encode(e) for e in ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be")),
        *(OWN.encode(e) for e in ("cp1252", "mac_roman")),
        OWN.replace(",", ";"),
        OWN.replace(",", "\t").encode("utf-16"),
        "sep=;\n" + OWN.replace(",", ";"),
        '"sep=|"\r\n' + OWN.replace(",", "|"),
        OWN.replace("\n", "\r\n"),
        OWN.replace("\n", "\r"),
        "Class of 2026\n\n" + OWN,
        "Course:;Convolutions;\nTerm:;2026;\n;;\n" + OWN.replace(",", ";"),
        OWN.replace("student", " STUDENT ").replace("name", "Name:"),
        OWN.replace("\n", ",,\n"),
        OWN.replace("s1", "\u00a0s1\u00a0"),
        "".join(f'"{line}"\n'.replace(",", '","') for line in OWN.splitlines()),
        OWN + ",,\n\n",
        OWN.replace("student,name,id", " student ,\tname,id "),
        unicodedata.normalize("NFD", OWN),
    ],
)
def test_each_dialect_gives_the_same_table(tmp_path, data):
    table = read_table(write(tmp_path, data))
    assert [title_key(title) for title in table.header[:3]] == ["student", "name", "id"]
    assert [list(row.values())[:3] for row in table.rows.values()] == ROWS


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("first", ["Имя", "Łódź", "名前", "“Class”"])
def test_utf_16_may_begin_with_any_letter(tmp_path, encoding, first):
    table = read_table(write(tmp_path, f"{first};student\nАнна;ann".encode(encoding)))
    assert table == ([first, "student"], {2: {first: "Анна", "student": "ann"}})


def test_a_workbook_gives_what_it_shows(tmp_path):
    book = openpyxl.Workbook()
    for row in (["Class"], ["Student", "ID"], ["Größe", 1234567.0], ["B", 123], [7, None]):
        book.active.append(row)
    book.active["B4"].number_format = "0000000"
    file = io.BytesIO()
    book.save(file)
    table = read_table(write(tmp_path, file.getvalue(), "class.xlsx"))
    assert [[*row.values()] for row in table.rows.values()] == [
        ["Größe", "1234567"], ["B", "0000123"], ["7", ""],
    ]  # fmt: skip
    assert [*table.rows] == [3, 4, 5]
    book.active.append(["late", -0.1])
    book.active["B6"].number_format = "0%"
    book.save(tmp_path / "class.xlsx")
    table = read_table(tmp_path / "class.xlsx")
    assert [*table.rows[6].values()] == ["late", "-10%"]
    book.create_sheet("About", 0).append(["The list is on the other sheet"])
    book.active = 1
    book.save(tmp_path / "class.xlsx")
    assert read_table(tmp_path / "class.xlsx") == table


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("Łukasz Żółć", "cp1250"), ("Иванов Иван", "cp1251"), ("山田太郎", "cp932")],
)
def test_a_guessed_encoding_is_printed_with_a_sample_word(tmp_path, capsys, text, encoding):
    table = read_table(write(tmp_path, f"student,name\ns1,{text}\n".encode(encoding)))
    assert table.rows[2]["name"] == text
    said = f"read as {encoding}: does {text.split()[0]!r} look right?"
    assert said in capsys.readouterr().out
    read_table(write(tmp_path, f"student,name\ns1,{text}\n"))
    assert capsys.readouterr().out == ""


def test_the_separator_is_the_one_that_makes_columns(tmp_path):
    table = read_table(write(tmp_path, "Name, Vorname;Punkte\nEins, Anna;1,5\nZwei, Bo;2,5\n"))
    assert table.header == ["Name, Vorname", "Punkte"]
    assert read_table(write(tmp_path, "student\ns1\ns2\n")).header == ["student"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("", "class.csv must have a first line with the columns' names"),
        ("student,name\ns1,A\ns2,One, Ann\n", "class.csv, line 3 must have 2 cells.* got 3"),
        (b"\xd0\xcf\x11\xe0old", "class.csv must be CSV or .xlsx, got another kind"),
        (
            'student,name\ns1,"A\ns2,B\n',
            "class.csv, line 3: unexpected end.*: check the double quotes",
        ),
        ('student;name\ns1;"A"B"\n', "class.csv, line 2: .*: check the double quotes"),
        (b"PK\x03\x04damaged", "class.csv must be CSV or .xlsx, got another kind"),
        (bytes(range(1, 255)), "class.csv must be a table, got a file of another kind"),
    ],
)
def test_other_files_than_tables_are_refused(tmp_path, data, said):
    with pytest.raises(ValueError, match=said):
        read_table(write(tmp_path, data))


CANVAS = """{},ID,{},{},{},6.2 (77),{}
,,,,,Manual Posting,
    {},,,,,20,({})
"One, Student",101,S1,s1@x.org,A,,
"Two, Student",102,S2,s2@x.org,A,5,80
"""
MOODLE = """"{}","{}","{}","{}","{}","{}","{}","{}","{}","{}"
{}1001,Student One,s1@x.org,-,,"20,00",-,-,-,
{}1002,Student Two,s2@x.org,-,"3,50","20,00",-,-,-,well
"""


@pytest.mark.parametrize(
    "words",
    [
        "Student|SIS User ID|SIS Login ID|Section|Final Score|Points Possible|read only",
        "Studierende|SIS-Benutzer-ID|SIS-Anmelde-ID|Abschnitt|Endstand|Mögliche Punkte|nur lesen",
        "Étudiant|ID SIS|Connexion SIS|Section|Score final|Points possibles|lecture seule",
        "学生|SIS 用户|SIS 登录|班级|最终得分|满分|只读",
    ],
)
def test_canvas_s_gradebook_is_recognised_in_any_language(tmp_path, words):
    gradebook = ClassList(write(tmp_path, CANVAS.format(*words.split("|"))))
    assert gradebook.kind == "canvas"
    assert gradebook.columns["maxima"]["6.2 (77)"] == "20"
    keys = ("name", "number", "id", "email")
    assert [[person[key] for key in keys] for person in gradebook.people] == [
        ["One, Student", "101", "S1", "s1@x.org"], ["Two, Student", "102", "S2", "s2@x.org"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "participant"),
    [
        ("Identifier|Full name|Email address|Status|Grade|Maximum Grade|a|b|c|d", "Participant "),
        ("ID|Name|E-Mail|Status|Bewertung|Bestwertung|a|b|c|Feedback", "Teilnehmer/in "),
        ("Identifiant|Nom|Courriel|Statut|Note|Note maximale|a|b|c|Commentaires", "Participant"),
    ],
)  # fmt: skip
def test_moodle_s_worksheet_is_recognised_in_any_language(tmp_path, words, participant):
    text = MOODLE.format(*words.split("|"), participant, participant)
    worksheet = ClassList(write(tmp_path, text))
    assert worksheet.kind == "moodle"
    header = words.split("|")
    assert [worksheet.columns[key] for key in ("grade", "comment")] == [header[4], header[9]]
    assert worksheet.columns["maxima"] == {header[4]: "20,00"}
    keys = ("name", "number", "email")
    assert [[person[key] for key in keys] for person in worksheet.people] == [
        ["Student One", "1001", "s1@x.org"], ["Student Two", "1002", "s2@x.org"],
    ]  # fmt: skip


def excel(text):
    """Return a table as Excel saves it in much of Europe."""
    rows = csv.reader(io.StringIO(text))
    return "\r\n".join(";".join(row) for row in rows).encode("cp1252")


GERMAN = "Studierende|SIS-Benutzer-ID|SIS-Anmelde-ID|Abschnitt|Endstand|Mögliche Punkte|nur lesen"


@pytest.mark.parametrize(
    "change",
    [
        excel,
        lambda text: text.replace(",6.2 (77)", "").replace(",20,", ",").replace(",5,", ","),
        lambda text: re.sub('^((?:[^,]*,|[^,]*,[^,]*",){4})', r"\1,", text, flags=re.MULTILINE),
        lambda text: re.sub(r"SIS-.*?,SIS-.*?,|(?<=,),,(?=,,)|S\d,s.@x.org,", "", text),
    ],
    ids=["saved again by Excel", "no assignment yet", "another SIS column", "no SIS columns"],
)
def test_a_gradebook_s_form_may_vary(tmp_path, change):
    gradebook = ClassList(write(tmp_path, change(CANVAS.format(*GERMAN.split("|")))))
    assert gradebook.kind == "canvas"
    assert [person["number"] for person in gradebook.people] == ["101", "102"]
    assert {person["email"] for person in gradebook.people} in ({"s1@x.org", "s2@x.org"}, {""})


MOODLE_GERMAN = "ID|Name|E-Mail|Status|Bewertung|Bestwertung|a|b|c|Feedback"


@pytest.mark.parametrize(
    ("change", "comment"),
    [
        (excel, "Feedback"),
        (
            lambda text: text.replace('"Status"', '"Status","Group"').replace("org,-", "org,-,1"),
            "Feedback",
        ),
        (lambda text: text.replace('-,,"20', '-,"1,00","20').replace("-,\n", "-,ok\n"), "Feedback"),
        (
            lambda text: (
                text.replace(',"Feedback"', "").replace("-,-,-,", "-,-,-").replace("-well", "-")
            ),
            "",
        ),
        (
            lambda text: (
                text.replace('"Name","E-Mail",', "")
                .replace(",Student One,s1@x.org", "")
                .replace(",Student Two,s2@x.org", "")
            ),
            "Feedback",
        ),
        (lambda text: "".join(text.splitlines(True)[:2]), "Feedback"),
    ],
    ids=["saved again by Excel", "groups", "all graded", "no comments", "blind", "one student"],
)
def test_a_worksheet_s_form_may_vary(tmp_path, change, comment):
    text = MOODLE.format(*MOODLE_GERMAN.split("|"), "Teilnehmer/in", "Teilnehmer/in")
    worksheet = ClassList(write(tmp_path, change(text)))
    assert worksheet.kind == "moodle"
    assert worksheet.people[0]["number"] == "1001"
    assert worksheet.columns["maxima"] == {"Bewertung": "20,00"}
    assert worksheet.columns["comment"] == comment


def test_a_teacher_s_own_list_is_not_taken_for_an_lms_s(tmp_path):
    for text in ("Student,ID,E-Mail\ns1,,a@x.org\n2,7,b@x.org\n", "student,name\ns01,A\ns02,B\n"):
        assert ClassList(write(tmp_path, text)).kind == "own"


def test_a_person_is_found_by_any_name_in_any_form(tmp_path):
    people = ClassList(write(tmp_path, "student,id,email\nÉlève@x.org,7,S@x.org\n"))
    for name in ("élève@X.org", unicodedata.normalize("NFD", "Élève@x.org"), "eleve-x.org", "7"):
        assert people.person(name, "")["id"] == "7"
    assert people.person("8", "") is None


def test_canvas_finds_an_anonymous_student_by_the_identifier(tmp_path):
    people = ClassList(write(tmp_path, "Student,ID,Section\nAnonymous,x1Y2z,A\n"))
    assert people.person("anon_x1Y2z", "x1Y2z") == people.people[0]


def test_a_student_twice_or_without_a_name_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"line 3: student must differ.* got 'ANN' as in line 2"):
        ClassList(write(tmp_path, "student\nann\nANN\n"))
    with pytest.raises(ValueError, match="line 2: student must not be empty"):
        ClassList(write(tmp_path, "student,name\n,Ann\n"))
