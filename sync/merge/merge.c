/* Changes into the log and the views, in one transaction. */
#include "sync/merge/merge.h"

#include "platform/base/alloc.h"
#include "sync/log/directory.h"
#include "sync/log/held.h"
#include "sync/log/push.h"
#include "sync/merge/merge_state.h"

/* What one call of apply or give back carries along. */
typedef struct merge_batch {
    int64_t arrived;
    bool has_stubs;
    bool moves_groups;
    bool is_erased;   /* why it is given back */
    bool is_renamed;  /* likewise: the hub has it by another name */
    tp_held_sum more; /* what became held, and what is not any more */
    tp_held_sum less;
} merge_batch;

static tp_rc apply_entry(tp_merge *merge, tp_tx *tx, const tp_entry *entry, merge_batch *batch,
                         tp_merge_applied *applied, tp_err *err);
static tp_rc show(tp_merge *merge, tp_tx *tx, const tp_view_row *before, bool is_careful,
                  const merge_batch *batch, tp_err *err);
static tp_rc give_back_one(tp_merge *merge, tp_tx *tx, tp_name name, int64_t given_back_ms,
                           merge_batch *batch, tp_err *err);

tp_rc tp_merge_open(tp_log *log, const tp_merge_sink *sink, tp_merge **merge_out, tp_err *err)
{
    tp_merge *merge = tp_alloc(sizeof *merge);
    *merge_out = NULL;
    if (merge == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory to merge with");
    }
    merge->log = log;
    if (sink != NULL) {
        merge->sink = *sink;
    }
    *merge_out = merge;
    return TP_OK;
}

void tp_merge_close(tp_merge *merge)
{
    if (merge != NULL) {
        tp_record_room_free(merge->spare);
        tp_free(merge);
    }
}

void tp_merge_set_sink(tp_merge *merge, const tp_merge_sink *sink)
{
    static const tp_merge_sink none;
    merge->sink = sink == NULL ? none : *sink;
}

tp_log *tp_merge_log(const tp_merge *merge)
{
    return merge->log;
}

/* ---- Writing and applying ---- */

static bool sets_person(const tp_change *change)
{
    const tp_change_field *field = tp_change_field_of(change, TP_FIELD_PERSON);
    return field != NULL && field->has_value;
}

/* An update that says whom the record is about may move its row, and so may a creating change that
 * comes back in the place of its stub: what the row was must be known before. */
static tp_rc look_before(tp_merge *merge, tp_tx *tx, const tp_change *change, bool has_stubs,
                         bool *is_careful_out, tp_view_row *before_out, tp_err *err)
{
    tp_packed_name record = 0;
    *is_careful_out = tp_change_creates(change) ? has_stubs : sets_person(change);
    if (!*is_careful_out) {
        return TP_OK;
    }
    tp_rc rc = tp_log_pack(merge->log, tx, change->record, &record, err);
    return rc == TP_OK ? tp_view_row_of(merge, tx, record, before_out, err) : rc;
}

tp_rc tp_merge_write(tp_merge *merge, tp_tx *tx, tp_change_draft *draft, tp_err *err)
{
    merge_batch batch = {0};
    bool is_careful = false;
    tp_view_row before = {0};
    tp_slice bytes = {NULL, 0};
    tp_rc rc = tp_log_has_stubs(merge->log, tx, &batch.has_stubs, err);
    if (rc == TP_OK && !tp_name_is_none(draft->record)) {
        tp_packed_name record = 0;
        is_careful = true;
        rc = tp_log_pack(merge->log, tx, draft->record, &record, err);
        if (rc == TP_OK) {
            rc = tp_view_row_of(merge, tx, record, &before, err);
        }
    }
    if (rc == TP_OK) {
        rc = tp_log_append(merge->log, tx, draft, &bytes, err);
    }
    if (rc == TP_OK) {
        rc = tp_change_decode(draft->name, bytes, &merge->change, err);
    }
    if (rc == TP_OK) {
        rc = show(merge, tx, &before, is_careful, &batch, err);
    }
    if (rc == TP_OK && tp_view_moves_groups(draft->entity)) {
        rc = tp_view_regroup(merge, tx, err);
    }
    return rc;
}

