/* The node's message: what it knows of the hub, its clock, and the changes it pushes.
 * Source: sync/wire/FORMAT.md, Request. */
#ifndef TP_SYNC_WIRE_REQUEST_H
#define TP_SYNC_WIRE_REQUEST_H

#include "platform/base/buf.h"
#include "platform/base/limits.h"
#include "schema/change.h"
#include "sync/wire/chain.h"
#include "sync/wire/cbor.h"
#include "sync/wire/handed.h"
#include "sync/wire/held.h"
#include "sync/wire/meant.h"
#include "sync/wire/packed.h"

enum { TP_CURSOR_TAG_BYTES = 16, TP_CHAIN_START_BYTES = 8, TP_PUSH_SIGNATURE_BYTES = 64 };

/* What a device knows of one era of its clock: its first and last reading in it. */
typedef struct tp_era_span {
    uint32_t era;
    uint32_t boot; /* the first era of the same start of the machine: 1..era */
    int64_t first_up_ms;
    int64_t first_skew_ms; /* wall - up at the first */
    int64_t last_up_ms;
    int64_t last_skew_ms;
    uint32_t start; /* which start of which machine it is of (tp_era_start); 0: not told */
} tp_era_span;

/* The header; zero: absent. */
typedef struct tp_request {
    uint64_t cursor;                            /* feed position this device holds up to */
    uint8_t cursor_tag[TP_CURSOR_TAG_BYTES];    /* the hub's, with that cursor; none at 0 */
    tp_era_reading clock;                       /* read when the request is built; always sent */
    uint64_t first_seq;                         /* of the changes; 0: none are pushed */
    uint8_t chain_start[TP_CHAIN_START_BYTES];  /* the first bytes of h after the last of them */
    uint8_t signature[TP_PUSH_SIGNATURE_BYTES]; /* over the whole h, by the device's key */
    uint64_t receipt;                           /* give-backs done up to this position */
    uint64_t directory_version;                 /* held */
    bool more;                                  /* more changes wait to be pushed */
    tp_slice csr;                               /* PEM or DER, to renew the certificate */
    uint64_t generation;                        /* of the hub, as this device knows it */
    uint32_t items_max;                         /* most items wanted; 0: as many as the hub likes */
    bool wants_left;                            /* how many items stay behind is to be counted */
    bool wants_spans;                           /* sums of what is held, after spans_after */
    tp_name spans_after;                        /* none: from the first name on */
    uint32_t ranges_count;
    tp_name_range ranges[TP_HELD_RANGES_MAX]; /* what is held of these is to be named; ascending */
    uint32_t wanted_count;
    tp_name wanted[TP_HELD_WANTED_MAX]; /* these are to be sent again; ascending */
    bool has_proof;                     /* the changes pushed were accepted before */
    tp_push_proof proof;
    uint64_t missing_upto; /* own changes up to here are on this device no more; 0: none are */
    uint8_t missing_h[TP_CHAIN_BYTES]; /* h after them */
    bool has_claim;                    /* an earlier push that the hub does not know of */
    tp_push_claim claim;
    bool is_settling;  /* with a hub that went back: not everything was compared yet */
    bool wants_stamps; /* sums and names are to count the stamps as well */
    tp_slice meant;    /* what names mean in what is pushed again or handed (meant.h) */
    bool is_again;     /* the changes pushed were told to be accepted, before the hub went back */
    uint32_t start;    /* as that of an era: of the one in `clock`; 0: no era's is told */
    uint32_t handed_count;
    uint32_t eras_count;
    tp_era_span eras[TP_REQUEST_ERAS_MAX]; /* ascending by era */
    tp_handed handed[TP_HANDED_MAX];       /* what the hub may have lost; ascending by name */
} tp_request;

/* Is the era of its clock among those it tells? */
bool tp_request_tells_present(const tp_request *head);

/* Takes changes one at a time, until they are as many as one request may carry.  Init, use,
 * done. */
typedef struct tp_request_writer {
    tp_buf items;
    tp_buf salts;
    uint32_t count;
    uint32_t count_max;
    size_t bytes_max;
} tp_request_writer;

/* Units:  bytes_max = inflated bytes of changes, 1..TP_BATCH_BYTES_MAX; the first change always has
 *         room.  count_max = 1..TP_BATCH_CHANGES_MAX. */
void tp_request_writer_init(tp_request_writer *writer, size_t bytes_max, uint32_t count_max);
void tp_request_writer_done(tp_request_writer *writer);
/* The next change in order of seq.  Errors: LIMIT the request is full, nothing was added;
 * NOMEM. */
TP_MUST_USE tp_rc tp_request_writer_add(tp_request_writer *writer, tp_slice change, tp_err *err);
/* Appends the message (not yet deflated) and its tail.  first_seq, chain_start and signature are
 * written where the writer holds changes.  Errors: INVALID a number out of range, no first_seq;
 * LIMIT the ceiling of a buffer;  NOMEM.  On error both are as before. */
TP_MUST_USE tp_rc tp_request_writer_end(const tp_request_writer *writer, const tp_request *head,
                                        tp_buf *message, tp_buf *tail, tp_err *err);

typedef struct tp_request_reader {
    tp_request head;
    uint32_t count; /* changes in it: head.first_seq, + 1 ... */
    uint32_t at;    /* changes handed out */
    tp_cbor_reader items;
    tp_reader changes; /* whole, of the items still to come */
} tp_request_reader;

/* Reads a message and its tail whole: what it accepts is well formed to the last byte of both,
 * though the changes in it are not looked into.
 * Owns:   *out borrows from `message` and from `changes`, which is emptied first (its ceiling:
 *         TP_UNPACKED_BYTES_MAX).
 * Errors: CORRUPT not a request;  LIMIT more eras or changes than one request may carry;  NOMEM. */
TP_MUST_USE tp_rc tp_request_decode(tp_slice message, tp_slice tail, tp_buf *changes,
                                    tp_request_reader *out, tp_err *err);
/* The next change: its seq, its bytes.  False after the last. */
bool tp_request_next(tp_request_reader *reader, uint64_t *seq_out, tp_slice *change_out);

#endif
