/* Sums of what is held. */
#include "sync/wire/held.h"

void tp_held_add(tp_held_sum *sum, const tp_held_sum *other)
{
    sum->low += other->low;
    sum->high += other->high + (sum->low < other->low);
}

void tp_held_less(tp_held_sum *sum, const tp_held_sum *other)
{
    sum->high -= other->high + (sum->low < other->low);
    sum->low -= other->low;
}

bool tp_held_eq(const tp_held_sum *a, const tp_held_sum *b)
{
    return a->high == b->high && a->low == b->low;
}

void tp_held_put(const tp_held_sum *sum, uint8_t out[TP_HELD_SUM_BYTES])
{
    tp_digest_put_u64(tp_digest_put_u64(out, sum->high), sum->low);
}

static uint64_t get_u64(const uint8_t *at)
{
    uint64_t n = 0;
    for (int i = 0; i < 8; i++) {
        n = n << 8 | at[i];
    }
    return n;
}

tp_held_sum tp_held_get(const uint8_t bytes[TP_HELD_SUM_BYTES])
{
    return (tp_held_sum){get_u64(bytes), get_u64(bytes + 8)};
}

tp_held_sum tp_held_of(tp_name name, tp_slice bytes)
{
    uint8_t digest[TP_SHA256_BYTES];
    tp_change_digest(name, bytes, digest);
    return tp_held_get(digest);
}
