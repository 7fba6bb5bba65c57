#!/bin/sh
# Installs the Debian packages that the build and the tests need, where they are missing.
set -eu
packages="gcc libc6-dev cmake ninja-build pkg-config libsqlite3-dev libcurl4-openssl-dev libssl-dev
libmbedtls-dev zlib1g-dev libcmocka-dev libcbor-dev libjansson-dev libqrencode-dev node-llhttp"
missing=""
for package in $packages; do
    if ! dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed'; then
        missing="$missing $package"
    fi
done
[ -n "$missing" ] || exit 0
as_root=""
[ "$(id -u)" -eq 0 ] || as_root="sudo"
echo "Installing:$missing"
$as_root apt-get update -q
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -q --no-install-recommends $missing