tp_rc tp_merge_apply(tp_merge *merge, tp_tx *tx, const tp_entry *entries, size_t count,
                     tp_merge_applied *applied_out, tp_err *err)
{
    merge_batch batch = {0};
    tp_merge_applied applied = {0, 0};
    tp_rc rc = TP_OK;
    if (count > 0) {
        rc = tp_log_arrival_next(merge->log, tx, &batch.arrived, err);
    }
    if (rc == TP_OK) {
        rc = tp_log_has_stubs(merge->log, tx, &batch.has_stubs, err);
    }
    for (size_t i = 0; rc == TP_OK && i < count; i++) {
        rc = apply_entry(merge, tx, &entries[i], &batch, &applied, err);
    }
    if (rc == TP_OK) {
        rc = tp_log_held_move(merge->log, tx, &batch.more, &batch.less, err);
    }
    if (rc == TP_OK && batch.moves_groups) {
        rc = tp_view_regroup(merge, tx, err);
    }
    if (rc == TP_OK) {
        *applied_out = applied;
    }
    return rc;
}

static tp_rc apply_entry(tp_merge *merge, tp_tx *tx, const tp_entry *entry, merge_batch *batch,
                         tp_merge_applied *applied, tp_err *err)
{
    tp_err unread = {0};
    tp_placed placed = {.put = TP_PUT_SAME};
    bool is_careful = false;
    tp_view_row before = {0};
    const tp_change *change = &merge->change;
    if (tp_change_decode(entry->name, entry->bytes, &merge->change, &unread) != TP_OK) {
        change = NULL; /* kept, for a program that can read it */
        applied->unread++;
    }
    tp_rc rc = TP_OK;
    if (change != NULL) {
        rc = look_before(merge, tx, change, batch->has_stubs, &is_careful, &before, err);
    }
    if (rc == TP_OK) {
        rc = tp_log_put(merge->log, tx, entry, change, batch->arrived, &placed, err);
    }
    if (rc != TP_OK || placed.put == TP_PUT_SAME) {
        return rc;
    }
    if (placed.put != TP_PUT_ANSWERED) {
        tp_held_add(&batch->more, &placed.counts);
        applied->fresh++;
    }
    if (change == NULL) {
        return TP_OK;
    }
    batch->moves_groups |= placed.put != TP_PUT_ANSWERED && tp_view_moves_groups(change->entity);
    return show(merge, tx, &before, is_careful, batch, err);
}

/* The views follow at once: a power cut may come before the last of them is here.  Of a row that is
 * damaged they may say anything, so they are made anew as well when all is. */
static tp_rc heal_entry(tp_merge *merge, tp_tx *tx, const tp_entry *entry, merge_batch *batch,
                        bool *is_done_out, tp_err *err)
{
    tp_err unread = {0};
    bool is_careful = false;
    tp_view_row before = {0};
    const tp_change *change = &merge->change;
    tp_rc rc = TP_OK;
    if (tp_change_decode(entry->name, entry->bytes, &merge->change, &unread) != TP_OK) {
        change = NULL;
    } else {
        rc = look_before(merge, tx, change, batch->has_stubs, &is_careful, &before, err);
    }
    if (rc == TP_OK) {
        rc = tp_log_heal(merge->log, tx, entry, change, batch->arrived, is_done_out, err);
    }
    if (rc != TP_OK || !*is_done_out || change == NULL) {
        return rc;
    }
    batch->moves_groups |= tp_view_moves_groups(change->entity);
    return show(merge, tx, &before, is_careful, batch, err);
}

