/* The only way to memory.  Counts what lives, so that a test can assert that nothing is left, and
 * is a fault point ("alloc") in test builds. */
#ifndef TP_PLATFORM_BASE_ALLOC_H
#define TP_PLATFORM_BASE_ALLOC_H

#include <stdbool.h>
#include <stddef.h>

/* Zeroed memory, or NULL.  bytes 0 gives a block of one byte. */
void *tp_alloc(size_t bytes);

/* Grows or shrinks a block from tp_alloc (NULL: a new one).  NULL on failure: the old block stays.
 * New bytes are not zeroed. */
void *tp_realloc(void *block, size_t bytes);

/* Takes NULL. */
void tp_free(void *block);

/* For a library that goes on where it was refused memory, and whose result then says less than it
 * should: what was refused is noted, thread by thread.  Not counted with the rest; a fault point of
 * its own ("alloc.library"). */
void *tp_alloc_for_library(size_t bytes);
void *tp_realloc_for_library(void *block, size_t bytes); /* NULL: a new one */
void tp_free_for_library(void *block);                   /* takes NULL */
/* Whether this thread was refused some since it last asked. */
bool tp_alloc_library_was_short(void);

/* Blocks handed out and not freed yet, over all threads. */
size_t tp_alloc_live(void);

#endif
