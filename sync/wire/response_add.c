/* The parts of a response, gathered one by one. */
#include "sync/wire/response.h"

#include "schema/utf8.h"
#include "sync/wire/change_bytes.h"

#include <assert.h>

static tp_rc keep(tp_buf *part, size_t bytes_before, const tp_cbor_writer *w);

void tp_response_writer_init(tp_response_writer *writer, size_t bytes_max, uint32_t count_max)
{
    assert(bytes_max <= TP_BATCH_BYTES_MAX && count_max > 0 && count_max <= TP_BATCH_CHANGES_MAX);
    memset(writer, 0, offsetof(tp_response_writer, devices));
    tp_page_devices_init(&writer->devices);
    writer->bytes_max = bytes_max;
    writer->count_max = count_max;
    tp_buf_init(&writer->refused, TP_MESSAGE_HEAD_BYTES_MAX);
    tp_buf_init(&writer->others, TP_MESSAGE_HEAD_BYTES_MAX);
    tp_stamp_runs_init(&writer->stamps);
    tp_buf_init(&writer->give_backs, TP_GIVE_BACKS_MAX * sizeof(tp_name));
    tp_buf_init(&writer->erased, TP_GIVE_BACKS_MAX * sizeof(tp_name));
    tp_buf_init(&writer->agencies, TP_MESSAGE_HEAD_BYTES_MAX);
    tp_buf_init(&writer->directory_devices, TP_MESSAGE_HEAD_BYTES_MAX);
    tp_buf_init(&writer->spans, TP_MESSAGE_HEAD_BYTES_MAX);
    tp_buf_init(&writer->names, TP_MESSAGE_HEAD_BYTES_MAX);
    tp_buf_init(&writer->items, TP_BATCH_BYTES_MAX + TP_CHANGE_BYTES_MAX);
    tp_buf_init(&writer->tags, TP_TAIL_BYTES_MAX);
    tp_buf_init(&writer->salts, TP_TAIL_BYTES_MAX);
}

void tp_response_writer_done(tp_response_writer *writer)
{
    tp_buf_done(&writer->refused);
    tp_buf_done(&writer->others);
    tp_stamp_runs_done(&writer->stamps);
    tp_buf_done(&writer->give_backs);
    tp_buf_done(&writer->erased);
    tp_buf_done(&writer->agencies);
    tp_buf_done(&writer->directory_devices);
    tp_buf_done(&writer->spans);
    tp_buf_done(&writer->names);
    tp_buf_done(&writer->items);
    tp_buf_done(&writer->tags);
    tp_buf_done(&writer->salts);
}

tp_rc tp_response_writer_add_refused(tp_response_writer *writer, uint64_t seq, uint32_t code,
                                     const char *text, tp_err *err)
{
    tp_slice why = tp_slice_str(text);
    if (seq <= writer->refused_seq || seq > TP_SEQ_MAX || code == 0 ||
        why.bytes > TP_REFUSED_TEXT_BYTES_MAX) {
        return tp_fail(err, TP_INVALID, "response: a refused change out of order or range");
    }
    if (!tp_utf8_is_valid(why)) {
        why.bytes = 0; /* cut within a letter: the code says enough */
    }
    size_t bytes_before = writer->refused.bytes;
    tp_cbor_writer w = tp_cbor_writer_of(&writer->refused, err);
    tp_cbor_put_array(&w, 3);
    tp_cbor_put_uint(&w, seq);
    tp_cbor_put_uint(&w, code);
    tp_cbor_put_text(&w, why);
    tp_rc rc = keep(&writer->refused, bytes_before, &w);
    if (rc == TP_OK) {
        writer->refused_count++;
        writer->refused_seq = seq;
    }
    return rc;
}

tp_rc tp_response_writer_add_other(tp_response_writer *writer, tp_name as, tp_err *err)
{
    if (as.device == 0 || as.seq == 0 || as.seq > TP_SEQ_MAX) {
        return tp_fail(err, TP_INVALID, "response: no other name of a change");
    }
    size_t bytes_before = writer->others.bytes;
    tp_cbor_writer w = tp_cbor_writer_of(&writer->others, err);
    tp_cbor_put_array(&w, 2);
    tp_cbor_put_uint(&w, as.seq);
    tp_cbor_put_uint(&w, as.device);
    tp_rc rc = keep(&writer->others, bytes_before, &w);
    writer->others_count += rc == TP_OK;
    return rc;
}

tp_rc tp_response_writer_add_stamp(tp_response_writer *writer, int64_t up_ms, const tp_stamp *stamp,
                                   tp_err *err)
{
    return tp_stamp_runs_add(&writer->stamps, up_ms, stamp, err);
}

