"""Isolate students' code from the rest of a machine, for the grader and the hub.

Import little here, so that a sandbox, a hub and a student's server start fast.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]  # of the repository
