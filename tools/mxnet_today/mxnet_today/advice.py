"""Explain in one line why MXNet's library doesn't load, and what to do."""

import platform
import re

# Patterns for the linker's error, each with the advice below it. The first match counts.
CASES = r"""
(libgomp\.so\.1|libquadmath\.so\.0): cannot open shared object file
    MXNet needs {0}, which this system lacks: apt install {packages}
(lib(?:armpl_lp64_mp|amath|astring)\.so): cannot open shared object file
    MXNet's wheel for ARM lacks {0}: run python -m mxnet_today.arm
lib(?:cu(?:da|dnn|blas|fft|rand|solver)|nv|nccl)\S*: cannot open|: .*cu(?:da|dnn)
    this MXNet was made for NVIDIA's GPUs, and CUDA or cuDNN doesn't fit ({text}): install the
    library it names; without GPUs, pip uninstall mxnet-cu112 or similar, and {reinstall}
(\S*lib[cm]\.so\S*): version `(.*?)' not found
    {0} is too old for MXNet, which needs {1}: use a newer Linux
(\S+): version `(.*?)' not found
    {0} is too old for MXNet, which needs {1}: update it (in conda: conda install -c conda-forge
    libgcc-ng libstdcxx-ng), or take its folder off LD_LIBRARY_PATH
(\S+): .*executable stack
    this system refuses {0}: patchelf --clear-execstack {0}
(lib(?:openblas|gfortran|mxnet)\.so\S*): cannot open|^(\S+): .*(?:file too short|ELF)
    {0} from MXNet's wheel is missing or damaged: {reinstall}
(\S+): cannot open shared object file
    MXNet needs {0}, which this system lacks: `apt-file search {0}` finds it
Library not loaded: \S*?lib(\w+)[\w.]*\.dylib
    MXNet needs lib{0}, which this Mac lacks: brew install {0}
.*
    MXNet's library doesn't load here ({text}): mxnet==1.9.1 runs on Linux with glibc; elsewhere,
    use a Linux container
"""


def advice(error: OSError) -> str:
    """Return the line for the linker's error."""
    arm = platform.machine() == "aarch64"
    values = {
        "packages": "libgomp1" if arm else "libgomp1 libquadmath0",
        "reinstall": "pip install --no-deps --force-reinstall mxnet==1.9.1",
        "text": error,
    }
    cases = re.findall(r"^(\S.*)\n((?: .*\n)+)", CASES, re.MULTILINE)
    matches = ((re.search(said, str(error)), line) for said, line in cases)
    match, line = next(case for case in matches if case[0])
    return " ".join(line.split()).format(*filter(None, match.groups()), **values)
