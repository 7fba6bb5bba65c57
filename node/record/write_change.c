/* A checked write as a change in the log. */
#include "node/record/write_steps.h"

static tp_rc fill_create(const tp_rule_work *work, tp_change_draft *draft, tp_err *err);
static tp_rc fill_update(tp_rule_work *work, tp_change_draft *draft, bool *has_news, tp_err *err);

tp_rc tp_write_change(tp_rule_work *work, tp_err *err)
{
    tp_write *w = work->w;
    static const tp_name none = {0, 0};
    tp_change_draft draft;
    bool has_news = true;
    tp_change_draft_init(&draft, none, w->entity);
    draft.record = work->loaded == NULL ? none : w->record;
    draft.worker = w->worker;
    draft.kinds = tp_entity_of(w->entity)->kinds;
    draft.restricts = work->restricts;
    tp_rc rc = work->loaded == NULL ? fill_create(work, &draft, err)
                                    : fill_update(work, &draft, &has_news, err);
    work->result->entity = w->entity;
    work->result->person = work->person;
    work->result->record = w->record;
    work->result->is_unchanged = !has_news;
    if (rc != TP_OK || !has_news) {
        return rc;
    }
    rc = tp_merge_write(w->node->merge, work->tx, &draft, err);
    if (rc == TP_OK) {
        work->result->name = draft.name;
        work->result->record = work->loaded == NULL ? draft.name : w->record;
        if (w->entity == TP_PERSON && work->loaded == NULL) {
            work->result->person = draft.name;
        }
    }
    return rc;
}

/* ---- What was seen ---- */

/* NULL: not said, so what is held. */
static const tp_write_seen *seen_of(const tp_write *w, uint32_t code)
{
    for (uint32_t i = 0; i < w->seen_count; i++) {
        if (w->seen[i].code == code) {
            return &w->seen[i];
        }
    }
    return NULL;
}

/* TP_DECIDE_NONE: it is no change of the record that is held. */
static uint32_t change_at(const tp_loaded *loaded, tp_name name)
{
    for (uint32_t i = 0; i < loaded->record.count; i++) {
        if (tp_name_eq(loaded->record.changes[i].change->name, name)) {
            return i;
        }
    }
    return TP_DECIDE_NONE;
}

/* seen: NULL where nothing was. */
static bool is_head_seen(const tp_rule_work *work, const tp_write_seen *seen, uint32_t at)
{
    for (uint32_t n = 0; seen != NULL && n < seen->count; n++) {
        if (tp_name_eq(seen->names[n], work->loaded->record.changes[at].change->name)) {
            return true;
        }
    }
    return false;
}

/* ---- What is news ---- */

/* The holder is a value and a way of saying it: an offer becomes an acceptance by being said again
 * by those it was offered to. */
static bool is_said_already(const tp_rule_work *work, const tp_loaded_field *loaded,
                            const tp_head *head, const tp_value *value)
{
    if (loaded->state.rule != TP_RULE_HOLDER) {
        return true;
    }
    bool is_acceptance =
        !value->is_null &&
        tp_slice_eq(value->texts[0], tp_slice_str(tp_log_agency(work->w->node->log)));
    return head->is_offer != is_acceptance && !(is_acceptance && loaded->state.is_creator_holding);
}

/* Does the change say this of the field? */
static tp_rc says_same(const tp_rule_work *work, const tp_loaded_field *loaded,
                       const tp_write_field *field, uint32_t at, bool *is_same_out, tp_err *err)
{
    tp_value value;
    bool has_value = false;
    tp_rc rc = tp_loaded_value(work->loaded, loaded, at, &value, &has_value, err);
    *is_same_out =
        rc == TP_OK && has_value && tp_field_value_same(field->row, &value, field->value);
    return rc;
}

