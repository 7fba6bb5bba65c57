/* The machine's clock as the log keeps it: eras, comparisons with the hub, corrected time. */
#ifndef TP_SYNC_LOG_ERA_H
#define TP_SYNC_LOG_ERA_H

#include "sync/log/log.h"
#include "sync/merge/stamp.h"
#include "sync/wire/request.h"

/* Reads the clock and begins a new era where the machine was started anew or its clock jumped. */
TP_MUST_USE tp_rc tp_log_read_clock(tp_log *log, tp_tx *tx, tp_era_reading *reading_out,
                                    tp_err *err);

/* Which start of which machine: 32 bits of what the operating system calls it, never 0.  Two
 * machines with copies of one directory count their eras alike; by this the hub tells them apart.
 * Source: sync/wire/FORMAT.md, Request, key 23. */
uint32_t tp_era_start(tp_slice boot);
/* That of the clock that was read last. */
uint32_t tp_log_start(const tp_log *log);

/* Takes the hub's time at the moment at which `reading` was read.  Of an era's comparisons
 * the one that the network held up least stands (sync/merge/stamp.h).
 * Units:  hub_ms UTC. */
TP_MUST_USE tp_rc tp_log_compare(tp_log *log, tp_tx *tx, const tp_era_reading *reading,
                                 int64_t hub_ms, tp_err *err);

/* The eras the hub was not told, up to and including era `last`, ascending; before them the last
 * one that it was told: how that ended it does not know, and by its start it sees that what it
 * knows of this device is of this machine.  Where they are more than `max`, the oldest: changes of
 * later eras then wait for the next request.
 * Shape:  spans_out has room for max + 1. */
TP_MUST_USE tp_rc tp_log_eras_untold(tp_log *log, tp_tx *tx, uint32_t last, tp_era_span *spans_out,
                                     uint32_t max, uint32_t *count_out, tp_err *err);
/* The hub has taken eras up to `last`.  That may go on: the hub follows it by the clock in each
 * request. */
TP_MUST_USE tp_rc tp_log_eras_told(tp_log *log, tp_tx *tx, uint32_t last, tp_err *err);

/* When the change of a row was written: its stamp, or, until there is one, what this device's eras
 * say.  A stub the hub never answered has none: 0.
 * Units:  reading = the change's own. */
TP_MUST_USE tp_rc tp_log_time_of(tp_log *log, tp_tx *tx, const tp_log_row *row,
                                 const tp_era_reading *reading, tp_estimate *time_out, tp_err *err);

/* What time it is, as well as this machine can know.  Reads the clock, writes nothing.
 * now_out->earliest_ms has surely passed, also where a clock that was right is_certain.
 * *wall_off_ms_out = how far its wall clock was ahead of the hub at the last comparison of this
 * era; 0 where there was none (then is_certain is false).  May be NULL. */
TP_MUST_USE tp_rc tp_log_now(tp_log *log, tp_tx *tx, tp_estimate *now_out, int64_t *wall_off_ms_out,
                             tp_err *err);

#endif
