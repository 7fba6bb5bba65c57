/* The log of a node: every change it holds, its own and others', with what the hub said of each.
 *
 * The log is the store; everything else about people is an index made from it (sync/merge).  It is
 * written through sync/merge, which keeps the two together; what others call here reads it, or
 * deals with facts beside the changes: clocks, the directory, what the hub has.
 *
 *   log.h        identity, names, one change in and out
 *   push.h       what the hub has not got, and what it answered
 *   fork.h       a copy of this device went on elsewhere: a new id
 *   era.h        the machine's clock and corrected time
 *   back.h       a hub that was put back: what shows it what it lost
 *   directory.h  agencies, agreements, which device belongs to whom
 *
 * A change given back leaves a stub in the log: its name and the names it named, no content.  So
 * does one whose record was erased at the hub, and it is noted that it was. */
#ifndef TP_SYNC_LOG_LOG_H
#define TP_SYNC_LOG_LOG_H

#include "platform/base/buf.h"
#include "platform/os/clock.h"
#include "platform/os/random.h"
#include "platform/store/sqlite.h"
#include "schema/change.h"
#include "sync/wire/change_bytes.h"
#include "sync/wire/held.h"

#include <stdbool.h>
#include <stdint.h>

/* The tables of this module, version 1 (schema.c).  Stands before every module that uses the
 * log. */
extern const char tp_log_schema_1[];
/* What version 6 of a node adds to them. */
extern const char tp_log_schema_6[];
/* And versions 10 to 12; after the last comes tp_log_schema_12_run.  Version 14 is a run alone. */
extern const char tp_log_schema_10[];
extern const char tp_log_schema_11[];
extern const char tp_log_schema_12[];
TP_MUST_USE tp_rc tp_log_schema_12_run(tp_tx *tx, tp_err *err);
TP_MUST_USE tp_rc tp_log_schema_14_run(tp_tx *tx, tp_err *err);

typedef struct tp_log tp_log;

/* ---- Identity ---- */

/* Makes a new node: a random device id, the agency it writes for.  Works before there is a hub.
 * Errors: INVALID no id that a hub could know (schema/agency_id.h);  EXISTS this store has an
 *         identity. */
TP_MUST_USE tp_rc tp_log_init(tp_tx *tx, tp_rng *rng, tp_slice agency, tp_err *err);

/* The log of a store whose tables are there.  One for a store, for as long as it is open.
 * Owns:   *log_out is the caller's, tp_log_close(), before the store is closed; `clock` and `rng`
 *         outlive it.
 * Errors: NOTFOUND no identity yet (tp_log_init). */
TP_MUST_USE tp_rc tp_log_open(tp_store *store, const tp_clock *clock, tp_rng *rng, tp_log **log_out,
                              tp_err *err);
/* Takes NULL. */
void tp_log_close(tp_log *log);

tp_store *tp_log_store(const tp_log *log);
/* Never 0.  Another one after a fork (fork.h), which another process of this node may see first:
 * right in a transaction in which something was read or written by this module. */
uint64_t tp_log_device(const tp_log *log);
/* Lives as long as the log. */
const char *tp_log_agency(const tp_log *log);

/* A kiosk keeps its changes only until the hub has them (push.h, tp_log_forget_sent). */
TP_MUST_USE tp_rc tp_log_set_kiosk(tp_log *log, tp_tx *tx, bool is_kiosk, tp_err *err);
TP_MUST_USE tp_rc tp_log_is_kiosk(tp_log *log, tp_tx *tx, bool *is_kiosk_out, tp_err *err);

/* ---- Names in tables ---- */

/* A name as one row id: the device's number in this store << 40 | seq.  The node's own device has
 * the highest number, so that what it writes goes to the end of a table.  0: no name. */
typedef int64_t tp_packed_name;

/* Errors: INVALID seq does not fit;  LIMIT too many devices;  NOTFOUND (find only) the device was
 * never met.  `pack` gives a device that is new a number and so needs a WRITE transaction. */
