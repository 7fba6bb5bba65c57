/* A change that somebody wants to make, from what was set to what is in the log. */
#include "node/record/write.h"

#include "node/record/check.h"
#include "node/record/rule.h"
#include "platform/os/wake.h"
#include "schema/london_time.h"
#include "schema/utf8.h"
#include "sync/merge/record.h"

#include <stdarg.h>
#include <stdio.h>

enum { ARENA_BYTES_MAX = 1024 * 1024 };

static tp_rc check_writer(const tp_write *w, tp_tx *tx, tp_err *err);
static tp_rc load_target(tp_rule_work *work, tp_loaded **loaded_out, tp_err *err);
static tp_rc check_values(tp_rule_work *work, tp_err *err);
static tp_rc check_create(tp_rule_work *work, tp_err *err);
static tp_rc check_update(tp_rule_work *work, tp_err *err);
static tp_rc check_references(tp_rule_work *work, tp_err *err);
static tp_rc write_change(tp_rule_work *work, tp_err *err);

/* ---- Setting ---- */

void tp_write_init(tp_write *w, tp_node *node, tp_write_op op, uint32_t entity, tp_slice worker)
{
    memset(w, 0, sizeof *w);
    w->node = node;
    w->op = op;
    w->entity = entity;
    w->worker = tp_utf8_trim(worker);
    tp_arena_init(&w->arena, ARENA_BYTES_MAX);
}

void tp_write_done(tp_write *w)
{
    tp_arena_done(&w->arena);
    w->fields_count = 0;
}