tp_rc tp_merge_heal(tp_merge *merge, tp_tx *tx, const tp_entry *entries, size_t count,
                    size_t *healed_out, tp_err *err)
{
    merge_batch batch = {.has_stubs = true};
    tp_log_held held;
    size_t healed = 0;
    tp_rc rc = tp_log_arrival_next(merge->log, tx, &batch.arrived, err);
    for (size_t i = 0; rc == TP_OK && i < count; i++) {
        bool is_done = false;
        rc = heal_entry(merge, tx, &entries[i], &batch, &is_done, err);
        healed += is_done;
    }
    if (rc == TP_OK && batch.moves_groups) {
        rc = tp_view_regroup(merge, tx, err);
    }
    if (rc == TP_OK && healed > 0) {
        rc = tp_log_held_get(merge->log, tx, &held, err);
        if (rc == TP_OK) {
            held.differs = TP_LOG_DIFFERS_HEALED;
            rc = tp_log_held_put(merge->log, tx, &held, err);
        }
    }
    if (rc == TP_OK) {
        *healed_out = healed;
    }
    return rc;
}

/* Brings the views up to date with merge->change, which is in the log by now. */
static tp_rc show(tp_merge *merge, tp_tx *tx, const tp_view_row *before, bool is_careful,
                  const merge_batch *batch, tp_err *err)
{
    const tp_change *change = &merge->change;
    bool creates = tp_change_creates(change);
    tp_view_row after = {0};
    tp_packed_name record = 0;
    tp_name person = creates ? tp_view_person_of(merge, change) : (tp_name){0, 0};
    tp_rc rc = tp_log_pack(merge->log, tx, change->record, &record, err);
    if (rc == TP_OK && !tp_name_is_none(person)) {
        after = (tp_view_row){true, record, 0, change->entity, 0};
        rc = tp_log_pack(merge->log, tx, person, &after.person, err);
    } else if (rc == TP_OK && (creates || is_careful || merge->sink.touched != NULL)) {
        rc = tp_view_row_of(merge, tx, record, &after, err);
    }
    if (rc == TP_OK && (creates || is_careful)) {
        rc = tp_view_move(merge, tx, before, &after, batch->has_stubs, err);
    }
    return rc == TP_OK
               ? tp_view_touched(merge, tx, record, change->name, &after, change->entity, err)
               : rc;
}

/* ---- Giving back ---- */

static tp_rc give_back_all(tp_merge *merge, tp_tx *tx, const tp_name *names, size_t count,
                           int64_t given_back_ms, merge_batch *batch, tp_err *err)
{
    tp_rc rc = TP_OK;
    batch->has_stubs = true;
    for (size_t i = 0; rc == TP_OK && i < count; i++) {
        rc = give_back_one(merge, tx, names[i], given_back_ms, batch, err);
    }
    if (rc == TP_OK) {
        rc = tp_log_held_move(merge->log, tx, &batch->more, &batch->less, err);
    }
    return rc == TP_OK && batch->moves_groups ? tp_view_regroup(merge, tx, err) : rc;
}

tp_rc tp_merge_give_back(tp_merge *merge, tp_tx *tx, const tp_name *names, size_t count,
                         int64_t given_back_ms, tp_err *err)
{
    merge_batch batch = {.is_erased = false};
    return give_back_all(merge, tx, names, count, given_back_ms, &batch, err);
}

tp_rc tp_merge_erase(tp_merge *merge, tp_tx *tx, const tp_name *names, size_t count,
                     int64_t erased_ms, tp_err *err)
{
    merge_batch batch = {.is_erased = true};
    return give_back_all(merge, tx, names, count, erased_ms, &batch, err);
}

tp_rc tp_merge_give_up(tp_merge *merge, tp_tx *tx, const tp_name *names, size_t count, tp_err *err)
{
    merge_batch batch = {.is_renamed = true};
    return give_back_all(merge, tx, names, count, 0, &batch, err);
}

