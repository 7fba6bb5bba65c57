#!/bin/sh
# Installs what is missing, builds with sanitizers and runs every test.
set -eu
cd "$(dirname "$0")/.."
sh toolchains/install.sh
cmake --workflow --preset check
