/* Borrowed bytes.  A slice owns nothing; the header of whoever hands it out says how long it lives.
 */
#ifndef TP_PLATFORM_BASE_SLICE_H
#define TP_PLATFORM_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct tp_slice {
    const uint8_t *at; /* NULL only when bytes is 0 */
    size_t bytes;
} tp_slice;

static inline tp_slice tp_slice_of(const void *at, size_t bytes)
{
    tp_slice s = {(const uint8_t *)at, bytes};
    return s;
}

/* The bytes of a C string without its end.  `text` may be NULL: then empty. */
static inline tp_slice tp_slice_str(const char *text)
{
    return tp_slice_of(text, text == NULL ? 0 : strlen(text));
}

static inline bool tp_slice_eq(tp_slice a, tp_slice b)
{
    return a.bytes == b.bytes && (a.bytes == 0 || memcmp(a.at, b.at, a.bytes) == 0);
}

static inline bool tp_slice_is(tp_slice a, const char *text)
{
    return tp_slice_eq(a, tp_slice_str(text));
}

static inline bool tp_slice_begins(tp_slice a, const char *start)
{
    size_t bytes = strlen(start);
    return a.bytes >= bytes && memcmp(a.at, start, bytes) == 0;
}

/* For printf("%.*s", TP_SLICE_FMT(s)): only where the text is known to be printable. */
#define TP_SLICE_FMT(s) (int)(s).bytes, (const char *)(s).at

#endif
