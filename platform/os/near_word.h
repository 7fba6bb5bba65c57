/* What somebody may have meant who mistyped a command or an option. */
#ifndef TP_PLATFORM_OS_NEAR_WORD_H
#define TP_PLATFORM_OS_NEAR_WORD_H

#include "platform/base/slice.h"

enum { TP_NEAR_WORD_BYTES_MAX = 48 }; /* longer words are near nothing */

/* How many letters were left out, added, changed or swapped with their neighbour; '-' and '_' are
 * one.
 * Shape:  most + 1 where there are more than `most`, or a word is too long. */
unsigned tp_near_word_slips(tp_slice a, tp_slice b, unsigned most);

/* The search for one word: begin, offer each candidate, read `best`. */
typedef struct tp_near_word {
    tp_slice typed;   /* borrowed */
    unsigned slips;   /* of best */
    const char *best; /* NULL: none is near, or two are equally near; borrowed from who offered */
} tp_near_word;

tp_near_word tp_near_word_begin(tp_slice typed);
/* One slip in words of three letters, two from six on; or `typed` is how it begins. */
void tp_near_word_offer(tp_near_word *near, const char *word);

/* As people type it: '_' is '-'. */
void tp_near_word_show(const char *word, char out[TP_NEAR_WORD_BYTES_MAX + 1]);

#endif
