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

# A process of its own, so that the node comes back while the browser stays.
keep_node() {
    served=
    trap 'kill ${served:-} ${!:-} 2>/dev/null; wait; exit 0' TERM
    trap - EXIT
    while :; do
        teapot "$@" serve --listen "$listen" >/dev/null &
        served=$!
        wait "$served" || true
        sleep 1 &
        wait $! || true
    done
}
keep_node "$@" &
node=$!

while :; do
    # The address has the key of the door; and only programs of this user are let in by it.
    if address=$(teapot "$@" serve --address 2>/dev/null); then
        rm -rf "$profile"
        mkdir -m 700 "$profile"
        # As an app: in a window without tabs the page is asked first for every key, and lets none lead out.
        chromium --kiosk --incognito --user-data-dir="$profile" --no-first-run --noerrdialogs \
            --disable-background-networking --disable-component-update --disable-sync --disable-pinch \
            --overscroll-history-navigation=0 --disable-features=TouchpadOverscrollHistoryNavigation \
            --app="$address" &
        browser=$!
        wait "$browser" || true # a signal ends the wait
        browser=
    fi
    sleep 1
done