/* Does every head say this already? */
static tp_rc is_held_already(const tp_rule_work *work, const tp_write_field *field,
                             const tp_loaded_field *loaded, bool *is_held_out, tp_err *err)
{
    tp_rc rc = TP_OK;
    uint32_t same = 0;
    for (uint32_t i = 0; rc == TP_OK && i < loaded->state.heads_count; i++) {
        bool is_same = false;
        rc = says_same(work, loaded, field, loaded->heads[i].at, &is_same, err);
        same += is_same && is_said_already(work, loaded, &loaded->heads[i], field->value);
    }
    /* The same offer once more is no new one, whoever holds it. */
    bool is_offer =
        loaded->state.rule == TP_RULE_HOLDER && !field->value->is_null &&
        !tp_slice_eq(field->value->texts[0], tp_slice_str(tp_log_agency(work->w->node->log)));
    *is_held_out = same == loaded->state.heads_count || (is_offer && same > 0);
    return rc;
}

/* Did it stand on the form like this?  Then its writer left it alone, whatever came since. */
static tp_rc is_left_alone(const tp_rule_work *work, const tp_write_field *field,
                           const tp_loaded_field *loaded, const tp_write_seen *seen,
                           bool *is_left_out, tp_err *err)
{
    tp_rc rc = TP_OK;
    uint32_t same = 0;
    if (loaded->state.rule == TP_RULE_HOLDER) {
        return TP_OK; /* saying the same may be an acceptance */
    }
    for (uint32_t i = 0; rc == TP_OK && i < seen->count; i++) {
        bool is_same = false;
        uint32_t at = change_at(work->loaded, seen->names[i]);
        if (at != TP_DECIDE_NONE) {
            rc = says_same(work, loaded, field, at, &is_same, err);
        }
        same += is_same;
    }
    *is_left_out = seen->count > 0 ? same == seen->count : field->value->is_null;
    return rc;
}

static tp_rc is_unchanged(const tp_rule_work *work, const tp_write_field *field,
                          bool *is_unchanged_out, tp_err *err)
{
    const tp_loaded_field *loaded = tp_loaded_field_of(work->loaded, field->row->code);
    const tp_write_seen *seen = seen_of(work->w, field->row->code);
    if (loaded == NULL || loaded->state.heads_count == 0) {
        *is_unchanged_out = field->value->is_null;
        return TP_OK;
    }
    tp_rc rc = is_held_already(work, field, loaded, is_unchanged_out, err);
    if (rc == TP_OK && !*is_unchanged_out && seen != NULL) {
        rc = is_left_alone(work, field, loaded, seen, is_unchanged_out, err);
    }
    return rc;
}

/* Notes a field in which a head says something else that its writer had not seen. */
static tp_rc note_unseen(tp_rule_work *work, const tp_write_field *field, tp_err *err)
{
    const tp_loaded_field *loaded = tp_loaded_field_of(work->loaded, field->row->code);
    const tp_write_seen *seen = seen_of(work->w, field->row->code);
    tp_write_result *result = work->result;
    tp_rc rc = TP_OK;
    bool is_other = false;
    if (seen == NULL || loaded == NULL || result->unseen_count == TP_WRITE_UNSEEN_MAX) {
        return TP_OK;
    }
    for (uint32_t i = 0; rc == TP_OK && !is_other && i < loaded->state.heads_count; i++) {
        bool is_same = false;
        rc = says_same(work, loaded, field, loaded->heads[i].at, &is_same, err);
        is_other = !is_same && !is_head_seen(work, seen, loaded->heads[i].at);
    }
    if (is_other) {
        result->unseen[result->unseen_count++] = field->row;
    }
    return rc;
}

/* ---- The draft ---- */

/* What its writer said they had seen of the field, as far as it is held. */
static tp_rc see_said(tp_rule_work *work, const tp_write_seen *seen, tp_change_draft *draft,
                      tp_err *err)
{
    void *at = NULL;
    uint32_t count = 0;
    tp_rc rc = tp_arena_take(&work->w->arena, (seen->count + 1) * sizeof(tp_name), &at, err);
    tp_name *names = at;
    for (uint32_t i = 0; rc == TP_OK && i < seen->count; i++) {
        if (change_at(work->loaded, seen->names[i]) != TP_DECIDE_NONE) {
            names[count++] = seen->names[i];
        }
    }
    return rc == TP_OK && count > 0 ? tp_change_draft_see(draft, seen->code, names, count, err)
                                    : rc;
}

