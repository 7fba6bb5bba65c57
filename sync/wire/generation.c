/* The order of a hub's generations. */
#include "sync/wire/generation.h"

#include "platform/base/limits.h"

#define ORDERED (UINT64_C(1) << 52)
#define FIRST_MS INT64_C(1767225600000) /* 2026-01-01 */
enum { RANDOM_BITS = 20, SECOND_MAX = INT32_MAX /* 2094; numbers reach no further */ };

/* 0: of none, or of one from before they had an order. */
static uint64_t second_of(uint64_t generation)
{
    return generation < ORDERED ? 0 : (generation - ORDERED) >> RANDOM_BITS;
}

uint64_t tp_generation_after(uint64_t before, int64_t now_ms, uint64_t random)
{
    uint64_t second = now_ms < FIRST_MS ? 0 : (uint64_t)(now_ms - FIRST_MS) / 1000;
    if (second <= second_of(before)) {
        second = second_of(before) + 1;
    }
    if (second > SECOND_MAX) {
        second = SECOND_MAX;
    }
    return ORDERED | second << RANDOM_BITS | (random & ((UINT64_C(1) << RANDOM_BITS) - 1));
}

bool tp_generation_is_later(uint64_t generation, uint64_t than)
{
    return generation >= ORDERED && generation > than;
}

uint64_t tp_generation_first_number(uint64_t generation)
{
    return second_of(generation) * TP_NUMBERS_EACH;
}