tp_rc tp_response_writer_add_give_back(tp_response_writer *writer, tp_name name, tp_err *err)
{
    if (name.device == 0 || name.seq == 0 || name.seq > TP_SEQ_MAX) {
        return tp_fail(err, TP_INVALID, "response: no such name to give back");
    }
    return tp_buf_add(&writer->give_backs, &name, sizeof name, err);
}

tp_rc tp_response_writer_add_erased(tp_response_writer *writer, tp_name name, tp_err *err)
{
    tp_rc rc = tp_response_writer_add_give_back(writer, name, err);
    if (rc == TP_OK) {
        rc = tp_buf_add(&writer->erased, &name, sizeof name, err);
    }
    return rc;
}

tp_rc tp_response_writer_add_agency(tp_response_writer *writer, const tp_directory_agency *agency,
                                    tp_err *err)
{
    if (agency->id.bytes == 0 || agency->id.bytes > TP_AGENCY_BYTES_MAX ||
        agency->label.bytes > TP_LABEL_BYTES_MAX || agency->agreements_count > TP_AGREEMENTS_MAX ||
        writer->agencies_count == TP_AGENCIES_MAX) {
        return tp_fail(err, TP_LIMIT, "response: an agency larger than the limits");
    }
    if (!tp_utf8_is_valid(agency->id) || !tp_utf8_is_valid(agency->label)) {
        return tp_fail(err, TP_INVALID, "response: an agency that is not UTF-8");
    }
    size_t bytes_before = writer->agencies.bytes;
    tp_cbor_writer w = tp_cbor_writer_of(&writer->agencies, err);
    tp_cbor_put_array(&w, 3);
    tp_cbor_put_text(&w, agency->id);
    tp_cbor_put_text(&w, agency->label);
    tp_cbor_put_array(&w, agency->agreements_count);
    for (uint32_t i = 0; i < agency->agreements_count; i++) {
        const tp_agreement *agreement = &agency->agreements[i];
        tp_cbor_put_array(&w, 2);
        tp_cbor_put_int(&w, agreement->from_ms);
        if (agreement->is_open) {
            tp_cbor_put_null(&w);
        } else {
            tp_cbor_put_int(&w, agreement->until_ms);
        }
    }
    tp_rc rc = keep(&writer->agencies, bytes_before, &w);
    writer->agencies_count += rc == TP_OK;
    return rc;
}

tp_rc tp_response_writer_add_device(tp_response_writer *writer, const tp_directory_device *device,
                                    tp_err *err)
{
    if (device->device == 0 || device->agency.bytes == 0 ||
        device->agency.bytes > TP_AGENCY_BYTES_MAX || !tp_utf8_is_valid(device->agency)) {
        return tp_fail(err, TP_INVALID, "response: a device without an agency");
    }
    if (writer->directory_devices_count == TP_DIRECTORY_DEVICES_MAX) {
        return tp_fail(err, TP_LIMIT, "response: the directory is full");
    }
    size_t bytes_before = writer->directory_devices.bytes;
    tp_cbor_writer w = tp_cbor_writer_of(&writer->directory_devices, err);
    tp_cbor_put_array(&w, 2);
    tp_cbor_put_uint(&w, device->device);
    tp_cbor_put_text(&w, device->agency);
    tp_rc rc = keep(&writer->directory_devices, bytes_before, &w);
    writer->directory_devices_count += rc == TP_OK;
    return rc;
}

static void put_name(tp_cbor_writer *w, tp_name name)
{
    tp_cbor_put_array(w, 3);
    tp_cbor_put_uint(w, name.device);
    tp_cbor_put_uint(w, name.seq);
}

tp_rc tp_response_writer_add_span(tp_response_writer *writer, const tp_held_span *span, tp_err *err)
{
    uint8_t sum[TP_HELD_SUM_BYTES];
    if (writer->spans_count == TP_HELD_SPANS_MAX) {
        return tp_fail(err, TP_LIMIT, "response: more sums than one answer has");
    }
    size_t bytes_before = writer->spans.bytes;
    tp_cbor_writer w = tp_cbor_writer_of(&writer->spans, err);
    put_name(&w, span->upto);
    tp_held_put(&span->sum, sum);
    tp_cbor_put_bytes(&w, tp_slice_of(sum, sizeof sum));
    tp_rc rc = keep(&writer->spans, bytes_before, &w);
    writer->spans_count += rc == TP_OK;
    return rc;
}

