/* Review marks: which records may have something to review.
 *
 * A mark follows from the set of changes alone, never from stamps: what the hub says later of a
 * change decides which value is shown, but not that there are two. */
#include "node/view/view_state.h"
#include "platform/base/arena.h"
#include "sync/access/kinds.h"

enum { MARKS_MAX = 1 << 20 };

/* A refusal or withdrawal may overrule a giving; a giving overrules nothing. */
static bool takes_away(const tp_loaded *loaded)
{
    tp_value value;
    bool has_value = false;
    tp_err err;
    return tp_loaded_shown(loaded, TP_CONSENT_DECISION, &value, &has_value, &err) != TP_OK ||
           (has_value && !tp_slice_is(value.text, "given"));
}

static bool may_need_review(const tp_loaded *loaded)
{
    const tp_record *record = &loaded->record;
    if (record->entity == TP_CONSENT) {
        return takes_away(loaded);
    }
    if (record->entity == TP_LEGAL_GATEWAY) {
        return true;
    }
    if (loaded->verdict != 0 || loaded->retraction.by != TP_DECIDE_NONE) {
        return true;
    }
    for (uint32_t i = 0; i < loaded->fields_count; i++) {
        const tp_loaded_field *field = &loaded->fields[i];
        if (field->state.heads_count > 1 ||
            (field->state.heads_count == 1 && field->heads[0].is_offer)) {
            return true;
        }
    }
    return record->count > 1 && tp_kinds_of_record(record).has_attempt;
}

tp_rc tp_mark_put(tp_view *view, tp_tx *tx, const tp_loaded *loaded, tp_err *err)
{
    const tp_record_change *first = loaded->record.count == 0 ? NULL : loaded->record.changes;
    /* Without the creating change nobody knows yet what stands in it: look again when it comes.  Of
     * what was given back there is nothing to see. */
    bool is_coming = first != NULL && !tp_change_creates(first->change);
    bool is_marked = is_coming || (first != NULL && !first->is_stub && may_need_review(loaded));
    return tp_mark_set(view, tx, loaded->record.name, is_marked, err);
}

tp_rc tp_mark_set(tp_view *view, tp_tx *tx, tp_name record, bool is_marked, tp_err *err)
{
    static const char put[] = "INSERT OR IGNORE INTO review_mark (record) VALUES (?)";
    static const char take[] = "DELETE FROM review_mark WHERE record = ?";
    tp_packed_name packed = 0;
    tp_stmt *s = NULL;
    tp_rc rc = tp_log_pack(view->log, tx, record, &packed, err);
    if (rc == TP_OK) {
        rc = tp_tx_prepare(tx, is_marked ? put : take, &s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, packed);
    return tp_stmt_run(s, err);
}

tp_rc tp_mark_is_set(tp_view *view, tp_tx *tx, tp_name record, bool *is_set_out, tp_err *err)
{
    tp_packed_name packed = 0;
    tp_stmt *s = NULL;
    tp_rc rc = tp_log_pack(view->log, tx, record, &packed, err);
    if (rc == TP_OK) {
        rc = tp_tx_prepare(tx, "SELECT 1 FROM review_mark WHERE record = ?", &s, err);
    }
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, packed);
        rc = tp_stmt_step(s, is_set_out, err);
        tp_stmt_done(s);
    }
    return rc;
}

tp_rc tp_mark_clear(tp_tx *tx, tp_err *err)
{
    return tp_tx_exec(tx, "DELETE FROM review_mark", err);
}

static tp_rc find_all(tp_view *view, tp_tx *tx, tp_buf *names, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx, "SELECT record FROM review_mark", &s, err);
    return rc == TP_OK ? tp_view_add_names(view, tx, s, names, err) : rc;
}

/* Few records are marked, and a person may have thousands. */
static tp_rc find_of(tp_view *view, tp_tx *tx, tp_name person, tp_buf *names, tp_err *err)
{
    tp_packed_name packed = 0;
    tp_stmt *s = NULL;
    tp_rc rc = tp_log_pack(view->log, tx, person, &packed, err);
    if (rc == TP_OK) {
        rc = tp_tx_prepare(tx,
                           "SELECT record FROM review_mark WHERE EXISTS (SELECT 1 FROM record "
                           "WHERE person = ? AND id = review_mark.record)",
                           &s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, packed);
    return tp_view_add_names(view, tx, s, names, err);
}

tp_rc tp_mark_all(tp_view *view, tp_tx *tx, const tp_name *persons, uint32_t persons_count,
                  tp_arena *arena, const tp_name **records_out, uint32_t *count_out, tp_err *err)
{
    tp_buf names;
    tp_slice copy = {NULL, 0};
    tp_buf_init(&names, MARKS_MAX * sizeof(tp_name));
    tp_rc rc = persons_count == 0 ? find_all(view, tx, &names, err) : TP_OK;
    for (uint32_t i = 0; rc == TP_OK && i < persons_count; i++) {
        rc = find_of(view, tx, persons[i], &names, err);
    }
    if (rc == TP_OK) {
        rc = tp_arena_copy(arena, tp_buf_slice(&names), &copy, err);
    }
    if (rc == TP_OK) {
        *records_out = (const tp_name *)(const void *)copy.at;
        *count_out = (uint32_t)(copy.bytes / sizeof(tp_name));
    }
    tp_buf_done(&names);
    return rc;
}
