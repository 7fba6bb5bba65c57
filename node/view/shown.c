/* One record as it is shown: what sync/merge decided, copied into an arena. */
#include "node/view/shown.h"

#include "node/view/view_state.h"
#include "sync/log/directory.h"

/* What making one needs on every step. */
typedef struct maker {
    tp_view *view;
    tp_tx *tx;
    const tp_loaded *loaded;
    tp_arena *arena;
    tp_err *err;
} maker;

static tp_rc make_fields(const maker *m, tp_shown *shown);
static tp_rc make_retraction(const maker *m, tp_shown *shown);

tp_rc tp_shown_load(tp_view *view, tp_tx *tx, tp_name record, tp_arena *arena,
                    const tp_shown **shown_out, tp_err *err)
{
    tp_loaded *loaded = NULL;
    tp_shown *shown = NULL;
    *shown_out = NULL;
    tp_rc rc = tp_merge_load(view->merge, tx, record, &loaded, err);
    if (rc == TP_OK) {
        rc = tp_shown_make(view, tx, loaded, arena, &shown, err);
    }
    tp_loaded_free(loaded);
    if (rc == TP_OK) {
        *shown_out = shown;
    }
    return rc;
}

/* The creating change, or NULL where it is not held with its content. */
static const tp_record_change *creating(const tp_loaded *loaded)
{
    const tp_record *record = &loaded->record;
    if (record->count == 0 || !tp_change_creates(record->changes[0].change)) {
        return NULL;
    }
    return &record->changes[0];
}

