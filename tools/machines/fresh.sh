#!/usr/bin/env bash
# Test README's commands on a bare machine: a Debian with only Python, venv, make and git. Run as root;
# needs mmdebstrap and bubblewrap.
#
#     tools/machines/fresh.sh SUITE USER SANDBOX PLACE [COMMAND ...]
#
# SUITE: bookworm (Python 3.11), trixie (3.13), sid (3.14). USER: root, student. SANDBOX: bubblewrap, none.
# PLACE of the clone: home, system (/srv), spaces (a path with spaces and umlauts), readonly (system, with a
# read-only home). Runs `make test` and `make lab` as that user, then the commands as root in the clone.
# FRESH=folder keeps the machine for the next run.
set -euo pipefail
cd "$(dirname "$0")/../.."
suite=$1 user=$2 sandbox=$3 place=$4
shift 4
fresh=${FRESH:-$(mktemp -d)}/$suite
home=/home/student
[ "$user" = student ] || home=/root
case $place in
home) clone=$home/course ;;
spaces) clone="$home/mein Kurs für Ärzte" ;;
*) clone=/srv/course ;;
esac

if [ ! -e "$fresh/home/student" ]; then
    mkdir -p "$fresh"
    # The mirror of a suite that changes daily may be behind
    mmdebstrap --quiet --variant=minbase --include=python3,python3-venv,make,git,ca-certificates \
        --aptopt='Acquire::Check-Valid-Until "false"' "$suite" "$fresh"
    echo "127.0.0.1 localhost" >"$fresh/etc/hosts"
    chroot "$fresh" useradd --create-home --shell /bin/bash student
fi
# Copy the network settings and certificates of uv, pip and npm
env | grep -iE '^(uv_|pip_|npm_config_|node_extra_ca_certs=|ssl_cert_file=|(https?|no)_proxy=)' |
    sed 's/^/export /; s/=\(.*\)/="\1"/' >"$fresh/etc/profile.d/network.sh" || true
for file in /etc/pip.conf "${PIP_CERT:-}" "${NODE_EXTRA_CA_CERTS:-}" "${SSL_CERT_FILE:-}"; do
    if [ -f "$file" ]; then install -D --mode=644 "$file" "$fresh$file"; fi
done
rm -rf "${fresh:?}$clone"
git clone --quiet . "$fresh$clone"
chroot "$fresh" chown -R "$user": "$clone"

# Namespaces clean up mounts and processes; in a mere chroot, the grader's sandbox couldn't make its own
inside() {
    # shellcheck disable=SC2016
    bwrap --bind "$fresh" / --dev-bind /dev /dev --bind /sys /sys --unshare-pid --die-with-parent --cap-add ALL \
        sh -c 'mount -t proc proc /proc && exec su - "$0" -c "$1"' "$1" "cd \"$clone\" && $2"
}
apt() { inside root "apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends $*" >/dev/null; }

if [ "$sandbox" = bubblewrap ]; then apt bubblewrap; elif [ -e "$fresh/usr/bin/bwrap" ]; then inside root "apt-get remove -qq --yes bubblewrap" >/dev/null; fi
make="make"
[ "$place" != readonly ] || make="HOME=/nowhere make"
if ! said=$(inside "$user" "$make test" 2>&1 | tee >(cat >&2)); then
    packages=$(sed -n 's/.*apt install \(.*\))$/\1/p' <<<"$said")
    [ -n "$packages" ] # one line must name the missing packages
    [ "$(grep -c . <<<"$said")" -le 3 ]
    apt "$packages"
    inside "$user" "$make test"
fi
answers='python3 -c "import urllib.request as u; u.urlopen(\"http://localhost:8899/api\")" 2>/dev/null'
inside "$user" "($make lab BROWSER=no PORT=8899 >lab.log 2>&1 &)
    for i in \$(seq 60); do $answers && exit; sleep 1; done; cat lab.log; exit 1"
for command in "$@"; do
    inside root "git config --global --add safe.directory '*'; $command"
done
