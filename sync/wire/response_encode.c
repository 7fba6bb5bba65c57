/* Responses to bytes: the parts put together. */
#include "sync/wire/response.h"

#include "sync/wire/message_keys.h"

#include <stdlib.h>

static void put_head(tp_cbor_writer *w, const tp_response_writer *writer, const tp_response *head);
static void put_tail(tp_cbor_writer *w, const tp_response_writer *writer, const tp_response *head);

static int compare_names(const void *a, const void *b)
{
    return tp_name_cmp(*(const tp_name *)a, *(const tp_name *)b);
}

static void sort_names(tp_buf *names)
{
    if (names->bytes > 0) {
        qsort(names->at, names->bytes / sizeof(tp_name), sizeof(tp_name), compare_names);
    }
}

tp_rc tp_response_writer_end(tp_response_writer *writer, const tp_response *head, tp_buf *message,
                             tp_buf *tail, tp_err *err)
{
    tp_rc rc = tp_stamp_runs_end(&writer->stamps, err);
    if (rc != TP_OK) {
        return rc;
    }
    if (head->hub_ms < TP_TIME_MS_MIN || head->hub_ms > TP_TIME_MS_MAX ||
        head->certificate.bytes > TP_DER_BYTES_MAX || head->handed_count > TP_HANDED_MAX ||
        (writer->give_backs.bytes > 0) != (head->give_back_position > 0)) {
        return tp_fail(err, TP_INVALID, "response: a header out of range");
    }
    sort_names(&writer->give_backs);
    sort_names(&writer->erased);
    size_t message_before = message->bytes;
    size_t tail_before = tail->bytes;
    tp_cbor_writer w = tp_cbor_writer_of(message, err);
    tp_cbor_put_array(&w, 2);
    put_head(&w, writer, head);
    tp_cbor_put_array(&w, writer->count);
    tp_cbor_put_raw(&w, tp_buf_slice(&writer->items));
    w.out = tail;
    put_tail(&w, writer, head);
    if (w.rc != TP_OK) {
        message->bytes = message_before;
        tail->bytes = tail_before;
    }
    return w.rc;
}

static void put_tail(tp_cbor_writer *w, const tp_response_writer *writer, const tp_response *head)
{
    if (head->cursor != 0) {
        tp_cbor_put_raw(w, tp_slice_of(head->cursor_tag, sizeof head->cursor_tag));
    }
    tp_cbor_put_raw(w, tp_buf_slice(&writer->tags));
    tp_cbor_put_raw(w, tp_buf_slice(&writer->salts));
}

static void put_uint_key(tp_cbor_writer *w, uint64_t key, uint64_t n)
{
    if (n != 0) {
        tp_cbor_put_uint(w, key);
        tp_cbor_put_uint(w, n);
    }
}

static void put_refused(tp_cbor_writer *w, const tp_response_writer *writer)
{
    if (writer->refused_count > 0) {
        tp_cbor_put_uint(w, TP_REPLY_REFUSED);
        tp_cbor_put_array(w, writer->refused_count);
        tp_cbor_put_raw(w, tp_buf_slice(&writer->refused));
    }
}

static void put_stamps(tp_cbor_writer *w, const tp_response_writer *writer)
{
    if (writer->stamps.count > 0) {
        tp_cbor_put_uint(w, TP_REPLY_STAMPS);
        tp_stamp_runs_put(w, &writer->stamps);
    }
}

/* Names in order: how many from `from` on are of the same device. */
static size_t same_device(const tp_name *names, size_t count, size_t from)
{
    size_t at = from;
    while (at < count && names[at].device == names[from].device) {
        at++;
    }
    return at - from;
}

static void put_give_backs(tp_cbor_writer *w, const tp_response_writer *writer, uint64_t position)
{
    const tp_name *names = (const tp_name *)(const void *)writer->give_backs.at;
    size_t count = writer->give_backs.bytes / sizeof(tp_name);
    size_t devices = 0;
    for (size_t at = 0; at < count; at += same_device(names, count, at)) {
        devices++;
    }
    tp_cbor_put_uint(w, TP_REPLY_GIVE_BACKS);
    tp_cbor_put_array(w, 2);
    tp_cbor_put_uint(w, position);
    tp_cbor_put_map(w, devices);
    for (size_t at = 0; at < count;) {
        size_t seqs = same_device(names, count, at);
        tp_cbor_put_uint(w, names[at].device);
        tp_cbor_put_array(w, seqs);
        for (size_t end = at + seqs; at < end; at++) {
            tp_cbor_put_uint(w, names[at].seq);
        }
    }
}

