"""The limits on everything that a student chooses the size of; assignments/README.md has them."""

from __future__ import annotations

# What is handed in
NOTEBOOK_BYTES = 100 * 2**20  # of which the outputs, mostly, are thrown away
ZIP_BYTES = 100 * 2**20
MOST_NOTEBOOKS = 20  # that are looked at
MOST_ENTRIES = 10_000  # of a student's folder
MOST_FOLDERS = 20  # in each other
EXTRA_BYTES = 2**20  # of a module or another file beside the notebook
MOST_EXTRAS = 20
ID_LETTERS = 100
WRITTEN_LETTERS = 20_000  # of a written answer
MOST_WRITTEN = 50
NOTE_LETTERS = 1_000
MOST_NOTES = 50
CODE_LETTERS = 20_000  # of an answer's code, and of that of all cells of their own, on a page
CALL_LETTERS = 1_500  # of a call, and of what it gave back, on a page

# What the student's code may take
MEMORY_BYTES = 2 * 2**30  # of a process, and of all in a sandbox
FILE_BYTES = 16 * 2**20
FOLDER_BYTES = 4 * FILE_BYTES  # of all files together
MOST_FILES = 4_096
OPEN_FILES = 64  # of a process, sockets and pipes too
PROCESSES = 32  # and threads
SLEEP = 3  # times the seconds of computing for a cell or a call: the seconds that it may sleep
BUSY = 60  # the same: the seconds that it may have to wait for the processor
STUDENT_CALLS = 30  # the same: the seconds for a student's notebooks
NOTEBOOK_CALLS = 10  # the same: the seconds for a notebook
MOST_STARTS = 40  # of a process for a notebook, as its cells and functions end it

# What it sends
MESSAGE_BYTES = 16 * 2**20
REASON_LETTERS = 2_000
DIGITS = 4_000  # of a whole number
AXES = 16
NUMBERS = MESSAGE_BYTES // 4  # of an array
MOST_ITEMS = MESSAGE_BYTES // 2  # of what a function returned to be iterated over
ARGUMENT_LETTERS = 2**16  # given to a function of ours
ARGUMENT_NUMBERS = 2**14  # the same, of an array; an axis of length 0 counts as 1
GRADER_BYTES = 4 * 2**30  # of address space for the process that grades


def short(text: str, letters: int) -> str:
    """Return the text, cut off and marked so if it is longer than that."""
    return text if len(text) <= letters else f"{text[:letters]} [...]"