/* Copies what a value borrows, and the value itself as far as it is used. */
static tp_rc copy_value(tp_write *w, const tp_value *value, tp_value **copy_out, tp_err *err)
{
    void *at = NULL;
    const size_t bytes = tp_check_value_bytes(value);
    tp_rc rc = tp_arena_take(&w->arena, bytes, &at, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_value *copy = memcpy(at, value, bytes);
    rc = tp_arena_copy(&w->arena, value->text, &copy->text, err);
    for (uint32_t i = 0; rc == TP_OK && i < value->texts_count; i++) {
        rc = tp_arena_copy(&w->arena, value->texts[i], &copy->texts[i], err);
    }
    *copy_out = copy;
    return rc;
}

static tp_write_field *field_of(tp_write *w, uint32_t code)
{
    for (uint32_t i = 0; i < w->fields_count; i++) {
        if (w->fields[i].row->code == code) {
            return &w->fields[i];
        }
    }
    return NULL;
}

static tp_rc put(tp_write *w, const tp_field_row *row, const tp_value *value, tp_err *err)
{
    tp_write_field *field = field_of(w, row->code);
    if (field == NULL) {
        if (w->fields_count == TP_CHANGE_FIELDS_MAX) {
            return tp_fail(err, TP_LIMIT, "more than %u fields at once", TP_CHANGE_FIELDS_MAX);
        }
        field = &w->fields[w->fields_count];
        field->row = row;
    }
    tp_rc rc = copy_value(w, value, &field->value, err);
    if (rc == TP_OK && field == &w->fields[w->fields_count]) {
        w->fields_count++;
    }
    return rc;
}

/* "reason" is what people call the field that hides a record, where they hide it. */
static const tp_field_row *row_named(const tp_write *w, tp_slice field)
{
    if (w->op == TP_WRITE_RETRACT && tp_slice_is(field, "reason")) {
        return tp_field_of(w->entity, TP_FIELD_RETRACTED);
    }
    return tp_field_named(w->entity, field);
}

static void note_trouble(tp_write *w, tp_slice field)
{
    snprintf(w->trouble, sizeof w->trouble, "%.*s", TP_SLICE_FMT(field));
}

tp_rc tp_write_set(tp_write *w, tp_slice field, const tp_value *value, tp_err *err)
{
    const tp_field_row *row = row_named(w, field);
    const tp_entity_row *entity = tp_entity_of(w->entity);
    if (row == NULL) {
        note_trouble(w, field);
        return tp_fail(err, TP_INVALID, "a %s has no field of that name: see --help",
                       entity == NULL ? "record" : entity->name);
    }
    if (value->type != row->type) {
        note_trouble(w, field);
        return tp_fail(err, TP_INVALID, "%s: a value of another type", row->label);
    }
    return put(w, row, value, err);
}

tp_rc tp_write_put(tp_write *w, uint32_t code, const tp_value *value, tp_err *err)
{
    return put(w, tp_field_of(w->entity, code), value, err);
}

tp_rc tp_write_put_text(tp_write *w, uint32_t code, const char *text, tp_err *err)
{
    const tp_field_row *row = tp_field_of(w->entity, code);
    tp_value value = {.type = row->type, .text = tp_slice_str(text)};
    return put(w, row, &value, err);
}

tp_rc tp_write_set_text(tp_write *w, const char *field, tp_slice text, tp_err *err)
{
    const tp_field_row *row = row_named(w, tp_slice_str(field));
    tp_value value = {.type = row == NULL ? TP_TYPE_TEXT : row->type, .text = text};
    return tp_write_set(w, tp_slice_str(field), &value, err);
}

tp_rc tp_write_set_name(tp_write *w, const char *field, tp_name name, tp_err *err)
{
    tp_value value = {.type = TP_TYPE_RECORD, .names_count = 1, .names = {name}};
    return tp_write_set(w, tp_slice_str(field), &value, err);
}

tp_rc tp_write_set_holder(tp_write *w, const char *field, tp_slice agency, tp_slice worker,
                          tp_err *err)
{
    tp_value value = {.type = TP_TYPE_HOLDER, .texts_count = 2, .texts = {agency, worker}};
    return tp_write_set(w, tp_slice_str(field), &value, err);
}

tp_rc tp_write_clear(tp_write *w, const char *field, tp_err *err)
{
    const tp_field_row *row = row_named(w, tp_slice_str(field));
    tp_value value = {.type = row == NULL ? TP_TYPE_TEXT : row->type, .is_null = true};
    return tp_write_set(w, tp_slice_str(field), &value, err);
}

const tp_value *tp_write_value(const tp_write *w, uint32_t code)
{
    for (uint32_t i = 0; i < w->fields_count; i++) {
        if (w->fields[i].row->code == code) {
            return w->fields[i].value;
        }
    }
    return NULL;
}

tp_rc tp_write_refuse(tp_write *w, uint32_t code, tp_rc rc, const char *what, tp_err *err)
{
    const tp_field_row *row = tp_field_of(w->entity, code);
    note_trouble(w, tp_slice_str(row->name));
    return tp_fail(err, rc, "%s: %s", row->label, what);
}

void tp_write_warn(tp_write_result *result, const char *fmt, ...)
{
    if (result->warnings_count < TP_WRITE_WARNINGS_MAX) {
        va_list args;
        va_start(args, fmt);
        vsnprintf(result->warnings[result->warnings_count++], sizeof result->warnings[0], fmt,
                  args);
        va_end(args);
    }
}

/* ---- Running ---- */

tp_rc tp_write_run(tp_write *w, tp_write_result *result_out, tp_err *err)
{
    tp_tx tx = TP_TX_NONE;
    memset(result_out, 0, sizeof *result_out);
    tp_rc rc = tp_tx_begin(w->node->store, &tx, TP_TX_WRITE, err);
    if (rc == TP_OK) {
        rc = tp_write_in(w, &tx, result_out, err);
    }
    if (rc == TP_OK && !result_out->is_unchanged) {
        rc = tp_tx_commit(&tx, err);
    }
    tp_tx_rollback(&tx);
    if (rc == TP_OK && !result_out->is_unchanged) {
        tp_write_wake(w->node);
    }
    return rc;
}

void tp_write_wake(const tp_node *node)
{
    tp_path path;
    tp_err err;
    if (tp_node_path(node, TP_NODE_WAKE, &path, &err) == TP_OK) {
        tp_wake_poke(path.at);
    }
}

tp_rc tp_write_in(tp_write *w, tp_tx *tx, tp_write_result *result_out, tp_err *err)
{
    tp_loaded *loaded = NULL;
    tp_rule_work work = {.w = w, .tx = tx, .result = result_out};
    memset(result_out, 0, sizeof *result_out);
    tp_rc rc = check_writer(w, tx, err);
    if (rc == TP_OK && w->op != TP_WRITE_CREATE) {
        rc = load_target(&work, &loaded, err);
    }
    if (rc == TP_OK) {
        rc = tp_log_now(w->node->log, tx, &work.now, NULL, err);
    }
    if (rc == TP_OK) {
        rc = check_values(&work, err);
    }
    if (rc == TP_OK) {
        rc = w->op == TP_WRITE_CREATE ? check_create(&work, err) : check_update(&work, err);
    }
    if (rc == TP_OK) {
        rc = check_references(&work, err);
    }
    if (rc == TP_OK) {
        rc = tp_rule_apply(&work, err);
    }
    if (rc == TP_OK) {
        rc = write_change(&work, err);
    }
    tp_loaded_free(loaded);
    return rc;
}

/* ---- Who, and what ---- */

static tp_rc check_writer(const tp_write *w, tp_tx *tx, tp_err *err)
{
    bool is_kiosk = false;
    if (tp_entity_of(w->entity) == NULL && w->op == TP_WRITE_CREATE) {
        return tp_fail(err, TP_INVALID, "there are no records of that kind");
    }
    if (w->worker.bytes > TP_WORKER_BYTES_MAX || !tp_utf8_is_valid(w->worker)) {
        return tp_fail(err, TP_INVALID, "the worker's name is too long, or not UTF-8");
    }
    if (w->worker.bytes > 0) {
        return TP_OK;
    }
    tp_rc rc = tp_log_is_kiosk(w->node->log, tx, &is_kiosk, err);
    if (rc == TP_OK && !is_kiosk) {
        rc = tp_fail(err, TP_INVALID, "say who writes: --worker NAME, or TEAPOT_WORKER");
    }
    if (rc == TP_OK && (w->entity != TP_HELP_REQUEST || w->op != TP_WRITE_CREATE)) {
        rc = tp_fail(err, TP_DENIED, "a kiosk takes help requests and nothing else");
    }
    return rc;
}

/* The record that is updated, with every head this device holds: that is what its writer has seen. */
static tp_rc load_target(tp_rule_work *work, tp_loaded **loaded_out, tp_err *err)
{
    tp_write *w = work->w;
    tp_err missing = {0};
    tp_rc rc = tp_merge_load(w->node->merge, work->tx, w->record, loaded_out, &missing);
    if (rc == TP_NOTFOUND) {
        return tp_fail(err, TP_NOTFOUND, "no such record is held here");
    }
    if (rc != TP_OK) {
        *err = missing;
        return rc;
    }
    const tp_loaded *loaded = *loaded_out;
    const tp_entity_row *entity = tp_entity_of(loaded->record.entity);
    if (entity == NULL) {
        return tp_fail(err, TP_DENIED, "a newer Teapot made this record: upgrade to change it");
    }
    if (w->entity != 0 && w->entity != entity->code) {
        return tp_fail(err, TP_INVALID, "that record is of another kind: %s", entity->name);
    }
    if (!tp_change_creates(loaded->record.changes[0].change) || loaded->record.changes[0].is_stub) {
        return tp_fail(err, TP_NOTFOUND, "the details of this record were given back");
    }
    if ((entity->flags & TP_ENTITY_FINAL) != 0) {
        return tp_fail(err, TP_DENIED, "a %s is never corrected or taken back: record another one",
                       entity->name);
    }
    w->entity = entity->code;
    work->loaded = loaded;
    work->person = loaded->person;
    return TP_OK;
}

/* ---- Values ---- */

static tp_rc check_one(tp_write *w, const tp_write_field *field, const tp_day *today, tp_err *err)
{
    tp_err trouble = {0};
    tp_rc rc = tp_check_value(w->entity, field->row, today, &w->arena, field->value, &trouble);
    if (rc == TP_INVALID) {
        return tp_write_refuse(w, field->row->code, rc, trouble.what, err);
    }
    if (rc != TP_OK) {
        *err = trouble;
    }
    return rc;
}

/* Typed times later than can be: shown back, since only the person can know (design section 3). */
static void question_time(const tp_rule_work *work, const tp_write_field *field)
{
    if (field->row->type == TP_TYPE_INSTANT && !field->value->is_null &&
        field->value->number - TP_LONDON_AHEAD_MS > work->now.latest_ms) {
        char text[TP_LONDON_TEXT_MAX];
        tp_london_format(field->value->number, text);
        tp_write_warn(work->result, "%s: %s is still to come. If it is a slip, correct it.",
                      field->row->label, text);
    }
}

static tp_rc check_values(tp_rule_work *work, tp_err *err)
{
    tp_write *w = work->w;
    const tp_day today = tp_london_day_of(work->now.ms);
    const tp_value *person = NULL;
    tp_rc rc = TP_OK;
    for (uint32_t i = 0; rc == TP_OK && i < w->fields_count; i++) {
        rc = check_one(w, &w->fields[i], work->now.is_certain ? &today : NULL, err);
        if (rc == TP_OK) {
            question_time(work, &w->fields[i]);
        }
    }
    if (rc == TP_OK) {
        person = tp_write_value(w, TP_FIELD_PERSON);
    }
    if (person != NULL && !person->is_null && tp_name_is_none(work->person)) {
        work->person = person->names[0];
    }
    return rc;
}

static tp_rc check_create(tp_rule_work *work, tp_err *err)
{
    tp_write *w = work->w;
    const tp_entity_row *entity = tp_entity_of(w->entity);
    if (w->entity == TP_PERSON && tp_write_value(w, TP_FIELD_PERSON) != NULL) {
        return tp_write_refuse(w, TP_FIELD_PERSON, TP_INVALID, "a person's record is about itself",
                               err);
    }
    if (tp_write_value(w, TP_FIELD_RETRACTED) != NULL) {
        return tp_write_refuse(w, TP_FIELD_RETRACTED, TP_INVALID,
                               "a record is taken back after it was written", err);
    }
    if (w->entity != TP_PERSON && (entity->flags & TP_ENTITY_PERSONLESS) == 0 &&
        tp_name_is_none(work->person)) {
        return tp_write_refuse(w, TP_FIELD_PERSON, TP_INVALID, "say whom it is about", err);
    }
    for (const tp_field_row *row = entity->fields; row->code != 0; row++) {
        const tp_value *value = tp_write_value(w, row->code);
        if ((row->flags & TP_FIELD_REQUIRED) != 0 && (value == NULL || value->is_null)) {
            return tp_write_refuse(w, row->code, TP_INVALID, "it is needed", err);
        }
    }
    return TP_OK;
}

static tp_rc check_updated_field(tp_rule_work *work, const tp_write_field *field, tp_err *err)
{
    const tp_field_row *row = field->row;
    if ((row->flags & TP_FIELD_ONCE) != 0) {
        return tp_write_refuse(work->w, row->code, TP_DENIED, "it is set once, and never changed",
                               err);
    }
    if ((row->flags & TP_FIELD_REQUIRED) != 0 && field->value->is_null) {
        return tp_write_refuse(work->w, row->code, TP_INVALID, "it cannot be empty", err);
    }
    if (row->code != TP_FIELD_PERSON || tp_name_is_none(work->loaded->person)) {
        return TP_OK;
    }
    if (work->w->entity == TP_PERSON || field->value->is_null ||
        !tp_name_eq(field->value->names[0], work->loaded->person)) {
        return tp_write_refuse(work->w, TP_FIELD_PERSON, TP_DENIED,
                               "filled once, never changed: take this record back as "
                               "\"wrong_person\" and write it again",
                               err);
    }
    return TP_OK;
}

/* "wrong_person" and "should_not_have_travelled" are undone by who said so, or by who made the record. */
static bool may_bring_back(const tp_rule_work *work)
{
    const tp_loaded *loaded = work->loaded;
    const tp_slice own = tp_slice_str(tp_log_agency(work->w->node->log));
    return !loaded->retraction.is_final || tp_slice_eq(own, loaded->record.creator) ||
           tp_slice_eq(own, loaded->record.changes[loaded->retraction.by].agency);
}

static tp_rc check_update(tp_rule_work *work, tp_err *err)
{
    tp_write *w = work->w;
    const tp_value *reason = tp_write_value(w, TP_FIELD_RETRACTED);
    tp_rc rc = TP_OK;
    if (w->op == TP_WRITE_RETRACT) {
        if (reason == NULL || reason->is_null) {
            return tp_write_refuse(w, TP_FIELD_RETRACTED, TP_INVALID, "say why: --reason", err);
        }
        work->restricts = true;
    } else if (reason != NULL && !reason->is_null) {
        return tp_write_refuse(w, TP_FIELD_RETRACTED, TP_INVALID,
                               "to take a record back, say so: teapot retract", err);
    } else if (work->loaded->retraction.is_hidden && reason == NULL) {
        return tp_fail(err, TP_DENIED,
                       "this record was taken back: bring it back first, with "
                       "`teapot correct RECORD --retracted \"\"`");
    } else if (reason != NULL && !may_bring_back(work)) {
        return tp_write_refuse(w, TP_FIELD_RETRACTED, TP_DENIED,
                               "only the agency that made the record, or took it back, brings it "
                               "back",
                               err);
    }
    if (w->fields_count == 0) {
        return tp_fail(err, TP_INVALID, "nothing to change: name a field and its value");
    }
    for (uint32_t i = 0; rc == TP_OK && i < w->fields_count; i++) {
        rc = check_updated_field(work, &w->fields[i], err);
    }
    if (tp_write_value(w, TP_FIELD_INFO) != NULL) {
        work->restricts = true;
    }
    return rc;
}

/* ---- Records that are named ---- */

static tp_rc check_reference(tp_rule_work *work, const tp_field_row *row, tp_name name,
                             uint32_t entity, tp_err *err)
{
    tp_record_ref ref;
    tp_err missing = {0};
    tp_rc rc = tp_merge_find(work->w->node->merge, work->tx, name, &ref, &missing);
    if (rc == TP_NOTFOUND) {
        return tp_write_refuse(work->w, row->code, TP_NOTFOUND, "no such record is held here", err);
    }
    if (rc != TP_OK) {
        *err = missing;
        return rc;
    }
    if (entity != 0 && ref.entity != entity) {
        return tp_write_refuse(work->w, row->code, TP_INVALID, "that is a record of another kind",
                               err);
    }
    return TP_OK;
}

/* What a field of names may name; 0: anything that is held. */
static uint32_t named_entity(const tp_write *w, const tp_field_row *row)
{
    if (row->code == TP_FIELD_PERSON || (w->entity == TP_JOIN && row->code == TP_JOIN_SAME_AS)) {
        return TP_PERSON;
    }
    if (w->entity == TP_UNJOIN && row->code == TP_UNJOIN_JOINS) {
        return TP_JOIN;
    }
    return 0;
}

static tp_rc check_references(tp_rule_work *work, tp_err *err)
{
    tp_write *w = work->w;
    tp_rc rc = TP_OK;
    for (uint32_t i = 0; rc == TP_OK && i < w->fields_count; i++) {
        const tp_write_field *field = &w->fields[i];
        for (uint32_t n = 0; rc == TP_OK && n < field->value->names_count; n++) {
            rc = check_reference(work, field->row, field->value->names[n],
                                 named_entity(w, field->row), err);
        }
    }
    return rc;
}

/* ---- Into the log ---- */

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

static tp_rc write_change(tp_rule_work *work, tp_err *err)
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