tp_rc tp_shown_make(tp_view *view, tp_tx *tx, const tp_loaded *loaded, tp_arena *arena,
                    tp_shown **shown_out, tp_err *err)
{
    const maker m = {view, tx, loaded, arena, err};
    const tp_record_change *first = creating(loaded);
    void *at = NULL;
    *shown_out = NULL;
    tp_rc rc = tp_arena_take(arena, sizeof(tp_shown), &at, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_shown *shown = at;
    shown->name = loaded->record.name;
    shown->entity = loaded->record.entity;
    shown->person = loaded->person;
    shown->happened = loaded->happened;
    shown->is_typed = loaded->is_typed;
    shown->is_unsent = tp_loaded_is_unsent(loaded);
    shown->is_bare = first == NULL || first->is_stub;
    shown->is_hidden = loaded->retraction.is_hidden;
    shown->is_final = loaded->retraction.is_final;
    shown->is_brought_back = loaded->retraction.is_brought_back;
    if (first != NULL) {
        shown->written = loaded->changes[0].time;
        shown->given_back_ms = first->is_stub ? loaded->changes[0].given_back_ms : 0;
        shown->erased_ms = first->is_stub ? loaded->changes[0].erased_ms : 0;
        rc = first->is_stub ? TP_OK
                            : tp_arena_copy(arena, first->change->worker, &shown->worker, err);
    }
    if (rc == TP_OK) {
        rc = tp_log_agency_of(view->log, tx, shown->name.device, &shown->agency, err);
    }
    if (rc == TP_OK) {
        rc = make_fields(&m, shown);
    }
    if (rc == TP_OK) {
        rc = make_retraction(&m, shown);
    }
    if (rc == TP_OK) {
        *shown_out = shown;
    }
    return rc;
}

/* Who wrote this change, and its value of the field. */
static tp_rc make_head(const maker *m, uint32_t change_at, uint32_t code, tp_shown_head *head)
{
    const tp_record_change *from = &m->loaded->record.changes[change_at];
    const tp_loaded_change *known = &m->loaded->changes[change_at];
    const tp_change_field *field = tp_change_field_of(from->change, code);
    head->name = from->change->name;
    head->at = known->time;
    head->is_own = known->is_own;
    head->is_at_hub = from->stamp.number != 0;
    tp_rc rc = tp_log_agency_of(m->view->log, m->tx, head->name.device, &head->agency, m->err);
    if (rc == TP_OK && !from->is_stub) {
        rc = tp_arena_copy(m->arena, from->change->worker, &head->worker, m->err);
    }
    if (rc == TP_OK && field != NULL && field->has_value) {
        rc = tp_arena_copy(m->arena, field->value, &head->item, m->err);
    }
    return rc;
}

static tp_rc make_one_head(const maker *m, uint32_t change_at, uint32_t code,
                           const tp_shown_head **head_out)
{
    void *at = NULL;
    *head_out = NULL;
    if (change_at == TP_DECIDE_NONE) {
        return TP_OK;
    }
    tp_rc rc = tp_arena_take(m->arena, sizeof(tp_shown_head), &at, m->err);
    if (rc == TP_OK) {
        rc = make_head(m, change_at, code, at);
    }
    if (rc == TP_OK) {
        *head_out = at;
    }
    return rc;
}

static tp_rc make_heads(const maker *m, const tp_loaded_field *from, tp_shown_field *field)
{
    void *at = NULL;
    tp_rc rc =
        tp_arena_take(m->arena, from->state.heads_count * sizeof(tp_shown_head), &at, m->err);
    tp_shown_head *heads = at;
    for (uint32_t i = 0; rc == TP_OK && i < from->state.heads_count; i++) {
        const tp_head *head = &from->heads[i];
        heads[i].is_shown = head->is_shown;
        heads[i].is_same = head->same_as != i;
        heads[i].is_offer = head->is_offer;
        heads[i].is_told = head->is_told;
        rc = make_head(m, head->at, from->state.code, &heads[i]);
        if (head->at == from->state.shown) {
            field->shown = &heads[i];
        }
    }
    field->heads = heads;
    field->heads_count = from->state.heads_count;
    return rc;
}

static tp_rc make_field(const maker *m, const tp_loaded_field *from, tp_shown_field *field)
{
    const tp_field_state *state = &from->state;
    field->code = state->code;
    field->row = from->row;
    field->is_conflict = state->is_conflict;
    field->is_creator_holding = state->is_creator_holding;
    field->is_unconfirmed = state->is_unconfirmed;
    tp_rc rc = make_heads(m, from, field);
    if (rc == TP_OK && field->shown == NULL) {
        rc = make_one_head(m, state->shown, state->code, &field->shown);
    }
    if (rc == TP_OK && state->is_unconfirmed) {
        rc = make_one_head(m, state->answerable, state->code, &field->answerable);
    }
    return rc;
}

static tp_rc make_fields(const maker *m, tp_shown *shown)
{
    void *at = NULL;
    tp_rc rc =
        tp_arena_take(m->arena, m->loaded->fields_count * sizeof(tp_shown_field), &at, m->err);
    tp_shown_field *fields = at;
    uint32_t count = 0;
    for (uint32_t i = 0; rc == TP_OK && i < m->loaded->fields_count; i++) {
        const tp_loaded_field *from = &m->loaded->fields[i];
        if (from->state.code == TP_FIELD_RETRACTED || from->state.code == TP_FIELD_PERSON) {
            continue; /* said by the record as a whole */
        }
        rc = make_field(m, from, &fields[count++]);
    }
    shown->fields = fields;
    shown->fields_count = count;
    return rc;
}

static tp_rc make_retraction(const maker *m, tp_shown *shown)
{
    return make_one_head(m, m->loaded->retraction.by, TP_FIELD_RETRACTED, &shown->retraction);
}

/* ---- Questions about a record that is shown ---- */

const tp_shown_field *tp_shown_field_of(const tp_shown *shown, uint32_t code)
{
    for (uint32_t i = 0; i < shown->fields_count; i++) {
        if (shown->fields[i].code == code) {
            return &shown->fields[i];
        }
    }
    return NULL;
}

tp_rc tp_shown_value(const tp_field_row *row, const tp_shown_head *head, tp_value *value_out,
                     bool *has_value_out, tp_err *err)
{
    /* Names in a value are relative to its change's own, and that is all a value needs of it: the
     * arrays, which are large, stay as they are. */
    tp_change author;
    *has_value_out = false;
    if (row == NULL || head == NULL || head->item.bytes == 0) {
        return TP_OK;
    }
    author.name = head->name;
    author.record = head->name;
    author.fields_count = 0;
    author.seen_count = 0;
    tp_rc rc = tp_field_value_decode(row, &author, head->item, value_out, err);
    *has_value_out = rc == TP_OK;
    return rc;
}

tp_slice tp_shown_text(const tp_shown *shown, uint32_t code)
{
    static const tp_slice none = {NULL, 0};
    const tp_shown_field *field = tp_shown_field_of(shown, code);
    tp_value value;
    tp_err err;
    bool has_value = false;
    if (field == NULL || field->row == NULL || field->shown == NULL ||
        tp_shown_value(field->row, field->shown, &value, &has_value, &err) != TP_OK || !has_value ||
        value.is_null) {
        return none;
    }
    switch (field->row->type) {
    case TP_TYPE_TEXT:
    case TP_TYPE_CODE:
    case TP_TYPE_DATE:
    case TP_TYPE_PARTIAL_DATE:
    case TP_TYPE_NHS_NUMBER:
    case TP_TYPE_PHONE:
    case TP_TYPE_GRID:
    case TP_TYPE_AGENCY:
        return value.text;
    case TP_TYPE_CODES:
    case TP_TYPE_BOOL:
    case TP_TYPE_COUNT:
    case TP_TYPE_INSTANT:
    case TP_TYPE_AGENCIES:
    case TP_TYPE_HOLDER:
    case TP_TYPE_RECORD:
    case TP_TYPE_RECORDS:
        return none;
    }
    return none;
}

tp_slice tp_shown_person_name(const tp_shown *person)
{
    static const uint32_t codes[] = {TP_PERSON_PREFERRED_NAME, TP_PERSON_LEGAL_NAME,
                                     TP_PERSON_DESCRIPTION};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        tp_slice text = tp_shown_text(person, codes[i]);
        if (text.bytes > 0) {
            return text;
        }
    }
    return tp_slice_str("somebody not known by name");
}