/* Places among the give-backs, both in order. */
static void put_erased(tp_cbor_writer *w, const tp_response_writer *writer)
{
    const tp_name *names = (const tp_name *)(const void *)writer->give_backs.at;
    const tp_name *erased = (const tp_name *)(const void *)writer->erased.at;
    const size_t count = writer->erased.bytes / sizeof(tp_name);
    tp_cbor_put_uint(w, TP_REPLY_ERASED);
    tp_cbor_put_array(w, count);
    for (size_t i = 0, at = 0; i < count; at++) {
        if (tp_name_eq(names[at], erased[i])) {
            tp_cbor_put_uint(w, at);
            i++;
        }
    }
}

static void put_directory(tp_cbor_writer *w, const tp_response_writer *writer, uint64_t version)
{
    tp_cbor_put_uint(w, TP_REPLY_DIRECTORY);
    tp_cbor_put_array(w, 3);
    tp_cbor_put_uint(w, version);
    tp_cbor_put_array(w, writer->agencies_count);
    tp_cbor_put_raw(w, tp_buf_slice(&writer->agencies));
    tp_cbor_put_array(w, writer->directory_devices_count);
    tp_cbor_put_raw(w, tp_buf_slice(&writer->directory_devices));
}

static void put_page_devices(tp_cbor_writer *w, const tp_response_writer *writer)
{
    tp_cbor_put_uint(w, TP_REPLY_DEVICES);
    tp_cbor_put_array(w, writer->devices.count);
    for (uint32_t i = 0; i < writer->devices.count; i++) {
        tp_cbor_put_uint(w, writer->devices.at[i].device);
    }
}

static size_t count_not_0(const uint64_t *at, uint32_t upto)
{
    size_t count = 0;
    for (uint32_t i = 0; i < upto; i++) {
        count += at[i] != 0;
    }
    return count;
}

/* Of what was handed: its place, and a number where there is one. */
static void put_of_handed(tp_cbor_writer *w, uint64_t key, const uint64_t *at, uint32_t upto)
{
    const size_t count = count_not_0(at, upto);
    if (count == 0) {
        return;
    }
    tp_cbor_put_uint(w, key);
    tp_cbor_put_array(w, count);
    for (uint32_t i = 0; i < upto; i++) {
        if (at[i] != 0) {
            tp_cbor_put_array(w, 2);
            tp_cbor_put_uint(w, i);
            tp_cbor_put_uint(w, at[i]);
        }
    }
}

static void put_others(tp_cbor_writer *w, const tp_response_writer *writer)
{
    if (writer->others_count > 0) {
        tp_cbor_put_uint(w, TP_REPLY_OTHERS);
        tp_cbor_put_array(w, writer->others_count);
        tp_cbor_put_raw(w, tp_buf_slice(&writer->others));
    }
}

static size_t count_keys(const tp_response_writer *writer, const tp_response *head)
{
    size_t count = 1; /* the hub's time */
    count += head->accepted != 0;
    count += writer->refused_count > 0;
    count += writer->stamps.count > 0;
    count += head->generation != 0;
    count += head->cursor != 0;
    count += head->more;
    count += writer->give_backs.bytes > 0;
    count += head->directory_version != 0;
    count += head->certificate.bytes > 0;
    count += head->protocol != 0;
    count += writer->count > 0;
    count += head->left != 0;
    count += head->has_sum;
    count += writer->spans_count > 0;
    count += head->ranges_named > 0;
    count += head->has_receipt;
    count += head->handed_count > 0;
    count += head->is_back;
    count += writer->erased.bytes > 0;
    count += head->counts_stamps;
    count += head->ahead != 0;
    count += count_not_0(head->called, head->handed_count) > 0;
    count += count_not_0(head->called_seq, head->handed_count) > 0;
    count += head->to != 0;
    count += writer->others_count > 0;
#ifdef TP_NEXT
    count++;
#endif
    return count;
}