/* Names every head of a field that was on the form, or that this device holds. */
static tp_rc see_heads(tp_rule_work *work, uint32_t code, tp_change_draft *draft, tp_err *err)
{
    const tp_loaded_field *field = tp_loaded_field_of(work->loaded, code);
    const tp_write_seen *seen = seen_of(work->w, code);
    void *at = NULL;
    if (seen != NULL) {
        return see_said(work, seen, draft, err);
    }
    if (field == NULL || field->state.heads_count == 0) {
        return TP_OK;
    }
    tp_rc rc = tp_arena_take(&work->w->arena, field->state.heads_count * sizeof(tp_name), &at, err);
    tp_name *names = at;
    for (uint32_t i = 0; rc == TP_OK && i < field->state.heads_count; i++) {
        names[i] = work->loaded->record.changes[field->heads[i].at].change->name;
    }
    return rc == TP_OK ? tp_change_draft_see(draft, code, names, field->state.heads_count, err)
                       : rc;
}

/* Nobody takes back what they have not read.  (Other devices' rules bring such a record back, but a
 * device has always seen what it wrote itself, in every one of its tabs.) */
static tp_rc check_seen_whole(const tp_rule_work *work, tp_err *err)
{
    for (uint32_t i = 0; i < work->loaded->fields_count; i++) {
        const tp_loaded_field *field = &work->loaded->fields[i];
        const bool is_on_page =
            field->state.code != TP_FIELD_RETRACTED && field->state.code != TP_FIELD_PERSON;
        for (uint32_t h = 0; is_on_page && h < field->state.heads_count; h++) {
            if (!is_head_seen(work, seen_of(work->w, field->state.code), field->heads[h].at)) {
                return tp_fail(err, TP_EXISTS,
                               "this record was changed since you opened it: look at it again");
            }
        }
    }
    return TP_OK;
}

static tp_rc see_all(tp_rule_work *work, tp_change_draft *draft, tp_err *err)
{
    tp_rc rc = work->w->is_seen_whole ? check_seen_whole(work, err) : TP_OK;
    for (uint32_t i = 0; rc == TP_OK && i < work->loaded->fields_count; i++) {
        rc = see_heads(work, work->loaded->fields[i].state.code, draft, err);
    }
    return rc;
}

static tp_rc fill_create(const tp_rule_work *work, tp_change_draft *draft, tp_err *err)
{
    tp_rc rc = TP_OK;
    for (uint32_t i = 0; rc == TP_OK && i < work->w->fields_count; i++) {
        const tp_write_field *field = &work->w->fields[i];
        if (!field->value->is_null) {
            draft->kinds |= field->row->kinds;
            rc = tp_change_draft_set(draft, field->row->code, field->value, err);
        }
        /* So that the links of consent events outlive their content (sync/access). */
        if (rc == TP_OK && work->w->entity == TP_CONSENT &&
            field->row->code == TP_CONSENT_IN_SIGHT && field->value->names_count > 0) {
            rc = tp_change_draft_see(draft, field->row->code, field->value->names,
                                     field->value->names_count, err);
        }
    }
    return rc;
}

static tp_rc fill_update(tp_rule_work *work, tp_change_draft *draft, bool *has_news, tp_err *err)
{
    const tp_write *w = work->w;
    tp_rc rc = TP_OK;
    *has_news = false;
    for (uint32_t i = 0; rc == TP_OK && i < w->fields_count; i++) {
        const tp_write_field *field = &w->fields[i];
        bool is_same = false;
        rc = is_unchanged(work, field, &is_same, err);
        if (rc != TP_OK || is_same) {
            continue;
        }
        *has_news = true;
        draft->kinds |= field->row->kinds;
        rc = tp_change_draft_set(draft, field->row->code, field->value, err);
        if (rc == TP_OK) {
            rc = see_heads(work, field->row->code, draft, err);
        }
        if (rc == TP_OK) {
            rc = note_unseen(work, field, err);
        }
    }
    if (rc == TP_OK) {
        rc = w->op == TP_WRITE_RETRACT ? see_all(work, draft, err)
                                       : see_heads(work, TP_FIELD_RETRACTED, draft, err);
    }
    return rc;
}
