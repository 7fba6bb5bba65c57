/* Changes and stubs to bytes. */
#include "sync/wire/change_bytes.h"

#include "schema/entity.h"
#include "schema/kind.h"
#include "schema/utf8.h"
#include "sync/wire/change_keys.h"
#include "sync/wire/field_value.h"
#include "sync/wire/name.h"

#include <assert.h>

static tp_rc field_of(tp_change_draft *draft, uint32_t code, tp_draft_field **field_out,
                      tp_err *err);
static tp_rc check_draft(const tp_change_draft *draft, tp_err *err);
static tp_rc check_seen(const tp_change_draft *draft, tp_err *err);
static void put_record(tp_cbor_writer *writer, tp_name author, tp_name record);
static void put_fields(tp_cbor_writer *writer, const tp_change_draft *draft);
static void put_seen(tp_cbor_writer *writer, const tp_change_draft *draft);
static void put_reading(tp_cbor_writer *writer, const tp_era_reading *reading);
static void put_kinds(tp_cbor_writer *writer, uint32_t kinds);
static uint32_t replaced_names(const tp_change *change, const tp_change_field *field,
                               tp_value *sight, const tp_name **names_out);

void tp_change_draft_init(tp_change_draft *draft, tp_name name, uint32_t entity)
{
    memset(draft, 0, offsetof(tp_change_draft, fields));
    draft->name = name;
    draft->entity = entity;
}

tp_rc tp_change_draft_set(tp_change_draft *draft, uint32_t code, const tp_value *value, tp_err *err)
{
    tp_draft_field *field = NULL;
    tp_rc rc = field_of(draft, code, &field, err);
    if (rc == TP_OK) {
        field->value = value;
    }
    return rc;
}

tp_rc tp_change_draft_see(tp_change_draft *draft, uint32_t code, const tp_name *seen,
                          uint32_t count, tp_err *err)
{
    tp_draft_field *field = NULL;
    tp_rc rc = field_of(draft, code, &field, err);
    if (rc == TP_OK) {
        field->seen = seen;
        field->seen_count = count;
    }
    return rc;
}

static bool creates(const tp_change_draft *draft)
{
    return tp_name_is_none(draft->record) || tp_name_eq(draft->record, draft->name);
}

static uint32_t values_count(const tp_change_draft *draft)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < draft->fields_count; i++) {
        count += draft->fields[i].value != NULL;
    }
    return count;
}

static uint32_t seen_fields_count(const tp_change_draft *draft)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < draft->fields_count; i++) {
        count += draft->fields[i].seen_count > 0;
    }
    return count;
}

static void put_change(tp_cbor_writer *writer, const tp_change_draft *draft)
{
    bool has_seen = seen_fields_count(draft) > 0;
    bool has_worker = draft->worker.bytes > 0;
    bool has_kinds = draft->kinds != 0;
    tp_cbor_put_map(writer,
                    4u + !creates(draft) + has_seen + has_worker + has_kinds + draft->restricts);
    tp_cbor_put_uint(writer, TP_KEY_SALT);
    tp_cbor_put_bytes(writer, tp_slice_of(draft->salt, sizeof draft->salt));
    tp_cbor_put_uint(writer, TP_KEY_ENTITY);
    tp_cbor_put_uint(writer, draft->entity);
    if (!creates(draft)) {
        put_record(writer, draft->name, draft->record);
    }
    put_fields(writer, draft);
    if (has_seen) {
        put_seen(writer, draft);
    }
    put_reading(writer, &draft->reading);
    if (has_worker) {
        tp_cbor_put_uint(writer, TP_KEY_WORKER);
        tp_cbor_put_text(writer, draft->worker);
    }
    if (has_kinds) {
        put_kinds(writer, draft->kinds);
    }
    if (draft->restricts) {
        tp_cbor_put_uint(writer, TP_KEY_RESTRICTS);
        tp_cbor_put_bool(writer, true);
    }
}

tp_rc tp_change_encode(const tp_change_draft *draft, tp_buf *out, tp_err *err)
{
    tp_rc rc = check_draft(draft, err);
    if (rc != TP_OK) {
        return rc;
    }
    size_t bytes_before = out->bytes;
    tp_cbor_writer writer = tp_cbor_writer_of(out, err);
    put_change(&writer, draft);
    rc = writer.rc;
    if (rc == TP_OK && out->bytes - bytes_before > TP_CHANGE_BYTES_MAX) {
        rc = tp_fail(err, TP_LIMIT, "more than %u bytes in one change", TP_CHANGE_BYTES_MAX);
    }
    if (rc != TP_OK) {
        out->bytes = bytes_before;
    }
    return rc;
}

