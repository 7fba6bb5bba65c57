/* Hexadecimal and Crockford's base 32. */
#include "platform/base/encode.h"

static const char hex_digits[] = "0123456789abcdef";
static const char base32_digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void tp_hex_encode(tp_slice s, char *out)
{
    for (size_t i = 0; i < s.bytes; i++) {
        *out++ = hex_digits[s.at[i] >> 4];
        *out++ = hex_digits[s.at[i] & 15];
    }
    *out = '\0';
}

bool tp_hex_decode(tp_slice text, uint8_t *out, size_t bytes)
{
    if (text.bytes != bytes * 2) {
        return false;
    }
    for (size_t i = 0; i < text.bytes; i++) {
        if (hex_value(text.at[i]) < 0) {
            return false;
        }
    }
    for (size_t i = 0; i < bytes; i++) {
        out[i] = (uint8_t)(hex_value(text.at[2 * i]) << 4 | hex_value(text.at[2 * i + 1]));
    }
    return true;
}

void tp_hex_encode_u64(uint64_t n, char out[TP_HEX_ROOM(8)])
{
    for (int i = 0; i < 16; i++) {
        out[i] = hex_digits[n >> (60 - 4 * i) & 15];
    }
    out[16] = '\0';
}

bool tp_hex_decode_u64(tp_slice text, uint64_t *n_out)
{
    uint8_t bytes[8];
    if (!tp_hex_decode(text, bytes, sizeof bytes)) {
        return false;
    }
    uint64_t n = 0;
    for (size_t i = 0; i < sizeof bytes; i++) {
        n = n << 8 | bytes[i];
    }
    *n_out = n;
    return true;
}

void tp_base32_encode(tp_slice s, char *out)
{
    uint32_t bits = 0; /* the lowest `bits_count` are waiting */
    unsigned bits_count = 0;
    for (size_t i = 0; i < s.bytes; i++) {
        bits = bits << 8 | s.at[i];
        bits_count += 8;
        while (bits_count >= 5) {
            bits_count -= 5;
            *out++ = base32_digits[bits >> bits_count & 31];
        }
    }
    if (bits_count > 0) {
        *out++ = base32_digits[bits << (5 - bits_count) & 31];
    }
    *out = '\0';
}

char tp_base32_digit(unsigned value)
{
    return base32_digits[value & 31];
}

int tp_base32_value(uint8_t c)
{
    if (c == '-' || c == ' ') {
        return -2;
    }
    if (c >= 'a' && c <= 'z') {
        c = (uint8_t)(c - 'a' + 'A');
    }
    c = c == 'O' ? '0' : c;
    c = c == 'I' || c == 'L' ? '1' : c;
    for (int i = 0; i < 32; i++) {
        if ((uint8_t)base32_digits[i] == c) {
            return i;
        }
    }
    return -1;
}

static bool base32_is_well_formed(tp_slice text, size_t bytes)
{
    size_t digits = 0;
    int last = 0;
    for (size_t i = 0; i < text.bytes; i++) {
        int value = tp_base32_value(text.at[i]);
        if (value == -1) {
            return false;
        }
        digits += value >= 0 ? 1 : 0;
        last = value >= 0 ? value : last;
    }
    if (digits != (bytes * 8 + 4) / 5) {
        return false;
    }
    size_t filler_bits = digits * 5 - bytes * 8; /* 0 .. 4 */
    return (last & ((1 << filler_bits) - 1)) == 0;
}

bool tp_base32_decode(tp_slice text, uint8_t *out, size_t bytes)
{
    if (!base32_is_well_formed(text, bytes)) {
        return false;
    }
    uint32_t bits = 0;
    unsigned bits_count = 0;
    for (size_t i = 0; i < text.bytes; i++) {
        int value = tp_base32_value(text.at[i]);
        if (value < 0) {
            continue;
        }
        bits = bits << 5 | (uint32_t)value;
        bits_count += 5;
        if (bits_count >= 8) {
            bits_count -= 8;
            *out++ = (uint8_t)(bits >> bits_count);
        }
    }
    return true;
}