TP_MUST_USE tp_rc tp_log_pack(tp_log *log, tp_tx *tx, tp_name name, tp_packed_name *packed_out,
                              tp_err *err);
TP_MUST_USE tp_rc tp_log_pack_known(tp_log *log, tp_tx *tx, tp_name name,
                                    tp_packed_name *packed_out, tp_err *err);
/* Errors: CORRUPT the number was never given. */
TP_MUST_USE tp_rc tp_log_unpack(tp_log *log, tp_tx *tx, tp_packed_name packed, tp_name *name_out,
                                tp_err *err);

/* Every device met so far, the own one among them: to complete what somebody typed of a name. */
typedef tp_rc (*tp_log_each_device)(void *context, uint64_t device, tp_err *err);
TP_MUST_USE tp_rc tp_log_devices(tp_log *log, tp_tx *tx, tp_log_each_device each, void *context,
                                 tp_err *err);

/* ---- Changes in ---- */

/* Gives the draft its name, record (where it creates one), reading and salt, encodes it once and
 * appends it.
 * Owns:   *change_bytes_out is borrowed until the next append.
 * Errors: as tp_change_encode. */
TP_MUST_USE tp_rc tp_log_append(tp_log *log, tp_tx *tx, tp_change_draft *draft,
                                tp_slice *change_bytes_out, tp_err *err);

typedef enum tp_put {
    TP_PUT_SAME = 0, /* held already, with all that the entry says */
    TP_PUT_ANSWERED, /* held already; stamp, position, tag or verdict are new */
    TP_PUT_NEW,      /* not held before */
    TP_PUT_BACK      /* a stub was held: it was given back once */
} tp_put;

typedef struct tp_placed {
    tp_put put;
    tp_held_sum counts; /* of the entry's bytes, which are digested once (sync/log/held.h) */
} tp_placed;

/* Puts a change from the hub into the log; as often as you like.
 * Units:  change = the entry's bytes, decoded; NULL: this program cannot read them.  arrived =
 *         tp_log_arrival_next() of this transaction.
 * Errors: CORRUPT other bytes are held under this name. */
TP_MUST_USE tp_rc tp_log_put(tp_log *log, tp_tx *tx, const tp_entry *entry, const tp_change *change,
                             int64_t arrived, tp_placed *placed_out, tp_err *err);

/* Leaves the stub of a held change and takes its bytes away; one that this program cannot read goes
 * altogether.  Harmless on a name that is not held, on a stub, and on an own change that the hub
 * has not accepted: *is_done_out false.
 * Units:  given_back_ms = when, UTC. */
TP_MUST_USE tp_rc tp_log_give_back(tp_log *log, tp_tx *tx, tp_packed_name id, int64_t given_back_ms,
                                   bool *is_done_out, tp_err *err);
/* The same of one that the hub has by another name: that one says what it replaced, and this would
 * say it of another, so it leaves nothing. */
TP_MUST_USE tp_rc tp_log_give_up(tp_log *log, tp_tx *tx, tp_packed_name id, bool *is_done_out,
                                 tp_err *err);

/* The hub erased its record: noted of a stub, so that whoever looks is told.  Harmless where no
 * stub is held.
 * Units:  erased_ms = hub time when this device was told. */
TP_MUST_USE tp_rc tp_log_note_erased(tp_log *log, tp_tx *tx, tp_packed_name id, int64_t erased_ms,
                                     tp_err *err);

/* A stub whose record stays listed keeps whom it was about; 0: nobody known. */
TP_MUST_USE tp_rc tp_log_keep_person(tp_log *log, tp_tx *tx, tp_packed_name stub,
                                     tp_packed_name person, tp_err *err);

/* Bytes that could not be read, and now can: gives the row its record. */
TP_MUST_USE tp_rc tp_log_put_record(tp_log *log, tp_tx *tx, const tp_change *change, tp_err *err);

/* Is there any stub? */
TP_MUST_USE tp_rc tp_log_has_stubs(tp_log *log, tp_tx *tx, bool *has_out, tp_err *err);

/* ---- Changes out ---- */

