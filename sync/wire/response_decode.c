/* Responses from bytes.  The header's lists are not unpacked: decoding walks each one once, to know
 * that it is well formed, and the readers walk it again for whoever asks. */
#include "sync/wire/response.h"

#include "sync/wire/message_keys.h"

typedef void (*key_reader)(tp_cbor_reader *reader, tp_response_reader *out);

static void read_accepted(tp_cbor_reader *reader, tp_response_reader *out);
static void read_refused(tp_cbor_reader *reader, tp_response_reader *out);
static void read_stamps(tp_cbor_reader *reader, tp_response_reader *out);
static void read_hub_time(tp_cbor_reader *reader, tp_response_reader *out);
static void read_generation(tp_cbor_reader *reader, tp_response_reader *out);
static void read_cursor(tp_cbor_reader *reader, tp_response_reader *out);
static void read_more(tp_cbor_reader *reader, tp_response_reader *out);
static void read_give_backs(tp_cbor_reader *reader, tp_response_reader *out);
static void read_directory(tp_cbor_reader *reader, tp_response_reader *out);
static void read_certificate(tp_cbor_reader *reader, tp_response_reader *out);
static void read_protocol(tp_cbor_reader *reader, tp_response_reader *out);
static void read_devices(tp_cbor_reader *reader, tp_response_reader *out);
static void read_left(tp_cbor_reader *reader, tp_response_reader *out);
static void read_sum(tp_cbor_reader *reader, tp_response_reader *out);
static void read_spans(tp_cbor_reader *reader, tp_response_reader *out);
static void read_names(tp_cbor_reader *reader, tp_response_reader *out);
static void read_push_receipt(tp_cbor_reader *reader, tp_response_reader *out);
static void read_handed(tp_cbor_reader *reader, tp_response_reader *out);
static void read_is_back(tp_cbor_reader *reader, tp_response_reader *out);
static void read_erased(tp_cbor_reader *reader, tp_response_reader *out);
static void read_counts_stamps(tp_cbor_reader *reader, tp_response_reader *out);
static void read_ahead(tp_cbor_reader *reader, tp_response_reader *out);
static void read_called(tp_cbor_reader *reader, tp_response_reader *out);
static void read_to(tp_cbor_reader *reader, tp_response_reader *out);
static void read_others(tp_cbor_reader *reader, tp_response_reader *out);
static void read_called_seq(tp_cbor_reader *reader, tp_response_reader *out);

static const key_reader key_readers[TP_REPLY_KEYS_COUNT] = {
    [TP_REPLY_ACCEPTED] = read_accepted,
    [TP_REPLY_REFUSED] = read_refused,
    [TP_REPLY_STAMPS] = read_stamps,
    [TP_REPLY_HUB_TIME] = read_hub_time,
    [TP_REPLY_GENERATION] = read_generation,
    [TP_REPLY_CURSOR] = read_cursor,
    [TP_REPLY_MORE] = read_more,
    [TP_REPLY_GIVE_BACKS] = read_give_backs,
    [TP_REPLY_DIRECTORY] = read_directory,
    [TP_REPLY_CERTIFICATE] = read_certificate,
    [TP_REPLY_PROTOCOL] = read_protocol,
    [TP_REPLY_DEVICES] = read_devices,
    [TP_REPLY_LEFT] = read_left,
    [TP_REPLY_SUM] = read_sum,
    [TP_REPLY_SPANS] = read_spans,
    [TP_REPLY_NAMES] = read_names,
    [TP_REPLY_PUSH_RECEIPT] = read_push_receipt,
    [TP_REPLY_HANDED] = read_handed,
    [TP_REPLY_IS_BACK] = read_is_back,
    [TP_REPLY_ERASED] = read_erased,
    [TP_REPLY_COUNTS_STAMPS] = read_counts_stamps,
    [TP_REPLY_AHEAD] = read_ahead,
    [TP_REPLY_CALLED] = read_called,
    [TP_REPLY_TO] = read_to,
    [TP_REPLY_OTHERS] = read_others,
    [TP_REPLY_CALLED_SEQ] = read_called_seq,
};

static void read_head(tp_cbor_reader *reader, tp_response_reader *out);
static tp_rc read_items(tp_cbor_reader *reader, tp_reader *tail, tp_buf *changes,
                        tp_response_reader *out, tp_err *err);

/* The tail stands in the order in which it is read here: what goes with key 6, the tags, the
 * salts. */
