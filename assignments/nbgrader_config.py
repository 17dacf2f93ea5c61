"""Makes this folder a course of nbgrader, should you want to use its own commands here."""

from __future__ import annotations

import os
import sys
from pathlib import Path

# nbgrader calls its database's tool by its bare name, after it has removed the release: without an
# activated environment it would end there
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"

config = get_config()  # noqa: F821 - nbgrader defines it
config.CourseDirectory.course_id = "d2lconv"
config.CourseDirectory.root = str(Path(__file__).parent)
# Without this, a warning that a test prints would cost its marks
config.IgnorePattern.enabled = True
config.IgnorePattern.pattern = "(?s).*"
# A test cell that a student has deleted comes back
config.OverwriteCells.add_missing_cells = True
