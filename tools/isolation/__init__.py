"""What keeps students' code apart from the rest of a machine: for the grader, and for the hub.

It imports little, so that a sandbox, a hub and a student's server start fast.
"""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]  # the repository's
