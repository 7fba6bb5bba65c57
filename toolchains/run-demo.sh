#!/bin/sh
# Installs what is missing, builds, starts a hub and the devices of the winter week on loopback, replays the
# week, shows what came out and serves the pages of four devices.  Ctrl-C ends it all; with no terminal it
# ends by itself.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
sh "$root/toolchains/install.sh" build demo
log=$(mktemp)
echo "Building ..."
(cd "$root" && cmake --preset replay && cmake --build --preset replay) >"$log" 2>&1 || {
    cat "$log" >&2
    exit 1
}
rm -f "$log"
TEAPOT_BIN="$root/build/replay" exec node "$root/tests/e2e/demo.mjs" "$root/tests/data/winter-week"
