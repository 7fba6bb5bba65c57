/* The inside of a merge, for the files of this folder that do I/O. */
#ifndef TP_SYNC_MERGE_MERGE_STATE_H
#define TP_SYNC_MERGE_MERGE_STATE_H

#include "schema/value.h"
#include "sync/merge/merge.h"
#include "sync/merge/record.h"

struct tp_merge {
    tp_log *log;
    tp_merge_sink sink;
    /* Scratch, too large for a small stack. */
    tp_change change; /* the one that is being applied */
    tp_change looked; /* one looked up beside it */
    tp_value value;
    struct tp_record_room *spare; /* of a record looked at before; NULL: none */
};

/* Frees a record's room.  Takes NULL. */
void tp_record_room_free(struct tp_record_room *room);

/* ---- A row of `record`, as it follows from the log (view.c) ---- */

typedef struct tp_view_row {
    bool exists;
    tp_packed_name id;
    tp_packed_name person; /* 0: nobody known */
    uint32_t entity;
    uint32_t flags;
} tp_view_row;

/* Whom a change says its record is about; a person's record is about itself.  None: it does not. */
tp_name tp_view_person_of(tp_merge *merge, const tp_change *change);

/* The row this record must have now. */
TP_MUST_USE tp_rc tp_view_row_of(tp_merge *merge, tp_tx *tx, tp_packed_name record,
                                 tp_view_row *row_out, tp_err *err);
/* Brings the table from one to the other, and the bare names of both persons up to date. */
TP_MUST_USE tp_rc tp_view_move(tp_merge *merge, tp_tx *tx, const tp_view_row *before,
                               const tp_view_row *after, bool has_stubs, tp_err *err);
TP_MUST_USE tp_rc tp_view_put(tp_merge *merge, tp_tx *tx, const tp_view_row *row, tp_err *err);
TP_MUST_USE tp_rc tp_view_remove(tp_merge *merge, tp_tx *tx, const tp_view_row *row, tp_err *err);

/* Tells the sink, if there is one.
 * Units:  change: none, the whole record;  row: of `record`, which may not exist: then its entity
 *         is `entity`. */
TP_MUST_USE tp_rc tp_view_touched(tp_merge *merge, tp_tx *tx, tp_packed_name record, tp_name change,
                                  const tp_view_row *row, uint32_t entity, tp_err *err);

/* ---- Groups (regroup.c) ---- */

static inline bool tp_view_moves_groups(uint32_t entity)
{
    return entity == TP_JOIN || entity == TP_UNJOIN;
}

/* Makes person_group again from the joins and unjoins that are held. */
TP_MUST_USE tp_rc tp_view_regroup(tp_merge *merge, tp_tx *tx, tp_err *err);

#endif