tp_rc tp_stub_encode(const tp_change *change, tp_buf *out, tp_err *err)
{
    tp_value sight;
    uint32_t fields = 0;
    for (uint32_t i = 0; i < change->fields_count; i++) {
        const tp_name *names = NULL;
        fields += replaced_names(change, &change->fields[i], &sight, &names) > 0;
    }
    size_t bytes_before = out->bytes;
    tp_cbor_writer writer = tp_cbor_writer_of(out, err);
    tp_cbor_put_map(&writer, 1u + !tp_change_creates(change) + (fields > 0));
    tp_cbor_put_uint(&writer, TP_KEY_ENTITY);
    tp_cbor_put_uint(&writer, change->entity);
    if (!tp_change_creates(change)) {
        put_record(&writer, change->name, change->record);
    }
    if (fields > 0) {
        tp_cbor_put_uint(&writer, TP_KEY_SEEN);
        tp_cbor_put_map(&writer, fields);
    }
    for (uint32_t i = 0; i < change->fields_count; i++) {
        const tp_change_field *field = &change->fields[i];
        const tp_name *names = NULL;
        uint32_t count = replaced_names(change, field, &sight, &names);
        if (count > 0) {
            tp_cbor_put_uint(&writer, field->code);
            tp_wire_names_put(&writer, change->name, names, count);
        }
    }
    if (writer.rc != TP_OK) {
        out->bytes = bytes_before;
    }
    return writer.rc;
}

/* What a stub keeps of a field: the heads that its value replaced.  A consent event replaces the
 * events that it was written in sight of, and those are a value. */
static uint32_t replaced_names(const tp_change *change, const tp_change_field *field,
                               tp_value *sight, const tp_name **names_out)
{
    tp_err err = {0};
    if (!field->has_value) {
        return 0;
    }
    if (change->entity == TP_CONSENT && field->code == TP_CONSENT_IN_SIGHT) {
        const tp_field_row *row = tp_field_of(change->entity, field->code);
        bool is_read = tp_field_value_decode(row, change, field->value, sight, &err) == TP_OK &&
                       !sight->is_null;
        *names_out = sight->names;
        return is_read ? sight->names_count : 0;
    }
    *names_out = &change->seen[field->seen_at];
    return field->seen_count;
}

/* The draft's field of this code, made in its place where there is none yet. */
static tp_rc field_of(tp_change_draft *draft, uint32_t code, tp_draft_field **field_out,
                      tp_err *err)
{
    uint32_t at = 0;
    while (at < draft->fields_count && draft->fields[at].code < code) {
        at++;
    }
    tp_draft_field *field = &draft->fields[at];
    if (at == draft->fields_count || field->code != code) {
        if (draft->fields_count == TP_CHANGE_FIELDS_MAX) {
            return tp_fail(err, TP_LIMIT, "more than %u fields in one change",
                           TP_CHANGE_FIELDS_MAX);
        }
        memmove(field + 1, field, (draft->fields_count - at) * sizeof *field);
        memset(field, 0, sizeof *field);
        field->code = code;
        draft->fields_count++;
    }
    *field_out = field;
    return TP_OK;
}

static tp_rc check_draft(const tp_change_draft *draft, tp_err *err)
{
    assert(draft->name.device != 0 && draft->name.seq != 0 && draft->name.seq <= TP_SEQ_MAX);
    const tp_era_reading *reading = &draft->reading;
    if (tp_entity_of(draft->entity) == NULL) {
        return tp_fail(err, TP_INVALID, "there is no entity %u", draft->entity);
    }
    if (!creates(draft) && !tp_wire_name_may_stand_in(draft->record, draft->name)) {
        return tp_fail(err, TP_INVALID, "record: names nothing that was written before");
    }
    int64_t skew_ms = reading->wall_ms - reading->up_ms;
    if (reading->era == 0 || reading->up_ms < 0 || reading->up_ms > TP_TIME_MS_MAX ||
        skew_ms < TP_TIME_MS_MIN || skew_ms > TP_TIME_MS_MAX) {
        return tp_fail(err, TP_INVALID, "reading: not in the years 1 to 9999");
    }
    if (draft->worker.bytes > TP_WORKER_BYTES_MAX) {
        return tp_fail(err, TP_LIMIT, "worker: longer than %u bytes", TP_WORKER_BYTES_MAX);
    }
    if (!tp_utf8_is_valid(draft->worker)) {
        return tp_fail(err, TP_INVALID, "worker: not UTF-8");
    }
    if ((draft->kinds & ~TP_KINDS_KNOWN) != 0) {
        return tp_fail(err, TP_INVALID, "kinds: an unknown kind");
    }
    return check_seen(draft, err);
}

