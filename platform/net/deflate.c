/* Raw deflate with a preset dictionary. */
#include "platform/net/deflate.h"

#include "platform/base/alloc.h"

#include <limits.h>
#include <zlib.h>

enum {
    RAW_WINDOW_BITS = -15, /* below 0: no zlib header; 32 KiB window, which holds the dictionary */
    MEMORY_LEVEL = 8,
    OUT_STEP_BYTES = 4096 /* how far the output grows at once */
};

/* At its level 4 zlib looks at up to 16 earlier places for the longest match, and half of what a
 * page costs the hub is that.  At 8 of them a bulk message of changes is deflated in 0.78 of the
 * time and is 1.8 % larger; levels 3 and 2 save less time for more bytes.  The other three are
 * zlib's own. */
enum { BULK_LEVEL = 4, BULK_GOOD = 4, BULK_LAZY = 4, BULK_NICE = 16, BULK_CHAIN = 8 };

struct tp_deflate {
    z_stream stream;
    int level;
};

struct tp_inflate {
    z_stream stream;
};

static voidpf zlib_alloc(voidpf ctx, uInt items, uInt bytes)
{
    (void)ctx;
    return tp_alloc((size_t)items * bytes);
}

static void zlib_free(voidpf ctx, voidpf block)
{
    (void)ctx;
    tp_free(block);
}

static tp_rc fail_zlib(tp_err *err, tp_rc rc, int code, const char *what)
{
    return tp_fail_from(err, rc, TP_ORIGIN_ZLIB, code, "%s", what);
}

tp_rc tp_deflate_new(int level, tp_deflate **deflate_out, tp_err *err)
{
    *deflate_out = NULL;
    if (level < 1 || level > 9) {
        return tp_fail(err, TP_INVALID, "deflate level %d is not 1 to 9", level);
    }
    tp_deflate *deflate = tp_alloc(sizeof *deflate);
    if (deflate == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory for deflate");
    }
    deflate->stream.zalloc = zlib_alloc;
    deflate->stream.zfree = zlib_free;
    deflate->level = level;
    int code = deflateInit2(&deflate->stream, level, Z_DEFLATED, RAW_WINDOW_BITS, MEMORY_LEVEL,
                            Z_DEFAULT_STRATEGY);
    if (code != Z_OK) {
        tp_free(deflate);
        return fail_zlib(err, TP_NOMEM, code, "no memory for deflate");
    }
    *deflate_out = deflate;
    return TP_OK;
}

void tp_deflate_free(tp_deflate *deflate)
{
    if (deflate != NULL) {
        (void)deflateEnd(&deflate->stream);
        tp_free(deflate);
    }
}

/* Lends zlib the next room of `out`; *bytes_out says how much, at least one byte.  LIMIT at the
 * ceiling. */
static tp_rc lend_room(z_stream *stream, tp_buf *out, size_t *bytes_out, tp_err *err)
{
    size_t left = out->bytes_ceiling - out->bytes;
    size_t bytes = left < OUT_STEP_BYTES ? left : OUT_STEP_BYTES;
    uint8_t *at = NULL;
    tp_rc rc = tp_buf_reserve(out, bytes == 0 ? 1 : bytes, &at, err);
    if (rc == TP_OK) {
        stream->next_out = at;
        stream->avail_out = (uInt)bytes;
        *bytes_out = bytes;
    }
    return rc;
}

static void lend_input(z_stream *stream, tp_slice in)
{
    stream->next_in = (z_const Bytef *)(uintptr_t)in.at;
    stream->avail_in = (uInt)in.bytes;
}

static tp_rc deflate_all(z_stream *stream, tp_buf *out, tp_err *err)
{
    int code = Z_OK;
    while (code != Z_STREAM_END) {
        size_t room = 0;
        tp_rc rc = lend_room(stream, out, &room, err);
        if (rc != TP_OK) {
            return rc;
        }
        code = deflate(stream, Z_FINISH);
        if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
            return fail_zlib(err, TP_IO, code, "deflate failed");
        }
        out->bytes += room - stream->avail_out;
    }
    return TP_OK;
}