/* What must be known of a change before it goes. */
typedef struct parting {
    tp_merge *merge;
    tp_tx *tx;
    uint64_t accepted;
    tp_packed_name record;
    uint32_t entity;
    tp_held_sum counted;
} parting;

static tp_rc look_at_parting(void *context, const tp_log_row *row, tp_err *err)
{
    parting *p = context;
    tp_err unread = {0};
    bool counts = false;
    tp_rc rc = tp_log_row_counts(p->merge->log, p->tx, row, p->accepted, &counts, err);
    if (rc == TP_OK && counts) {
        p->counted = tp_held_of(row->name, row->bytes);
    }
    p->record = row->record;
    if (tp_log_decode(row, &p->merge->looked, &unread) == TP_OK) {
        p->entity = p->merge->looked.entity;
    }
    return rc;
}

/* What this device's own agency created stays listed, without content. */
static tp_rc keep_listed(tp_merge *merge, tp_tx *tx, tp_name record, const tp_view_row *before,
                         tp_err *err)
{
    const char *agency = "";
    tp_rc rc = tp_log_agency_of(merge->log, tx, record.device, &agency, err);
    if (rc != TP_OK || !before->exists || strcmp(agency, tp_log_agency(merge->log)) != 0) {
        return rc;
    }
    return tp_log_keep_person(merge->log, tx, before->id, before->person, err);
}

static tp_rc give_back_one(tp_merge *merge, tp_tx *tx, tp_name name, int64_t given_back_ms,
                           merge_batch *batch, tp_err *err)
{
    tp_packed_name id = 0;
    tp_err missing = {0};
    tp_log_push push;
    tp_rc rc = tp_log_push_get(merge->log, tx, &push, err);
    if (rc != TP_OK) {
        return rc;
    }
    rc = tp_log_pack_known(merge->log, tx, name, &id, &missing);
    parting p = {.merge = merge, .tx = tx, .accepted = push.accepted_seq};
    if (rc == TP_OK) {
        rc = tp_log_get(merge->log, tx, id, look_at_parting, &p, &missing);
    }
    if (rc == TP_NOTFOUND) {
        return TP_OK;
    }
    if (rc != TP_OK) {
        *err = missing;
        return rc;
    }
    tp_view_row before = {0};
    tp_view_row after = {0};
    bool is_done = false;
    rc = tp_view_row_of(merge, tx, p.record, &before, err);
    if (rc == TP_OK) {
        rc = batch->is_renamed ? tp_log_give_up(merge->log, tx, id, &is_done, err)
                               : tp_log_give_back(merge->log, tx, id, given_back_ms, &is_done, err);
    }
    if (rc == TP_OK && batch->is_erased) {
        rc = tp_log_note_erased(merge->log, tx, id, given_back_ms, err);
    }
    if (rc != TP_OK || !is_done) {
        return rc;
    }
    tp_held_add(&batch->less, &p.counted);
    if (p.record == id) {
        rc = keep_listed(merge, tx, name, &before, err);
    }
    if (rc == TP_OK) {
        rc = tp_view_row_of(merge, tx, p.record, &after, err);
    }
    if (rc == TP_OK) {
        rc = tp_view_move(merge, tx, &before, &after, true, err);
    }
    batch->moves_groups |= tp_view_moves_groups(p.entity);
    return rc == TP_OK ? tp_view_touched(merge, tx, p.record, name, &before, p.entity, err) : rc;
}

enum { FORGET_ROWS = 64 };

