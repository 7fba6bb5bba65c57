/* The code of a help request: whoever asked for help gets it on paper and asks by it, at a kiosk or
 * of a worker, what became of it.  It is all they show, so it is random, and it names nobody.
 *
 * Nine symbols of Crockford's base 32 (no I, L, O, U): eight are 40 random bits, the ninth checks
 * them. With a the root of x^5 + x^2 + 1 in GF(32), the check is the sum of a^(8 - i) times symbol
 * i, so that one wrong symbol and two that changed places are always found, before anybody is
 * asked. */
#ifndef TP_SCHEMA_REQUEST_CODE_H
#define TP_SCHEMA_REQUEST_CODE_H

#include "platform/base/err.h"
#include "platform/base/slice.h"

#include <stdint.h>

enum {
    TP_REQUEST_CODE_RANDOM_BYTES = 5,
    TP_REQUEST_CODE_SYMBOLS = 9,
    TP_REQUEST_CODE_MAX = TP_REQUEST_CODE_SYMBOLS + 1,     /* the symbols and their end */
    TP_REQUEST_CODE_TEXT_MAX = TP_REQUEST_CODE_SYMBOLS + 3 /* "K7F-2QX-9MD" and its end */
};

/* The code of 40 random bits. */
void tp_request_code_make(const uint8_t bits[TP_REQUEST_CODE_RANDOM_BYTES],
                          char code_out[TP_REQUEST_CODE_MAX]);

/* Checks a code as somebody types it and gives its nine symbols, upper case.
 *
 * Shape:  either case, O for 0, I and L for 1; spaces and dashes anywhere.
 * Errors: INVALID what is wrong and the mend, never the code. */
TP_MUST_USE tp_rc tp_request_code_normalise(tp_slice typed, char code_out[TP_REQUEST_CODE_MAX],
                                            tp_err *err);

/* "K7F2QX9MD" -> "K7F-2QX-9MD".  `code` comes from the functions above. */
void tp_request_code_format(const char code[TP_REQUEST_CODE_MAX],
                            char text_out[TP_REQUEST_CODE_TEXT_MAX]);

#endif
