"""Make an environment, or add groups of packages to it: `python tools/install FOLDER GROUP ...`.

Every Python can read this file, so that unsupported ones get an error message.
"""

import platform
import sys

OLDEST, NEWEST = (3, 9), (3, 14)

if __name__ == "__main__":
    name = platform.python_implementation()
    if name != "CPython" or not OLDEST <= sys.version_info[:2] <= NEWEST:
        line = "d2lconv: this is {} {}.{}, and the course runs on CPython 3.9 to 3.14: install "
        line += "one of them and add PYTHON=python3.13 (its name) to the make command"
        sys.exit(line.format(name, *sys.version_info))
    import installer

    installer.main(*sys.argv[1:])
