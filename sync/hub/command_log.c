/* Reading the change log and the quarantine. */
#include "sync/hub/command.h"

#include "platform/base/alloc.h"
#include "platform/base/encode.h"
#include "schema/name_text.h"
#include "sync/wire/change_bytes.h"
#include "sync/wire/field_value.h"

#include <inttypes.h>

/* One run of `log`: where its lines go and how much they say. */
typedef struct reading {
    const tp_call *call;
    bool has_values;
    tp_change *change;
    tp_value *value;
} reading;

/* ---- Values ---- */

static json_t *json_texts(const tp_value *value)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < value->texts_count; i++) {
        (void)json_array_append_new(
            list, json_stringn((const char *)value->texts[i].at, value->texts[i].bytes));
    }
    return list;
}

static json_t *json_names(const tp_value *value)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < value->names_count; i++) {
        (void)json_array_append_new(list, tp_hub_json_name(value->names[i]));
    }
    return list;
}

static json_t *json_holder(const tp_value *value)
{
    if (value->texts_count < 2) {
        return json_null();
    }
    return json_pack("{s:s%, s:s%}", "agency", (const char *)value->texts[0].at,
                     value->texts[0].bytes, "worker", (const char *)value->texts[1].at,
                     value->texts[1].bytes);
}

static json_t *json_value(const tp_value *value)
{
    if (value->is_null) {
        return json_null();
    }
    switch (value->type) {
    case TP_TYPE_BOOL:
        return json_boolean(value->number != 0);
    case TP_TYPE_COUNT:
        return json_integer((json_int_t)value->number);
    case TP_TYPE_INSTANT:
        return tp_hub_json_time(value->number);
    case TP_TYPE_CODES:
    case TP_TYPE_AGENCIES:
        return json_texts(value);
    case TP_TYPE_HOLDER:
        return json_holder(value);
    case TP_TYPE_RECORD:
        return value->names_count == 0 ? json_null() : tp_hub_json_name(value->names[0]);
    case TP_TYPE_RECORDS:
        return json_names(value);
    case TP_TYPE_TEXT:
    case TP_TYPE_CODE:
    case TP_TYPE_DATE:
    case TP_TYPE_PARTIAL_DATE:
    case TP_TYPE_NHS_NUMBER:
    case TP_TYPE_PHONE:
    case TP_TYPE_GRID:
    case TP_TYPE_AGENCY:
        break;
    }
    return json_stringn((const char *)value->text.at, value->text.bytes);
}

/* A field by name; one this program does not know by its number. */
static void print_field_name(uint32_t entity, uint32_t code, char *out, size_t bytes)
{
    const tp_field_row *row = tp_field_of(entity, code);
    if (row == NULL) {
        (void)snprintf(out, bytes, "%" PRIu32, code);
    } else {
        (void)snprintf(out, bytes, "%s", row->name);
    }
}

/* Field names, or an object of names and values. */
static json_t *json_fields(const reading *r)
{
    json_t *fields = r->has_values ? json_object() : json_array();
    for (uint32_t i = 0; i < r->change->fields_count; i++) {
        const tp_change_field *field = &r->change->fields[i];
        const tp_field_row *row = tp_field_of(r->change->entity, field->code);
        char name[64];
        tp_err ignored;
        print_field_name(r->change->entity, field->code, name, sizeof name);
        if (!field->has_value) {
            continue;
        }
        if (!r->has_values) {
            (void)json_array_append_new(fields, json_string(name));
        } else if (row != NULL && tp_field_value_decode(row, r->change, field->value, r->value,
                                                        &ignored) == TP_OK) {
            (void)json_object_set_new(fields, name, json_value(r->value));
        }
    }
    return fields;
}

/* ---- log ---- */

static const char *entity_name(uint32_t code, char room[16])
{
    const tp_entity_row *row = tp_entity_of(code);
    if (row != NULL) {
        return row->name;
    }
    (void)snprintf(room, 16, "%" PRIu32, code);
    return room;
}

static json_t *item_document(const reading *r, const tp_hub_item *item)
{
    const tp_hub *hub = tp_hub_of(r->call);
    const tp_hub_agency *agency = tp_hub_agency_of(hub->store, item->agency);
    char room[16];
    json_t *document = json_pack(
        "{s:o, s:I, s:o, s:s, s:o, s:o, s:o, s:o, s:o}", "name", tp_hub_json_name(item->name),
        "number", (json_int_t)item->stamp.number, "stamp", tp_hub_json_time(item->stamp.ms),
        "entity", entity_name(item->entity, room), "record", tp_hub_json_name(item->record),
        "person", tp_hub_json_name(item->person), "device", tp_hub_json_device(item->name.device),
        "agency", agency == NULL ? json_null() : json_string(agency->id), "fields", json_fields(r));
    if (document != NULL && item->stamp.earliest_ms != 0) {
        (void)json_object_set_new(document, "earliest", tp_hub_json_time(item->stamp.earliest_ms));
        (void)json_object_set_new(document, "latest", tp_hub_json_time(item->stamp.latest_ms));
    }
    return document;
}

static tp_rc print_item(void *ctx, const tp_hub_item *item, tp_err *err)
{
    reading *r = ctx;
    tp_rc rc = tp_change_decode(item->name, item->bytes, r->change, err);
    if (rc != TP_OK) {
        return rc;
    }
    json_t *document = item_document(r, item);
    if (r->call->is_json || document == NULL) {
        return tp_hub_print_json(r->call, document, err);
    }
    json_t *fields = json_object_get(document, "fields");
    const char *stamp = json_string_value(json_object_get(document, "stamp"));
    const char *agency = json_string_value(json_object_get(document, "agency"));
    fprintf(r->call->out, "%" PRIu64 "  %s  %s  %s %s  %s  ", item->stamp.number,
            stamp == NULL ? "-" : stamp, json_string_value(json_object_get(document, "name")),
            json_string_value(json_object_get(document, "entity")),
            json_string_value(json_object_get(document, "record")), agency == NULL ? "-" : agency);
    rc = tp_hub_print_json(r->call, json_incref(fields), err);
    json_decref(document);
    return rc;
}

static tp_rc run_log(reading *r, const char *device, const char *after, tp_err *err)
{
    tp_hub *hub = tp_hub_of(r->call);
    uint64_t id = 0;
    uint64_t number = 0;
    tp_rc rc = device == NULL ? TP_OK : tp_hub_read_device(device, &id, err);
    if (rc == TP_OK && after != NULL) {
        rc = tp_hub_read_count(after, &number, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_look(hub, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_log_all(hub->store, id, number, print_item, r, err);
    }
    tp_hub_rollback(hub);
    return rc;
}

tp_rc tp_hub_command_log(tp_call *call, tp_err *err)
{
    const char *device = NULL;
    const char *after = NULL;
    const char *values = NULL;
    const tp_option options[] = {{"device", &device, false},
                                 {"after", &after, false},
                                 {"values", &values, true},
                                 {NULL, NULL, false}};
    reading r = {.call = call};
    tp_rc rc = tp_args_take(call, options, 0, 0, err);
    r.has_values = values != NULL;
    r.change = tp_alloc(sizeof *r.change);
    r.value = tp_alloc(sizeof *r.value);
    if (rc == TP_OK && (r.change == NULL || r.value == NULL)) {
        rc = tp_fail(err, TP_NOMEM, "no memory to read the log");
    }
    if (rc == TP_OK) {
        rc = run_log(&r, device, after, err);
    }
    tp_free(r.change);
    tp_free(r.value);
    return rc;
}
