"""Grade a folder of submissions: `python -m tools.grader run FOLDER` (or `make grade`)."""

from __future__ import annotations

import sys

from tools.grader.cli import main

if __name__ == "__main__":
    sys.exit(main())
