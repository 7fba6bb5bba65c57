/* Memory with a count of what lives. */
#include "platform/base/alloc.h"

#include "platform/base/fault.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static atomic_size_t live;

void *tp_alloc(size_t bytes)
{
    void *block = tp_fault("alloc") ? NULL : calloc(1, bytes == 0 ? 1 : bytes);
    if (block != NULL) {
        atomic_fetch_add(&live, 1);
    }
    return block;
}

void *tp_realloc(void *block, size_t bytes)
{
    if (block == NULL) {
        return tp_alloc(bytes);
    }
    return tp_fault("alloc") ? NULL : realloc(block, bytes == 0 ? 1 : bytes);
}

void tp_free(void *block)
{
    if (block != NULL) {
        atomic_fetch_sub(&live, 1);
        free(block);
    }
}

static _Thread_local bool was_short;

void *tp_alloc_for_library(size_t bytes)
{
    void *block = tp_fault("alloc.library") ? NULL : malloc(bytes == 0 ? 1 : bytes);
    was_short = was_short || block == NULL;
    return block;
}

void *tp_realloc_for_library(void *block, size_t bytes)
{
    void *longer = tp_fault("alloc.library") ? NULL : realloc(block, bytes == 0 ? 1 : bytes);
    was_short = was_short || longer == NULL;
    return longer;
}

void tp_free_for_library(void *block)
{
    free(block);
}

bool tp_alloc_library_was_short(void)
{
    const bool was = was_short;
    was_short = false;
    return was;
}

size_t tp_alloc_live(void)
{
    return atomic_load(&live);
}
