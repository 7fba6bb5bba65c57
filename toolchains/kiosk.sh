#!/bin/sh
# The screen of a kiosk: sh toolchains/kiosk.sh [--dir DIR], as the user whose node it is.
# Serves the node and shows it full screen, until it is ended; both are started again when they end.
# sh toolchains/kiosk.sh --policy prints what Chromium is to be allowed: put it, as root, into
# /etc/chromium/policies/managed/teapot.json.
set -eu

listen=${TEAPOT_LISTEN:-127.0.0.1:8321}

if [ "${1:-}" = --policy ]; then
    cat <<END
{
  "URLBlocklist": ["*"],
  "URLAllowlist": ["http://$listen"],
  "DeveloperToolsAvailability": 2,
  "DownloadRestrictions": 3,
  "AllowFileSelectionDialogs": false,
  "AutofillAddressEnabled": false,
  "AutofillCreditCardEnabled": false,
  "PasswordManagerEnabled": false,
  "SavingBrowserHistoryDisabled": true,
  "RestoreOnStartup": 5,
  "SearchSuggestEnabled": false,
  "SpellcheckEnabled": false,
  "TranslateEnabled": false,
  "PrintingEnabled": false,
  "DefaultPopupsSetting": 2,
  "BrowserSignin": 0,
  "SyncDisabled": true,
  "MetricsReportingEnabled": false,
  "BackgroundModeEnabled": false
}
END
    exit 0
fi

# The profile lies in memory, and goes with each start of the browser.
profile=$(mktemp -d "${XDG_RUNTIME_DIR:-/tmp}/teapot-kiosk.XXXXXX")
node=
browser=
end() {
    trap - EXIT
    for one in $browser $node ${!:-}; do # the last: a signal may come before it has a name here
        kill "$one" 2>/dev/null || true
        wait "$one" 2>/dev/null || true
    done
    rm -rf "$profile"
}
trap end EXIT
trap 'exit 0' INT TERM

# Waits for a child in a way that a signal ends.
wait_for() {
    wait "$1" || true
}

while :; do
    if [ -z "$node" ] || ! kill -0 "$node" 2>/dev/null; then
        teapot "$@" serve --listen "$listen" >/dev/null &
        node=$!
    fi
    # The address has the key of the door: on this machine only the user of the kiosk reads it.
    if address=$(teapot "$@" serve --address 2>/dev/null); then
        rm -rf "$profile"
        mkdir -m 700 "$profile"
        chromium --kiosk --incognito --user-data-dir="$profile" --no-first-run --noerrdialogs \
            --disable-background-networking --disable-component-update --disable-sync --disable-pinch \
            --overscroll-history-navigation=0 --disable-features=TouchpadOverscrollHistoryNavigation \
            "$address" &
        browser=$!
        wait_for "$browser"
        browser=
    fi
    sleep 1
done
