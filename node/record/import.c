/* Lines of `teapot import`. */
#include "node/record/join.h"
#include "node/record/json.h"
#include "node/record/person.h"
#include "schema/name_text.h"

#include <stdio.h>

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
    tp_rc rc = tp_write_set_json(&w, line->set, err);
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
