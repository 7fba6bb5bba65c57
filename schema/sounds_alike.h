/* Names that an ear takes for each other: keys of one folded token, equal where two names may be
 * one.
 *
 * Made for the names workers write down by ear on these islands: English, Irish, Scottish and Welsh
 * ones, and those that came from elsewhere, mostly as English ears take them.  The rules are our
 * own; tests/data/sounds_alike.tsv lists what they meet and what they miss. */
#ifndef TP_SCHEMA_SOUNDS_ALIKE_H
#define TP_SCHEMA_SOUNDS_ALIKE_H

#include "platform/base/slice.h"

#define TP_SOUND_KEY_MAX 12u       /* '*' or nothing, up to 8 consonants, the vowel, the end */
#define TP_SOUND_KEYS_MAX 4u       /* ways to say one spelling */
#define TP_NAME_SOUND_KEYS_MAX 16u /* with the full names it is short for */
#define TP_SOUND_TOKEN_BYTES 40u   /* the rest of a longer token is not heard */

/* Printable ASCII: "XNo" for Sean; a leading '*' says that the name begins with a vowel; the last
 * letter is the colour of the first vowel: a, e (as in Neil or Jane), o (as in Paul or Yusuf), -
 * for none. */
typedef struct tp_sound_key {
    char text[TP_SOUND_KEY_MAX];
} tp_sound_key;

/* The keys of a token as tp_name_fold gives it.
 *
 * Shape:  different keys, none empty; returns how many.  0 for a token of one letter, or with
 *         anything but a..z in it: such a token is looked up as it is written. */
unsigned tp_sound_keys(tp_slice token, tp_sound_key keys_out[TP_SOUND_KEYS_MAX]);

/* What a name is filed under and looked up by: its own keys and those of the full names that it is
 * a short form of (schema/short_names.h). */
unsigned tp_name_sound_keys(tp_slice token, tp_sound_key keys_out[TP_NAME_SOUND_KEYS_MAX]);

/* True where the two tokens are equal or share a key of tp_name_sound_keys. */
bool tp_sounds_alike(tp_slice a, tp_slice b);

#endif
