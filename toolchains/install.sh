#!/bin/sh
# Installs the Debian packages that are missing: sh toolchains/install.sh [build] [test] [demo] [valgrind] [coverage]
# Says nothing and needs no rights where all is there.  Without a group: build and test.
set -eu

# group, package, what it is for.
packages() {
    cat <<'END'
build gcc                   the compiler
build libc6-dev             the C library's headers
build cmake                 the build
build ninja-build           the build: what CMakePresets.json asks for
build pkgconf               finds the libraries
build libsqlite3-dev        the store of node and hub
build libcurl4-openssl-dev  the node's side of the sync
build libssl-dev            judges the hub's certificate dates inside libcurl
build libmbedtls-dev        the hub's TLS; digests, signatures and certificates
build node-llhttp           HTTP/1.1 parser, as C source
build zlib1g-dev            deflate
build libcbor-dev           the encoding of a change
build libjansson-dev        JSON in and out
build libqrencode-dev       an enrolment code, and the address of a poster, as a picture
build nodejs                puts the pages together
build npm                   fetches the modules they are made of
test  libcmocka-dev         unit tests
test  clang                 the second compiler; fuzzing
test  clang-format          the layout of the sources
test  libclang-rt-14-dev    libFuzzer and the sanitizers of Clang
test  faketime              a machine whose clock is years off
test  chromium              the pages, as a person meets them
test  fonts-dejavu-core     every script of the kiosk's languages
test  nodejs                plays a script through real processes
test  openssl               certificates that a test wants to be wrong
demo  nodejs                plays the winter week through real processes
valgrind valgrind           memory, without a sanitizer (tests/check/under.sh)
valgrind libc6-dbg          which functions of the C library it is in
coverage gcovr              counts what the tests take (tests/check/under.sh)
END
}

if [ "$(id -u)" -eq 0 ]; then
    as_root=""
else
    as_root="sudo"
fi

# What of these packages is not installed.
missing_of() {
    for package in "$@"; do
        status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) || status=""
        [ "$status" = installed ] || is_there_otherwise "$package" || printf '%s ' "$package"
    done
}

# Node.js often comes from elsewhere than Debian, with its npm, and then the two get in each other's way.
is_there_otherwise() {
    case $1 in
    nodejs) ;;
    npm) npm --version >/dev/null 2>&1 || return 1 ;;
    *) return 1 ;;
    esac
    node -e 'process.exit(parseInt(process.versions.node) >= 18 ? 0 : 1)' 2>/dev/null
}

# True if the package index knows every one of these packages.
index_knows() {
    for package in "$@"; do
        apt-cache show --no-all-versions "$package" >/dev/null 2>&1 || return 1
    done
}

apt_get() {
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 "$@"
}

# One source that does not answer must not stop us: the install says what it cannot find.
refresh_index() {
    apt_get update || echo "The package index could not be refreshed; trying with what is there." >&2
}

[ $# -gt 0 ] || set -- build test
wanted=""
for group in "$@"; do
    of_group=$(packages | sed -n "s/^$group  *\([^ ]*\).*/\1/p")
    [ -n "$of_group" ] || { echo "There is no group '$group': build, test, demo, valgrind, coverage." >&2; exit 2; }
    wanted="$wanted $of_group"
done

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "This is not Debian, so nothing is installed.  Needed are the equivalents of:" $wanted >&2
    exit 0
fi
missing=$(missing_of $wanted)
[ -n "$missing" ] || exit 0
if [ -n "$as_root" ] && ! sudo true; then # no sudo, or no right to it
    echo "Packages are missing, and only root may install them.  As root, type:" >&2
    echo "    apt-get update && apt-get install --no-install-recommends $missing" >&2
    exit 1
fi

echo "Installing: $missing"
index_knows $missing || refresh_index
if ! apt_get install -y --no-install-recommends $missing; then
    refresh_index # the index was older than the archive
    apt_get install -y --no-install-recommends $missing
fi
