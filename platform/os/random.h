/* Randomness as a parameter: the kernel's for the program, a seeded one for tests. */
#ifndef TP_PLATFORM_OS_RANDOM_H
#define TP_PLATFORM_OS_RANDOM_H

#include <stddef.h>
#include <stdint.h>

typedef struct tp_rng tp_rng;
struct tp_rng {
    void (*fill)(tp_rng *rng, void *at, size_t bytes);
};

/* Fills `at`.  Never fails: a kernel that has no randomness ends the program, since going on
 * without would make keys that can be guessed. */
static inline void tp_rng_fill(tp_rng *rng, void *at, size_t bytes)
{
    rng->fill(rng, at, bytes);
}

uint64_t tp_rng_u64(tp_rng *rng);
/* Evenly 0 .. below-1; below >= 1. */
uint64_t tp_rng_below(tp_rng *rng, uint64_t below);

/* The kernel's (getrandom).  May be used from any thread. */
tp_rng *tp_rng_system(void);

/* The same bytes for the same seed, on every machine.  For tests; never for keys. */
typedef struct tp_rng_seeded {
    tp_rng rng; /* first, so that its address is the generator's */
    uint64_t state;
} tp_rng_seeded;

void tp_rng_seeded_init(tp_rng_seeded *seeded, uint64_t seed);

#endif
