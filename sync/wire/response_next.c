/* The lists of a response, item by item: what decoding checks once and whoever asks walks again. */
#include "sync/wire/response.h"

#include "sync/wire/change_bytes.h"

bool tp_response_next_refused(tp_response_reader *reader, tp_refused *out)
{
    if (!tp_cbor_list_next(&reader->refused)) {
        return false;
    }
    tp_cbor_reader *r = &reader->refused.reader;
    tp_cbor_array_of(r, 3);
    out->seq = tp_cbor_uint(r, TP_SEQ_MAX);
    out->code = (uint32_t)tp_cbor_uint(r, UINT32_MAX);
    out->text = tp_cbor_text(r, TP_REFUSED_TEXT_BYTES_MAX);
    if (out->seq <= reader->refused_seq || out->code == 0) {
        tp_cbor_fail(r, TP_CORRUPT, "refused changes that do not ascend, or without a code");
    }
    reader->refused_seq = out->seq;
    return r->rc == TP_OK;
}

bool tp_response_next_other(tp_response_reader *reader, tp_name *out)
{
    if (!tp_cbor_list_next(&reader->others)) {
        return false;
    }
    tp_cbor_reader *r = &reader->others.reader;
    tp_cbor_array_of(r, 2);
    out->seq = tp_cbor_uint(r, TP_SEQ_MAX);
    out->device = tp_cbor_uint(r, UINT64_MAX);
    if (out->seq <= reader->other_seq || out->device == 0) {
        tp_cbor_fail(r, TP_CORRUPT, "other names that do not ascend, or of no device");
    }
    reader->other_seq = out->seq;
    return r->rc == TP_OK;
}

bool tp_response_next_run(tp_response_reader *reader, tp_stamp_run *out)
{
    return tp_stamp_runs_next(&reader->stamps, out);
}

/* The next device that gives something back. */
static bool next_give_back_device(tp_response_reader *reader)
{
    if (!tp_cbor_list_next(&reader->give_backs)) {
        return false;
    }
    tp_cbor_reader *r = &reader->give_backs.reader;
    uint64_t device = tp_cbor_uint(r, UINT64_MAX);
    reader->give_back_seqs_left = tp_cbor_array(r, TP_GIVE_BACKS_MAX);
    if (device <= reader->give_back.device || reader->give_back_seqs_left == 0) {
        tp_cbor_fail(r, TP_CORRUPT, "devices that do not ascend, or nothing of one");
    }
    reader->give_back.device = device;
    reader->give_back.seq = 0;
    return r->rc == TP_OK;
}

void tp_response_next_erased(tp_response_reader *reader)
{
    const uint32_t last = reader->erased_at;
    reader->erased_at = 0;
    if (!tp_cbor_list_next(&reader->erased)) {
        return;
    }
    tp_cbor_reader *r = &reader->erased.reader;
    const uint32_t at = (uint32_t)tp_cbor_uint(r, TP_GIVE_BACKS_MAX) + 1;
    if (at <= last || at > reader->give_backs_total) {
        tp_cbor_fail(r, TP_CORRUPT, "erased changes that do not ascend, or are not given back");
    }
    reader->erased_at = r->rc == TP_OK ? at : 0;
}

bool tp_response_next_give_back(tp_response_reader *reader, tp_name *out)
{
    if (reader->give_back_seqs_left == 0 && !next_give_back_device(reader)) {
        return false;
    }
    tp_cbor_reader *r = &reader->give_backs.reader;
    uint64_t seq = tp_cbor_uint(r, TP_SEQ_MAX);
    if (seq <= reader->give_back.seq) {
        tp_cbor_fail(r, TP_CORRUPT, "seqs that do not ascend");
    }
    if (reader->give_backs_count == TP_GIVE_BACKS_MAX) {
        tp_cbor_fail(r, TP_LIMIT, "more give-backs than the limit");
    }
    reader->give_back_seqs_left--;
    reader->give_backs_count++;
    reader->give_back.seq = seq;
    reader->is_erased = reader->give_backs_count == reader->erased_at;
    if (reader->is_erased) {
        tp_response_next_erased(reader);
    }
    *out = reader->give_back;
    return r->rc == TP_OK;
}

