#!/usr/bin/env bash
# Run the text's cells on emulated ARM: Debian 13's arm64 Python under qemu, with MXNet's and NumPy's
# ARM wheels. Run as root; needs mmdebstrap, qemu-user-static and python3.
set -euo pipefail
cd "$(dirname "$0")/../.."
arm=$(mktemp -d)
trap 'rm -rf "$arm"' EXIT
packages=usr/local/lib/python3.13/dist-packages

# Configure no packages, which would take the emulator many minutes, but make the links of Debian's
# alternatives by hand
mmdebstrap --quiet --variant=extract --architectures=arm64 \
    --include=base-files,python3,libstdc++6,libgomp1,liblapacke,libopenblas0-pthread trixie "$arm"
ln -s openblas-pthread/lib{blas.so.3,lapack.so.3,openblas.so.0} "$arm/usr/lib/aarch64-linux-gnu/"
cp "$(command -v qemu-aarch64-static)" "$arm/emulator"
install() {
    python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps \
        --target "$arm/$packages" --python-version 3.13 --implementation cp --only-binary=:all: --ignore-requires-python \
        --platform manylinux2014_aarch64 --platform manylinux_2_27_aarch64 \
        --platform manylinux_2_28_aarch64 "$@"
}
# The pins for Python 3.13, which may not be the Python that runs this
pinned() { grep -E "^($1)==" tools/install/pins/lab.txt | grep -vE "(<|==) '3\." | sed 's/ *;.*//'; }
# shellcheck disable=SC2046
install $(pinned 'mxnet|numpy|requests|urllib3|idna|certifi|charset-normalizer|pillow')
wheel=$arm/wheel
# first only mxnet-today, then d2lconv, which contains it too
python3 -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir "$wheel" tools/mxnet_today .
install "$wheel"/mxnet_today-*.whl
mkdir -p "$arm/course"
cp -r tests "$arm/course"

inside() { chroot "$arm" /emulator -E PYTHONPATH=/course /usr/bin/python3 "$@"; }
inside -m mxnet_today.arm
inside -m mxnet_today.arm | grep 'everything is in place'
inside -m mxnet_today
install "$wheel"/d2lconv-*.whl
inside -m tests.run_text
