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

bool tp_name_read(tp_slice text, tp_name *name_out)
{
    tp_name name = {0, 0};
    if (text.bytes < DEVICE_DIGITS + 2 || text.at[DEVICE_DIGITS] != '-' ||
        !tp_hex_decode_u64(tp_slice_of(text.at, DEVICE_DIGITS), &name.device)) {
        return false;
    }
    for (size_t i = DEVICE_DIGITS + 1; i < text.bytes; i++) {
        if (text.at[i] < '0' || text.at[i] > '9' || name.seq > TP_SEQ_MAX / 10) {
            return false;
        }
        name.seq = name.seq * 10 + (uint64_t)(text.at[i] - '0');
    }
    if (name.device == 0 || name.seq == 0 || name.seq > TP_SEQ_MAX) {
        return false;
    }
    *name_out = name;
    return true;
}
