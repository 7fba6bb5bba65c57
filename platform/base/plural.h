/* Counts in sentences. */
#ifndef TP_PLATFORM_BASE_PLURAL_H
#define TP_PLATFORM_BASE_PLURAL_H

#include <stdint.h>

/* The word that goes with a count: "1 change", "0 changes", "2 people". */
static inline const char *tp_plural(uint64_t count, const char *one, const char *many)
{
    return count == 1 ? one : many;
}

#endif
