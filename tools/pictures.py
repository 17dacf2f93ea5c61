"""Draw the tests' baseline pictures and README's animation: `python -m tools.pictures`.

Look at the pictures before you commit them: the tests then take them to be right.
"""

from tests.drawn import BASELINE, FIGURES, README_PICTURE, readme_picture

for name, figure in FIGURES.items():
    figure().savefig(BASELINE / f"{name}.png", facecolor="white")
readme_picture().save(README_PICTURE)
