/* Names and text as search sees them: two spellings that differ in case, accents, apostrophes,
 * hyphens or white space only are the same folded text. */
#ifndef TP_SCHEMA_NAME_FOLD_H
#define TP_SCHEMA_NAME_FOLD_H

#include "platform/base/slice.h"
#include "schema/utf8.h"

/* Folds text into tokens with one space between.
 *
 * Shape:  Latin letters become a..z (Łukasz: lukasz, Großmann: grossmann, Nguyễn: nguyen);
 *         Greek, Cyrillic, Armenian, Arabic and Hebrew letters are kept, lower case and without
 *         their points; any other letter is kept as it is.  Digits of these scripts become 0..9.
 *         Apostrophes vanish (O'Neill: oneill), hyphens and other punctuation part tokens
 *         (Anne-Marie: anne marie), and so does a byte that is not UTF-8.  Folding what is folded
 *         changes nothing.
 * Units:  out takes `room` bytes; text.bytes are always enough, and out may be text.at itself.
 *         With less, whole tokens are kept as far as they fit.  Returns the bytes used; no end is
 *         written.
 * Source: Unicode 14.0 decompositions (schema/letter_fold.c); no locale. */
size_t tp_text_fold(tp_slice text, char *out, size_t room);

/* The same for a name: "O Neill" and "Mc Donald" are joined as well (oneill, mcdonald). */
size_t tp_name_fold(tp_slice name, char *out, size_t room);

/* Takes the next token off the front of folded text; borrowed from it.  False at the end. */
bool tp_fold_next(tp_slice *folded, tp_slice *token_out);

#endif