static tp_agreement read_agreement(tp_cbor_reader *r)
{
    tp_agreement agreement = {0, 0, false};
    tp_cbor_array_of(r, 2);
    agreement.from_ms = tp_cbor_int(r, TP_TIME_MS_MIN, TP_TIME_MS_MAX);
    if (tp_cbor_peek(r) == TP_CBOR_NULL) {
        tp_cbor_skip(r);
        agreement.is_open = true;
    } else {
        agreement.until_ms = tp_cbor_int(r, TP_TIME_MS_MIN, TP_TIME_MS_MAX);
    }
    return agreement;
}

bool tp_response_next_agency(tp_response_reader *reader, tp_directory_agency *out)
{
    if (!tp_cbor_list_next(&reader->agencies)) {
        return false;
    }
    tp_cbor_reader *r = &reader->agencies.reader;
    tp_cbor_array_of(r, 3);
    out->id = tp_cbor_text(r, TP_AGENCY_BYTES_MAX);
    out->label = tp_cbor_text(r, TP_LABEL_BYTES_MAX);
    out->agreements_count = tp_cbor_array(r, TP_AGREEMENTS_MAX);
    for (uint32_t i = 0; i < out->agreements_count; i++) {
        out->agreements[i] = read_agreement(r);
    }
    if (out->id.bytes == 0) {
        tp_cbor_fail(r, TP_CORRUPT, "an agency without an id");
    }
    return r->rc == TP_OK;
}

bool tp_response_next_device(tp_response_reader *reader, tp_directory_device *out)
{
    if (!tp_cbor_list_next(&reader->directory_devices)) {
        return false;
    }
    tp_cbor_reader *r = &reader->directory_devices.reader;
    tp_cbor_array_of(r, 2);
    out->device = tp_cbor_uint(r, UINT64_MAX);
    out->agency = tp_cbor_text(r, TP_AGENCY_BYTES_MAX);
    if (out->device == 0 || out->agency.bytes == 0) {
        tp_cbor_fail(r, TP_CORRUPT, "a device without an id or an agency");
    }
    return r->rc == TP_OK;
}

/* The device of an item.  Its table stands in the order in which the items meet it. */
static tp_page_device *read_item_device(tp_cbor_reader *r, tp_response_reader *reader)
{
    uint64_t index = tp_cbor_uint(r, UINT32_MAX);
    if (r->rc != TP_OK || index >= reader->devices.count || index > reader->devices_met) {
        tp_cbor_fail(r, TP_CORRUPT, "an item of no device in the table");
        return NULL;
    }
    reader->devices_met += index == reader->devices_met;
    return &reader->devices.at[index];
}

/* A number sent as the difference from the last one. */
static int64_t read_less(tp_cbor_reader *r, int64_t last, int64_t min, int64_t max)
{
    int64_t sum = last + tp_cbor_int(r, min - max, max - min);
    if (sum < min || sum > max) {
        tp_cbor_fail(r, TP_CORRUPT, "a difference out of range");
        return last;
    }
    return sum;
}

/* An acceptance number or a position sent as the difference: its range is all of int64_t. */
static uint64_t read_number(tp_cbor_reader *r, uint64_t last)
{
    int64_t less = tp_cbor_int(r, -INT64_MAX, INT64_MAX);
    uint64_t number = last + (uint64_t)less;
    if (number == 0 || number > TP_NUMBER_MAX) {
        tp_cbor_fail(r, TP_CORRUPT, "a difference out of range");
        return last;
    }
    return number;
}

static bool is_moment(int64_t ms)
{
    return ms >= TP_TIME_MS_MIN && ms <= TP_TIME_MS_MAX;
}

static void set_stamp(tp_cbor_reader *r, const tp_stamp_run *run, tp_entry *out)
{
    tp_era_reading reading;
    tp_err ignored;
    if (r->rc != TP_OK) {
        return;
    }
    if (tp_change_decode_reading(out->bytes, &reading, &ignored) != TP_OK) {
        tp_cbor_fail(r, TP_CORRUPT, "an item that is no change");
        return;
    }
    out->stamp = tp_stamp_run_at(run, 0, reading.up_ms);
    bool is_certain = out->stamp.earliest_ms == 0 && out->stamp.latest_ms == 0;
    if (!is_moment(out->stamp.ms) || !is_moment(out->stamp.earliest_ms) ||
        !is_moment(out->stamp.latest_ms) || is_certain == run->has_bounds) {
        tp_cbor_fail(r, TP_CORRUPT, "a stamp out of range");
    }
}

