#!/usr/bin/env bash
# Try README's commands on a machine that has nothing: a Debian of debootstrap's, with Python, venv,
# make and git alone. As root; needs debootstrap.
#
#     tools/machines/fresh.sh SUITE [COMMAND ...]     SUITE: bookworm (Python 3.11), trixie (3.13), sid (3.14)
#
# `make test` and `make lab`, as an ordinary user, once `make` has said which libraries are missing
# and they are there; then the commands, as root. FRESH=folder keeps the machine for the next time.
set -euo pipefail
suite=$1
shift
cd "$(dirname "$0")/../.."
fresh=${FRESH:-$(mktemp -d)}/$suite

if [ ! -e "$fresh/made" ]; then
    debootstrap --variant=minbase --include=python3,python3-venv,make,git,ca-certificates \
        "$suite" "$fresh" >"$(dirname "$fresh")/$suite.log"
    chroot "$fresh" useradd --create-home --shell /bin/bash student
    # A mirror of a suite that changes every day may lag behind
    echo 'Acquire::Check-Valid-Until "false";' >"$fresh/etc/apt/apt.conf.d/late"
    touch "$fresh/made"
fi
# What pip and npm need in this network is needed there too: their settings, and the certificates
env | grep -iE '^(pip_|npm_config_|node_extra_ca_certs=|(https?|no)_proxy=)' |
    sed 's/^/export /; s/=\(.*\)/="\1"/' >"$fresh/etc/profile.d/network.sh" || true
for file in /etc/pip.conf "${PIP_CERT:-}" "${NODE_EXTRA_CA_CERTS:-}"; do
    if [ -f "$file" ]; then install -D --mode=644 "$file" "$fresh$file"; fi
done
rm -rf "$fresh/home/student/course"
git clone --quiet . "$fresh/home/student/course"
chroot "$fresh" chown -R student: /home/student

# In namespaces of its own: what is mounted or started there ends with it. No chroot, in which the
# kernel forbids the grader's sandbox to make namespaces.
inside() {
    # shellcheck disable=SC2016
    unshare --mount --pid --fork --kill-child sh -c '
        mount --bind "$0" "$0"
        mount -t proc proc "$0/proc"
        mount --rbind /dev "$0/dev"
        mount --rbind /sys "$0/sys"
        cd "$0"
        mkdir -p .outside
        pivot_root . .outside
        umount --lazy /.outside
        su - "$1" -c "cd /home/student/course && $2"
        exit $?  # not exec: this shell is process 1, and buries the dead, as the tests expect
    ' "$fresh" "$1" "$2"
}

if ! said=$(inside student "make test" 2>&1 | tee >(cat >&2)); then
    packages=$(sed -n 's/.*apt install \(.*\))$/\1/p' <<<"$said")
    [ -n "$packages" ] # one line has to say what is missing
    [ "$(grep -c . <<<"$said")" -le 3 ]
    inside root "apt-get update -qq && apt-get install -qq --yes --no-install-recommends $packages" >/dev/null
    inside student "make test"
fi
inside student '
    (make lab BROWSER=no PORT=8899 >lab.log 2>&1 &)
    for i in $(seq 60); do
        python3 -c "import urllib.request as u; print(u.urlopen(\"http://localhost:8899/api\").read())" 2>/dev/null && exit
        sleep 1
    done
    cat lab.log; exit 1'
for command in "$@"; do
    inside root "git config --global --add safe.directory '*'; $command"
done
