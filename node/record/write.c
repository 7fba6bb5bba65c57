/* A change that somebody wants to make, from what was set to what is in the log. */
#include "node/record/write.h"

#include "node/record/check.h"
#include "node/view/mend.h"
#include "node/record/rule.h"
#include "node/record/write_steps.h"
#include "platform/os/wake.h"
#include "schema/utf8.h"
#include "sync/merge/record.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

enum { ARENA_BYTES_MAX = 1024 * 1024 };

static tp_rc check_writer(const tp_write *w, tp_tx *tx, tp_err *err);
static tp_rc load_target(tp_rule_work *work, tp_loaded **loaded_out, tp_err *err);
static tp_rc check_space(const tp_write *w, tp_err *err);
static void warn_of_space(const tp_rule_work *work);

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
    const size_t bytes = field.bytes < sizeof w->trouble ? field.bytes : sizeof w->trouble - 1;
    if (bytes > 0) {
        memcpy(w->trouble, field.at, bytes);
    }
    w->trouble[bytes] = '\0';
}

tp_rc tp_write_set(tp_write *w, tp_slice field, const tp_value *value, tp_err *err)
{
    const tp_field_row *row = row_named(w, field);
    const tp_entity_row *entity = tp_entity_of(w->entity);
    if (row == NULL) {
        note_trouble(w, field);
        return tp_fail_mend(err, TP_INVALID, TP_MEND_FIELD, "a %s has no field of that name",
                            entity == NULL ? "record" : entity->name);
    }
    if (value->type != row->type) {
        note_trouble(w, field);
        return tp_fail(err, TP_INVALID, "%s: a value of another type", row->label);
    }
    return put(w, row, value, err);
}

tp_rc tp_write_see(tp_write *w, tp_slice field, const tp_name *names, uint32_t count, tp_err *err)
{
    const tp_field_row *row = row_named(w, field);
    void *copy = NULL;
    if (row == NULL) {
        note_trouble(w, field);
        return tp_fail(err, TP_INVALID, "seen: there is no field of that name");
    }
    if (count > TP_CHANGE_NAMES_MAX || w->seen_count == TP_CHANGE_FIELDS_MAX) {
        note_trouble(w, field);
        return tp_fail(err, TP_LIMIT, "seen: more than can be named at once");
    }
    tp_rc rc = tp_arena_take(&w->arena, (count + 1) * sizeof *names, &copy, err);
    if (rc != TP_OK) {
        return rc;
    }
    if (count > 0) {
        memcpy(copy, names, count * sizeof *names);
    }
    w->seen[w->seen_count++] = (tp_write_seen){row->code, count, copy};
    return TP_OK;
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
    const size_t bytes = strlen(row->label);
    const bool says_it = (what[0] | 0x20) == (row->label[0] | 0x20) && /* "phone: it has ..." */
                         strncmp(what + 1, row->label + 1, bytes - 1) == 0 &&
                         strncmp(what + bytes, ": ", 2) == 0;
    note_trouble(w, tp_slice_str(row->name));
    return tp_fail(err, rc, "%s: %s", row->label, says_it ? what + bytes + 2 : what);
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
    if (!node->wakes_late && tp_node_path(node, TP_NODE_WAKE, &path, &err) == TP_OK) {
        tp_wake_poke(path.at);
    }
}

tp_rc tp_write_in(tp_write *w, tp_tx *tx, tp_write_result *result_out, tp_err *err)
{
    tp_loaded *loaded = NULL;
    tp_rule_work work = {.w = w, .tx = tx, .result = result_out};
    memset(result_out, 0, sizeof *result_out);
    tp_rc rc = check_space(w, err);
    if (rc == TP_OK) {
        rc = check_writer(w, tx, err);
    }
    if (rc == TP_OK && w->op != TP_WRITE_CREATE) {
        rc = load_target(&work, &loaded, err);
    }
    if (rc == TP_OK) {
        rc = tp_log_now(w->node->log, tx, &work.now, NULL, err);
    }
    if (rc == TP_OK) {
        rc = tp_write_check(&work, err);
    }
    if (rc == TP_OK) {
        rc = tp_rule_apply(&work, err);
    }
    if (rc == TP_OK) {
        rc = tp_write_change(&work, err);
    }
    if (rc == TP_OK) {
        warn_of_space(&work);
    }
    tp_loaded_free(loaded);
    return rc;
}

/* A worker hears of it before anything has to be refused (design section 2); whoever asks at a
 * kiosk can do nothing about it. */
static void warn_of_space(const tp_rule_work *work)
{
    int64_t bytes = 0;
    tp_err ignored;
    if (work->w->worker.bytes > 0 && !work->result->is_unchanged &&
        tp_dir_free_bytes(work->w->node->dir.at, &bytes, &ignored) == TP_OK &&
        bytes < TP_SPACE_LOW_BYTES) {
        tp_write_warn(work->result,
                      "The disk is nearly full: only %" PRId64 " MB are free. Make space before "
                      "it ends; what is not sent yet must not be lost.",
                      bytes / 1000000);
    }
}

/* ---- Who, and what ---- */

/* What is set aside is for sending what there is, not for more of it. */
static tp_rc check_space(const tp_write *w, tp_err *err)
{
    return tp_store_reserve_hold(w->node->store)
               ? TP_OK
               : tp_fail(err, TP_IO,
                         "the disk is full, so this was not recorded: make space, or write it on "
                         "paper. What was recorded is safe and can still be sent.");
}

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
        rc = tp_fail_mend(err, TP_INVALID, TP_MEND_WORKER, "say who writes");
    }
    if (rc == TP_OK && (w->entity != TP_HELP_REQUEST || w->op != TP_WRITE_CREATE)) {
        rc = tp_fail(err, TP_DENIED, "a kiosk takes help requests and nothing else");
    }
    return rc;
}

/* The record that is updated, with every head this device holds: that is what its writer has
 * seen. */
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
        return tp_fail(err, TP_NOTFOUND, "the details of this record were %s",
                       loaded->changes[0].erased_ms != 0 ? "erased" : "given back");
    }
    if ((entity->flags & TP_ENTITY_FINAL) != 0) {
        return tp_fail(err, TP_DENIED,
                       "%s: what was said then stays as it was said; record another one",
                       entity->label);
    }
    w->entity = entity->code;
    work->loaded = loaded;
    work->person = loaded->person;
    return TP_OK;
}
