/* A hub's generations: one for each of its histories, in the order in which they began.
 *
 *   bit 52       1
 *   bits 20..51  the second it began in, since 2026-01-01; at least one more than any before
 *   bits 0..19   random, for histories that went apart and began another one in the same second
 *
 * So whoever shows a later one than the hub has was told it by a state of that hub that is lost; an
 * earlier one was before it, or is lost to what it knows of already.
 * Source: sync/wire/FORMAT.md, A hub that went back. */
#ifndef TP_SYNC_WIRE_GENERATION_H
#define TP_SYNC_WIRE_GENERATION_H

#include <stdbool.h>
#include <stdint.h>

/* One that begins now, after another one (0: after none), whatever the clock says. */
uint64_t tp_generation_after(uint64_t before, int64_t now_ms, uint64_t random);

/* False also where the first of the two is from before generations had an order: below 2^52. */
bool tp_generation_is_later(uint64_t generation, uint64_t than);

/* Its acceptance numbers are above this one, which is above those of all before it. */
uint64_t tp_generation_first_number(uint64_t generation);

#endif
