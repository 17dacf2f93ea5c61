"""The grader: it runs the tests, and students' functions in a sandbox.

Students have the part in `FOR_STUDENTS`, to try the grader on their own notebook (`make try`). It
needs no package beyond those of the group `lab`. Hidden tests and solutions are in other files.
"""

from __future__ import annotations

FOR_STUDENTS = ["__init__", "cells", "course", "handed", "judge", "limits", "messages", "results"]
FOR_STUDENTS += ["sandbox", "trial", "walls", "wire", "worker"]
