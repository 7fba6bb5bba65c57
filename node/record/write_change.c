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

/* ---- What is news ---- */

/* The holder is a value and a way of saying it: an offer becomes an acceptance by being said again by
 * those it was offered to. */
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

/* Does every head say this already? */
static tp_rc is_unchanged(const tp_rule_work *work, const tp_write_field *field,
                          bool *is_unchanged_out, tp_err *err)
{
    const tp_loaded_field *loaded = tp_loaded_field_of(work->loaded, field->row->code);
    tp_rc rc = TP_OK;
    uint32_t same = 0;
    if (loaded == NULL || loaded->state.heads_count == 0) {
        *is_unchanged_out = field->value->is_null;
        return TP_OK;
    }
    for (uint32_t i = 0; rc == TP_OK && i < loaded->state.heads_count; i++) {
        tp_value value;
        bool has_value = false;
        rc = tp_loaded_value(work->loaded, loaded, loaded->heads[i].at, &value, &has_value, err);
        same += rc == TP_OK && has_value && tp_field_value_same(field->row, &value, field->value) &&
                is_said_already(work, loaded, &loaded->heads[i], field->value);
    }
    /* The same offer once more is no new one, whoever holds it. */
    bool is_offer =
        loaded->state.rule == TP_RULE_HOLDER && !field->value->is_null &&
        !tp_slice_eq(field->value->texts[0], tp_slice_str(tp_log_agency(work->w->node->log)));
    *is_unchanged_out = same == loaded->state.heads_count || (is_offer && same > 0);
    return rc;
}

/* ---- The draft ---- */

/* Names every head of a field this device holds. */
static tp_rc see_heads(tp_rule_work *work, uint32_t code, tp_change_draft *draft, tp_err *err)
{
    const tp_loaded_field *field = tp_loaded_field_of(work->loaded, code);
    void *at = NULL;
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

static tp_rc see_all(tp_rule_work *work, tp_change_draft *draft, tp_err *err)
{
    tp_rc rc = TP_OK;
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
            field->row->code == TP_CONSENT_IN_SIGHT) {
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
    }
    if (rc == TP_OK) {
        rc = w->op == TP_WRITE_RETRACT ? see_all(work, draft, err)
                                       : see_heads(work, TP_FIELD_RETRACTED, draft, err);
    }
    return rc;
}
