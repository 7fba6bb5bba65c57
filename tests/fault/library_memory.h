/* The memory of the libraries that have no hook for it, or whose hook the program does not use:
 * mbedTLS (Debian's is built without one), OpenSSL, libcurl, qrencode.  A call of malloc, calloc,
 * realloc or strdup that comes from one of them is counted, and fails on demand.  zlib's is
 * tp_alloc's, jansson's a fault point beside it, SQLite's is sweep.c's; libcbor asks for none. */
#ifndef TP_TESTS_FAULT_LIBRARY_MEMORY_H
#define TP_TESTS_FAULT_LIBRARY_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

/* The nth call from now (1: the next) fails, and all after it where it goes on; 0: none.  Counts
 * anew. */
void library_memory_set_fault(uint64_t nth, bool goes_on);
/* How many calls since. */
uint64_t library_memory_calls(void);

/* Instead: each call asks whether it fails, in the thread that makes it.  NULL: nobody is asked.
 * It must not ask for memory. */
void library_memory_judge_by(bool (*is_short)(void));

#endif
