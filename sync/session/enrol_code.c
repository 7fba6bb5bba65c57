/* Enrolment codes as text. */
#include "sync/session/enrol_code.h"

enum { GROUP = 4 };

void tp_enrol_code_print(const tp_enrol_code *code, char out[TP_ENROL_TEXT_BYTES])
{
    uint8_t bytes[TP_ENROL_CODE_BYTES];
    char digits[TP_BASE32_ROOM(TP_ENROL_CODE_BYTES)];
    memcpy(bytes, code->secret, sizeof code->secret);
    memcpy(bytes + sizeof code->secret, code->pin, sizeof code->pin);
    tp_base32_encode(tp_slice_of(bytes, sizeof bytes), digits);
    size_t at = 0;
    for (size_t i = 0; digits[i] != '\0'; i++) {
        if (i > 0 && i % GROUP == 0) {
            out[at++] = '-';
        }
        out[at++] = digits[i];
    }
    out[at] = '\0';
    tp_secret_wipe(bytes, sizeof bytes);
    tp_secret_wipe(digits, sizeof digits);
}

tp_rc tp_enrol_code_read(tp_slice text, tp_enrol_code *code_out, tp_err *err)
{
    uint8_t bytes[TP_ENROL_CODE_BYTES];
    if (!tp_base32_decode(text, bytes, sizeof bytes)) {
        return tp_fail(
            err, TP_INVALID,
            "this is no enrolment code: it has 42 letters and digits (check for one left "
            "out or typed twice)");
    }
    memcpy(code_out->secret, bytes, sizeof code_out->secret);
    memcpy(code_out->pin, bytes + sizeof code_out->secret, sizeof code_out->pin);
    tp_secret_wipe(bytes, sizeof bytes);
    return TP_OK;
}

void tp_enrol_secret_print(const tp_enrol_code *code, char out[TP_ENROL_SECRET_TEXT_BYTES])
{
    tp_base32_encode(tp_slice_of(code->secret, sizeof code->secret), out);
}

bool tp_enrol_secret_digest(tp_slice text, uint8_t out[TP_SHA256_BYTES])
{
    uint8_t secret[TP_ENROL_SECRET_BYTES];
    if (!tp_base32_decode(text, secret, sizeof secret)) {
        return false;
    }
    tp_sha256_of(tp_slice_of(secret, sizeof secret), out);
    tp_secret_wipe(secret, sizeof secret);
    return true;
}
