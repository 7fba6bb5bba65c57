/* Bytes as text: hexadecimal, and Crockford's base 32 for what people read out and type. */
#ifndef TP_PLATFORM_BASE_ENCODE_H
#define TP_PLATFORM_BASE_ENCODE_H

#include "platform/base/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for the text of `bytes` bytes, with its zero byte. */
#define TP_HEX_ROOM(bytes) ((bytes)*2 + 1)
#define TP_BASE32_ROOM(bytes) (((bytes)*8 + 4) / 5 + 1)

/* Lower case.  `out` has TP_HEX_ROOM(s.bytes) chars. */
void tp_hex_encode(tp_slice s, char *out);
/* Either case.  False, and `out` untouched, unless `text` is exactly 2 * bytes hexadecimal digits.
 */
bool tp_hex_decode(tp_slice text, uint8_t *out, size_t bytes);

/* 64 bits as 16 digits: device ids. */
void tp_hex_encode_u64(uint64_t n, char out[TP_HEX_ROOM(8)]);
bool tp_hex_decode_u64(tp_slice text, uint64_t *n_out);

/* Crockford's alphabet (no I, L, O, U), upper case, most significant bit first, the last digit
 * filled with zero bits.  `out` has TP_BASE32_ROOM(s.bytes) chars. */
void tp_base32_encode(tp_slice s, char *out);
/* As people type it: either case, O as 0, I and L as 1, hyphens and spaces passed over.  False, and
 * `out` untouched, unless the digits are exactly those of `bytes` bytes with zero bits at the end.
 */
bool tp_base32_decode(tp_slice text, uint8_t *out, size_t bytes);
/* One digit: of the lowest five bits; and as people type it, -1: none; -2: to be passed over. */
char tp_base32_digit(unsigned value);
int tp_base32_value(uint8_t c);

#endif
