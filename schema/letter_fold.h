/* Latin letters without their accents: the table behind name_fold. */
#ifndef TP_SCHEMA_LETTER_FOLD_H
#define TP_SCHEMA_LETTER_FOLD_H

#include <stddef.h>
#include <stdint.h>

/* What a letter of the Latin blocks above ASCII is searched as: lower-case ASCII, at most three
 * letters and never longer than the letter in UTF-8; "" for signs in these blocks that are no
 * letters.  NULL for every other code point.  Static. */
const char *tp_letter_fold(uint32_t code);

#endif
