/* The stamps of changes that follow each other, as runs of one difference: from the uptime in the
 * change's own reading, which is the same for all changes of one era.  The hub answers a push so,
 * and a device shows by them which stamps its changes had.
 * Source: sync/wire/FORMAT.md, Response. */
#ifndef TP_SYNC_WIRE_STAMP_RUN_H
#define TP_SYNC_WIRE_STAMP_RUN_H

#include "platform/base/buf.h"
#include "schema/change.h"
#include "sync/wire/cbor.h"

/* The stamps of `count` changes that follow each other: what to add to each one's reading. */
typedef struct tp_stamp_run {
    uint32_t count;
    uint64_t first_number;    /* acceptance number of the first; the others follow */
    int64_t skew_ms;          /* stamp - uptime in the change's reading */
    bool has_bounds;          /* false: certain */
    int64_t earliest_less_ms; /* earliest - stamp */
    int64_t latest_less_ms;   /* latest - stamp */
} tp_stamp_run;

/* The stamp of one change of a run: its place in it and the uptime in its reading. */
tp_stamp tp_stamp_run_at(const tp_stamp_run *run, uint32_t index, int64_t up_ms);
/* A run of one.  False if the stamp is out of range. */
bool tp_stamp_run_of(const tp_stamp *stamp, int64_t up_ms, tp_stamp_run *run_out);

/* Reads [earliest - stamp, latest - stamp] without the array's head. */
void tp_stamp_run_read_bounds(tp_cbor_reader *reader, tp_stamp_run *run);

/* Runs that are being written.  Init, add, put, done. */
typedef struct tp_stamp_runs {
    tp_buf bytes;          /* encoded, but the last */
    uint32_t count;        /* of them */
    uint64_t first_number; /* of all */
    tp_stamp_run last;     /* the one that may still grow; count 0: none */
} tp_stamp_runs;

void tp_stamp_runs_init(tp_stamp_runs *runs);
void tp_stamp_runs_done(tp_stamp_runs *runs);
/* The next change; acceptance numbers follow each other.
 * Units: up_ms = the uptime in its reading; 0 where it has none that can be read.
 * Errors: INVALID out of range, or a gap between the numbers;  LIMIT;  NOMEM. */
TP_MUST_USE tp_rc tp_stamp_runs_add(tp_stamp_runs *runs, int64_t up_ms, const tp_stamp *stamp,
                                    tp_err *err);
/* Writes the run that was growing, so that all can be put.  Errors: LIMIT;  NOMEM. */
TP_MUST_USE tp_rc tp_stamp_runs_end(tp_stamp_runs *runs, tp_err *err);
/* [first number, [+ run]] of runs that were ended. */
void tp_stamp_runs_put(tp_cbor_writer *writer, const tp_stamp_runs *runs);

/* Runs in the middle of a message: read and checked once, then walked by whoever asks. */
typedef struct tp_stamp_runs_reader {
    tp_cbor_list list;
    tp_stamp_run last; /* that was handed out */
    uint64_t changes;  /* in all of them */
} tp_stamp_runs_reader;

void tp_stamp_runs_read(tp_cbor_reader *reader, tp_stamp_runs_reader *out);
/* The next run; false after the last. */
bool tp_stamp_runs_next(tp_stamp_runs_reader *reader, tp_stamp_run *out);

/* The range of stamp - uptime. */
#define TP_SKEW_MS_MIN (TP_TIME_MS_MIN - TP_TIME_MS_MAX)
#define TP_SKEW_MS_MAX TP_TIME_MS_MAX
/* The range of a bound - stamp, and of one such difference less another. */
#define TP_LESS_MS_MIN (2 * TP_SKEW_MS_MIN)
#define TP_LESS_MS_MAX (-TP_LESS_MS_MIN)

#endif
