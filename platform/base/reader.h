/* Bounded reading of foreign bytes.  The first read past the end makes the reader fail for good,
 * every later read gives zeros; the caller checks once, at the end. */
#ifndef TP_PLATFORM_BASE_READER_H
#define TP_PLATFORM_BASE_READER_H

#include "platform/base/slice.h"

typedef struct tp_reader {
    const uint8_t *at;
    size_t left;
    bool failed; /* sticky */
} tp_reader;

static inline tp_reader tp_reader_of(tp_slice s)
{
    tp_reader r = {s.at, s.bytes, false};
    return r;
}

/* `bytes` borrowed from the source, or an empty slice and a failed reader. */
static inline tp_slice tp_reader_take(tp_reader *r, size_t bytes)
{
    if (r->failed || bytes > r->left) {
        r->failed = true;
        return tp_slice_of(NULL, 0);
    }
    tp_slice s = tp_slice_of(r->at, bytes);
    if (bytes > 0) {
        r->at += bytes;
        r->left -= bytes;
    }
    return s;
}

/* A big-endian unsigned number of 1 to 8 bytes. */
static inline uint64_t tp_reader_uint(tp_reader *r, size_t bytes)
{
    tp_slice s = tp_reader_take(r, bytes);
    uint64_t n = 0;
    for (size_t i = 0; i < s.bytes; i++) {
        n = n << 8 | s.at[i];
    }
    return n;
}

/* True if everything was read and nothing failed. */
static inline bool tp_reader_is_done(const tp_reader *r)
{
    return !r->failed && r->left == 0;
}

#endif
