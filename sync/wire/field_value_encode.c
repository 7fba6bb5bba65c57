/* Values to bytes, by the type of their field. */
#include "sync/wire/field_value.h"

#include "schema/utf8.h"
#include "sync/wire/name.h"

static tp_rc check_texts(const tp_field_row *row, const tp_slice *texts, uint32_t count,
                         tp_err *err);
static tp_rc check_names(const tp_field_row *row, tp_name author, const tp_value *value,
                         tp_err *err);
static tp_rc check_holder(const tp_field_row *row, const tp_value *value, tp_err *err);
static tp_rc check(const tp_field_row *row, tp_name author, const tp_value *value, tp_err *err);
static void put(tp_cbor_writer *writer, tp_name author, const tp_value *value);

tp_rc tp_field_value_encode(const tp_field_row *row, tp_name author, const tp_value *value,
                            tp_buf *out, tp_err *err)
{
    if (value->type != row->type) {
        return tp_fail(err, TP_INVALID, "%s: a value of another type", row->name);
    }
    tp_cbor_writer writer = tp_cbor_writer_of(out, err);
    if (value->is_null) {
        tp_cbor_put_null(&writer);
        return writer.rc;
    }
    tp_rc rc = check(row, author, value, err);
    if (rc != TP_OK) {
        return rc;
    }
    size_t bytes_before = out->bytes;
    put(&writer, author, value);
    if (writer.rc != TP_OK) {
        out->bytes = bytes_before;
    }
    return writer.rc;
}

/* One line for each type: what its members must be. */
static tp_rc check(const tp_field_row *row, tp_name author, const tp_value *value, tp_err *err)
{
    switch (value->type) {
    case TP_TYPE_TEXT:
    case TP_TYPE_CODE:
    case TP_TYPE_DATE:
    case TP_TYPE_PARTIAL_DATE:
    case TP_TYPE_NHS_NUMBER:
    case TP_TYPE_PHONE:
    case TP_TYPE_GRID:
    case TP_TYPE_AGENCY:
        return check_texts(row, &value->text, 1, err);
    case TP_TYPE_CODES:
    case TP_TYPE_AGENCIES:
        return check_texts(row, value->texts, value->texts_count, err);
    case TP_TYPE_HOLDER:
        return check_holder(row, value, err);
    case TP_TYPE_RECORD:
    case TP_TYPE_RECORDS:
        return check_names(row, author, value, err);
    case TP_TYPE_BOOL:
        return value->number == 0 || value->number == 1
                   ? TP_OK
                   : tp_fail(err, TP_INVALID, "%s: neither yes nor no", row->name);
    case TP_TYPE_COUNT:
        return value->number >= 0 ? TP_OK
                                  : tp_fail(err, TP_INVALID, "%s: less than none", row->name);
    case TP_TYPE_INSTANT:
        return value->number >= TP_TIME_MS_MIN && value->number <= TP_TIME_MS_MAX
                   ? TP_OK
                   : tp_fail(err, TP_INVALID, "%s: not in the years 1 to 9999", row->name);
    }
    return tp_fail(err, TP_INVALID, "%s: an unknown type", row->name);
}

static void put(tp_cbor_writer *writer, tp_name author, const tp_value *value)
{
    switch (value->type) {
    case TP_TYPE_TEXT:
    case TP_TYPE_CODE:
    case TP_TYPE_DATE:
    case TP_TYPE_PARTIAL_DATE:
    case TP_TYPE_NHS_NUMBER:
    case TP_TYPE_PHONE:
    case TP_TYPE_GRID:
    case TP_TYPE_AGENCY:
        tp_cbor_put_text(writer, value->text);
        return;
    case TP_TYPE_CODES:
    case TP_TYPE_AGENCIES:
        tp_wire_texts_put(writer, value->texts, value->texts_count);
        return;
    case TP_TYPE_HOLDER:
        tp_cbor_put_array(writer, 2);
        tp_cbor_put_text(writer, value->texts[0]);
        tp_cbor_put_text(writer, value->texts[1]);
        return;
    case TP_TYPE_RECORD:
        tp_wire_name_put(writer, author, value->names[0]);
        return;
    case TP_TYPE_RECORDS:
        tp_wire_names_put(writer, author, value->names, value->names_count);
        return;
    case TP_TYPE_BOOL:
        tp_cbor_put_bool(writer, value->number == 1);
        return;
    case TP_TYPE_COUNT:
    case TP_TYPE_INSTANT:
        tp_cbor_put_int(writer, value->number);
        return;
    }
}

static tp_rc check_texts(const tp_field_row *row, const tp_slice *texts, uint32_t count,
                         tp_err *err)
{
    if (count > TP_VALUE_TEXTS_MAX) {
        return tp_fail(err, TP_LIMIT, "%s: more than %d values", row->name, TP_VALUE_TEXTS_MAX);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (texts[i].bytes > TP_TEXT_BYTES_MAX) {
            return tp_fail(err, TP_LIMIT, "%s: longer than %u bytes", row->name, TP_TEXT_BYTES_MAX);
        }
        if (!tp_utf8_is_valid(texts[i])) {
            return tp_fail(err, TP_INVALID, "%s: not UTF-8", row->name);
        }
    }
    return TP_OK;
}

static tp_rc check_names(const tp_field_row *row, tp_name author, const tp_value *value,
                         tp_err *err)
{
    if (value->names_count > TP_VALUE_NAMES_MAX) {
        return tp_fail(err, TP_LIMIT, "%s: more than %d names", row->name, TP_VALUE_NAMES_MAX);
    }
    if (value->type == TP_TYPE_RECORD && value->names_count != 1) {
        return tp_fail(err, TP_INVALID, "%s: not one name", row->name);
    }
    for (uint32_t i = 0; i < value->names_count; i++) {
        if (!tp_wire_name_may_stand_in(value->names[i], author)) {
            return tp_fail(err, TP_INVALID, "%s: names nothing that was written before", row->name);
        }
    }
    return TP_OK;
}

static tp_rc check_holder(const tp_field_row *row, const tp_value *value, tp_err *err)
{
    if (value->texts_count != 2) {
        return tp_fail(err, TP_INVALID, "%s: not an agency and a worker", row->name);
    }
    if (value->texts[0].bytes > TP_AGENCY_BYTES_MAX ||
        value->texts[1].bytes > TP_WORKER_BYTES_MAX) {
        return tp_fail(err, TP_LIMIT, "%s: agency or worker too long", row->name);
    }
    return check_texts(row, value->texts, 2, err);
}
