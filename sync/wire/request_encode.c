/* Requests to bytes.  The header stands before the items but is known only after them (h covers
 * them all), so items are gathered apart and put together at the end. */
#include "sync/wire/request.h"

#include "sync/wire/message_keys.h"

#include <assert.h>

static tp_rc check_head(const tp_request_writer *writer, const tp_request *head, tp_err *err);
static void put_head(tp_cbor_writer *w, const tp_request *head, bool pushes);
static void put_tail(tp_cbor_writer *w, const tp_request_writer *writer, const tp_request *head);

void tp_request_writer_init(tp_request_writer *writer, size_t bytes_max, uint32_t count_max)
{
    assert(bytes_max <= TP_BATCH_BYTES_MAX && count_max > 0 && count_max <= TP_BATCH_CHANGES_MAX);
    memset(writer, 0, sizeof *writer);
    writer->bytes_max = bytes_max;
    writer->count_max = count_max;
    tp_buf_init(&writer->items, TP_BATCH_BYTES_MAX + TP_CHANGE_BYTES_MAX + 9);
    tp_buf_init(&writer->salts, TP_TAIL_BYTES_MAX);
}

void tp_request_writer_done(tp_request_writer *writer)
{
    tp_buf_done(&writer->items);
    tp_buf_done(&writer->salts);
}

tp_rc tp_request_writer_add(tp_request_writer *writer, tp_slice change, tp_err *err)
{
    if (change.bytes > TP_CHANGE_BYTES_MAX) {
        return tp_fail(err, TP_INVALID, "a change of more than %u bytes", TP_CHANGE_BYTES_MAX);
    }
    size_t items_before = writer->items.bytes;
    size_t salts_before = writer->salts.bytes;
    bool is_full = writer->count == writer->count_max ||
                   items_before + salts_before + change.bytes > writer->bytes_max;
    if (writer->count > 0 && is_full) {
        return tp_fail(err, TP_LIMIT, "the request is full");
    }
    tp_cbor_writer w = tp_cbor_writer_of(&writer->items, err);
    tp_packed_change_put(&w, change, &writer->salts);
    if (w.rc != TP_OK) {
        writer->items.bytes = items_before;
        writer->salts.bytes = salts_before;
        return w.rc;
    }
    writer->count++;
    return TP_OK;
}