/* Some rows of records this device created, up to `last`. */
static tp_rc find_own_rows(tp_merge *merge, tp_tx *tx, tp_packed_name last,
                           tp_view_row rows[FORGET_ROWS], size_t *count_out, tp_err *err)
{
    tp_packed_name first = 0;
    tp_stmt *s = NULL;
    bool is_row = false;
    size_t count = 0;
    tp_rc rc = tp_log_pack(merge->log, tx, (tp_name){tp_log_device(merge->log), 1}, &first, err);
    if (rc == TP_OK) {
        rc = tp_tx_prepare(tx,
                           "SELECT id, person, entity, flags FROM record"
                           " WHERE id >= ? AND id <= ? LIMIT ?",
                           &s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, first);
    tp_stmt_bind_int(s, 2, last);
    tp_stmt_bind_int(s, 3, FORGET_ROWS);
    rc = tp_stmt_step(s, &is_row, err);
    for (; rc == TP_OK && is_row; rc = tp_stmt_step(s, &is_row, err)) {
        rows[count++] = (tp_view_row){true, tp_stmt_int(s, 0), tp_stmt_int(s, 1),
                                      (uint32_t)tp_stmt_int(s, 2), (uint32_t)tp_stmt_int(s, 3)};
    }
    *count_out = count;
    return rc;
}

static tp_rc forget_rows(tp_merge *merge, tp_tx *tx, tp_packed_name last, tp_err *err)
{
    tp_view_row rows[FORGET_ROWS];
    size_t count = FORGET_ROWS;
    tp_rc rc = TP_OK;
    while (rc == TP_OK && count == FORGET_ROWS) {
        rc = find_own_rows(merge, tx, last, rows, &count, err);
        for (size_t i = 0; rc == TP_OK && i < count; i++) {
            rc = tp_view_remove(merge, tx, &rows[i], err);
            if (rc == TP_OK) {
                rc = tp_view_touched(merge, tx, rows[i].id, (tp_name){0, 0}, &rows[i], 0, err);
            }
        }
    }
    return rc;
}

tp_rc tp_merge_forget_sent(tp_merge *merge, tp_tx *tx, uint32_t *count_out, tp_err *err)
{
    tp_log_push push;
    tp_packed_name last = 0;
    uint32_t count = 0;
    tp_rc rc = tp_log_push_get(merge->log, tx, &push, err);
    if (rc == TP_OK && push.accepted_seq > 0) {
        tp_name name = {tp_log_device(merge->log), push.accepted_seq};
        rc = tp_log_pack(merge->log, tx, name, &last, err);
        if (rc == TP_OK) {
            rc = tp_log_forget_accepted(merge->log, tx, &count, err);
        }
        if (rc == TP_OK) {
            rc = forget_rows(merge, tx, last, err);
        }
    }
    if (rc == TP_OK) {
        *count_out = count;
    }
    return rc;
}

tp_rc tp_merge_scrub(tp_merge *merge, bool *is_gone_out, tp_err *err)
{
    tp_store *store = tp_log_store(merge->log);
    tp_tx tx = TP_TX_NONE;
    tp_log_pull pull;
    bool is_empty = false;
    uint64_t given_back = 0;
    *is_gone_out = false;
    /* What is asked here was committed before, and so is part of what the checkpoint moves. */
    tp_rc rc = tp_tx_begin(store, &tx, TP_TX_READ, err);
    if (rc == TP_OK) {
        rc = tp_log_pull_get(merge->log, &tx, &pull, err);
        given_back = rc == TP_OK ? pull.given_back : 0;
    }
    tp_tx_rollback(&tx);
    if (rc == TP_OK) {
        rc = tp_store_checkpoint_truncate(store, &is_empty, err);
    }
    if (rc != TP_OK || !is_empty) {
        return rc;
    }
    if (pull.receipt != given_back) {
        rc = tp_tx_begin(store, &tx, TP_TX_WRITE, err);
        if (rc == TP_OK) {
            rc = tp_log_pull_get(merge->log, &tx, &pull, err);
        }
        if (rc == TP_OK) {
            pull.receipt = given_back;
            rc = tp_log_pull_put(merge->log, &tx, &pull, err);
        }
        if (rc == TP_OK) {
            rc = tp_tx_commit(&tx, err);
        }
        tp_tx_rollback(&tx);
    }
    *is_gone_out = rc == TP_OK;
    return rc;
}
