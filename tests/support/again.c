/* Writes again what was read. */
#include "tests/support/again.h"

#include "platform/base/alloc.h"
#include "schema/entity.h"
#include "sync/wire/change_keys.h"
#include "sync/wire/field_value.h"
#include "sync/wire/name.h"

bool tp_again_knows(const tp_change *change)
{
    bool knows = tp_entity_of(change->entity) != NULL && !change->has_unknown_key &&
                 !change->has_unknown_kind;
    for (uint32_t i = 0; i < change->fields_count && knows; i++) {
        knows = tp_field_of(change->entity, change->fields[i].code) != NULL;
    }
    return knows;
}

static tp_rc draft_field(const tp_change *change, uint32_t i, tp_value *value,
                         tp_change_draft *draft, tp_err *err)
{
    const tp_change_field *field = &change->fields[i];
    tp_rc rc = TP_OK;
    if (field->has_value) {
        const tp_field_row *row = tp_field_of(change->entity, field->code);
        rc = tp_field_value_decode(row, change, field->value, value, err);
        rc = rc == TP_OK ? tp_change_draft_set(draft, field->code, value, err) : rc;
    }
    if (rc == TP_OK && field->seen_count > 0) {
        rc = tp_change_draft_see(draft, field->code, &change->seen[field->seen_at],
                                 field->seen_count, err);
    }
    return rc;
}

tp_rc tp_again_change(const tp_change *change, tp_buf *out, tp_err *err)
{
    tp_change_draft draft;
    tp_value *values = tp_alloc(TP_CHANGE_FIELDS_MAX * sizeof *values);
    if (values == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory for values");
    }
    tp_change_draft_init(&draft, change->name, change->entity);
    draft.record = change->record;
    draft.reading = change->reading;
    draft.worker = change->worker;
    draft.kinds = change->kinds;
    draft.restricts = change->restricts;
    memcpy(draft.salt, change->bytes.at + 3, sizeof draft.salt); /* map, key 0, head */
    tp_rc rc = TP_OK;
    for (uint32_t i = 0; i < change->fields_count && rc == TP_OK; i++) {
        rc = draft_field(change, i, &values[i], &draft, err);
    }
    rc = rc == TP_OK ? tp_change_encode(&draft, out, err) : rc;
    tp_free(values);
    return rc;
}

tp_rc tp_again_stub(const tp_change *stub, tp_buf *out, tp_err *err)
{
    tp_cbor_writer w = tp_cbor_writer_of(out, err);
    tp_cbor_put_map(&w, 1u + !tp_change_creates(stub) + (stub->fields_count > 0));
    tp_cbor_put_uint(&w, TP_KEY_ENTITY);
    tp_cbor_put_uint(&w, stub->entity);
    if (!tp_change_creates(stub)) {
        tp_cbor_put_uint(&w, TP_KEY_RECORD);
        tp_wire_name_put(&w, stub->name, stub->record);
    }
    if (stub->fields_count > 0) {
        tp_cbor_put_uint(&w, TP_KEY_SEEN);
        tp_cbor_put_map(&w, stub->fields_count);
    }
    for (uint32_t i = 0; i < stub->fields_count; i++) {
        const tp_change_field *field = &stub->fields[i];
        tp_cbor_put_uint(&w, field->code);
        tp_wire_names_put(&w, stub->name, &stub->seen[field->seen_at], field->seen_count);
    }
    return w.rc;
}

void tp_again_split(tp_slice both, tp_slice *message_out, tp_slice *tail_out)
{
    tp_cbor_reader reader = tp_cbor_reader_of(both);
    size_t bytes = tp_cbor_skip(&reader).bytes;
    bytes = bytes == 0 ? both.bytes : bytes;
    *message_out = tp_slice_of(both.at, bytes);
    *tail_out = bytes == both.bytes ? tp_slice_of(NULL, 0)
                                    : tp_slice_of(both.at + bytes, both.bytes - bytes);
}

/* The changes' readings are not beside the runs: any uptime gives the same differences. */
static tp_rc add_run(const tp_stamp_run *run, tp_stamp_runs *runs, tp_err *err)
{
    int64_t up_ms = run->skew_ms < TP_TIME_MS_MIN ? TP_TIME_MS_MIN - run->skew_ms : 0;
    tp_rc rc = TP_OK;
    for (uint32_t i = 0; i < run->count && rc == TP_OK; i++) {
        tp_stamp stamp = tp_stamp_run_at(run, i, up_ms);
        rc = tp_stamp_runs_add(runs, up_ms, &stamp, err);
    }
    return rc;
}

static tp_rc add_proof(tp_push_proof *proof, tp_stamp_runs *runs, tp_err *err)
{
    tp_stamp_run run;
    tp_rc rc = TP_OK;
    while (rc == TP_OK && tp_stamp_runs_next(&proof->stamps, &run)) {
        rc = add_run(&run, runs, err);
    }
    proof->runs = runs;
    return rc == TP_OK ? tp_stamp_runs_end(runs, err) : rc;
}