tp_rc tp_request_writer_end(const tp_request_writer *writer, const tp_request *head,
                            tp_buf *message, tp_buf *tail, tp_err *err)
{
    tp_rc rc = check_head(writer, head, err);
    if (rc != TP_OK) {
        return rc;
    }
    size_t message_before = message->bytes;
    size_t tail_before = tail->bytes;
    tp_cbor_writer w = tp_cbor_writer_of(message, err);
    tp_cbor_put_array(&w, 2);
    put_head(&w, head, writer->count > 0);
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

bool tp_request_tells_present(const tp_request *head)
{
    return head->eras_count > 0 && head->eras[head->eras_count - 1].era == head->clock.era;
}

static bool is_moment(int64_t ms)
{
    return ms >= TP_TIME_MS_MIN && ms <= TP_TIME_MS_MAX;
}

static bool is_span(const tp_era_span *span)
{
    return span->boot != 0 && span->boot <= span->era && span->first_up_ms >= 0 &&
           span->last_up_ms >= 0 && is_moment(span->first_up_ms) && is_moment(span->last_up_ms) &&
           is_moment(span->first_skew_ms) && is_moment(span->last_skew_ms);
}

static tp_rc check_head(const tp_request_writer *writer, const tp_request *head, tp_err *err)
{
    const tp_era_reading *clock = &head->clock;
    if (clock->era == 0 || clock->up_ms < 0 || !is_moment(clock->up_ms) ||
        !is_moment(clock->wall_ms - clock->up_ms)) {
        return tp_fail(err, TP_INVALID, "request: a clock reading out of range");
    }
    if (writer->count > 0 && (head->first_seq == 0 || head->first_seq > TP_SEQ_MAX)) {
        return tp_fail(err, TP_INVALID, "request: changes without a first seq");
    }
    if (head->eras_count > TP_REQUEST_ERAS_MAX || head->csr.bytes > TP_DER_BYTES_MAX ||
        head->handed_count > TP_HANDED_MAX ||
        head->meant.bytes > (size_t)TP_MEANT_MAX * TP_MEANT_BYTES ||
        (head->has_proof && writer->count == 0)) {
        return tp_fail(err, TP_INVALID, "request: more than a request may carry");
    }
    for (uint32_t i = 0; i < head->eras_count; i++) {
        bool ascends = i == 0 || head->eras[i - 1].era < head->eras[i].era;
        bool has_start = head->start == 0 || head->eras[i].start != 0;
        if (!ascends || !has_start || !is_span(&head->eras[i])) {
            return tp_fail(err, TP_INVALID, "request: eras out of order or range");
        }
    }
    if (tp_request_tells_present(head) && head->eras[head->eras_count - 1].start != head->start) {
        return tp_fail(err, TP_INVALID, "request: two starts of one era");
    }
    return TP_OK;
}

static void put_uint_key(tp_cbor_writer *w, uint64_t key, uint64_t n)
{
    if (n != 0) {
        tp_cbor_put_uint(w, key);
        tp_cbor_put_uint(w, n);
    }
}

static void put_clock(tp_cbor_writer *w, const tp_era_reading *clock)
{
    tp_cbor_put_uint(w, TP_ASK_CLOCK);
    tp_cbor_put_array(w, 3);
    tp_cbor_put_uint(w, clock->era);
    tp_cbor_put_int(w, clock->up_ms);
    tp_cbor_put_int(w, clock->wall_ms - clock->up_ms);
}

static void put_eras(tp_cbor_writer *w, const tp_request *head)
{
    tp_cbor_put_uint(w, TP_ASK_ERAS);
    tp_cbor_put_array(w, head->eras_count);
    for (uint32_t i = 0; i < head->eras_count; i++) {
        const tp_era_span *span = &head->eras[i];
        tp_cbor_put_array(w, 6);
        tp_cbor_put_uint(w, span->era);
        tp_cbor_put_uint(w, span->boot);
        tp_cbor_put_int(w, span->first_up_ms);
        tp_cbor_put_int(w, span->first_skew_ms);
        tp_cbor_put_int(w, span->last_up_ms);
        tp_cbor_put_int(w, span->last_skew_ms);
    }
}

/* Of the eras told, then of the present one if that is not among them. */
static void put_starts(tp_cbor_writer *w, const tp_request *head)
{
    if (head->start == 0) {
        return;
    }
    bool is_told = tp_request_tells_present(head);
    tp_cbor_put_uint(w, TP_ASK_STARTS);
    tp_cbor_put_array(w, head->eras_count + !is_told);
    for (uint32_t i = 0; i < head->eras_count; i++) {
        tp_cbor_put_uint(w, head->eras[i].start);
    }
    if (!is_told) {
        tp_cbor_put_uint(w, head->start);
    }
}

static void put_tail(tp_cbor_writer *w, const tp_request_writer *writer, const tp_request *head)
{
    if (head->cursor != 0) {
        tp_cbor_put_raw(w, tp_slice_of(head->cursor_tag, sizeof head->cursor_tag));
    }
    if (writer->count > 0) {
        tp_cbor_put_raw(w, tp_slice_of(head->chain_start, sizeof head->chain_start));
        tp_cbor_put_raw(w, tp_slice_of(head->signature, sizeof head->signature));
        tp_cbor_put_raw(w, tp_buf_slice(&writer->salts));
    }
}

static void put_name(tp_cbor_writer *w, tp_name name)
{
    tp_cbor_put_uint(w, name.device);
    tp_cbor_put_uint(w, name.seq);
}

/* How what differs is looked for. */
static void put_held(tp_cbor_writer *w, const tp_request *head)
{
    if (head->wants_spans) {
        tp_cbor_put_uint(w, TP_ASK_SPANS);
        tp_cbor_put_array(w, 2);
        put_name(w, head->spans_after);
    }
    if (head->ranges_count > 0) {
        tp_cbor_put_uint(w, TP_ASK_RANGES);
        tp_cbor_put_array(w, head->ranges_count);
    }
    for (uint32_t i = 0; i < head->ranges_count; i++) {
        tp_cbor_put_array(w, 4);
        put_name(w, head->ranges[i].after);
        put_name(w, head->ranges[i].upto);
    }
    if (head->wanted_count > 0) {
        tp_cbor_put_uint(w, TP_ASK_WANTED);
        tp_cbor_put_array(w, head->wanted_count);
    }
    for (uint32_t i = 0; i < head->wanted_count; i++) {
        tp_cbor_put_array(w, 2);
        put_name(w, head->wanted[i]);
    }
}

/* What shows a hub that went back what it had. */
static void put_back(tp_cbor_writer *w, const tp_request *head)
{
    if (head->handed_count > 0) {
        tp_cbor_put_uint(w, TP_ASK_HANDED);
        tp_cbor_put_array(w, head->handed_count);
    }
    for (uint32_t i = 0; i < head->handed_count; i++) {
        tp_handed_put(w, &head->handed[i]);
    }
    if (head->has_proof) {
        tp_cbor_put_uint(w, TP_ASK_PROOF);
        tp_push_proof_put(w, &head->proof);
    }
    if (head->missing_upto != 0) {
        tp_cbor_put_uint(w, TP_ASK_MISSING);
        tp_cbor_put_array(w, 2);
        tp_cbor_put_uint(w, head->missing_upto);
        tp_cbor_put_bytes(w, tp_slice_of(head->missing_h, sizeof head->missing_h));
    }
    if (head->has_claim) {
        tp_cbor_put_uint(w, TP_ASK_CLAIM);
        tp_push_claim_put(w, &head->claim);
    }
    if (head->is_settling) {
        tp_cbor_put_uint(w, TP_ASK_SETTLING);
        tp_cbor_put_bool(w, true);
    }
}

static void put_wants_stamps(tp_cbor_writer *w, const tp_request *head)
{
    if (head->wants_stamps) {
        tp_cbor_put_uint(w, TP_ASK_STAMPS);
        tp_cbor_put_bool(w, true);
    }
}

static void put_meant(tp_cbor_writer *w, const tp_request *head)
{
    if (head->meant.bytes > 0) {
        tp_cbor_put_uint(w, TP_ASK_MEANT);
        tp_cbor_put_bytes(w, head->meant);
    }
}

static void put_again(tp_cbor_writer *w, const tp_request *head)
{
    if (head->is_again) {
        tp_cbor_put_uint(w, TP_ASK_AGAIN);
        tp_cbor_put_bool(w, true);
    }
}

static size_t count_keys(const tp_request *head, bool pushes)
{
    size_t count = 1; /* the clock */
    count += head->cursor != 0;
    count += head->eras_count != 0;
    count += pushes;
    count += head->receipt != 0;
    count += head->directory_version != 0;
    count += head->more;
    count += head->csr.bytes != 0;
    count += head->generation != 0;
    count += head->items_max != 0;
    count += head->wants_left;
    count += head->wants_spans;
    count += head->ranges_count != 0;
    count += head->wanted_count != 0;
    count += head->handed_count != 0;
    count += head->has_proof;
    count += head->missing_upto != 0;
    count += head->has_claim;
    count += head->is_settling;
    count += head->start != 0;
    count += head->wants_stamps;
    count += head->meant.bytes != 0;
    count += head->is_again;
#ifdef TP_NEXT
    count++;
#endif
    return count;
}

static void put_head(tp_cbor_writer *w, const tp_request *head, bool pushes)
{
    tp_cbor_put_map(w, count_keys(head, pushes));
    put_uint_key(w, TP_ASK_CURSOR, head->cursor);
    put_clock(w, &head->clock);
    if (head->eras_count != 0) {
        put_eras(w, head);
    }
    put_uint_key(w, TP_ASK_FIRST_SEQ, pushes ? head->first_seq : 0);
    put_uint_key(w, TP_ASK_RECEIPT, head->receipt);
    put_uint_key(w, TP_ASK_DIRECTORY, head->directory_version);
    if (head->more) {
        tp_cbor_put_uint(w, TP_ASK_MORE);
        tp_cbor_put_bool(w, true);
    }
    if (head->csr.bytes != 0) {
        tp_cbor_put_uint(w, TP_ASK_CSR);
        tp_cbor_put_bytes(w, head->csr);
    }
    put_uint_key(w, TP_ASK_GENERATION, head->generation);
    put_uint_key(w, TP_ASK_ITEMS_MAX, head->items_max);
    if (head->wants_left) {
        tp_cbor_put_uint(w, TP_ASK_LEFT);
        tp_cbor_put_bool(w, true);
    }
    put_held(w, head);
    put_back(w, head);
    put_starts(w, head);
    put_wants_stamps(w, head);
    put_meant(w, head);
    put_again(w, head);
#ifdef TP_NEXT
    tp_cbor_put_uint(w, TP_MESSAGE_KEY_NEXT);
    tp_cbor_put_text(w, tp_slice_str("a key of the next version"));
#endif
}
