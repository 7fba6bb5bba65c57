/* Names of changes that were written again. */
#include "schema/renaming.h"

#include "schema/name_text.h"

enum { DEVICE_DIGITS = 16 };

tp_name tp_renaming_of(const tp_renaming *renaming, tp_name name)
{
    if (name.device == renaming->from && name.seq > renaming->kept &&
        (renaming->upto == 0 || name.seq <= renaming->upto)) {
        return (tp_name){renaming->to, name.seq - (renaming->keeps_seq ? 0 : renaming->kept)};
    }
    return name;
}

tp_name tp_renaming_of_any(const tp_renaming *renamings, size_t count, tp_name name)
{
    tp_name now = name;
    for (size_t i = 0; i < count && tp_name_eq(now, name); i++) {
        now = tp_renaming_of(&renamings[i], name);
    }
    return now;
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_word(uint8_t c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* How long the name is that stands at `at`; 0: none does. */
static size_t name_at(tp_slice text, size_t at, tp_name *name_out)
{
    size_t end = at + DEVICE_DIGITS;
    if ((at > 0 && is_word(text.at[at - 1])) || end >= text.bytes || text.at[end] != '-') {
        return 0;
    }
    do {
        end++;
    } while (end < text.bytes && is_digit(text.at[end]));
    bool is_whole = end == text.bytes || !is_word(text.at[end]);
    return is_whole && tp_name_read(tp_slice_of(text.at + at, end - at), name_out) ? end - at : 0;
}

tp_rc tp_renaming_of_text(const tp_renaming *renaming, tp_slice text, tp_buf *out,
                          bool *is_other_out, tp_err *err)
{
    tp_rc rc = TP_OK;
    size_t copied = 0;
    *is_other_out = false;
    for (size_t at = 0; rc == TP_OK && at < text.bytes;) {
        tp_name name;
        size_t bytes = name_at(text, at, &name);
        tp_name now = bytes == 0 ? (tp_name){0, 0} : tp_renaming_of(renaming, name);
        if (bytes > 0 && !tp_name_eq(now, name)) {
            char called[TP_NAME_TEXT_BYTES];
            tp_name_print(now, called);
            rc = tp_buf_add(out, text.at + copied, at - copied, err);
            if (rc == TP_OK) {
                rc = tp_buf_add_slice(out, tp_slice_str(called), err);
            }
            copied = at + bytes;
            *is_other_out = true;
        }
        at += bytes == 0 ? 1 : bytes;
    }
    return rc == TP_OK && copied < text.bytes
               ? tp_buf_add(out, text.at + copied, text.bytes - copied, err)
               : rc;
}
