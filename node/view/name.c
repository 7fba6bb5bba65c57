/* Short names of records as people type and read them. */
#include "node/view/name.h"

#include "node/view/view_state.h"
#include "platform/base/encode.h"

#include <inttypes.h>
#include <stdio.h>

enum { DEVICE_DIGITS = 16, SHORT_DIGITS = 4 };

/* ---- The shortest form ---- */

typedef struct shortest {
    uint64_t device;
    unsigned digits; /* that tell it apart from every device seen so far */
} shortest;

static tp_rc tell_apart(void *context, uint64_t device, tp_err *err)
{
    shortest *s = context;
    (void)err;
    while (device != s->device && s->digits < DEVICE_DIGITS &&
           device >> (64 - 4 * s->digits) == s->device >> (64 - 4 * s->digits)) {
        s->digits++;
    }
    return TP_OK;
}

tp_rc tp_view_name_short(tp_view *view, tp_tx *tx, tp_name name, char text_out[TP_NAME_TEXT_BYTES],
                         tp_err *err)
{
    shortest s = {name.device, SHORT_DIGITS};
    tp_rc rc = tp_log_devices(view->log, tx, tell_apart, &s, err);
    if (rc == TP_OK) {
        char digits[TP_HEX_ROOM(8)];
        tp_hex_encode_u64(name.device, digits);
        snprintf(text_out, TP_NAME_TEXT_BYTES, "%.*s-%" PRIu64, (int)s.digits, digits, name.seq);
    }
    return rc;
}

/* ---- Reading ---- */

static tp_rc offer(void *context, uint64_t device, tp_err *err)
{
    (void)err;
    tp_name_short_offer(context, device);
    return TP_OK;
}

tp_rc tp_view_name_read(tp_view *view, tp_tx *tx, tp_slice text, tp_name *name_out, tp_err *err)
{
    tp_name_short s;
    if (!tp_name_short_read(text, &s)) {
        return tp_fail(err, TP_INVALID, "not the name of a record: they look like 3fa2-12");
    }
    if (tp_name_read(text, name_out)) {
        return TP_OK;
    }
    tp_rc rc = tp_log_devices(view->log, tx, offer, &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    if (s.fitting != 1) {
        return s.fitting == 0
                   ? tp_fail(err, TP_NOTFOUND, "no device here begins with these digits")
                   : tp_fail(err, TP_EXISTS, "several devices begin with these digits: give more");
    }
    *name_out = s.name;
    return TP_OK;
}
