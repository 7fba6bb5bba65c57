/* Memory in blocks, for one piece of work. */
#include "sync/hub/arena.h"

#include "platform/base/alloc.h"

#include <stdalign.h>

struct tp_hub_arena_block {
    tp_hub_arena_block *before;
    size_t room;
    size_t used;
    alignas(max_align_t) uint8_t at[];
};

void tp_hub_arena_init(tp_hub_arena *arena, size_t block_bytes, size_t bytes_ceiling)
{
    memset(arena, 0, sizeof *arena);
    arena->block_bytes = block_bytes;
    arena->bytes_ceiling = bytes_ceiling;
}

void tp_hub_arena_clear(tp_hub_arena *arena)
{
    tp_hub_arena_block *kept = NULL;
    while (arena->last != NULL) {
        tp_hub_arena_block *block = arena->last;
        arena->last = block->before;
        if (kept == NULL && block->room == arena->block_bytes) {
            kept = block;
            memset(kept->at, 0, kept->used);
        } else {
            tp_free(block);
        }
    }
    if (kept != NULL) {
        kept->before = NULL;
        kept->used = 0;
    }
    arena->last = kept;
    arena->bytes = 0;
}

void tp_hub_arena_done(tp_hub_arena *arena)
{
    tp_hub_arena_clear(arena);
    tp_free(arena->last);
    arena->last = NULL;
}

void *tp_hub_arena_take(tp_hub_arena *arena, size_t bytes)
{
    size_t step = alignof(max_align_t);
    if (bytes > arena->bytes_ceiling || arena->bytes > arena->bytes_ceiling - bytes) {
        return NULL;
    }
    bytes = (bytes + step - 1) / step * step;
    tp_hub_arena_block *block = arena->last;
    if (block == NULL || block->room - block->used < bytes) {
        size_t room = bytes > arena->block_bytes ? bytes : arena->block_bytes;
        block = tp_alloc(sizeof *block + room);
        if (block == NULL) {
            return NULL;
        }
        block->room = room;
        block->before = arena->last;
        arena->last = block;
    }
    void *at = block->at + block->used;
    block->used += bytes;
    arena->bytes += bytes;
    return at;
}

tp_rc tp_hub_arena_copy(tp_hub_arena *arena, tp_slice from, tp_slice *out, tp_err *err)
{
    uint8_t *at = tp_hub_arena_take(arena, from.bytes == 0 ? 1 : from.bytes);
    if (at == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory for what is judged");
    }
    if (from.bytes > 0) {
        memcpy(at, from.at, from.bytes);
    }
    *out = tp_slice_of(at, from.bytes);
    return TP_OK;
}
