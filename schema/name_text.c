/* Names as text. */
#include "schema/name_text.h"

#include "platform/base/encode.h"

#include <inttypes.h>
#include <stdio.h>

enum { DEVICE_DIGITS = 16 };

void tp_name_print(tp_name name, char out[TP_NAME_TEXT_BYTES])
{
    tp_hex_encode_u64(name.device, out);
    snprintf(out + DEVICE_DIGITS, TP_NAME_TEXT_BYTES - DEVICE_DIGITS, "-%" PRIu64, name.seq);
}

/* Digits, '-', and the number in *seq_out. */
static bool split(tp_slice text, tp_slice *digits_out, uint64_t *seq_out)
{
    size_t dash = 0;
    uint64_t seq = 0;
    while (dash < text.bytes && text.at[dash] != '-') {
        dash++;
    }
    if (dash == 0 || dash > DEVICE_DIGITS) {
        return false;
    }
    for (size_t i = dash + 1; i < text.bytes; i++) {
        if (text.at[i] < '0' || text.at[i] > '9' || seq > TP_SEQ_MAX / 10) {
            return false;
        }
        seq = seq * 10 + (uint64_t)(text.at[i] - '0');
    }
    *digits_out = tp_slice_of(text.at, dash);
    *seq_out = seq;
    return seq > 0 && seq <= TP_SEQ_MAX;
}

bool tp_name_read(tp_slice text, tp_name *name_out)
{
    tp_slice digits;
    tp_name name = {0, 0};
    if (!split(text, &digits, &name.seq) || !tp_hex_decode_u64(digits, &name.device) ||
        name.device == 0) {
        return false;
    }
    *name_out = name;
    return true;
}

bool tp_name_short_read(tp_slice text, tp_name_short *short_out)
{
    tp_slice digits;
    tp_name_short s = {.fitting = 0};
    char padded[DEVICE_DIGITS];
    if (!split(text, &digits, &s.name.seq)) {
        return false;
    }
    memset(padded, '0', DEVICE_DIGITS);
    memcpy(padded, digits.at, digits.bytes);
    if (!tp_hex_decode_u64(tp_slice_of(padded, DEVICE_DIGITS), &s.low)) {
        return false;
    }
    s.high = s.low | (digits.bytes == DEVICE_DIGITS ? 0 : UINT64_MAX >> (4 * digits.bytes));
    *short_out = s;
    return true;
}

void tp_name_short_offer(tp_name_short *short_name, uint64_t device)
{
    if (device >= short_name->low && device <= short_name->high) {
        short_name->name.device = device;
        short_name->fitting++;
    }
}