tp_rc tp_response_writer_add_name(tp_response_writer *writer, const tp_held_name *name, tp_err *err)
{
    if (writer->names_count == TP_HELD_NAMES_MAX) {
        return tp_fail(err, TP_LIMIT, "response: more names than one answer has");
    }
    size_t bytes_before = writer->names.bytes;
    tp_cbor_writer w = tp_cbor_writer_of(&writer->names, err);
    put_name(&w, name->name);
    tp_cbor_put_bytes(&w, tp_slice_of(name->digest, sizeof name->digest));
    tp_rc rc = keep(&writer->names, bytes_before, &w);
    writer->names_count += rc == TP_OK;
    return rc;
}

/* An item as it is sent: differences from the last one. */
static void put_item(tp_cbor_writer *w, tp_response_writer *writer, uint32_t index,
                     const tp_entry *entry, const tp_stamp_run *run)
{
    const tp_page_last *last = &writer->last;
    size_t members = run->has_bounds ? 8 : entry->verdict != 0 ? 7 : 6;
    tp_cbor_put_array(w, members);
    tp_cbor_put_uint(w, index);
    tp_cbor_put_int(w, (int64_t)(entry->name.seq - writer->devices.at[index].seq));
    tp_cbor_put_uint(w, entry->position - last->position);
    tp_cbor_put_int(w, (int64_t)(entry->stamp.number - last->number));
    tp_cbor_put_int(w, run->skew_ms - last->skew_ms);
    tp_packed_change_put(w, entry->bytes, &writer->salts);
    if (members > 6) {
        tp_cbor_put_uint(w, entry->verdict);
    }
    if (run->has_bounds) {
        tp_cbor_put_array(w, 2);
        tp_cbor_put_int(w, run->earliest_less_ms);
        tp_cbor_put_int(w, run->latest_less_ms);
    }
}

/* Room for one more item?  The first always has. */
static bool has_room(const tp_response_writer *writer, const tp_entry *entry)
{
    size_t bytes = writer->items.bytes + writer->tags.bytes + writer->salts.bytes +
                   entry->bytes.bytes + TP_TAG_BYTES;
    return writer->count == 0 || (writer->count < writer->count_max && bytes <= writer->bytes_max);
}

static tp_rc check_item(const tp_response_writer *writer, const tp_entry *entry,
                        tp_stamp_run *run_out, tp_err *err)
{
    tp_era_reading reading;
    tp_rc rc = tp_change_decode_reading(entry->bytes, &reading, err);
    if (rc != TP_OK) {
        return rc;
    }
    if (entry->name.device == 0 || entry->name.seq == 0 || entry->name.seq > TP_SEQ_MAX ||
        entry->position <= writer->last.position || entry->position > TP_NUMBER_MAX ||
        entry->bytes.bytes > TP_CHANGE_BYTES_MAX ||
        !tp_stamp_run_of(&entry->stamp, reading.up_ms, run_out)) {
        return tp_fail(err, TP_INVALID, "response: an item out of order or range");
    }
    return TP_OK;
}

tp_rc tp_response_writer_add_item(tp_response_writer *writer, const tp_entry *entry, tp_err *err)
{
    tp_stamp_run run;
    uint32_t index = writer->devices.count;
    tp_rc rc = check_item(writer, entry, &run, err);
    if (rc != TP_OK) {
        return rc;
    }
    bool is_known = tp_page_devices_find(&writer->devices, entry->name.device, &index);
    if (!has_room(writer, entry) || (!is_known && index == TP_PAGE_DEVICES_MAX)) {
        return tp_fail(err, TP_LIMIT, "the response is full");
    }
    if (is_known && writer->devices.at[index].seq == entry->name.seq) {
        return tp_fail(err, TP_INVALID, "response: an item that is there already");
    }
    if (!is_known) {
        tp_page_devices_add(&writer->devices, entry->name.device);
    }
    size_t items_before = writer->items.bytes;
    size_t tags_before = writer->tags.bytes;
    size_t salts_before = writer->salts.bytes;
    tp_cbor_writer w = tp_cbor_writer_of(&writer->items, err);
    put_item(&w, writer, index, entry, &run);
    rc = w.rc == TP_OK ? tp_buf_add(&writer->tags, entry->tag, sizeof entry->tag, err) : w.rc;
    if (rc != TP_OK) {
        writer->items.bytes = items_before;
        writer->tags.bytes = tags_before;
        writer->salts.bytes = salts_before;
        return rc;
    }
    writer->count++;
    writer->devices.at[index].seq = entry->name.seq;
    writer->last.position = entry->position;
    writer->last.number = entry->stamp.number;
    writer->last.skew_ms = run.skew_ms;
    return TP_OK;
}

/* Leaves a part as it was where the last item could not be written whole. */
static tp_rc keep(tp_buf *part, size_t bytes_before, const tp_cbor_writer *w)
{
    if (w->rc != TP_OK) {
        part->bytes = bytes_before;
    }
    return w->rc;
}