/* The members that are mostly left out. */
static void read_item_rest(tp_cbor_reader *r, uint32_t members, tp_stamp_run *run, tp_entry *out)
{
    out->verdict = members > 6 ? (uint32_t)tp_cbor_uint(r, UINT32_MAX) : 0;
    if (members == 8) {
        tp_cbor_array_of(r, 2);
        tp_stamp_run_read_bounds(r, run);
    } else if (members < 6 || (members == 7 && out->verdict == 0)) {
        tp_cbor_fail(r, TP_CORRUPT, "an array of another length");
    }
}

/* The change of an item, whole: decoding puts it together, whoever asks later finds it there. */
static tp_slice read_change(tp_cbor_reader *r, tp_response_reader *reader)
{
    tp_packed_change packed = tp_packed_change_read(r, TP_CHANGE_BYTES_MAX);
    if (r->rc != TP_OK) {
        return tp_slice_of(NULL, 0);
    }
    if (reader->unpacking != NULL) {
        return tp_packed_change_unpack(&packed, r, &reader->salts, reader->unpacking);
    }
    return tp_reader_take(&reader->changes, tp_packed_change_bytes(&packed));
}

bool tp_response_next_item(tp_response_reader *reader, tp_entry *out)
{
    if (!tp_cbor_list_next(&reader->items)) {
        return false;
    }
    tp_cbor_reader *r = &reader->items.reader;
    tp_page_last *last = &reader->last;
    uint32_t members = tp_cbor_array(r, 8);
    tp_page_device *device = read_item_device(r, reader);
    if (device == NULL) {
        return false;
    }
    int64_t seq = read_less(r, (int64_t)device->seq, 1, (int64_t)TP_SEQ_MAX);
    uint64_t position = last->position + tp_cbor_uint(r, TP_NUMBER_MAX - last->position);
    uint64_t number = read_number(r, last->number);
    tp_stamp_run run = {1, number, 0, false, 0, 0};
    run.skew_ms = read_less(r, last->skew_ms, TP_SKEW_MS_MIN, TP_SKEW_MS_MAX);
    out->bytes = read_change(r, reader);
    read_item_rest(r, members, &run, out);
    if ((uint64_t)seq == device->seq || position == last->position) {
        tp_cbor_fail(r, TP_CORRUPT, "an item at the place of another");
    }
    set_stamp(r, &run, out);
    out->name.device = device->device;
    out->name.seq = (uint64_t)seq;
    out->position = position;
    tp_tail_copy(r, &reader->tags, out->tag, sizeof out->tag);
    device->seq = (uint64_t)seq;
    last->position = position;
    last->number = number;
    last->skew_ms = run.skew_ms;
    return r->rc == TP_OK;
}

/* The first two members of three; they ascend from `last` on. */
static tp_name read_name(tp_cbor_reader *r, tp_name *last)
{
    tp_cbor_array_of(r, 3);
    tp_name name = {tp_cbor_uint(r, UINT64_MAX), 0};
    name.seq = tp_cbor_uint(r, TP_SEQ_MAX);
    if (tp_name_cmp(name, *last) <= 0) {
        tp_cbor_fail(r, TP_CORRUPT, "names that do not ascend");
    }
    *last = name;
    return name;
}

bool tp_response_next_span(tp_response_reader *reader, tp_held_span *out)
{
    uint8_t sum[TP_HELD_SUM_BYTES];
    if (!tp_cbor_list_next(&reader->spans)) {
        return false;
    }
    tp_cbor_reader *r = &reader->spans.reader;
    out->upto = read_name(r, &reader->span);
    tp_cbor_copy(r, sum, sizeof sum);
    out->sum = tp_held_get(sum);
    return r->rc == TP_OK;
}

bool tp_response_next_name(tp_response_reader *reader, tp_held_name *out)
{
    if (!tp_cbor_list_next(&reader->names)) {
        return false;
    }
    tp_cbor_reader *r = &reader->names.reader;
    out->name = read_name(r, &reader->name);
    tp_cbor_copy(r, out->digest, sizeof out->digest);
    return r->rc == TP_OK;
}
