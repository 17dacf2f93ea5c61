"""Make the environment, or add groups of packages to it: `python tools/install FOLDER GROUP ...`.

Every Python can read this file, to name those on which the course doesn't run.
"""

import sys

import preflight

if __name__ == "__main__":
    preflight.check(preflight.obstacle())
    import installer

    installer.main(*sys.argv[1:])
