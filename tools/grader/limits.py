"""Limits on everything whose size a student controls; assignments/README.md lists them."""

# Submissions
NOTEBOOK_BYTES = 100 * 2**20  # mostly outputs, which we discard; also for a zip
MOST_NOTEBOOKS = 20  # notebooks to consider
MOST_FOLDERS = 1_000  # in a student's folder
EXTRA_BYTES = 2**20  # a module or another file next to the notebook
MOST_EXTRAS = 20
ID_LETTERS = 100
WRITTEN_LETTERS = 20_000  # an answer in words
NOTE_LETTERS = 1_000
MOST_NOTES = 50
CODE_LETTERS = 20_000  # an answer's code on a page, and the code in all other cells
CALL_LETTERS = 1_500  # a call on a page, and its result

# The student's code
MEMORY_BYTES = 2 * 2**30  # for a process, and for all in a sandbox
FILE_BYTES = 16 * 2**20
FOLDER_BYTES = 4 * FILE_BYTES  # all files together
MOST_FILES = 4_096
OPEN_FILES = 64  # in a process, with sockets and pipes
PROCESSES = 32  # and threads
SLEEP = 3  # seconds of sleep, as a multiple of the CPU seconds for a statement or call
BUSY = 60  # the same, for waiting because the machine is busy
STUDENT_CALLS = 30  # the same, for all of a student's notebooks
NOTEBOOK_CALLS = 10  # the same, for a notebook
MOST_STATEMENTS = 10_000  # in a cell
MOST_STARTS = 40  # of processes for a notebook whose code ends them

# Answers
MESSAGE_BYTES = 16 * 2**20
REASON_LETTERS = 2_000
AXES = 16
NUMBERS = MESSAGE_BYTES // 4  # in an array
MOST_ITEMS = MESSAGE_BYTES // 2  # in an iterable that a function returns
ARGUMENT_LETTERS = 2**16  # in the arguments of one of our functions
ARGUMENT_NUMBERS = 2**14  # the same, in an array; an axis of length 0 counts as 1
GRADER_BYTES = 4 * 2**30  # address space of the grading process


def shorten(text: str, letters: int) -> str:
    """Return the text; if it is longer, cut it off and mark it."""
    return text if len(text) <= letters else f"{text[:letters]} [...]"
