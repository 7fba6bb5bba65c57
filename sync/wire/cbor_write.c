/* The writer over libcbor's encoders, which choose the shortest head. */
#include "sync/wire/cbor.h"

#include <cbor.h>

enum { HEAD_BYTES_MAX = 9 };

typedef size_t (*encoder)(uint64_t, unsigned char *, size_t);
typedef size_t (*size_encoder)(size_t, unsigned char *, size_t);

static void put_number(tp_cbor_writer *writer, encoder encode, uint64_t n);
static void put_size(tp_cbor_writer *writer, size_encoder encode, size_t n);

tp_cbor_writer tp_cbor_writer_of(tp_buf *out, tp_err *err)
{
    tp_cbor_writer writer = {out, err, TP_OK};
    return writer;
}

void tp_cbor_put_uint(tp_cbor_writer *writer, uint64_t n)
{
    put_number(writer, cbor_encode_uint, n);
}

void tp_cbor_put_int(tp_cbor_writer *writer, int64_t n)
{
    if (n < 0) {
        put_number(writer, cbor_encode_negint, (uint64_t)(-1 - n));
    } else {
        put_number(writer, cbor_encode_uint, (uint64_t)n);
    }
}

void tp_cbor_put_bytes(tp_cbor_writer *writer, tp_slice s)
{
    tp_cbor_put_bytes_head(writer, s.bytes);
    tp_cbor_put_raw(writer, s);
}

void tp_cbor_put_bytes_head(tp_cbor_writer *writer, size_t bytes)
{
    put_size(writer, cbor_encode_bytestring_start, bytes);
}

void tp_cbor_put_text(tp_cbor_writer *writer, tp_slice s)
{
    put_size(writer, cbor_encode_string_start, s.bytes);
    tp_cbor_put_raw(writer, s);
}

void tp_cbor_put_bool(tp_cbor_writer *writer, bool is_true)
{
    uint8_t head = 0;
    cbor_encode_bool(is_true, &head, sizeof head);
    tp_cbor_put_raw(writer, tp_slice_of(&head, sizeof head));
}

void tp_cbor_put_null(tp_cbor_writer *writer)
{
    uint8_t head = 0;
    cbor_encode_null(&head, sizeof head);
    tp_cbor_put_raw(writer, tp_slice_of(&head, sizeof head));
}

void tp_cbor_put_array(tp_cbor_writer *writer, size_t count)
{
    put_size(writer, cbor_encode_array_start, count);
}

void tp_cbor_put_map(tp_cbor_writer *writer, size_t pairs)
{
    put_size(writer, cbor_encode_map_start, pairs);
}

void tp_cbor_put_raw(tp_cbor_writer *writer, tp_slice items)
{
    if (writer->rc == TP_OK && items.bytes > 0) {
        writer->rc = tp_buf_add_slice(writer->out, items, writer->err);
    }
}

static void put_number(tp_cbor_writer *writer, encoder encode, uint64_t n)
{
    uint8_t head[HEAD_BYTES_MAX];
    tp_cbor_put_raw(writer, tp_slice_of(head, encode(n, head, sizeof head)));
}

static void put_size(tp_cbor_writer *writer, size_encoder encode, size_t n)
{
    uint8_t head[HEAD_BYTES_MAX];
    tp_cbor_put_raw(writer, tp_slice_of(head, encode(n, head, sizeof head)));
}