tp_rc tp_response_decode(tp_slice message, tp_slice tail, tp_buf *changes, tp_response_reader *out,
                         tp_err *err)
{
    tp_cbor_reader reader = tp_cbor_reader_of(message);
    tp_reader tail_reader = tp_reader_of(tail);
    tp_buf_clear(changes);
    memset(out, 0, offsetof(tp_response_reader, devices));
    tp_page_devices_init(&out->devices);
    tp_cbor_array_of(&reader, 2);
    read_head(&reader, out);
    if (out->head.cursor != 0) {
        tp_tail_copy(&reader, &tail_reader, out->head.cursor_tag, sizeof out->head.cursor_tag);
    }
    tp_rc rc = read_items(&reader, &tail_reader, changes, out, err);
    return rc == TP_OK ? tp_cbor_end(&reader, "response", err) : rc;
}

static void read_head(tp_cbor_reader *reader, tp_response_reader *out)
{
    bool has_hub_time = false;
    uint64_t key = 0;
    tp_cbor_map map = tp_cbor_map_of(reader, TP_MESSAGE_KEYS_MAX);
    while (tp_cbor_map_next(&map, reader, &key)) {
        if (key < TP_REPLY_KEYS_COUNT && key_readers[key] != NULL) {
            has_hub_time = has_hub_time || key == TP_REPLY_HUB_TIME;
            key_readers[key](reader, out);
        } else {
            tp_cbor_skip(reader); /* of a newer version */
        }
    }
    if (!has_hub_time) {
        tp_cbor_fail(reader, TP_CORRUPT, "no hub time");
    }
}

/* The array that stands next, as a list; the reader stays at its first item. */
static void begin_list(tp_cbor_reader *reader, tp_cbor_list *list, uint32_t count_max)
{
    list->left = tp_cbor_array(reader, count_max);
    list->reader = *reader;
}

/* As begin_list, for what is left out where it is empty. */
static void begin_full_list(tp_cbor_reader *reader, tp_cbor_list *list, uint32_t count_max)
{
    begin_list(reader, list, count_max);
    if (list->left == 0) {
        tp_cbor_fail(reader, TP_CORRUPT, "an empty list where the key is left out");
        list->reader = *reader;
    }
}

/* From the first item on again. */
static void begin_items(tp_response_reader *out, const tp_cbor_list *first, tp_slice tags)
{
    out->items = *first;
    out->tags = tp_reader_of(tags);
    memset(&out->last, 0, sizeof out->last);
    out->devices_met = 0;
    for (uint32_t i = 0; i < out->devices.count; i++) {
        out->devices.at[i].seq = 0;
    }
}

static tp_rc read_items(tp_cbor_reader *reader, tp_reader *tail, tp_buf *changes,
                        tp_response_reader *out, tp_err *err)
{
    tp_entry ignored;
    begin_list(reader, &out->items, TP_BATCH_CHANGES_MAX);
    const tp_cbor_list first = out->items;
    out->count = first.left;
    tp_slice tags = tp_reader_take(tail, (size_t)out->count * TP_TAG_BYTES);
    begin_items(out, &first, tags);
    out->salts = *tail;
    tp_rc rc = tp_packed_room(reader, out->count, changes, err);
    if (rc != TP_OK) {
        return rc;
    }
    out->unpacking = changes;
    while (tp_response_next_item(out, &ignored)) {
    }
    out->unpacking = NULL;
    *reader = out->items.reader;
    if (out->devices_met != out->devices.count) {
        tp_cbor_fail(reader, TP_CORRUPT, "a device in the table that no item has");
    }
    tp_tail_end(reader, &out->salts);
    begin_items(out, &first, tags);
    out->changes = tp_reader_of(tp_buf_slice(changes));
    return TP_OK;
}

/* A number that is left out where it is 0: each value has one form. */
static uint64_t read_positive(tp_cbor_reader *reader, uint64_t max)
{
    uint64_t n = tp_cbor_uint(reader, max);
    if (n == 0) {
        tp_cbor_fail(reader, TP_CORRUPT, "0 where the key is left out");
    }
    return n;
}

static void read_accepted(tp_cbor_reader *reader, tp_response_reader *out)
{
    out->head.accepted = read_positive(reader, TP_SEQ_MAX);
}

static void read_refused(tp_cbor_reader *reader, tp_response_reader *out)
{
    tp_refused ignored;
    begin_full_list(reader, &out->refused, TP_BATCH_CHANGES_MAX);
    tp_cbor_list first = out->refused;
    while (tp_response_next_refused(out, &ignored)) {
    }
    *reader = out->refused.reader;
    out->refused = first;
    out->refused_seq = 0;
}

