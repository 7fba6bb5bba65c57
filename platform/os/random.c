/* Randomness: the kernel's and a seeded one. */
#include "platform/os/random.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

uint64_t tp_rng_u64(tp_rng *rng)
{
    uint64_t n = 0;
    tp_rng_fill(rng, &n, sizeof n);
    return n;
}

uint64_t tp_rng_below(tp_rng *rng, uint64_t below)
{
    assert(below >= 1);
    /* The first 2^64 mod below values are passed over: what is left divides evenly. */
    uint64_t uneven = (UINT64_MAX - below + 1) % below;
    uint64_t n = tp_rng_u64(rng);
    while (n < uneven) {
        n = tp_rng_u64(rng);
    }
    return n % below;
}

static void fill_system(tp_rng *rng, void *at, size_t bytes)
{
    (void)rng;
    uint8_t *to = at;
    while (bytes > 0) {
        ssize_t got = getrandom(to, bytes, 0);
        if (got < 0 && errno != EINTR) {
            abort();
        }
        if (got > 0) {
            to += got;
            bytes -= (size_t)got;
        }
    }
}

tp_rng *tp_rng_system(void)
{
    static tp_rng system_rng = {fill_system};
    return &system_rng;
}

/* SplitMix64 (Steele, Lea, Flood 2014), taken least significant byte first on every machine. */
static void fill_seeded(tp_rng *rng, void *at, size_t bytes)
{
    tp_rng_seeded *seeded = (tp_rng_seeded *)rng;
    uint8_t *to = at;
    for (size_t i = 0; i < bytes; i += 8) {
        uint64_t z = seeded->state += UINT64_C(0x9E3779B97F4A7C15);
        z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
        z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
        z ^= z >> 31;
        for (size_t j = 0; j < 8 && i + j < bytes; j++) {
            to[i + j] = (uint8_t)(z >> (8 * j));
        }
    }
}

void tp_rng_seeded_init(tp_rng_seeded *seeded, uint64_t seed)
{
    seeded->rng.fill = fill_seeded;
    seeded->state = seed;
}
