/* The hub's message: what became of a push, what is given back, what is new.
 * Source: sync/wire/FORMAT.md, Response. */
#ifndef TP_SYNC_WIRE_RESPONSE_H
#define TP_SYNC_WIRE_RESPONSE_H

#include "platform/base/buf.h"
#include "platform/base/limits.h"
#include "schema/change.h"
#include "sync/wire/cbor.h"
#include "sync/wire/page_devices.h"
#include "sync/wire/request.h"
#include "sync/wire/stamp_run.h"

/* What stands in the header once; zero: absent. */
typedef struct tp_response {
    uint64_t accepted;   /* everything up to this seq is at the hub */
    int64_t hub_ms;      /* hub time when the request's head arrived; always sent */
    uint64_t generation; /* of the hub; always sent */
    uint64_t cursor;     /* the new one */
    uint8_t cursor_tag[TP_CURSOR_TAG_BYTES]; /* with that cursor; none at 0 */
    bool more;                               /* more waits at the hub */
    uint64_t give_back_position;             /* the receipt for these give-backs; 0: none */
    uint64_t directory_version;              /* of the directory in this response; 0: none */
    tp_slice certificate;                    /* PEM, renewed */
    uint32_t protocol;                       /* version to use from now on; 0: as before */
    uint64_t left; /* items still to come, where that was asked and there are some */
    bool has_sum;  /* of what the device's agency may hold; with the last page */
    tp_held_sum sum;
    uint32_t ranges_named; /* of the ranges that were asked for: all that is held there is named */
    bool has_receipt;      /* for the push: all of it is at the hub */
    tp_push_receipt push_receipt;
    uint32_t handed_count;         /* of the changes that the request handed: what became of each */
    uint8_t handed[TP_HANDED_MAX]; /* tp_handed_verdict */
    uint64_t called[TP_HANDED_MAX];     /* the id under which the hub has it; 0: its own */
    uint64_t called_seq[TP_HANDED_MAX]; /* its seq there, where that is another; else 0 */
    bool is_back; /* the hub was put back and collects what it lost: it sends nothing of others */
    bool counts_stamps; /* the sums of spans and the digests of names do */
    uint64_t ahead;     /* the first seq behind `accepted` that others have handed; 0: none */
    uint8_t ahead_digest[TP_HELD_DIGEST_BYTES]; /* of that change */
    uint32_t to; /* tp_body_mark() of the request that it answers; 0: an older hub */
} tp_response;

/* A change in quarantine. */
typedef struct tp_refused {
    uint64_t seq;
    uint32_t code; /* TP_QUARANTINE_... in wire.h */
    tp_slice text;
} tp_refused;

typedef struct tp_agreement {
    int64_t from_ms;
    int64_t until_ms;
    bool is_open; /* no end */
} tp_agreement;

typedef struct tp_directory_agency {
    tp_slice id;
    tp_slice label;
    uint32_t agreements_count;
    tp_agreement agreements[TP_AGREEMENTS_MAX];
} tp_directory_agency;

typedef struct tp_directory_device {
    uint64_t device;
    tp_slice agency;
} tp_directory_device;

/* What the differences of a page's items are taken from. */
typedef struct tp_page_last {
    uint64_t position;
    uint64_t number;
    int64_t skew_ms;
} tp_page_last;

/* Collects the parts of a response, in any order of the parts.  Init, use, done.  About 25 KiB. */
typedef struct tp_response_writer {
    size_t bytes_max;
    uint32_t count_max;
    uint32_t count; /* items */
    uint32_t refused_count;
    uint64_t refused_seq; /* the last one */
    uint32_t others_count;
    uint32_t agencies_count;
    uint32_t directory_devices_count;
    uint32_t spans_count;
    uint32_t names_count;
    tp_page_last last;
    tp_stamp_runs stamps;
    tp_buf refused; /* each buffer but two: encoded items */
    tp_buf others;
    tp_buf give_backs; /* tp_name each, as the next */
    tp_buf erased;     /* those of give_backs that were erased */
    tp_buf agencies;
    tp_buf directory_devices;
    tp_buf spans;
    tp_buf names;
    tp_buf items;
    tp_buf tags;
    tp_buf salts;
    tp_page_devices devices;
} tp_response_writer;

/* Units: as tp_request_writer_init; bytes_max counts items, tags and salts. */
void tp_response_writer_init(tp_response_writer *writer, size_t bytes_max, uint32_t count_max);
void tp_response_writer_done(tp_response_writer *writer);

/* Each of these: Errors: LIMIT the part is full, nothing was added;  NOMEM;  INVALID out of
 * range. */
TP_MUST_USE tp_rc tp_response_writer_add_refused(tp_response_writer *writer, uint64_t seq,
                                                 uint32_t code, const char *text, tp_err *err);
/* One that was refused as TP_QUARANTINE_OTHER: by which name it is here.  Seqs ascend. */
TP_MUST_USE tp_rc tp_response_writer_add_other(tp_response_writer *writer, tp_name as, tp_err *err);
/* For each change of the push in order, the quarantined too: numbers follow each other.
 * Units: up_ms = the uptime in the change's reading; 0 where it has none that can be read. */
