/* Values as JSON. */
#include "node/record/json.h"

#include "schema/london_time.h"
#include "schema/name_text.h"

#include <stdio.h>

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

/* ---- Fields of a change ---- */

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

tp_rc tp_write_set_json(tp_write *w, const json_t *set, tp_err *err)
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

tp_rc tp_write_set_json_typed(tp_write *w, const json_t *set, tp_err *err)
{
    const char *field = NULL;
    json_t *json = NULL;
    tp_rc rc = TP_OK;
    json_object_foreach((json_t *)set, field, json)
    {
        tp_slice typed = tp_slice_of(json_string_value(json), json_string_length(json));
        if (rc == TP_OK && !json_is_string(json)) {
            snprintf(w->trouble, sizeof w->trouble, "%s", field);
            rc = tp_fail(err, TP_INVALID, "what was typed is a text");
        } else if (rc == TP_OK) {
            rc = tp_write_set_typed(w, tp_slice_str(field), typed, err);
        }
    }
    return rc;
}
