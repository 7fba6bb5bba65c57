/* Owned bytes that grow up to a ceiling.  An embedded value: init, use, done. */
#ifndef TP_PLATFORM_BASE_BUF_H
#define TP_PLATFORM_BASE_BUF_H

#include "platform/base/err.h"
#include "platform/base/slice.h"

typedef struct tp_buf {
    uint8_t *at;          /* NULL until the first byte */
    size_t bytes;         /* in use */
    size_t room;          /* allocated */
    size_t bytes_ceiling; /* never more than this in use */
} tp_buf;

/* A buffer that will never hold more than `bytes_ceiling`. */
void tp_buf_init(tp_buf *buf, size_t bytes_ceiling);
/* Frees.  The buffer may be used again, empty, with the same ceiling. */
void tp_buf_done(tp_buf *buf);
/* Empties, keeps the room. */
void tp_buf_clear(tp_buf *buf);

/* Makes room for `bytes` more and returns where they go; the caller then adds to buf->bytes what it
 * wrote.  Errors: LIMIT above the ceiling; NOMEM. */
TP_MUST_USE tp_rc tp_buf_reserve(tp_buf *buf, size_t bytes, uint8_t **at_out, tp_err *err);

/* Appends.  Errors: LIMIT above the ceiling; NOMEM.  On error nothing is appended. */
TP_MUST_USE tp_rc tp_buf_add(tp_buf *buf, const void *at, size_t bytes, tp_err *err);
TP_MUST_USE tp_rc tp_buf_add_slice(tp_buf *buf, tp_slice s, tp_err *err);
TP_MUST_USE tp_rc tp_buf_add_str(tp_buf *buf, const char *text, tp_err *err);
TP_MUST_USE tp_rc tp_buf_addf(tp_buf *buf, tp_err *err, const char *fmt, ...) TP_PRINTF(3, 4);

/* What is in use, borrowed until the buffer changes. */
static inline tp_slice tp_buf_slice(const tp_buf *buf)
{
    return tp_slice_of(buf->at, buf->bytes);
}

/* The content as a C string: appends a zero byte that does not count.  NULL when memory is out or
 * the ceiling is reached.  Borrowed until the buffer changes. */
const char *tp_buf_cstr(tp_buf *buf);

#endif
