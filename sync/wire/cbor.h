/* Bounded reading and writing of the CBOR that Teapot uses: RFC 8949 in its deterministic form
 * (section 4.2.1) and no more of it than integers, byte and text strings, arrays, maps, false, true
 * and null. Each value has one form; the reader refuses every other.  The one place that meets
 * libcbor, whose encoders write the heads.
 * Source: sync/wire/FORMAT.md, CBOR. */
#ifndef TP_SYNC_WIRE_CBOR_H
#define TP_SYNC_WIRE_CBOR_H

#include "platform/base/buf.h"

typedef enum tp_cbor_type {
    TP_CBOR_FAILED = 0, /* the end, or the reader has failed */
    TP_CBOR_UINT,
    TP_CBOR_NEGATIVE,
    TP_CBOR_BYTES,
    TP_CBOR_TEXT,
    TP_CBOR_ARRAY,
    TP_CBOR_MAP,
    TP_CBOR_BOOL,
    TP_CBOR_NULL
} tp_cbor_type;

/* Reads one item after another.  The first trouble makes it fail for good; every later read gives
 * zeros; the caller checks once, at the end. */
typedef struct tp_cbor_reader {
    const uint8_t *at;
    size_t left;
    const char *why; /* what was wrong, static; NULL: nothing so far */
    tp_rc rc;        /* OK, CORRUPT or LIMIT */
} tp_cbor_reader;

tp_cbor_reader tp_cbor_reader_of(tp_slice bytes);
/* Fails the reader, if it has not failed before. */
void tp_cbor_fail(tp_cbor_reader *reader, tp_rc rc, const char *why);
/* OK if all was read and nothing was wrong; `what` says whose bytes these are. */
TP_MUST_USE tp_rc tp_cbor_end(tp_cbor_reader *reader, const char *what, tp_err *err);

/* The type of the next item, not yet read; FAILED at the end too. */
tp_cbor_type tp_cbor_peek(const tp_cbor_reader *reader);

/* Each reads one item of its type and range; anything else fails the reader. */
uint64_t tp_cbor_uint(tp_cbor_reader *reader, uint64_t max);
int64_t tp_cbor_int(tp_cbor_reader *reader, int64_t min, int64_t max);
tp_slice tp_cbor_bytes(tp_cbor_reader *reader, size_t bytes_max);
/* Valid UTF-8. */
tp_slice tp_cbor_text(tp_cbor_reader *reader, size_t bytes_max);
bool tp_cbor_bool(tp_cbor_reader *reader);
/* Exactly so many bytes, copied.  `out` is zeroed on failure. */
void tp_cbor_copy(tp_cbor_reader *reader, uint8_t *out, size_t bytes);
/* The count of an array whose items follow.  More than `count_max`: LIMIT. */
uint32_t tp_cbor_array(tp_cbor_reader *reader, uint32_t count_max);
/* An array of just so many. */
void tp_cbor_array_of(tp_cbor_reader *reader, uint32_t count);
/* Passes over one whole item, whatever it is, no deeper than TP_CBOR_DEPTH_MAX, and checks its
 * form. Returns its bytes, borrowed. */
tp_slice tp_cbor_skip(tp_cbor_reader *reader);

/* A map with unsigned keys, read pair by pair.  Keys must ascend. */
typedef struct tp_cbor_map {
    uint32_t left; /* pairs not yet read */
    bool has_key;
    uint64_t key; /* the last one */
} tp_cbor_map;

tp_cbor_map tp_cbor_map_of(tp_cbor_reader *reader, uint32_t count_max);
/* The next key; its value is then to be read.  False after the last and on failure. */
bool tp_cbor_map_next(tp_cbor_map *map, tp_cbor_reader *reader, uint64_t *key_out);

/* An array in the middle of a message, to be read item by item later. */
typedef struct tp_cbor_list {
    tp_cbor_reader reader; /* at its next item */
    uint32_t left;
} tp_cbor_list;

/* The next item of a list is to be read from list->reader.  False after the last and on failure. */
bool tp_cbor_list_next(tp_cbor_list *list);

/* Writes one item after another, each in its shortest form.  The first error sticks: later writes
 * do nothing, and the caller looks once, at `rc`. */
typedef struct tp_cbor_writer {
    tp_buf *out;
    tp_err *err;
    tp_rc rc;
} tp_cbor_writer;

tp_cbor_writer tp_cbor_writer_of(tp_buf *out, tp_err *err);
void tp_cbor_put_uint(tp_cbor_writer *writer, uint64_t n);
void tp_cbor_put_int(tp_cbor_writer *writer, int64_t n);
void tp_cbor_put_bytes(tp_cbor_writer *writer, tp_slice s);
/* The head of a byte string whose bytes follow raw. */
void tp_cbor_put_bytes_head(tp_cbor_writer *writer, size_t bytes);
void tp_cbor_put_text(tp_cbor_writer *writer, tp_slice s);
void tp_cbor_put_bool(tp_cbor_writer *writer, bool is_true);
void tp_cbor_put_null(tp_cbor_writer *writer);
void tp_cbor_put_array(tp_cbor_writer *writer, size_t count);
void tp_cbor_put_map(tp_cbor_writer *writer, size_t pairs);
/* Whole items already encoded. */
void tp_cbor_put_raw(tp_cbor_writer *writer, tp_slice items);

#endif