/* What is held, and how what differs is found. */
static void put_held(tp_cbor_writer *w, const tp_response_writer *writer, const tp_response *head)
{
    if (head->has_sum) {
        uint8_t sum[TP_HELD_SUM_BYTES];
        tp_held_put(&head->sum, sum);
        tp_cbor_put_uint(w, TP_REPLY_SUM);
        tp_cbor_put_bytes(w, tp_slice_of(sum, sizeof sum));
    }
    if (writer->spans_count > 0) {
        tp_cbor_put_uint(w, TP_REPLY_SPANS);
        tp_cbor_put_array(w, writer->spans_count);
        tp_cbor_put_raw(w, tp_buf_slice(&writer->spans));
    }
    if (head->ranges_named > 0) {
        tp_cbor_put_uint(w, TP_REPLY_NAMES);
        tp_cbor_put_array(w, 2);
        tp_cbor_put_uint(w, head->ranges_named);
        tp_cbor_put_array(w, writer->names_count);
        tp_cbor_put_raw(w, tp_buf_slice(&writer->names));
    }
}

/* What shows what a hub that went back had before, and what became of what it was shown. */
static void put_back(tp_cbor_writer *w, const tp_response *head)
{
    if (head->has_receipt) {
        tp_cbor_put_uint(w, TP_REPLY_PUSH_RECEIPT);
        tp_push_receipt_put(w, &head->push_receipt);
    }
    if (head->handed_count > 0) {
        tp_cbor_put_uint(w, TP_REPLY_HANDED);
        tp_cbor_put_array(w, head->handed_count);
    }
    for (uint32_t i = 0; i < head->handed_count; i++) {
        tp_cbor_put_uint(w, head->handed[i]);
    }
    if (head->is_back) {
        tp_cbor_put_uint(w, TP_REPLY_IS_BACK);
        tp_cbor_put_bool(w, true);
    }
}

static void put_head(tp_cbor_writer *w, const tp_response_writer *writer, const tp_response *head)
{
    tp_cbor_put_map(w, count_keys(writer, head));
    put_uint_key(w, TP_REPLY_ACCEPTED, head->accepted);
    put_refused(w, writer);
    put_stamps(w, writer);
    tp_cbor_put_uint(w, TP_REPLY_HUB_TIME);
    tp_cbor_put_int(w, head->hub_ms);
    put_uint_key(w, TP_REPLY_GENERATION, head->generation);
    put_uint_key(w, TP_REPLY_CURSOR, head->cursor);
    if (head->more) {
        tp_cbor_put_uint(w, TP_REPLY_MORE);
        tp_cbor_put_bool(w, true);
    }
    if (writer->give_backs.bytes > 0) {
        put_give_backs(w, writer, head->give_back_position);
    }
    if (head->directory_version != 0) {
        put_directory(w, writer, head->directory_version);
    }
    if (head->certificate.bytes > 0) {
        tp_cbor_put_uint(w, TP_REPLY_CERTIFICATE);
        tp_cbor_put_bytes(w, head->certificate);
    }
    put_uint_key(w, TP_REPLY_PROTOCOL, head->protocol);
    if (writer->count > 0) {
        put_page_devices(w, writer);
    }
    put_uint_key(w, TP_REPLY_LEFT, head->left);
    put_held(w, writer, head);
    put_back(w, head);
    if (writer->erased.bytes > 0) {
        put_erased(w, writer);
    }
    if (head->counts_stamps) {
        tp_cbor_put_uint(w, TP_REPLY_COUNTS_STAMPS);
        tp_cbor_put_bool(w, true);
    }
    if (head->ahead != 0) {
        tp_cbor_put_uint(w, TP_REPLY_AHEAD);
        tp_cbor_put_array(w, 2);
        tp_cbor_put_uint(w, head->ahead);
        tp_cbor_put_bytes(w, tp_slice_of(head->ahead_digest, sizeof head->ahead_digest));
    }
    put_of_handed(w, TP_REPLY_CALLED, head->called, head->handed_count);
    put_uint_key(w, TP_REPLY_TO, head->to);
    put_others(w, writer);
    put_of_handed(w, TP_REPLY_CALLED_SEQ, head->called_seq, head->handed_count);
#ifdef TP_NEXT
    tp_cbor_put_uint(w, TP_MESSAGE_KEY_NEXT);
    tp_cbor_put_text(w, tp_slice_str("a key of the next version"));
#endif
}
