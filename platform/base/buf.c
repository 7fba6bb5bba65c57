/* Growing bytes under a ceiling. */
#include "platform/base/buf.h"

#include "platform/base/alloc.h"

#include <stdarg.h>
#include <stdio.h>

void tp_buf_init(tp_buf *buf, size_t bytes_ceiling)
{
    memset(buf, 0, sizeof *buf);
    buf->bytes_ceiling = bytes_ceiling;
}

void tp_buf_done(tp_buf *buf)
{
    tp_free(buf->at);
    buf->at = NULL;
    buf->bytes = 0;
    buf->room = 0;
}

void tp_buf_clear(tp_buf *buf)
{
    buf->bytes = 0;
}

tp_rc tp_buf_reserve(tp_buf *buf, size_t bytes, uint8_t **at_out, tp_err *err)
{
    if (bytes > buf->bytes_ceiling - buf->bytes) {
        return tp_fail(err, TP_LIMIT, "more than %zu bytes", buf->bytes_ceiling);
    }
    size_t need = buf->bytes + bytes;
    if (need > buf->room || buf->at == NULL) {
        size_t room = buf->room < 64 ? 64 : buf->room;
        while (room < need) {
            room += room / 2;
        }
        uint8_t *at = tp_realloc(buf->at, room);
        if (at == NULL) {
            return tp_fail(err, TP_NOMEM, "no memory for %zu bytes", room);
        }
        buf->at = at;
        buf->room = room;
    }
    *at_out = buf->at + buf->bytes;
    return TP_OK;
}

tp_rc tp_buf_add(tp_buf *buf, const void *at, size_t bytes, tp_err *err)
{
    uint8_t *to = NULL;
    tp_rc rc = tp_buf_reserve(buf, bytes, &to, err);
    if (rc != TP_OK) {
        return rc;
    }
    if (bytes > 0) {
        memcpy(to, at, bytes);
        buf->bytes += bytes;
    }
    return TP_OK;
}

tp_rc tp_buf_add_slice(tp_buf *buf, tp_slice s, tp_err *err)
{
    return tp_buf_add(buf, s.at, s.bytes, err);
}

tp_rc tp_buf_add_str(tp_buf *buf, const char *text, tp_err *err)
{
    return tp_buf_add(buf, text, strlen(text), err);
}

tp_rc tp_buf_addf(tp_buf *buf, tp_err *err, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    va_list again;
    va_copy(again, args);
    int chars = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    uint8_t *to = NULL;
    /* One more for the zero byte that vsnprintf writes; it is not counted. */
    tp_rc rc = chars < 0 ? tp_fail(err, TP_INVALID, "text cannot be formatted")
                         : tp_buf_reserve(buf, (size_t)chars + 1, &to, err);
    if (rc == TP_OK) {
        vsnprintf((char *)to, (size_t)chars + 1, fmt, again);
        buf->bytes += (size_t)chars;
    }
    va_end(again);
    return rc;
}

const char *tp_buf_cstr(tp_buf *buf)
{
    tp_err ignored;
    uint8_t *to = NULL;
    if (tp_buf_reserve(buf, 1, &to, &ignored) != TP_OK) {
        return NULL;
    }
    *to = 0;
    return (const char *)buf->at;
}
