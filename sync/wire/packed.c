/* The tail of a body, and changes that part with their salts.
 *
 *     whole    head of the map | 00 | 48 | salt (8) | the rest      11 bytes or more
 *     packed   head of the map | the rest                           a byte string
 *     else     [whole]                                              an array of one byte string
 *
 * Nothing but the length and bytes 1 and 2 decides, and both ways are one to one: what is no change
 * travels as well, and is judged by its own bytes. */
#include "sync/wire/packed.h"

#include <assert.h>

enum { KEY_AT = 1, SALT_AT = 3, REST_AT = SALT_AT + TP_SALT_BYTES };

static const uint8_t salt_key[] = {0x00, 0x40 | TP_SALT_BYTES}; /* key 0, a string of 8 bytes */

static const char short_tail[] = "a tail that is too short";

static bool has_salt(tp_slice change)
{
    return change.bytes >= REST_AT && memcmp(change.at + KEY_AT, salt_key, sizeof salt_key) == 0;
}

void tp_packed_change_put(tp_cbor_writer *writer, tp_slice change, tp_buf *salts)
{
    if (!has_salt(change)) {
        tp_cbor_put_array(writer, 1);
        tp_cbor_put_bytes(writer, change);
        return;
    }
    tp_cbor_put_bytes_head(writer, change.bytes - TP_PACKED_AWAY_BYTES);
    tp_cbor_put_raw(writer, tp_slice_of(change.at, KEY_AT));
    tp_cbor_put_raw(writer, tp_slice_of(change.at + REST_AT, change.bytes - REST_AT));
    if (writer->rc == TP_OK) {
        writer->rc = tp_buf_add(salts, change.at + SALT_AT, TP_SALT_BYTES, writer->err);
    }
}

tp_packed_change tp_packed_change_read(tp_cbor_reader *reader, size_t bytes_max)
{
    tp_packed_change packed = {{NULL, 0}, true};
    if (tp_cbor_peek(reader) == TP_CBOR_ARRAY) {
        packed.has_salt = false;
        tp_cbor_array_of(reader, 1);
    }
    packed.bytes = tp_cbor_bytes(reader, bytes_max);
    if (reader->rc != TP_OK) {
        return packed;
    }
    if (packed.has_salt && packed.bytes.bytes == 0) {
        tp_cbor_fail(reader, TP_CORRUPT, "a packed change of no bytes");
    } else if (!packed.has_salt && has_salt(packed.bytes)) {
        tp_cbor_fail(reader, TP_CORRUPT, "a change that is not packed and could be");
    } else if (tp_packed_change_bytes(&packed) > bytes_max) {
        tp_cbor_fail(reader, TP_LIMIT, "a change too long");
    }
    return packed;
}

size_t tp_packed_change_bytes(const tp_packed_change *packed)
{
    return packed->bytes.bytes + (packed->has_salt ? TP_PACKED_AWAY_BYTES : 0);
}

tp_rc tp_packed_room(const tp_cbor_reader *reader, uint32_t count, tp_buf *changes, tp_err *err)
{
    uint8_t *ignored = NULL;
    if (count == 0) {
        return TP_OK;
    }
    return tp_buf_reserve(changes, reader->left + (size_t)count * TP_PACKED_AWAY_BYTES, &ignored,
                          err);
}

static void append(tp_buf *out, const uint8_t *at, size_t bytes)
{
    if (bytes > 0) {
        memcpy(out->at + out->bytes, at, bytes);
        out->bytes += bytes;
    }
}

tp_slice tp_packed_change_unpack(const tp_packed_change *packed, tp_cbor_reader *reader,
                                 tp_reader *tail, tp_buf *changes)
{
    size_t bytes_before = changes->bytes;
    size_t bytes = tp_packed_change_bytes(packed);
    tp_slice salt = tp_reader_take(tail, packed->has_salt ? TP_SALT_BYTES : 0);
    if (tail->failed) {
        tp_cbor_fail(reader, TP_CORRUPT, short_tail);
    }
    if (reader->rc != TP_OK || bytes == 0) {
        return tp_slice_of(NULL, 0);
    }
    assert(bytes <= changes->room - bytes_before);
    size_t head_bytes = packed->has_salt ? KEY_AT : 0;
    append(changes, packed->bytes.at, head_bytes);
    append(changes, salt_key, packed->has_salt ? sizeof salt_key : 0);
    append(changes, salt.at, salt.bytes);
    append(changes, packed->bytes.at + head_bytes, packed->bytes.bytes - head_bytes);
    return tp_slice_of(changes->at + bytes_before, bytes);
}

void tp_tail_copy(tp_cbor_reader *reader, tp_reader *tail, uint8_t *out, size_t bytes)
{
    tp_slice s = tp_reader_take(tail, bytes);
    if (tail->failed) {
        tp_cbor_fail(reader, TP_CORRUPT, short_tail);
        memset(out, 0, bytes);
        return;
    }
    memcpy(out, s.at, bytes);
}

void tp_tail_end(tp_cbor_reader *reader, const tp_reader *tail)
{
    if (tail->left > 0) {
        tp_cbor_fail(reader, TP_CORRUPT, "a tail that is too long");
    }
}