TP_MUST_USE tp_rc tp_response_writer_add_stamp(tp_response_writer *writer, int64_t up_ms,
                                               const tp_stamp *stamp, tp_err *err);
/* A change to be given back; in any order, each once.  The second: since its record was erased. */
TP_MUST_USE tp_rc tp_response_writer_add_give_back(tp_response_writer *writer, tp_name name,
                                                   tp_err *err);
TP_MUST_USE tp_rc tp_response_writer_add_erased(tp_response_writer *writer, tp_name name,
                                                tp_err *err);
TP_MUST_USE tp_rc tp_response_writer_add_agency(tp_response_writer *writer,
                                                const tp_directory_agency *agency, tp_err *err);
TP_MUST_USE tp_rc tp_response_writer_add_device(tp_response_writer *writer,
                                                const tp_directory_device *device, tp_err *err);
/* A sum of what is held, names ascending. */
TP_MUST_USE tp_rc tp_response_writer_add_span(tp_response_writer *writer, const tp_held_span *span,
                                              tp_err *err);
/* One that is held in the ranges that were asked for, names ascending. */
TP_MUST_USE tp_rc tp_response_writer_add_name(tp_response_writer *writer, const tp_held_name *name,
                                              tp_err *err);
/* An item of the feed, positions ascending.  LIMIT: the page is full; the first item always has
 * room. */
TP_MUST_USE tp_rc tp_response_writer_add_item(tp_response_writer *writer, const tp_entry *entry,
                                              tp_err *err);
/* Appends the message (not yet deflated) and its tail.  Errors: LIMIT the ceiling of a buffer;
 * NOMEM; INVALID.  On error both are as before. */
TP_MUST_USE tp_rc tp_response_writer_end(tp_response_writer *writer, const tp_response *head,
                                         tp_buf *message, tp_buf *tail, tp_err *err);

/* About 25 KiB: one for each session, not on a small stack. */
typedef struct tp_response_reader {
    tp_response head;
    tp_cbor_list refused;
    uint64_t refused_seq; /* the last one; they ascend */
    tp_cbor_list others;
    uint64_t other_seq; /* likewise */
    tp_stamp_runs_reader stamps;
    tp_cbor_list give_backs; /* devices */
    uint32_t give_backs_total;
    uint32_t give_backs_count;    /* handed out */
    uint32_t give_back_seqs_left; /* of the device at hand */
    tp_name give_back;            /* the last one */
    bool is_erased;               /* it was erased: why it is given back */
    tp_cbor_list erased;          /* places among the give-backs */
    uint32_t erased_at;           /* the next one, from 1; 0: none was read yet, or there is none */
    tp_cbor_list agencies;
    tp_cbor_list directory_devices;
    tp_cbor_list spans;
    tp_name span; /* the end of the last one */
    tp_cbor_list names;
    tp_name name; /* the last one */
    tp_cbor_list items;
    uint32_t count;       /* items */
    tp_reader tags;       /* of the items still to come */
    tp_reader salts;      /* likewise, while the message is decoded */
    tp_buf *unpacking;    /* where their changes go meanwhile; NULL afterwards */
    tp_reader changes;    /* whole, of the items still to come */
    uint32_t devices_met; /* in the items so far */
    tp_page_last last;
    tp_page_devices devices;
} tp_response_reader;

/* Reads a message and its tail whole: what it accepts is well formed to the last byte of both, so
 * that none of the readers below can fail on it.  Of the changes in it only the readings are looked
 * at.
 * Owns:   *out borrows from `message`, `tail` and `changes`, which is emptied first (its ceiling:
 *         TP_UNPACKED_BYTES_MAX).
 * Errors: CORRUPT not a response;  LIMIT more items or devices than one response may carry;
 *         NOMEM. */
TP_MUST_USE tp_rc tp_response_decode(tp_slice message, tp_slice tail, tp_buf *changes,
                                     tp_response_reader *out, tp_err *err);

/* Each: the next one of its list, borrowed as the reader does; false after the last. */
bool tp_response_next_refused(tp_response_reader *reader, tp_refused *out);
bool tp_response_next_other(tp_response_reader *reader, tp_name *out);
bool tp_response_next_run(tp_response_reader *reader, tp_stamp_run *out);
bool tp_response_next_give_back(tp_response_reader *reader, tp_name *out);
/* Part of decoding and of next_give_back: the place after the last among those that were erased. */
void tp_response_next_erased(tp_response_reader *reader);
bool tp_response_next_agency(tp_response_reader *reader, tp_directory_agency *out);
bool tp_response_next_device(tp_response_reader *reader, tp_directory_device *out);
bool tp_response_next_span(tp_response_reader *reader, tp_held_span *out);
bool tp_response_next_name(tp_response_reader *reader, tp_held_name *out);
bool tp_response_next_item(tp_response_reader *reader, tp_entry *out);

#endif
