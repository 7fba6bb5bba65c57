/* What each *_fuzz.c defines; the name is libFuzzer's. */
#ifndef TP_TESTS_FUZZ_TARGET_H
#define TP_TESTS_FUZZ_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* Plays one input.  A finding is a crash, a sanitizer's report or a failed promise (`must`, assert); memory
 * from platform/base/alloc.h must be given back.  Always returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes);

/* Not assert: it must hold in release builds of the fuzzer too. */
static inline void must(bool holds)
{
    if (!holds) {
        abort();
    }
}

#endif
