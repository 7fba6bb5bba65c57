/* Values as JSON, and lines of `teapot import`. */
#include "node/record/json.h"

#include "node/record/join.h"
#include "node/record/person.h"
#include "schema/london_time.h"
#include "schema/name_text.h"
#include "schema/utf8.h"

#include <stdio.h>

/* ---- Out ---- */

json_t *tp_json_of_text(tp_slice text)
{
    /* What another program wrote is UTF-8: it was checked when it was decoded. */
    return json_stringn(text.bytes == 0 ? "" : (const char *)text.at, text.bytes);
}

json_t *tp_json_of_name(tp_name name)
{
    char text[TP_NAME_TEXT_BYTES];
    if (tp_name_is_none(name)) {
        return json_null();
    }
    tp_name_print(name, text);
    return json_string(text);
}

static json_t *of_instant(int64_t ms)
{
    char text[TP_UTC_TEXT_MAX];
    tp_utc_format(ms, text);
    return json_string(text);
}

static json_t *of_texts(const tp_value *value)
{
    json_t *array = json_array();
    for (uint32_t i = 0; array != NULL && i < value->texts_count; i++) {
        if (json_array_append_new(array, tp_json_of_text(value->texts[i])) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static json_t *of_names(const tp_value *value)
{
    json_t *array = json_array();
    for (uint32_t i = 0; array != NULL && i < value->names_count; i++) {
        if (json_array_append_new(array, tp_json_of_name(value->names[i])) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static json_t *of_holder(const tp_value *value)
{
    json_t *object = json_object();
    if (object == NULL || value->texts_count != 2 ||
        json_object_set_new(object, "agency", tp_json_of_text(value->texts[0])) != 0) {
        json_decref(object);
        return NULL;
    }
    if (value->texts[1].bytes > 0 &&
        json_object_set_new(object, "worker", tp_json_of_text(value->texts[1])) != 0) {
        json_decref(object);
        return NULL;
    }
    return object;
}

json_t *tp_json_of_value(const tp_field_row *row, const tp_value *value)
{
    if (value->is_null) {
        return json_null();
    }
    switch (row->type) {
    case TP_TYPE_TEXT:
    case TP_TYPE_CODE:
    case TP_TYPE_DATE:
    case TP_TYPE_PARTIAL_DATE:
    case TP_TYPE_NHS_NUMBER:
    case TP_TYPE_PHONE:
    case TP_TYPE_GRID:
    case TP_TYPE_AGENCY:
        return tp_json_of_text(value->text);
    case TP_TYPE_CODES:
    case TP_TYPE_AGENCIES:
        return of_texts(value);
    case TP_TYPE_BOOL:
        return json_boolean(value->number != 0);
    case TP_TYPE_COUNT:
        return json_integer(value->number);
    case TP_TYPE_INSTANT:
        return of_instant(value->number);
    case TP_TYPE_HOLDER:
        return of_holder(value);
    case TP_TYPE_RECORD:
        return tp_json_of_name(value->names[0]);
    case TP_TYPE_RECORDS:
        return of_names(value);
    }
    return NULL;
}

/* ---- In ---- */

static tp_rc text_of(const json_t *json, tp_slice *text_out, tp_err *err)
{
    if (!json_is_string(json)) {
        return tp_fail(err, TP_INVALID, "a text is wanted here");
    }
    *text_out = tp_slice_of(json_string_value(json), json_string_length(json));
    return TP_OK;
}

static tp_rc texts_of(const json_t *json, tp_value *value, tp_err *err)
{
    if (!json_is_array(json) || json_array_size(json) > TP_VALUE_TEXTS_MAX) {
        return tp_fail(err, TP_INVALID, "a list of at most %d texts is wanted here",
                       TP_VALUE_TEXTS_MAX);
    }
    tp_rc rc = TP_OK;
    for (size_t i = 0; rc == TP_OK && i < json_array_size(json); i++) {
        rc = text_of(json_array_get(json, i), &value->texts[value->texts_count++], err);
    }
    return rc;
}

static tp_rc name_of(const json_t *json, tp_name *name_out, tp_err *err)
{
    tp_slice text;
    tp_rc rc = text_of(json, &text, err);
    if (rc == TP_OK && !tp_name_read(text, name_out)) {
        rc = tp_fail(err, TP_INVALID, "not the name of a record: sixteen digits, -, a number");
    }
    return rc;
}

static tp_rc names_of(const json_t *json, tp_value *value, tp_err *err)
{
    if (!json_is_array(json) || json_array_size(json) > TP_VALUE_NAMES_MAX) {
        return tp_fail(err, TP_INVALID, "a list of at most %d names is wanted here",
                       TP_VALUE_NAMES_MAX);
    }
    tp_rc rc = TP_OK;
    for (size_t i = 0; rc == TP_OK && i < json_array_size(json); i++) {
        rc = name_of(json_array_get(json, i), &value->names[value->names_count++], err);
    }
    return rc;
}

static tp_rc holder_of(const json_t *json, tp_value *value, tp_err *err)
{
    const json_t *worker = json_object_get(json, "worker");
    if (!json_is_object(json)) {
        return tp_fail(err, TP_INVALID, "an object with agency and worker is wanted here");
    }
    value->texts_count = 2;
    value->texts[1] = tp_slice_str("");
    tp_rc rc = text_of(json_object_get(json, "agency"), &value->texts[0], err);
    if (rc == TP_OK && worker != NULL && !json_is_null(worker)) {
        rc = text_of(worker, &value->texts[1], err);
    }
    return rc;
}

/* A whole time with its zone; the forms that depend on now are for people. */
static tp_rc instant_of(const json_t *json, tp_value *value, tp_err *err)
{
    tp_slice text;
    tp_rc rc = text_of(json, &text, err);
    if (rc == TP_OK && (text.bytes < 17 || (text.at[10] != 'T' && text.at[10] != 't'))) {
        rc = tp_fail(err, TP_INVALID, "a time like 2026-01-12T20:02Z is wanted here");
    }
    return rc == TP_OK ? tp_london_parse(text, 0, &value->number, err) : rc;
}

static tp_rc set_of_json(const tp_field_row *row, const json_t *json, tp_value *value, tp_err *err)
{
    switch (row->type) {
    case TP_TYPE_TEXT:
    case TP_TYPE_CODE:
    case TP_TYPE_DATE:
    case TP_TYPE_PARTIAL_DATE:
    case TP_TYPE_NHS_NUMBER:
    case TP_TYPE_PHONE:
    case TP_TYPE_GRID:
    case TP_TYPE_AGENCY:
        return text_of(json, &value->text, err);
    case TP_TYPE_CODES:
    case TP_TYPE_AGENCIES:
        return texts_of(json, value, err);
    case TP_TYPE_BOOL:
        value->number = json_is_true(json);
        return json_is_boolean(json) ? TP_OK
                                     : tp_fail(err, TP_INVALID, "true or false is wanted here");
    case TP_TYPE_COUNT:
        value->number = json_integer_value(json);
        return json_is_integer(json) ? TP_OK
                                     : tp_fail(err, TP_INVALID, "a whole number is wanted here");
    case TP_TYPE_INSTANT:
        return instant_of(json, value, err);
    case TP_TYPE_HOLDER:
        return holder_of(json, value, err);
    case TP_TYPE_RECORD:
        value->names_count = 1;
        return name_of(json, &value->names[0], err);
    case TP_TYPE_RECORDS:
        return names_of(json, value, err);
    }
    return tp_fail(err, TP_INVALID, "a field of a type this program does not know");
}

tp_rc tp_value_of_json(const tp_field_row *row, const json_t *json, tp_value *value_out,
                       tp_err *err)
{
    /* The arrays, which are large, stay as they are. */
    value_out->type = row->type;
    value_out->is_null =
        json_is_null(json) || (json_is_string(json) && json_string_length(json) == 0);
    value_out->text = tp_slice_of(NULL, 0);
    value_out->number = 0;
    value_out->texts_count = 0;
    value_out->names_count = 0;
    return value_out->is_null ? TP_OK : set_of_json(row, json, value_out, err);
}

/* ---- Lines of import ---- */

/* One line, taken apart. */
typedef struct import_line {
    tp_node *node;
    tp_slice op;
    tp_slice worker; /* empty: a kiosk */
    tp_name record;  /* none: not given */
    uint32_t entity; /* 0: not given */
    const json_t *set;
} import_line;

static tp_rc refuse(tp_import_result *result, const char *key, const char *what, tp_err *err)
{
    snprintf(result->trouble, sizeof result->trouble, "%s", key);
    return tp_fail(err, TP_INVALID, "%s: %s", key, what);
}

static tp_slice text_or_empty(const json_t *json)
{
    return json_is_string(json) ? tp_slice_of(json_string_value(json), json_string_length(json))
                                : tp_slice_str("");
}

static tp_rc take_apart(tp_node *node, const json_t *json, import_line *line,
                        tp_import_result *result, tp_err *err)
{
    const json_t *record = json_object_get(json, "record");
    const json_t *entity = json_object_get(json, "entity");
    const json_t *worker = json_object_get(json, "worker");
    if (!json_is_object(json)) {
        return refuse(result, "line", "a JSON object is wanted", err);
    }
    line->node = node;
    line->op = text_or_empty(json_object_get(json, "op"));
    line->worker = text_or_empty(worker);
    line->set = json_object_get(json, "set");
    if (worker != NULL && !json_is_null(worker) && !json_is_string(worker)) {
        return refuse(result, "worker", "a name or null is wanted", err);
    }
    if (record != NULL && !json_is_null(record) &&
        !tp_name_read(text_or_empty(record), &line->record)) {
        return refuse(result, "record", "not the name of a record", err);
    }
    if (entity != NULL) {
        const tp_entity_row *row = tp_entity_named(text_or_empty(entity));
        if (row == NULL) {
            return refuse(result, "entity", "there are no records of that kind", err);
        }
        line->entity = row->code;
    }
    if (line->set != NULL && !json_is_object(line->set)) {
        return refuse(result, "set", "an object with fields is wanted", err);
    }
    return TP_OK;
}

static tp_rc set_field(tp_write *w, const char *field, const json_t *json, tp_err *err)
{
    const bool is_reason = w->op == TP_WRITE_RETRACT && strcmp(field, "reason") == 0;
    const tp_field_row *row = is_reason ? tp_field_of(w->entity, TP_FIELD_RETRACTED)
                                        : tp_field_named(w->entity, tp_slice_str(field));
    tp_value value;
    tp_err trouble = {0};
    if (row == NULL) {
        value.type = TP_TYPE_TEXT;
        return tp_write_set(w, tp_slice_str(field), &value, err); /* refuses it by name */
    }
    tp_rc rc = tp_value_of_json(row, json, &value, &trouble);
    if (rc != TP_OK) {
        snprintf(w->trouble, sizeof w->trouble, "%s", row->name);
        return tp_fail(err, rc, "%s: %s", row->label, trouble.what);
    }
    return tp_write_set(w, tp_slice_str(field), &value, err);
}

static tp_rc set_fields(tp_write *w, const json_t *set, tp_err *err)
{
    const char *field = NULL;
    json_t *json = NULL;
    tp_rc rc = TP_OK;
    json_object_foreach((json_t *)set, field, json)
    {
        if (rc == TP_OK) {
            rc = set_field(w, field, json, err);
        }
    }
    return rc;
}

/* Who the new person may be: told, not asked. */
static tp_rc look_for_same(tp_write *w, tp_import_result *result, tp_err *err)
{
    tp_tx tx = TP_TX_NONE;
    tp_found_list list;
    tp_rc rc = tp_tx_begin(w->node->store, &tx, TP_TX_READ, err);
    if (rc != TP_OK) {
        return rc;
    }
    rc = tp_person_may_be(w, &tx, &list, err);
    tp_tx_rollback(&tx);
    if (rc != TP_OK) {
        return rc;
    }
    for (uint32_t i = 0; i < list.count && i < TP_WRITE_MAY_BE_MAX; i++) {
        result->may_be[result->may_be_count++] = list.people[i].person;
    }
    tp_found_list_done(&list);
    return TP_OK;
}

static tp_rc write_line(const import_line *line, tp_write_op op, tp_import_result *result,
                        tp_err *err)
{
    tp_write w;
    if (op == TP_WRITE_CREATE ? line->entity == 0 : tp_name_is_none(line->record)) {
        return refuse(result, op == TP_WRITE_CREATE ? "entity" : "record", "it is needed", err);
    }
    if (line->entity == 0) {
        return refuse(result, "entity", "it is needed", err);
    }
    tp_write_init(&w, line->node, op, line->entity, line->worker);
    w.record = line->record;
    tp_rc rc = set_fields(&w, line->set, err);
    if (rc == TP_OK && op == TP_WRITE_CREATE && line->entity == TP_PERSON) {
        rc = look_for_same(&w, result, err);
    }
    if (rc == TP_OK) {
        rc = tp_write_run(&w, &result->written, err);
    }
    snprintf(result->trouble, sizeof result->trouble, "%s", w.trouble);
    tp_write_done(&w);
    return rc;
}

static tp_rc join_line(const import_line *line, bool is_join, tp_import_result *result, tp_err *err)
{
    tp_name same_as;
    tp_slice text = text_or_empty(json_object_get(line->set, "same_as"));
    tp_slice why = text_or_empty(json_object_get(line->set, "why"));
    if (tp_name_is_none(line->record)) {
        return refuse(result, "record", "it is needed", err);
    }
    if (!tp_name_read(text, &same_as)) {
        return refuse(result, "same_as", "not the name of a record", err);
    }
    return is_join ? tp_join_write(line->node, line->worker, line->record, same_as, why,
                                   &result->written, err)
                   : tp_unjoin_write(line->node, line->worker, line->record, same_as, why,
                                     &result->written, err);
}

tp_rc tp_import_line(tp_node *node, const json_t *json, tp_import_result *result_out, tp_err *err)
{
    import_line line = {0};
    memset(result_out, 0, sizeof *result_out);
    tp_rc rc = take_apart(node, json, &line, result_out, err);
    if (rc != TP_OK) {
        return rc;
    }
    if (tp_slice_is(line.op, "create")) {
        return write_line(&line, TP_WRITE_CREATE, result_out, err);
    }
    if (tp_slice_is(line.op, "update")) {
        return write_line(&line, TP_WRITE_UPDATE, result_out, err);
    }
    if (tp_slice_is(line.op, "retract")) {
        return write_line(&line, TP_WRITE_RETRACT, result_out, err);
    }
    if (tp_slice_is(line.op, "join") || tp_slice_is(line.op, "unjoin")) {
        return join_line(&line, tp_slice_is(line.op, "join"), result_out, err);
    }
    return refuse(result_out, "op", "create, update, retract, join or unjoin", err);
}
