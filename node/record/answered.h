/* What was asked with a key and answered, so that it is not done twice.
 *
 * A page may lose the answer to what it wrote: the node was killed just after it had committed, or
 * the connection broke.  It then sends the same again, with the same key, and is given the same
 * answer; nothing is written.  What is not the same, by one byte, is another thing, and is done: a
 * form that was changed in between is never lost.
 *
 * The answer stands in the transaction that it is about, sealed under the key and what was asked,
 * and the node keeps neither: without the page that made the key, what is kept tells nothing to
 * anybody, and no key can be found in it. */
#ifndef TP_NODE_RECORD_ANSWERED_H
#define TP_NODE_RECORD_ANSWERED_H

#include "node/record/node.h"

enum { TP_ANSWERED_KEY_BYTES = 16 };

/* The table of this module: version 5 of the node's database. */
extern const char tp_answered_schema_5[];

/* Borrowed. */
typedef struct tp_answered_asked {
    uint8_t key[TP_ANSWERED_KEY_BYTES]; /* random, made by who asks, once for each thing */
    tp_slice where;                     /* the address, */
    tp_slice worker;                    /* who asked (empty: nobody said), */
    tp_slice body;                      /* and what: all must be the same */
} tp_answered_asked;

/* Adds the answer to `out`.
 * Errors: NOTFOUND this was not asked, or so long ago that TP_ANSWERED_MAX others were since. */
TP_MUST_USE tp_rc tp_answered_find(tp_tx *tx, const tp_answered_asked *asked, tp_buf *out,
                                   tp_err *err);

/* In the transaction of what was asked, which must not have been answered before.
 * Errors: LIMIT the answer is over TP_ANSWERED_BYTES_MAX. */
TP_MUST_USE tp_rc tp_answered_keep(tp_tx *tx, const tp_answered_asked *asked, tp_rng *rng,
                                   tp_slice answer, tp_err *err);

#endif
