#!/usr/bin/env bash
# Build and test the containers without Docker: with buildah, on a Debian 13 from mmdebstrap instead of
# a registry's image. Run as root; needs both.
set -euo pipefail
cd "$(dirname "$0")/../.."
place=$(mktemp -d)
trap 'rm -rf --one-file-system "$place"' EXIT
export BUILDAH_ISOLATION=chroot STORAGE_DRIVER=vfs
buildah() { command buildah --root "$place/storage" --runroot "$place/run" "$@"; }

mmdebstrap --quiet --variant=minbase trixie "$place/debian"
cert=${PIP_CERT:-$(python3 -m pip config get global.cert 2>/dev/null || true)}
if [ -n "$cert" ]; then # this network's own certificates
    cp "$cert" "$place/debian/etc/outside.crt"
    printf '[global]\ncert = /etc/outside.crt\n' >"$place/debian/etc/pip.conf"
fi
base=$(buildah from scratch)
buildah copy --quiet "$base" "$place/debian" / >/dev/null
buildah commit --quiet --rm "$base" docker.io/library/debian:13-slim >/dev/null
rm -rf "$place/debian"

git clone --quiet . "$place/course"
# The last commit's files, as students would get them
build() {
    buildah build --quiet --network host --pull=never --target "$1" --tag "$1" --file "$place/course/.binder/Dockerfile" \
        "$place/course" >/dev/null
    container=$(buildah from --pull-never "$1")
}
inside() { buildah run --network host "$container" -- "$@"; }
# Print files with a line that starts with nbgrader's marks (the grader itself has one within a line), and
# files that students must never get
secrets() {
    inside sh -c "{ grep -rlE '(^|\\\\n)[ \"]*### BEGIN (SOLUTION|HIDDEN TESTS)' . --exclude-dir=.venv
        ls -d $(sed -n 's/^!//p' tools/publish/students.txt | xargs); } 2>/dev/null; true"
}
build teacher
inside make test
[ -n "$(secrets)" ] # otherwise the check is broken
build students
found=$(secrets)
[ -z "$found" ] || { echo "the students' image holds secrets: $found" >&2; exit 1; }
inside sh -c 'make lab BROWSER=no PORT=8890 LAB_ARGS=--ip=0.0.0.0 >/tmp/lab.log 2>&1 & trap "kill $!" EXIT; for i in $(seq 60); do
    python3 -c "import urllib.request as u; print(u.urlopen(\"http://localhost:8890/api\").read())" 2>/dev/null && exit
    sleep 1; done; cat /tmp/lab.log; exit 1'