/* A row of the log.  `bytes` and everything they hold are borrowed until the next row. */
typedef struct tp_log_row {
    tp_packed_name id;
    tp_name name;
    tp_packed_name record; /* == id: it creates the record; 0: bytes this program could not read */
    tp_packed_name person; /* of a stub whose record stays listed (keeps_person) */
    tp_slice bytes;        /* a stub's where is_stub */
    tp_stamp stamp;        /* all zero: the hub has not answered */
    uint64_t position;     /* in the feed; 0: it did not come from there */
    uint8_t tag[16];       /* the hub's; zero: none */
    int64_t generation;    /* number of that of the hub in which it said this (back.h) */
    uint32_t verdict;      /* TP_VERDICT_... */
    int64_t arrived;       /* see tp_log_mark; 0: written here */
    int64_t given_back_ms; /* when; 0: it was not */
    int64_t erased_ms;     /* when this device was told that its record is erased; 0: it is not */
    bool is_stub;
    bool keeps_person;
    bool is_own;        /* of this device, under whatever id it had then (fork.h) */
    int64_t digest;     /* of the bytes, when they were put here */
    uint64_t own_order; /* of those; grows over all ids; 0: another device's */
} tp_log_row;

/* Are its bytes what was put here? */
bool tp_log_row_is_whole(const tp_log_row *row);

/* Gets rows one by one; anything but OK ends the walk and is passed on.  May read and write other
 * tables, and may call anything of the log that is not the walk it is in. */
typedef tp_rc (*tp_log_each)(void *context, const tp_log_row *row, tp_err *err);

/* Calls `each` once.  Errors: NOTFOUND neither held nor a stub. */
TP_MUST_USE tp_rc tp_log_get(tp_log *log, tp_tx *tx, tp_packed_name id, tp_log_each each,
                             void *context, tp_err *err);
/* The creating change, if it is held, then the updates in order of their packed names.  record 0:
 * what could not be read. */
TP_MUST_USE tp_rc tp_log_of_record(tp_log *log, tp_tx *tx, tp_packed_name record, tp_log_each each,
                                   void *context, tp_err *err);
/* Everything, in order of packed names: for rebuild, verify and export. */
TP_MUST_USE tp_rc tp_log_all(tp_log *log, tp_tx *tx, tp_log_each each, void *context, tp_err *err);

/* Stubs of what was erased, by when this device was told, then by record. */
TP_MUST_USE tp_rc tp_log_erased(tp_log *log, tp_tx *tx, tp_log_each each, void *context,
                                tp_err *err);

/* How much there is, counted without reading it. */
typedef struct tp_log_counts {
    uint64_t changes; /* held; without stubs */
    uint64_t records; /* creating changes held */
    uint64_t stubs;
    uint64_t erased; /* of these */
} tp_log_counts;
TP_MUST_USE tp_rc tp_log_count(tp_log *log, tp_tx *tx, tp_log_counts *counts_out, tp_err *err);

/* Decodes a row, a stub or not.  Errors: as tp_change_decode. */
TP_MUST_USE tp_rc tp_log_decode(const tp_log_row *row, tp_change *out, tp_err *err);

/* ---- What is new since somebody looked ---- */

/* A moment in the life of this log: a change is newer if it was written here after seq, or arrived
 * after `arrived`. */
typedef struct tp_log_mark {
    uint64_t seq; /* as tp_log_row.own_order */
    int64_t arrived;
} tp_log_mark;

TP_MUST_USE tp_rc tp_log_mark_now(tp_log *log, tp_tx *tx, tp_log_mark *mark_out, tp_err *err);

static inline bool tp_log_row_is_after(const tp_log_row *row, tp_log_mark mark)
{
    return row->is_own && row->arrived == 0 ? row->own_order > mark.seq
                                            : row->arrived > mark.arrived;
}

/* The number under which the entries of one transaction arrive.  Once for each transaction. */
TP_MUST_USE tp_rc tp_log_arrival_next(tp_log *log, tp_tx *tx, int64_t *arrived_out, tp_err *err);

#endif
