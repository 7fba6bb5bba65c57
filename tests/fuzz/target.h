/* What each *_fuzz.c defines; the name is libFuzzer's. */
#ifndef TP_TESTS_FUZZ_TARGET_H
#define TP_TESTS_FUZZ_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* Plays one input.  A finding is a crash, a sanitizer's report or a failed promise (`must`,
 * assert); memory from platform/base/alloc.h must be given back.  Always returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes);

/* A target that needs something which lives from input to input makes it here, and gives it back at
 * exit, where it looks that all memory is.  Others do not define it. */
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* Not assert: it must hold in release builds of the fuzzer too. */
static inline void must(bool holds)
{
    if (!holds) {
        abort();
    }
}

#endif