tp_rc tp_again_request(tp_slice both, tp_buf *out, tp_err *err)
{
    tp_request_reader reader;
    tp_request_writer writer;
    tp_stamp_runs runs;
    uint64_t seq = 0;
    tp_slice message;
    tp_slice its_tail;
    tp_slice change;
    tp_buf changes;
    tp_buf tail;
    tp_buf_init(&changes, TP_UNPACKED_BYTES_MAX);
    tp_buf_init(&tail, TP_TAIL_BYTES_MAX);
    tp_again_split(both, &message, &its_tail);
    tp_rc rc = tp_request_decode(message, its_tail, &changes, &reader, err);
    tp_request_writer_init(&writer, TP_BATCH_BYTES_MAX, TP_BATCH_CHANGES_MAX);
    while (rc == TP_OK && tp_request_next(&reader, &seq, &change)) {
        rc = tp_request_writer_add(&writer, change, err);
    }
    tp_stamp_runs_init(&runs);
    rc = rc == TP_OK && reader.head.has_proof ? add_proof(&reader.head.proof, &runs, err) : rc;
    rc = rc == TP_OK ? tp_request_writer_end(&writer, &reader.head, out, &tail, err) : rc;
    rc = rc == TP_OK ? tp_buf_add_slice(out, tp_buf_slice(&tail), err) : rc;
    tp_stamp_runs_done(&runs);
    tp_request_writer_done(&writer);
    tp_buf_done(&changes);
    tp_buf_done(&tail);
    return rc;
}

static tp_rc add_runs(tp_response_reader *reader, tp_response_writer *writer, tp_err *err)
{
    tp_stamp_run run;
    tp_rc rc = TP_OK;
    while (rc == TP_OK && tp_response_next_run(reader, &run)) {
        rc = add_run(&run, &writer->stamps, err);
    }
    return rc;
}

static tp_rc add_lists(tp_response_reader *reader, tp_response_writer *writer, tp_err *err)
{
    tp_refused refused;
    tp_name name;
    tp_directory_agency agency;
    tp_directory_device device;
    tp_rc rc = add_runs(reader, writer, err);
    while (rc == TP_OK && tp_response_next_refused(reader, &refused)) {
        char text[TP_REFUSED_TEXT_BYTES_MAX + 1] = "";
        if (refused.text.bytes > 0) {
            if (memchr(refused.text.at, 0, refused.text.bytes) != NULL) {
                return tp_fail(err, TP_INVALID, "no C string says this");
            }
            memcpy(text, refused.text.at, refused.text.bytes);
        }
        rc = tp_response_writer_add_refused(writer, refused.seq, refused.code, text, err);
    }
    while (rc == TP_OK && tp_response_next_other(reader, &name)) {
        rc = tp_response_writer_add_other(writer, name, err);
    }
    while (rc == TP_OK && tp_response_next_give_back(reader, &name)) {
        rc = reader->is_erased ? tp_response_writer_add_erased(writer, name, err)
                               : tp_response_writer_add_give_back(writer, name, err);
    }
    tp_held_span span;
    while (rc == TP_OK && tp_response_next_span(reader, &span)) {
        rc = tp_response_writer_add_span(writer, &span, err);
    }
    tp_held_name held;
    while (rc == TP_OK && tp_response_next_name(reader, &held)) {
        rc = tp_response_writer_add_name(writer, &held, err);
    }
    while (rc == TP_OK && tp_response_next_agency(reader, &agency)) {
        rc = tp_response_writer_add_agency(writer, &agency, err);
    }
    while (rc == TP_OK && tp_response_next_device(reader, &device)) {
        rc = tp_response_writer_add_device(writer, &device, err);
    }
    return rc;
}

tp_rc tp_again_response(tp_slice both, tp_buf *out, tp_err *err)
{
    tp_response_reader *reader = tp_alloc(sizeof *reader);
    tp_response_writer *writer = tp_alloc(sizeof *writer);
    tp_entry entry;
    tp_slice message;
    tp_slice its_tail;
    tp_buf changes;
    tp_buf tail;
    tp_buf_init(&changes, TP_UNPACKED_BYTES_MAX);
    tp_buf_init(&tail, TP_TAIL_BYTES_MAX);
    tp_again_split(both, &message, &its_tail);
    tp_rc rc = reader != NULL && writer != NULL
                   ? tp_response_decode(message, its_tail, &changes, reader, err)
                   : tp_fail(err, TP_NOMEM, "no memory");
    if (rc == TP_OK) {
        tp_response_writer_init(writer, TP_BATCH_BYTES_MAX, TP_BATCH_CHANGES_MAX);
        rc = add_lists(reader, writer, err);
        while (rc == TP_OK && tp_response_next_item(reader, &entry)) {
            rc = tp_response_writer_add_item(writer, &entry, err);
        }
        rc = rc == TP_OK ? tp_response_writer_end(writer, &reader->head, out, &tail, err) : rc;
        rc = rc == TP_OK ? tp_buf_add_slice(out, tp_buf_slice(&tail), err) : rc;
        tp_response_writer_done(writer);
    }
    tp_buf_done(&changes);
    tp_buf_done(&tail);
    tp_free(reader);
    tp_free(writer);
    return rc;
}
