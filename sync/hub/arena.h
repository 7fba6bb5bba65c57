/* Memory for one piece of work, given back all at once. */
#ifndef TP_SYNC_HUB_ARENA_H
#define TP_SYNC_HUB_ARENA_H

#include "platform/base/err.h"
#include "platform/base/slice.h"

typedef struct tp_hub_arena_block tp_hub_arena_block;

/* An embedded value: init, take, clear or done. */
typedef struct tp_hub_arena {
    tp_hub_arena_block *last; /* NULL: empty */
    size_t block_bytes;       /* of an ordinary block */
    size_t bytes;             /* taken since the last clear */
    size_t bytes_ceiling;
} tp_hub_arena;

void tp_hub_arena_init(tp_hub_arena *arena, size_t block_bytes, size_t bytes_ceiling);
/* Keeps one ordinary block for the next piece of work. */
void tp_hub_arena_clear(tp_hub_arena *arena);
void tp_hub_arena_done(tp_hub_arena *arena);

/* Zeroed, aligned for everything.  NULL: out of memory or above the ceiling. */
void *tp_hub_arena_take(tp_hub_arena *arena, size_t bytes);
/* A copy.  *out is set on success only.  Errors: NOMEM. */
TP_MUST_USE tp_rc tp_hub_arena_copy(tp_hub_arena *arena, tp_slice from, tp_slice *out, tp_err *err);

#endif
