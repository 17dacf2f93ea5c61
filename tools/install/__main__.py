"""Make an environment, or add groups of packages to it: `python tools/install FOLDER GROUP ...`.

Every Python can read this file, so that unsupported ones get an error message.
"""

import sys

import preflight

if __name__ == "__main__":
    preflight.check(preflight.obstacle())
    import installer

    installer.main(*sys.argv[1:])
