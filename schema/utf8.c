/* UTF-8 decoding by RFC 3629, and the few classes of characters that typed text needs. */
#include "schema/utf8.h"

#include <assert.h>

/* First byte   second byte   then        code points
 * 00..7F                                 U+0000..U+007F
 * C2..DF       80..BF                    U+0080..U+07FF
 * E0           A0..BF        80..BF      U+0800..U+0FFF     (80..9F would be overlong)
 * E1..EC       80..BF        80..BF      U+1000..U+CFFF
 * ED           80..9F        80..BF      U+D000..U+D7FF     (A0..BF would be surrogates)
 * EE..EF       80..BF        80..BF      U+E000..U+FFFF
 * F0           90..BF        80..BF x2   U+10000..U+3FFFF   (80..8F would be overlong)
 * F1..F3       80..BF        80..BF x2   U+40000..U+FFFFF
 * F4           80..8F        80..BF x2   U+100000..U+10FFFF */
typedef struct lead {
    uint8_t first, last;               /* of the first byte */
    uint8_t second_first, second_last; /* what may follow it */
    uint8_t bytes;
    uint8_t mask; /* the first byte's own bits */
} lead;

static const lead leads[] = {
    {0x00, 0x7F, 0x00, 0x00, 1, 0x7F}, {0xC2, 0xDF, 0x80, 0xBF, 2, 0x1F},
    {0xE0, 0xE0, 0xA0, 0xBF, 3, 0x0F}, {0xE1, 0xEC, 0x80, 0xBF, 3, 0x0F},
    {0xED, 0xED, 0x80, 0x9F, 3, 0x0F}, {0xEE, 0xEF, 0x80, 0xBF, 3, 0x0F},
    {0xF0, 0xF0, 0x90, 0xBF, 4, 0x07}, {0xF1, 0xF3, 0x80, 0xBF, 4, 0x07},
    {0xF4, 0xF4, 0x80, 0x8F, 4, 0x07},
};

static const lead *lead_of(uint8_t byte)
{
    for (size_t i = 0; i < sizeof leads / sizeof leads[0]; i++) {
        if (byte >= leads[i].first && byte <= leads[i].last) {
            return &leads[i];
        }
    }
    return NULL;
}

bool tp_utf8_next(tp_slice *text, uint32_t *code_out)
{
    if (text->bytes == 0) {
        return false;
    }
    const lead *l = lead_of(text->at[0]);
    if (l == NULL || l->bytes > text->bytes) {
        return false;
    }
    uint32_t code = text->at[0] & l->mask;
    for (size_t i = 1; i < l->bytes; i++) {
        uint8_t low = i == 1 ? l->second_first : 0x80;
        uint8_t high = i == 1 ? l->second_last : 0xBF;
        if (text->at[i] < low || text->at[i] > high) {
            return false;
        }
        code = code << 6 | (text->at[i] & 0x3Fu);
    }
    *code_out = code;
    *text = tp_slice_of(text->at + l->bytes, text->bytes - l->bytes);
    return true;
}

/* `text` without the ASCII it begins with, eight bytes at a time: most text is ASCII, and each note
 * is checked whenever it is read. */
static tp_slice after_ascii(tp_slice text)
{
    uint64_t eight = 0;
    while (text.bytes >= sizeof eight) {
        memcpy(&eight, text.at, sizeof eight);
        if ((eight & UINT64_C(0x8080808080808080)) != 0) {
            break;
        }
        text = tp_slice_of(text.at + sizeof eight, text.bytes - sizeof eight);
    }
    while (text.bytes > 0 && text.at[0] < 0x80) {
        text = tp_slice_of(text.at + 1, text.bytes - 1);
    }
    return text;
}

bool tp_utf8_is_valid(tp_slice text)
{
    uint32_t code = 0;
    for (text = after_ascii(text); text.bytes > 0; text = after_ascii(text)) {
        if (!tp_utf8_next(&text, &code)) {
            return false;
        }
    }
    return true;
}

size_t tp_utf8_put(uint32_t code, uint8_t bytes_out[TP_UTF8_BYTES_MAX])
{
    assert(code <= 0x10FFFF && !(code >= 0xD800 && code <= 0xDFFF));
    if (code < 0x80) {
        bytes_out[0] = (uint8_t)code;
        return 1;
    }
    size_t bytes = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const uint8_t marks[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = bytes - 1; i > 0; i--) {
        bytes_out[i] = (uint8_t)(0x80 | (code & 0x3F));
        code >>= 6;
    }
    bytes_out[0] = (uint8_t)(marks[bytes] | code);
    return bytes;
}

static size_t space_at_front(tp_slice text)
{
    uint32_t code = 0;
    tp_slice rest = text;
    if (!tp_utf8_next(&rest, &code)) {
        return 0;
    }
    bool is_blank = tp_utf8_is_space(code) || (code >= '\n' && code <= '\r');
    return is_blank ? text.bytes - rest.bytes : 0;
}

/* White space is at most three bytes, so the last code point is looked for in the last three. */
static size_t space_at_back(tp_slice text)
{
    for (size_t bytes = 1; bytes <= 3 && bytes <= text.bytes; bytes++) {
        tp_slice tail = tp_slice_of(text.at + text.bytes - bytes, bytes);
        if (space_at_front(tail) == bytes) {
            return bytes;
        }
    }
    return 0;
}

tp_slice tp_utf8_trim(tp_slice text)
{
    for (size_t n = space_at_front(text); n > 0; n = space_at_front(text)) {
        text = tp_slice_of(text.at + n, text.bytes - n);
    }
    for (size_t n = space_at_back(text); n > 0; n = space_at_back(text)) {
        text = tp_slice_of(text.at, text.bytes - n);
    }
    return text;
}

bool tp_utf8_is_space(uint32_t code)
{
    return code == ' ' || code == '\t' || code == 0xA0 || (code >= 0x2000 && code <= 0x200A) ||
           code == 0x202F || code == 0x3000;
}

bool tp_utf8_is_dash(uint32_t code)
{
    return code == '-' || (code >= 0x2010 && code <= 0x2015) || code == 0x2212 || code == 0xFF0D;
}

bool tp_utf8_is_apostrophe(uint32_t code)
{
    return code == '\'' || code == '`' || code == 0xB4 || (code >= 0x2B9 && code <= 0x2BF) ||
           (code >= 0x2018 && code <= 0x201B) || code == 0x2032 || code == 0xFF07;
}