tp_rc tp_deflate_run(tp_deflate *deflate, tp_slice dictionary, tp_slice in, tp_buf *out,
                     tp_err *err)
{
    z_stream *stream = &deflate->stream;
    size_t bytes_before = out->bytes;
    if (in.bytes > UINT_MAX || dictionary.bytes > UINT_MAX) {
        return tp_fail(err, TP_LIMIT, "a message of %zu bytes is too long to deflate", in.bytes);
    }
    int code = deflateReset(stream); /* and everything that was tuned */
    if (code == Z_OK && deflate->level == BULK_LEVEL) {
        code = deflateTune(stream, BULK_GOOD, BULK_LAZY, BULK_NICE, BULK_CHAIN);
    }
    if (code == Z_OK && dictionary.bytes > 0) {
        code = deflateSetDictionary(stream, dictionary.at, (uInt)dictionary.bytes);
    }
    if (code != Z_OK) {
        return fail_zlib(err, TP_IO, code, "deflate cannot begin");
    }
    lend_input(stream, in);
    tp_rc rc = deflate_all(stream, out, err);
    if (rc != TP_OK) {
        out->bytes = bytes_before;
    }
    return rc;
}

tp_rc tp_inflate_new(tp_inflate **inflate_out, tp_err *err)
{
    *inflate_out = NULL;
    tp_inflate *inflate = tp_alloc(sizeof *inflate);
    if (inflate == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory for inflate");
    }
    inflate->stream.zalloc = zlib_alloc;
    inflate->stream.zfree = zlib_free;
    int code = inflateInit2(&inflate->stream, RAW_WINDOW_BITS);
    if (code != Z_OK) {
        tp_free(inflate);
        return fail_zlib(err, TP_NOMEM, code, "no memory for inflate");
    }
    *inflate_out = inflate;
    return TP_OK;
}

void tp_inflate_free(tp_inflate *inflate)
{
    if (inflate != NULL) {
        (void)inflateEnd(&inflate->stream);
        tp_free(inflate);
    }
}

/* At the ceiling the message may still end without one more byte: a byte of our own lets zlib say
 * so. */
static tp_rc inflate_at_ceiling(z_stream *stream, size_t bytes_ceiling, int *code_out, tp_err *err)
{
    uint8_t over = 0;
    stream->next_out = &over;
    stream->avail_out = 1;
    *code_out = inflate(stream, Z_NO_FLUSH);
    return stream->avail_out == 1
               ? TP_OK
               : tp_fail(err, TP_LIMIT, "inflates to more than %zu bytes", bytes_ceiling);
}

static tp_rc inflate_step(z_stream *stream, tp_buf *out, int *code_out, tp_err *err)
{
    if (out->bytes == out->bytes_ceiling) {
        return inflate_at_ceiling(stream, out->bytes_ceiling, code_out, err);
    }
    size_t room = 0;
    tp_rc rc = lend_room(stream, out, &room, err);
    if (rc == TP_OK) {
        *code_out = inflate(stream, Z_NO_FLUSH);
        out->bytes += room - stream->avail_out;
    }
    return rc;
}

static tp_rc inflate_all(z_stream *stream, tp_buf *out, tp_err *err)
{
    int code = Z_OK;
    while (code == Z_OK) {
        tp_rc rc = inflate_step(stream, out, &code, err);
        if (rc != TP_OK) {
            return rc;
        }
    }
    if (code == Z_MEM_ERROR) {
        return fail_zlib(err, TP_NOMEM, code, "no memory for inflate");
    }
    if (code == Z_BUF_ERROR) {
        return fail_zlib(err, TP_CORRUPT, code, "a deflated message is cut short");
    }
    if (code != Z_STREAM_END) {
        return fail_zlib(err, TP_CORRUPT, code, "not a deflated message, or another dictionary");
    }
    return TP_OK;
}

tp_rc tp_inflate_run(tp_inflate *inflate, tp_slice dictionary, tp_slice in, tp_buf *out,
                     tp_slice *rest_out, tp_err *err)
{
    z_stream *stream = &inflate->stream;
    size_t bytes_before = out->bytes;
    if (in.bytes > UINT_MAX || dictionary.bytes > UINT_MAX) {
        return tp_fail(err, TP_LIMIT, "a message of %zu bytes is too long to inflate", in.bytes);
    }
    int code = inflateReset(stream);
    if (code == Z_OK && dictionary.bytes > 0) {
        code = inflateSetDictionary(stream, dictionary.at, (uInt)dictionary.bytes);
    }
    if (code != Z_OK) {
        return fail_zlib(err, code == Z_MEM_ERROR ? TP_NOMEM : TP_IO, code, "inflate cannot begin");
    }
    lend_input(stream, in);
    tp_rc rc = inflate_all(stream, out, err);
    if (rc != TP_OK) {
        out->bytes = bytes_before;
        return rc;
    }
    *rest_out = tp_slice_of(in.at + (in.bytes - stream->avail_in), stream->avail_in);
    return TP_OK;
}
