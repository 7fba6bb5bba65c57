/* What each *_fuzz.c defines; the name is libFuzzer's. */
#ifndef TP_TESTS_FUZZ_TARGET_H
#define TP_TESTS_FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

/* Plays one input.  A finding is a crash, a sanitizer's report or a failed assert; memory from
 * platform/base/alloc.h must be given back.  Always returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes);

#endif
