/* What is random does not deflate, and trying takes time: it stands in a tail behind the deflated
 * message.  Here a change parts with its salt and is put together again.  Whatever its bytes are,
 * they travel.
 * Source: sync/wire/FORMAT.md, Body and Tail. */
#ifndef TP_SYNC_WIRE_PACKED_H
#define TP_SYNC_WIRE_PACKED_H

#include "platform/base/limits.h"
#include "platform/base/reader.h"
#include "sync/wire/cbor.h"
#include "sync/wire/change_bytes.h"

/* What packing takes out of a change: key 0, the head of its byte string, the salt. */
enum { TP_PACKED_AWAY_BYTES = 2 + TP_SALT_BYTES };

/* Ceiling of a buffer for the changes of one message, whole. */
#define TP_UNPACKED_BYTES_MAX (TP_MESSAGE_BYTES_MAX + TP_BATCH_CHANGES_MAX * TP_PACKED_AWAY_BYTES)

typedef struct tp_packed_change {
    tp_slice bytes; /* as they stand in the message */
    bool has_salt;  /* in the tail; false: these are the whole change */
} tp_packed_change;

/* Writes a change and, where it has one, appends its salt.  The first error sticks in the writer;
 * either buffer may have grown all the same. */
void tp_packed_change_put(tp_cbor_writer *writer, tp_slice change, tp_buf *salts);

/* Reads one whose whole is at most `bytes_max`; anything but its one form fails the reader. */
tp_packed_change tp_packed_change_read(tp_cbor_reader *reader, size_t bytes_max);

/* The bytes of the whole change. */
size_t tp_packed_change_bytes(const tp_packed_change *packed);

/* Makes room for `count` changes read from `reader`, so that none moves when the next is appended.
 * Errors: LIMIT the ceiling of `changes`;  NOMEM. */
TP_MUST_USE tp_rc tp_packed_room(const tp_cbor_reader *reader, uint32_t count, tp_buf *changes,
                                 tp_err *err);
/* Appends the whole change, with its salt from the tail, to room that was made; a tail that is too
 * short fails the reader. */
tp_slice tp_packed_change_unpack(const tp_packed_change *packed, tp_cbor_reader *reader,
                                 tp_reader *tail, tp_buf *changes);

/* The next bytes of the tail; zeros and a failed reader where it is too short. */
void tp_tail_copy(tp_cbor_reader *reader, tp_reader *tail, uint8_t *out, size_t bytes);
/* Fails the reader if the tail goes on. */
void tp_tail_end(tp_cbor_reader *reader, const tp_reader *tail);

#endif
