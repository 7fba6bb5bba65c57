/* What is held, in short: the sum of the digests of all changes, so that two who hold the same know
 * it by 16 bytes, and parts of that sum, by which they find where they differ.
 * Source: sync/wire/FORMAT.md, What is held. */
#ifndef TP_SYNC_WIRE_HELD_H
#define TP_SYNC_WIRE_HELD_H

#include "platform/base/limits.h"
#include "schema/change.h"
#include "sync/wire/chain.h"

enum { TP_HELD_SUM_BYTES = 16, TP_HELD_DIGEST_BYTES = 8 };

/* A number modulo 2^128. */
typedef struct tp_held_sum {
    uint64_t high;
    uint64_t low;
} tp_held_sum;

void tp_held_add(tp_held_sum *sum, const tp_held_sum *other);
void tp_held_less(tp_held_sum *sum, const tp_held_sum *other);
bool tp_held_eq(const tp_held_sum *a, const tp_held_sum *b);
/* Big-endian. */
void tp_held_put(const tp_held_sum *sum, uint8_t out[TP_HELD_SUM_BYTES]);
tp_held_sum tp_held_get(const uint8_t bytes[TP_HELD_SUM_BYTES]);
/* What one change counts: the first 16 bytes of its digest. */
tp_held_sum tp_held_of(tp_name name, tp_slice bytes);

/* Names in order: by device as a number without sign, then by seq. */
typedef struct tp_name_range {
    tp_name after; /* not in it */
    tp_name upto;  /* in it */
} tp_name_range;

/* The name after which none is. */
#define TP_NAME_LAST ((tp_name){UINT64_MAX, TP_SEQ_MAX})

/* The sum of what is held of the names after the span before it. */
typedef struct tp_held_span {
    tp_name upto;
    tp_held_sum sum;
} tp_held_span;

/* One that is held. */
typedef struct tp_held_name {
    tp_name name;
    uint8_t digest[TP_HELD_DIGEST_BYTES]; /* the first bytes of its digest */
} tp_held_name;

#endif
