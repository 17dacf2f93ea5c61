"""Our prose, docstrings and comments avoid the turns of phrase that make readers stop.

CONTRIBUTING says how we write. This finds only what a pattern can find: a text that passes is not
yet a good one. If a pattern flags a sentence that you would say to a colleague, add an exception.
"""

from __future__ import annotations

import ast
import io
import json
import re
import subprocess
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# What to write instead, and the pattern to look for
PHRASES = {
    "name the actor, as in 'students who'": r"^(Who|Whose|Whoever|Which) [^?]*\.$",
    "begin with a noun": r"^What (?!\w+ (of \S+ )?is |matters)[^?]*\.$",
    "students who, everyone who": r"\bwhoever\b",
    "again, new": r"\banew\b",
    "also, as well": r"\b[Bb]esides\b",
    "another student's, a second": r"\banother one\b|\bthe own \w|\bno other one\b",
    "its own, separate": r"\bof (its|their|his|her|your|our|one's) own(?! \w*(?<!in)(?<!and)\b)",
    "says, prints, reports": r"(?<!that )(?<!it )\b(is|are|was) (said|told)\b|\btold by\b",
    "is not a": r"(?<!here )\b(is|are|was|were) (no|none)\b(?! longer| more| different| use)",
    "doesn't have, isn't": r"\b(has|have) not (a|an|the|any|one|two|as)\b",
    "no longer": r"\bno more\b(?= *[.,;:)]|$)",
    "otherwise": r"(?<!\w )\bElse\b[, ]|[,;] else\b(?! if)|\bor else\b",
    "only": r"\bthe (?!bias )\w+ alone\b|\bfor \w+ alone\b|\balone (is|are|has|can)\b",
    "instead of": r"\bin(to)? the place of\b",
    "to, up to": r"\bas far as\b",
    "for everyone": r"\bfor all[.,;:)]",
    "is in, is at": r"\b(lies|stands|stand) (in|at|on|under|beside|there|above|below)\b",
    "moves by": r"\bgo(es)? on by\b",
    "the files, what is left": r"\b[Ww]hat (there is|is there)\b",
    "and similar": r"\band its like\b",
    "does it have": r"\bHow many \w+ (has|have)\b",
}
SKIP = (
    r"tests/(tables|baseline)/|tests/(right|wrong)/|pins/|^LICENSE$|test_english"
    r"|\.(tsv|png|gif|svg|css|typed)$"
)
CODE = r"```.*?```|\{[%{].*?[%}]\}|``[^`]*``|`[^`]*`|\$[^$]*\$|\]\([^)]*\)|<[^>]*>"
ENDS = r"(?<=[.:?!;])\s+|\n\s*\n|\n\s*(?=[-*|#])|\s*\|\s*"


def sentences(text: str) -> list[str]:
    """Return the sentences of a text, without code, formulas, link targets and markup."""
    text = re.sub(CODE, "`", text, flags=re.S)
    found = (re.sub(r"\s+", " ", part.strip(" \n\t#*_-|[]>\"'")) for part in re.split(ENDS, text))
    return [sentence for sentence in found if " " in sentence]


def faults(text: str) -> list[str]:
    """Return the sentences that have a turn of phrase to avoid, each with what to write."""
    return [
        f"{sentence!r}: {instead}"
        for sentence in sentences(text)
        for instead, pattern in PHRASES.items()
        if re.search(pattern, sentence)
    ]


def python(code: str) -> list[str]:
    """Return the strings and comments of Python code; neighbouring comment lines are one."""
    texts = [
        node.value
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value
    ]
    lines: dict[int, str] = {}  # of neighbouring comments, by the line after the last
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type == tokenize.COMMENT:
            number, comment = token.start[0], token.string.strip("# ")
            lines[number + 1] = f"{lines.pop(number, '')}{comment}\n"
    return [*texts, *lines.values()]


def texts(path: Path) -> list[str]:
    """Return what people read in a file: prose, or a program's strings and comments."""
    text = path.read_text("utf-8")
    if path.suffix == ".py":
        return python(text)
    if path.suffix == ".ipynb":
        cells = json.loads(text)["cells"]
        return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    if path.suffix in (".js", ".css"):
        return re.findall(r"(?://[^\n]*(?:\n\s*//[^\n]*)*)", text)
    return [text]


def test_prose_and_comments_avoid_our_turns_of_phrase():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    names = [name for name in listed.stdout.split("\0") if name and not re.search(SKIP, name)]
    if not names:
        pytest.skip("no git repository here")
    found = [
        f"{name}: {fault}"
        for name in names
        if (ROOT / name).is_file()
        for text in texts(ROOT / name)
        for fault in faults(text)
    ]
    assert not found, "\n".join([f"{len(found)} sentences to rewrite", *found])


def test_names_of_tests_have_at_most_60_characters():
    files = [path for folder in ("tests", "tools") for path in (ROOT / folder).rglob("test_*.py")]
    names = [name for path in files for name in re.findall(r"def (test_\w+)", path.read_text())]
    assert len(names) > 300
    assert [name for name in names if len(name) > 60] == []


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("Who has handed in anew is graded.", "name the actor, as in 'students who'"),
        ("# Else it fails", "otherwise"),
        ("Each server has a user of its own.", "its own, separate"),
        ("A folder that is none is named.", "is not a"),
        ("What is odd about a cell is left out.", "begin with a noun"),
    ],
)
def test_a_turn_of_phrase_is_found(text, instead):
    assert any(fault.endswith(f": {instead}") for fault in faults(text))


@pytest.mark.parametrize(
    "text",
    ["Students who hand in again are graded again.", "What is a kernel?", "Use your own numbers."],
)
def test_plain_sentences_pass(text):
    assert faults(text) == []