static void read_stamps(tp_cbor_reader *reader, tp_response_reader *out)
{
    tp_stamp_runs_read(reader, &out->stamps);
}

static void read_hub_time(tp_cbor_reader *reader, tp_response_reader *out)
{
    out->head.hub_ms = tp_cbor_int(reader, TP_TIME_MS_MIN, TP_TIME_MS_MAX);
}

static void read_generation(tp_cbor_reader *reader, tp_response_reader *out)
{
    out->head.generation = read_positive(reader, TP_NUMBER_MAX);
}

static void read_cursor(tp_cbor_reader *reader, tp_response_reader *out)
{
    out->head.cursor = read_positive(reader, TP_NUMBER_MAX);
}

static bool read_true(tp_cbor_reader *reader)
{
    bool is_true = tp_cbor_bool(reader);
    if (!is_true) {
        tp_cbor_fail(reader, TP_CORRUPT, "false where the key is left out");
    }
    return is_true;
}

static void read_more(tp_cbor_reader *reader, tp_response_reader *out)
{
    out->head.more = read_true(reader);
}

static void read_give_backs(tp_cbor_reader *reader, tp_response_reader *out)
{
    tp_name ignored;
    tp_cbor_array_of(reader, 2);
    out->head.give_back_position = read_positive(reader, TP_NUMBER_MAX);
    out->give_backs.left = tp_cbor_map_of(reader, TP_GIVE_BACKS_MAX).left;
    if (out->give_backs.left == 0) {
        tp_cbor_fail(reader, TP_CORRUPT, "an empty map where the key is left out");
    }
    out->give_backs.reader = *reader;
    tp_cbor_list first = out->give_backs;
    while (tp_response_next_give_back(out, &ignored)) {
    }
    *reader = out->give_backs.reader;
    out->give_backs = first;
    out->give_backs_total = out->give_backs_count;
    out->give_backs_count = 0;
    out->give_back_seqs_left = 0;
    memset(&out->give_back, 0, sizeof out->give_back);
}

static void read_erased(tp_cbor_reader *reader, tp_response_reader *out)
{
    begin_full_list(reader, &out->erased, TP_GIVE_BACKS_MAX);
    tp_cbor_list first = out->erased;
    do {
        tp_response_next_erased(out);
    } while (out->erased_at != 0);
    *reader = out->erased.reader;
    out->erased = first;
    tp_response_next_erased(out);
}

static void read_directory(tp_cbor_reader *reader, tp_response_reader *out)
{
    tp_directory_agency agency;
    tp_directory_device device;
    tp_cbor_array_of(reader, 3);
    out->head.directory_version = read_positive(reader, TP_NUMBER_MAX);
    begin_list(reader, &out->agencies, TP_AGENCIES_MAX);
    tp_cbor_list first = out->agencies;
    while (tp_response_next_agency(out, &agency)) {
    }
    *reader = out->agencies.reader;
    out->agencies = first;
    begin_list(reader, &out->directory_devices, TP_DIRECTORY_DEVICES_MAX);
    first = out->directory_devices;
    while (tp_response_next_device(out, &device)) {
    }
    *reader = out->directory_devices.reader;
    out->directory_devices = first;
}

static void read_certificate(tp_cbor_reader *reader, tp_response_reader *out)
{
    out->head.certificate = tp_cbor_bytes(reader, TP_DER_BYTES_MAX);
    if (out->head.certificate.bytes == 0) {
        tp_cbor_fail(reader, TP_CORRUPT, "an empty value where the key is left out");
    }
}

static void read_protocol(tp_cbor_reader *reader, tp_response_reader *out)
{
    out->head.protocol = (uint32_t)read_positive(reader, UINT8_MAX);
}

static void read_devices(tp_cbor_reader *reader, tp_response_reader *out)
{
    uint32_t ignored = 0;
    uint32_t count = tp_cbor_array(reader, TP_PAGE_DEVICES_MAX);
    for (uint32_t i = 0; i < count && reader->rc == TP_OK; i++) {
        uint64_t device = tp_cbor_uint(reader, UINT64_MAX);
        if (device == 0 || tp_page_devices_find(&out->devices, device, &ignored)) {
            tp_cbor_fail(reader, TP_CORRUPT, "a device that is none, or is there already");
            return;
        }
        tp_page_devices_add(&out->devices, device);
    }
    if (reader->rc == TP_OK && count == 0) {
        tp_cbor_fail(reader, TP_CORRUPT, "an empty list where the key is left out");
    }
}

