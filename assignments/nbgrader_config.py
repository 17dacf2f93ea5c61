"""Configure this folder as an nbgrader course, so that you can use nbgrader's commands here."""

import os
import sys
from pathlib import Path

# nbgrader runs alembic from PATH after it has removed the release, and would fail there without an
# activated environment
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"

config = get_config()  # noqa: F821 - nbgrader defines it
config.CourseDirectory.course_id = "d2lconv"
config.CourseDirectory.root = str(Path(__file__).parent)
# Otherwise a test that prints a warning would lose its marks
config.IgnorePattern.enabled = True
config.IgnorePattern.pattern = "(?s).*"
# Restore test cells that a student has deleted
config.OverwriteCells.add_missing_cells = True
