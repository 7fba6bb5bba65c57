/* Finding wordings. */
#include "schema/wording.h"

#include <inttypes.h>
#include <stdio.h>

static bool is_id(tp_slice id)
{
    for (size_t i = 0; i < id.bytes; i++) {
        uint8_t c = id.at[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-') {
            return false;
        }
    }
    return id.bytes > 0 && id.bytes < TP_WORDING_ID_MAX;
}

const tp_wording *tp_wording_find(tp_slice id, uint64_t version)
{
    for (const tp_wording *w = tp_wordings; w->id != NULL; w++) {
        if (w->version == version && tp_slice_is(id, w->id)) {
            return w;
        }
    }
    return NULL;
}

const tp_wording *tp_wording_newest(tp_slice id)
{
    const tp_wording *newest = NULL;
    for (const tp_wording *w = tp_wordings; w->id != NULL; w++) {
        if (tp_slice_is(id, w->id) && (newest == NULL || w->version > newest->version)) {
            newest = w;
        }
    }
    return newest;
}

void tp_wording_show(tp_slice id, uint64_t version, char shown_out[TP_WORDING_SHOWN_MAX])
{
    const tp_wording *w = tp_wording_find(id, version);
    tp_slice name = is_id(id) ? id : tp_slice_str("unnamed");
    if (w != NULL) {
        snprintf(shown_out, TP_WORDING_SHOWN_MAX, "%s", w->title);
    } else {
        snprintf(shown_out, TP_WORDING_SHOWN_MAX, "wording %.*s version %" PRIu64 ", text not held",
                 TP_SLICE_FMT(name), version);
    }
}

tp_rc tp_wording_check(tp_slice id, tp_err *err)
{
    if (!is_id(id)) {
        return tp_fail(err, TP_INVALID,
                       "wording: its id has 1 to %u small letters, digits and hyphens (use "
                       "short-spoken, full-form or kiosk)",
                       TP_WORDING_ID_MAX - 1);
    }
    return TP_OK;
}
