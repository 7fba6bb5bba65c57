/* Memory that is given back all at once: for what is read together and shown together. */
#ifndef TP_PLATFORM_BASE_ARENA_H
#define TP_PLATFORM_BASE_ARENA_H

#include "platform/base/err.h"
#include "platform/base/slice.h"

/* An embedded value: init, use, done.  What it hands out stays where it is until then. */
typedef struct tp_arena {
    struct tp_arena_block *block; /* the newest; NULL: none yet */
    size_t used;                  /* of the newest */
    size_t bytes;                 /* of all blocks together */
    size_t bytes_ceiling;
} tp_arena;

/* Hands out no more than about `bytes_ceiling` in all. */
void tp_arena_init(tp_arena *arena, size_t bytes_ceiling);
/* Frees everything.  The arena may be used again. */
void tp_arena_done(tp_arena *arena);

/* Zeroed and aligned for any type.  Errors: LIMIT above the ceiling;  NOMEM. */
TP_MUST_USE tp_rc tp_arena_take(tp_arena *arena, size_t bytes, void **at_out, tp_err *err);
/* A copy.  Errors: LIMIT;  NOMEM. */
TP_MUST_USE tp_rc tp_arena_copy(tp_arena *arena, tp_slice s, tp_slice *copy_out, tp_err *err);

#endif
