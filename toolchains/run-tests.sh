#!/bin/sh
# Installs what is missing, builds with sanitizers and runs every test.  Works from any folder, as root
# or as a user with sudo.
set -eu
cd "$(dirname "$0")/.."
sh toolchains/install.sh build test
if [ -d build ] && ! [ -w build ]; then
    echo "$(pwd)/build belongs to somebody else: remove it, or be that user." >&2
    exit 1
fi
cmake --workflow --preset check
