/* UTF-8: the one check and the one decoder for text that somebody typed or sent.  No locale. */
#ifndef TP_SCHEMA_UTF8_H
#define TP_SCHEMA_UTF8_H

#include "platform/base/slice.h"

#define TP_UTF8_BYTES_MAX 4u /* one code point */

/* Takes the next code point off the front of `text`.
 *
 * Shape:  *code_out is U+0000..U+10FFFF, never a surrogate.  False at the end of the text and at
 *         bytes that are not UTF-8 (overlong, cut off, surrogate, above U+10FFFF): then `text` is
 *         untouched.
 * Source: RFC 3629, section 4. */
bool tp_utf8_next(tp_slice *text, uint32_t *code_out);

/* True if every byte belongs to a well-formed code point.  Empty text is valid; so is U+0000. */
bool tp_utf8_is_valid(tp_slice text);

/* Writes one code point (not a surrogate, at most U+10FFFF).  Returns the bytes used, 1..4. */
size_t tp_utf8_put(uint32_t code, uint8_t bytes_out[TP_UTF8_BYTES_MAX]);

/* `text` without white space at either end: ASCII white space and the no-break space that a copy
 * from a web page brings along.  Borrowed from `text`. */
tp_slice tp_utf8_trim(tp_slice text);

/* What separates digits when people type or paste: a space or tab, a no-break or thin space. */
bool tp_utf8_is_space(uint32_t code);

/* A hyphen, minus or dash of any width. */
bool tp_utf8_is_dash(uint32_t code);

/* The apostrophe, and everything that keyboards put in its place. */
bool tp_utf8_is_apostrophe(uint32_t code);

#endif
