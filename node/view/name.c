/* Short names of records as people type and read them. */
#include "node/view/name.h"

#include "node/view/view_state.h"
#include "platform/base/encode.h"

#include <inttypes.h>
#include <stdio.h>

enum { DEVICE_DIGITS = 16, SHORT_DIGITS = 4, SEQ_DIGITS_MAX = 13 };

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

/* Digits, '-', a number: the parts of a name, whole or shortened. */
static bool split(tp_slice text, tp_slice *digits_out, uint64_t *seq_out)
{
    size_t dash = 0;
    uint64_t seq = 0;
    while (dash < text.bytes && text.at[dash] != '-') {
        dash++;
    }
    size_t count = text.bytes - dash;
    if (dash == 0 || dash > DEVICE_DIGITS || count < 2 || count > SEQ_DIGITS_MAX + 1) {
        return false;
    }
    for (size_t i = dash + 1; i < text.bytes; i++) {
        if (text.at[i] < '0' || text.at[i] > '9') {
            return false;
        }
        seq = seq * 10 + (uint64_t)(text.at[i] - '0');
    }
    *digits_out = tp_slice_of(text.at, dash);
    *seq_out = seq;
    return seq > 0 && seq <= TP_SEQ_MAX;
}

/* The leading digits as the lowest and highest device that begin with them. */
static bool range(tp_slice digits, uint64_t *low_out, uint64_t *high_out)
{
    char padded[TP_HEX_ROOM(8)];
    memset(padded, '0', DEVICE_DIGITS);
    memcpy(padded, digits.at, digits.bytes);
    if (!tp_hex_decode_u64(tp_slice_of(padded, DEVICE_DIGITS), low_out)) {
        return false;
    }
    memset(padded + digits.bytes, 'f', DEVICE_DIGITS - digits.bytes);
    return tp_hex_decode_u64(tp_slice_of(padded, DEVICE_DIGITS), high_out);
}

typedef struct fitting {
    uint64_t low;
    uint64_t high;
    uint64_t device;
    unsigned count;
} fitting;

static tp_rc note_fitting(void *context, uint64_t device, tp_err *err)
{
    fitting *f = context;
    (void)err;
    if (device >= f->low && device <= f->high) {
        f->device = device;
        f->count++;
    }
    return TP_OK;
}

tp_rc tp_view_name_read(tp_view *view, tp_tx *tx, tp_slice text, tp_name *name_out, tp_err *err)
{
    tp_slice digits;
    uint64_t seq = 0;
    fitting f = {0, 0, 0, 0};
    if (!split(text, &digits, &seq) || !range(digits, &f.low, &f.high)) {
        return tp_fail(err, TP_INVALID, "not the name of a record: they look like 3fa2-12");
    }
    if (tp_name_read(text, name_out)) {
        return TP_OK;
    }
    tp_rc rc = tp_log_devices(view->log, tx, note_fitting, &f, err);
    if (rc != TP_OK) {
        return rc;
    }
    if (f.count != 1) {
        return f.count == 0
                   ? tp_fail(err, TP_NOTFOUND, "no device here begins with these digits")
                   : tp_fail(err, TP_EXISTS, "several devices begin with these digits: give more");
    }
    *name_out = (tp_name){f.device, seq};
    return TP_OK;
}
