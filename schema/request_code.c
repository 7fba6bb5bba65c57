/* Codes of help requests: made, checked, shown. */
#include "schema/request_code.h"

#include "platform/base/encode.h"

enum { RANDOM_SYMBOLS = TP_REQUEST_CODE_SYMBOLS - 1, GROUP = 3 };

/* Times the root of x^5 + x^2 + 1. */
static unsigned times_root(unsigned x)
{
    return (x << 1 ^ ((x & 16) != 0 ? 0x25u : 0u)) & 31;
}

static unsigned check_of(const unsigned values[RANDOM_SYMBOLS])
{
    unsigned sum = 0;
    for (int i = 0; i < RANDOM_SYMBOLS; i++) {
        sum = times_root(sum ^ values[i]);
    }
    return sum;
}

void tp_request_code_make(const uint8_t bits[TP_REQUEST_CODE_RANDOM_BYTES],
                          char code_out[TP_REQUEST_CODE_MAX])
{
    unsigned values[RANDOM_SYMBOLS];
    tp_base32_encode(tp_slice_of(bits, TP_REQUEST_CODE_RANDOM_BYTES), code_out);
    for (int i = 0; i < RANDOM_SYMBOLS; i++) {
        values[i] = (unsigned)tp_base32_value((uint8_t)code_out[i]);
    }
    code_out[RANDOM_SYMBOLS] = tp_base32_digit(check_of(values));
    code_out[TP_REQUEST_CODE_SYMBOLS] = '\0';
}

tp_rc tp_request_code_normalise(tp_slice typed, char code_out[TP_REQUEST_CODE_MAX], tp_err *err)
{
    unsigned values[TP_REQUEST_CODE_SYMBOLS];
    int count = 0;
    for (size_t i = 0; i < typed.bytes; i++) {
        int value = tp_base32_value(typed.at[i]);
        if (value == -1) {
            return tp_fail(err, TP_INVALID,
                           "that is no code: it has something other than letters and digits, or a "
                           "U, which no code has");
        }
        if (value >= 0 && count < TP_REQUEST_CODE_SYMBOLS) {
            values[count] = (unsigned)value;
        }
        count += value >= 0;
    }
    if (count != TP_REQUEST_CODE_SYMBOLS) {
        return tp_fail(err, TP_INVALID, "that is no code: %d letters and digits, it has %d", count,
                       TP_REQUEST_CODE_SYMBOLS);
    }
    if (values[RANDOM_SYMBOLS] != check_of(values)) {
        return tp_fail(err, TP_INVALID, "that is no code: check each letter and digit");
    }
    for (int i = 0; i < TP_REQUEST_CODE_SYMBOLS; i++) {
        code_out[i] = tp_base32_digit(values[i]);
    }
    code_out[TP_REQUEST_CODE_SYMBOLS] = '\0';
    return TP_OK;
}

void tp_request_code_format(const char code[TP_REQUEST_CODE_MAX],
                            char text_out[TP_REQUEST_CODE_TEXT_MAX])
{
    for (int i = 0; i < TP_REQUEST_CODE_SYMBOLS; i++) {
        if (i > 0 && i % GROUP == 0) {
            *text_out++ = '-';
        }
        *text_out++ = code[i];
    }
    *text_out = '\0';
}