static tp_rc check_seen(const tp_change_draft *draft, tp_err *err)
{
    uint32_t names = 0;
    for (uint32_t i = 0; i < draft->fields_count; i++) {
        const tp_draft_field *field = &draft->fields[i];
        const tp_field_row *row = tp_field_of(draft->entity, field->code);
        /* What a newer program put there can be seen, and be taken back with the rest. */
        if (row == NULL && field->value != NULL) {
            return tp_fail(err, TP_INVALID, "entity %u has no field %u", draft->entity,
                           field->code);
        }
        if (field->seen_count > TP_CHANGE_NAMES_MAX - names) {
            return tp_fail(err, TP_LIMIT, "more than %u names in one change", TP_CHANGE_NAMES_MAX);
        }
        names += field->seen_count;
        for (uint32_t k = 0; k < field->seen_count; k++) {
            if (!tp_wire_name_may_stand_in(field->seen[k], draft->name)) {
                return tp_fail(err, TP_INVALID, "%s: saw nothing that was written before",
                               row == NULL ? "a newer field" : row->name);
            }
        }
    }
    return TP_OK;
}

static void put_record(tp_cbor_writer *writer, tp_name author, tp_name record)
{
    tp_cbor_put_uint(writer, TP_KEY_RECORD);
    tp_wire_name_put(writer, author, record);
}

static void put_fields(tp_cbor_writer *writer, const tp_change_draft *draft)
{
    tp_cbor_put_uint(writer, TP_KEY_FIELDS);
    tp_cbor_put_map(writer, values_count(draft));
    for (uint32_t i = 0; i < draft->fields_count && writer->rc == TP_OK; i++) {
        const tp_draft_field *field = &draft->fields[i];
        if (field->value != NULL) {
            tp_cbor_put_uint(writer, field->code);
            const tp_field_row *row = tp_field_of(draft->entity, field->code);
            if (writer->rc == TP_OK) {
                writer->rc =
                    tp_field_value_encode(row, draft->name, field->value, writer->out, writer->err);
            }
        }
    }
}

static void put_seen(tp_cbor_writer *writer, const tp_change_draft *draft)
{
    tp_cbor_put_uint(writer, TP_KEY_SEEN);
    tp_cbor_put_map(writer, seen_fields_count(draft));
    for (uint32_t i = 0; i < draft->fields_count; i++) {
        const tp_draft_field *field = &draft->fields[i];
        if (field->seen_count > 0) {
            tp_cbor_put_uint(writer, field->code);
            tp_wire_names_put(writer, draft->name, field->seen, field->seen_count);
        }
    }
}

static void put_reading(tp_cbor_writer *writer, const tp_era_reading *reading)
{
    tp_cbor_put_uint(writer, TP_KEY_READING);
    tp_cbor_put_array(writer, 3);
    tp_cbor_put_uint(writer, reading->era);
    tp_cbor_put_int(writer, reading->up_ms);
    tp_cbor_put_int(writer, reading->wall_ms - reading->up_ms);
}

static void put_kinds(tp_cbor_writer *writer, uint32_t kinds)
{
    tp_slice codes[TP_KIND_COUNT];
    uint32_t count = 0;
    for (int kind = 0; kind < TP_KIND_COUNT; kind++) {
        if ((kinds & TP_KIND_BIT(kind)) != 0) {
            codes[count++] = tp_slice_str(tp_kind_name((tp_kind)kind));
        }
    }
    tp_cbor_put_uint(writer, TP_KEY_KINDS);
    tp_wire_texts_put(writer, codes, count);
}