static void read_left(tp_cbor_reader *reader, tp_response_reader *out)
{
    out->head.left = read_positive(reader, TP_NUMBER_MAX);
}

static void read_sum(tp_cbor_reader *reader, tp_response_reader *out)
{
    uint8_t sum[TP_HELD_SUM_BYTES];
    tp_cbor_copy(reader, sum, sizeof sum);
    out->head.sum = tp_held_get(sum);
    out->head.has_sum = true;
}

static void read_spans(tp_cbor_reader *reader, tp_response_reader *out)
{
    tp_held_span ignored;
    begin_full_list(reader, &out->spans, TP_HELD_SPANS_MAX);
    tp_cbor_list first = out->spans;
    while (tp_response_next_span(out, &ignored)) {
    }
    *reader = out->spans.reader;
    out->spans = first;
    out->span = (tp_name){0, 0};
}

static void read_names(tp_cbor_reader *reader, tp_response_reader *out)
{
    tp_held_name ignored;
    tp_cbor_array_of(reader, 2);
    out->head.ranges_named = (uint32_t)read_positive(reader, TP_HELD_RANGES_MAX);
    begin_list(reader, &out->names, TP_HELD_NAMES_MAX);
    tp_cbor_list first = out->names;
    while (tp_response_next_name(out, &ignored)) {
    }
    *reader = out->names.reader;
    out->names = first;
    out->name = (tp_name){0, 0};
}

static void read_push_receipt(tp_cbor_reader *reader, tp_response_reader *out)
{
    tp_push_receipt_read(reader, &out->head.push_receipt);
    out->head.has_receipt = true;
}

static void read_handed(tp_cbor_reader *reader, tp_response_reader *out)
{
    out->head.handed_count = tp_cbor_array(reader, TP_HANDED_MAX);
    if (out->head.handed_count == 0) {
        tp_cbor_fail(reader, TP_CORRUPT, "an empty list where the key is left out");
    }
    for (uint32_t i = 0; i < out->head.handed_count; i++) {
        out->head.handed[i] = (uint8_t)tp_cbor_uint(reader, TP_HANDED_NOT_KNOWN);
    }
}

static void read_counts_stamps(tp_cbor_reader *reader, tp_response_reader *out)
{
    out->head.counts_stamps = read_true(reader);
}

static void read_ahead(tp_cbor_reader *reader, tp_response_reader *out)
{
    tp_cbor_array_of(reader, 2);
    out->head.ahead = read_positive(reader, TP_SEQ_MAX);
    tp_cbor_copy(reader, out->head.ahead_digest, sizeof out->head.ahead_digest);
}

/* Keys ascend: what it speaks of was read before. */
static void read_of_handed(tp_cbor_reader *reader, uint32_t handed_count, uint64_t max,
                           uint64_t *out)
{
    const uint32_t count = tp_cbor_array(reader, TP_HANDED_MAX);
    uint64_t next = 0;
    if (count == 0) {
        tp_cbor_fail(reader, TP_CORRUPT, "an empty list where the key is left out");
    }
    for (uint32_t i = 0; i < count && reader->rc == TP_OK; i++) {
        tp_cbor_array_of(reader, 2);
        const uint64_t at = tp_cbor_uint(reader, TP_HANDED_MAX - 1);
        const uint64_t n = read_positive(reader, max);
        if (at < next || at >= handed_count) {
            tp_cbor_fail(reader, TP_CORRUPT, "another name of what was not handed");
            return;
        }
        out[at] = n;
        next = at + 1;
    }
}

static void read_called(tp_cbor_reader *reader, tp_response_reader *out)
{
    read_of_handed(reader, out->head.handed_count, UINT64_MAX, out->head.called);
}

static void read_called_seq(tp_cbor_reader *reader, tp_response_reader *out)
{
    read_of_handed(reader, out->head.handed_count, TP_SEQ_MAX, out->head.called_seq);
}

static void read_to(tp_cbor_reader *reader, tp_response_reader *out)
{
    out->head.to = (uint32_t)read_positive(reader, UINT32_MAX);
}

static void read_others(tp_cbor_reader *reader, tp_response_reader *out)
{
    tp_name ignored;
    begin_full_list(reader, &out->others, TP_BATCH_CHANGES_MAX);
    tp_cbor_list first = out->others;
    while (tp_response_next_other(out, &ignored)) {
    }
    *reader = out->others.reader;
    out->others = first;
    out->other_seq = 0;
}

static void read_is_back(tp_cbor_reader *reader, tp_response_reader *out)
{
    out->head.is_back = read_true(reader);
}
