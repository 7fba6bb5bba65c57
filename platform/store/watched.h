/* Tables of which a sum over all rows is kept beside them, by triggers, so that `verify` finds what
 * a disk altered, lost or brought back: for rows that have no digest and no second copy. */
#ifndef TP_PLATFORM_STORE_WATCHED_H
#define TP_PLATFORM_STORE_WATCHED_H

#include "platform/base/findings.h"
#include "platform/store/sqlite.h"

typedef struct tp_watched {
    const char *table;
    const char *except; /* columns that do not count, as ",a,b,"; NULL: all of them do */
} tp_watched;

/* Sums up what is there and what its columns are called, and keeps the sums from now on (table
 * table_sum).  Part of a step of the schema; again after a step that gives one of these tables a
 * column, or takes one.
 * Damage once found stays found: what is written later moves the sum from what was read. */
TP_MUST_USE tp_rc tp_watch(tp_tx *tx, const tp_watched *tables, size_t count, tp_err *err);

/* Sums up again: a finding for each table that does not fit its sum. */
TP_MUST_USE tp_rc tp_watched_verify(tp_tx *tx, const tp_watched *tables, size_t count,
                                    tp_findings *findings, tp_err *err);

/* The sum of what is in a table, for whoever has something else to hold it against. */
TP_MUST_USE tp_rc tp_watched_sum(tp_tx *tx, const tp_watched *table, int64_t *sum_out, tp_err *err);

#endif
