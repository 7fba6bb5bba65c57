/* Memory that is given back all at once. */
#include "platform/base/arena.h"

#include "platform/base/alloc.h"

enum { BLOCK_BYTES = 8192 };

struct tp_arena_block {
    struct tp_arena_block *before;
    size_t room;
    max_align_t at[]; /* so that the first byte is aligned for anything */
};

void tp_arena_init(tp_arena *arena, size_t bytes_ceiling)
{
    memset(arena, 0, sizeof *arena);
    arena->bytes_ceiling = bytes_ceiling;
}

void tp_arena_done(tp_arena *arena)
{
    while (arena->block != NULL) {
        struct tp_arena_block *before = arena->block->before;
        tp_free(arena->block);
        arena->block = before;
    }
    arena->used = 0;
    arena->bytes = 0;
}

tp_rc tp_arena_take(tp_arena *arena, size_t bytes, void **at_out, tp_err *err)
{
    *at_out = NULL;
    if (bytes > arena->bytes_ceiling) {
        return tp_fail(err, TP_LIMIT, "too much to be read at once");
    }
    bytes = (bytes + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
    if (arena->block == NULL || bytes > arena->block->room - arena->used) {
        size_t room = bytes > BLOCK_BYTES / 4 ? bytes : BLOCK_BYTES;
        if (arena->bytes + room > arena->bytes_ceiling + BLOCK_BYTES) {
            return tp_fail(err, TP_LIMIT, "too much to be read at once");
        }
        struct tp_arena_block *block = tp_alloc(sizeof *block + room);
        if (block == NULL) {
            return tp_fail(err, TP_NOMEM, "no memory left");
        }
        block->before = arena->block;
        block->room = room;
        arena->block = block;
        arena->used = 0;
        arena->bytes += room;
    }
    *at_out = (uint8_t *)arena->block->at + arena->used;
    arena->used += bytes;
    return TP_OK;
}

tp_rc tp_arena_copy(tp_arena *arena, tp_slice s, tp_slice *copy_out, tp_err *err)
{
    void *at = NULL;
    tp_rc rc = tp_arena_take(arena, s.bytes, &at, err);
    if (rc == TP_OK) {
        if (s.bytes > 0) {
            memcpy(at, s.at, s.bytes);
        }
        *copy_out = tp_slice_of(at, s.bytes);
    }
    return rc;
}
