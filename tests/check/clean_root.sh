#!/bin/sh
# Runs the README's commands in two fresh Debian 12 systems: sh tests/check/clean_root.sh [FOLDER]
# One as root, one as a user with sudo; each command twice, the second time from another folder.  Needs root, mmdebstrap and a
# network; works in FOLDER (default: one under /tmp, removed afterwards).  Not one of the normal tests.
set -eu
source=$(cd "$(dirname "$0")/../.." && pwd)
if [ "$(id -u)" -ne 0 ] || ! command -v mmdebstrap >/dev/null; then
    echo "This needs root and mmdebstrap." >&2
    exit 2
fi
if [ $# -gt 0 ]; then
    mkdir -p "$1"
    work=$(cd "$1" && pwd)
else
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
fi

# A mount and a process namespace of its own: nothing it starts or mounts outlives it.
in_root() { # ROOT USER COMMAND
    unshare --mount --pid --fork sh -eu -c '
        mount -t proc proc "$1/proc"
        mount --rbind /dev "$1/dev"
        mount -t tmpfs tmpfs "$1/tmp"
        exec chroot "$1" su - "$2" -c "$3"' in_root "$1" "$2" "$3" </dev/null
}

# Where npm fetches from and whom it trusts is the network's matter, like the name server.
copy_npm_settings() { # ROOT
    command -v npm >/dev/null || return 0
    mkdir -p "$1/etc/skel"
    echo "registry=$(npm config get registry)" >"$1/etc/skel/.npmrc"
    authority=$(npm config get cafile)
    if [ -f "$authority" ]; then
        cp -L "$authority" "$1/etc/npm-authority.pem"
        echo "cafile=/etc/npm-authority.pem" >>"$1/etc/skel/.npmrc"
    fi
    cp "$1/etc/skel/.npmrc" "$1/root/.npmrc"
}

fresh_root() { # ROOT
    rm -rf "$1"
    mkdir -p "$1"
    tar -C "$1" -xf "$work/root.tar"
    cp -L /etc/resolv.conf "$1/etc/resolv.conf"
    copy_npm_settings "$1"
    in_root "$1" root 'useradd -m -s /bin/sh worker; echo "worker ALL=(ALL) NOPASSWD: ALL" >/etc/sudoers.d/worker'
}

# What git knows, without what was built here.
copy_checkout() { # TO
    mkdir -p "$1"
    git -C "$source" -c safe.directory="$source" archive HEAD | tar -C "$1" -xf -
}

try() { # ROOT USER COMMAND
    started=$(date +%s)
    if ! in_root "$1" "$2" "$3" >"$work/log" 2>&1; then
        tail -n 80 "$work/log"
        echo "FAILED as $2: $3"
        exit 1
    fi
    echo "held, $(($(date +%s) - started)) s, as $2: $3"
    grep 'tests passed' "$work/log" | sed 's/^/    /' || true
}

[ -f "$work/root.tar" ] || mmdebstrap --quiet --variant=minbase --include=sudo bookworm "$work/root.tar"
for user in root worker; do
    root=$work/$user
    fresh_root "$root"
    home=$(in_root "$root" "$user" 'pwd')
    copy_checkout "$root$home/teapot"
    in_root "$root" root "chown -R $user: $home/teapot"
    try "$root" "$user" 'sh teapot/toolchains/run-tests.sh'
    try "$root" "$user" 'cd / && ~/teapot/.ci/run'
    if [ -f "$source/toolchains/run-demo.sh" ]; then
        try "$root" "$user" 'sh teapot/toolchains/run-demo.sh'
        try "$root" "$user" 'cd / && sh ~/teapot/toolchains/run-demo.sh'
    fi
    rm -rf "$root"
done
