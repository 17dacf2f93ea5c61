"""Draw the pictures that the tests compare with, and the README's: `python -m tools.pictures`.

Look at them before you keep them: from then on they are what is right.
"""

from __future__ import annotations

from tests.drawn import BASELINE, FIGURES, README_PICTURE, readme_picture

for name, figure in FIGURES.items():
    figure().savefig(BASELINE / f"{name}.png", facecolor="white")
readme_picture().save(README_PICTURE)
