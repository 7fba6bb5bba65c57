/* Requests from bytes: one reader for each key of the header. */
#include "sync/wire/request.h"

#include "sync/wire/message_keys.h"

typedef void (*key_reader)(tp_cbor_reader *reader, tp_request *head);

static void read_cursor(tp_cbor_reader *reader, tp_request *head);
static void read_clock(tp_cbor_reader *reader, tp_request *head);
static void read_eras(tp_cbor_reader *reader, tp_request *head);
static void read_first_seq(tp_cbor_reader *reader, tp_request *head);
static void read_receipt(tp_cbor_reader *reader, tp_request *head);
static void read_directory(tp_cbor_reader *reader, tp_request *head);
static void read_more(tp_cbor_reader *reader, tp_request *head);
static void read_csr(tp_cbor_reader *reader, tp_request *head);
static void read_generation(tp_cbor_reader *reader, tp_request *head);
static void read_items_max(tp_cbor_reader *reader, tp_request *head);
static void read_left(tp_cbor_reader *reader, tp_request *head);
static void read_spans(tp_cbor_reader *reader, tp_request *head);
static void read_ranges(tp_cbor_reader *reader, tp_request *head);
static void read_wanted(tp_cbor_reader *reader, tp_request *head);
static void read_handed(tp_cbor_reader *reader, tp_request *head);
static void read_proof(tp_cbor_reader *reader, tp_request *head);
static void read_missing(tp_cbor_reader *reader, tp_request *head);
static void read_claim(tp_cbor_reader *reader, tp_request *head);
static void read_settling(tp_cbor_reader *reader, tp_request *head);
static void read_starts(tp_cbor_reader *reader, tp_request *head);
static void read_wants_stamps(tp_cbor_reader *reader, tp_request *head);
static void read_meant(tp_cbor_reader *reader, tp_request *head);
static void read_again(tp_cbor_reader *reader, tp_request *head);

static const key_reader key_readers[TP_ASK_KEYS_COUNT] = {
    [TP_ASK_CURSOR] = read_cursor,
    [TP_ASK_CLOCK] = read_clock,
    [TP_ASK_ERAS] = read_eras,
    [TP_ASK_FIRST_SEQ] = read_first_seq,
    [TP_ASK_RECEIPT] = read_receipt,
    [TP_ASK_DIRECTORY] = read_directory,
    [TP_ASK_MORE] = read_more,
    [TP_ASK_CSR] = read_csr,
    [TP_ASK_GENERATION] = read_generation,
    [TP_ASK_ITEMS_MAX] = read_items_max,
    [TP_ASK_LEFT] = read_left,
    [TP_ASK_SPANS] = read_spans,
    [TP_ASK_RANGES] = read_ranges,
    [TP_ASK_WANTED] = read_wanted,
    [TP_ASK_HANDED] = read_handed,
    [TP_ASK_PROOF] = read_proof,
    [TP_ASK_MISSING] = read_missing,
    [TP_ASK_CLAIM] = read_claim,
    [TP_ASK_SETTLING] = read_settling,
    [TP_ASK_STARTS] = read_starts,
    [TP_ASK_STAMPS] = read_wants_stamps,
    [TP_ASK_MEANT] = read_meant,
    [TP_ASK_AGAIN] = read_again,
};

static void read_head(tp_cbor_reader *reader, tp_request *head)
{
    bool has_clock = false;
    uint64_t key = 0;
    tp_cbor_map map = tp_cbor_map_of(reader, TP_MESSAGE_KEYS_MAX);
    while (tp_cbor_map_next(&map, reader, &key)) {
        if (key < TP_ASK_KEYS_COUNT && key_readers[key] != NULL) {
            has_clock = has_clock || key == TP_ASK_CLOCK;
            key_readers[key](reader, head);
        } else {
            tp_cbor_skip(reader); /* of a newer version */
        }
    }
    if (!has_clock) {
        tp_cbor_fail(reader, TP_CORRUPT, "no clock reading");
    }
}

/* The tail stands in the order in which it is read here: what goes with keys 1 and 5, then the
 * salts. */
static void read_tail_head(tp_cbor_reader *reader, tp_reader *tail, tp_request *head)
{
    if (head->cursor != 0) {
        tp_tail_copy(reader, tail, head->cursor_tag, sizeof head->cursor_tag);
    }
    if (head->first_seq != 0) {
        tp_tail_copy(reader, tail, head->chain_start, sizeof head->chain_start);
        tp_tail_copy(reader, tail, head->signature, sizeof head->signature);
    }
}

static void check_count(tp_cbor_reader *reader, const tp_request_reader *request)
{
    if ((request->count > 0) != (request->head.first_seq > 0)) {
        tp_cbor_fail(reader, TP_CORRUPT, "changes without a first seq, or the other way round");
    }
    if (request->head.first_seq + request->count > TP_SEQ_MAX + 1) {
        tp_cbor_fail(reader, TP_CORRUPT, "a seq out of range");
    }
    if (request->head.has_proof && request->head.proof.stamps.changes != request->count) {
        tp_cbor_fail(reader, TP_CORRUPT, "a proof of other changes than are pushed");
    }
}

/* One that is too large is refused alone, by whoever judges changes. */
static tp_packed_change read_change(tp_cbor_reader *reader)
{
    return tp_packed_change_read(reader, TP_UNPACKED_BYTES_MAX);
}

tp_rc tp_request_decode(tp_slice message, tp_slice tail, tp_buf *changes, tp_request_reader *out,
                        tp_err *err)
{
    tp_cbor_reader reader = tp_cbor_reader_of(message);
    tp_reader tail_reader = tp_reader_of(tail);
    tp_buf_clear(changes);
    memset(&out->head, 0, offsetof(tp_request, eras));
    out->at = 0;
    tp_cbor_array_of(&reader, 2);
    read_head(&reader, &out->head);
    read_tail_head(&reader, &tail_reader, &out->head);
    out->count = tp_cbor_array(&reader, TP_BATCH_CHANGES_MAX);
    check_count(&reader, out);
    out->items = reader;
    tp_rc rc = tp_packed_room(&reader, out->count, changes, err);
    if (rc != TP_OK) {
        return rc;
    }
    for (uint32_t i = 0; i < out->count && reader.rc == TP_OK; i++) {
        tp_packed_change packed = read_change(&reader);
        (void)tp_packed_change_unpack(&packed, &reader, &tail_reader, changes);
    }
    out->changes = tp_reader_of(tp_buf_slice(changes));
    tp_tail_end(&reader, &tail_reader);
    return tp_cbor_end(&reader, "request", err);
}

bool tp_request_next(tp_request_reader *reader, uint64_t *seq_out, tp_slice *change_out)
{
    if (reader->at == reader->count) {
        return false;
    }
    tp_packed_change packed = read_change(&reader->items);
    *seq_out = reader->head.first_seq + reader->at;
    *change_out = tp_reader_take(&reader->changes, tp_packed_change_bytes(&packed));
    reader->at++;
    return true;
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

static void read_cursor(tp_cbor_reader *reader, tp_request *head)
{
    head->cursor = read_positive(reader, TP_NUMBER_MAX);
}

static void read_clock(tp_cbor_reader *reader, tp_request *head)
{
    tp_cbor_array_of(reader, 3);
    head->clock.era = (uint32_t)read_positive(reader, UINT32_MAX);
    head->clock.up_ms = tp_cbor_int(reader, 0, TP_TIME_MS_MAX);
    head->clock.wall_ms = head->clock.up_ms + tp_cbor_int(reader, TP_TIME_MS_MIN, TP_TIME_MS_MAX);
}

static void read_eras(tp_cbor_reader *reader, tp_request *head)
{
    head->eras_count = tp_cbor_array(reader, TP_REQUEST_ERAS_MAX);
    if (reader->rc == TP_OK && head->eras_count == 0) {
        tp_cbor_fail(reader, TP_CORRUPT, "an empty list where the key is left out");
    }
    for (uint32_t i = 0; i < head->eras_count && reader->rc == TP_OK; i++) {
        tp_era_span *span = &head->eras[i];
        tp_cbor_array_of(reader, 6);
        span->era = (uint32_t)read_positive(reader, UINT32_MAX);
        span->boot = (uint32_t)read_positive(reader, span->era);
        span->first_up_ms = tp_cbor_int(reader, 0, TP_TIME_MS_MAX);
        span->first_skew_ms = tp_cbor_int(reader, TP_TIME_MS_MIN, TP_TIME_MS_MAX);
        span->last_up_ms = tp_cbor_int(reader, 0, TP_TIME_MS_MAX);
        span->last_skew_ms = tp_cbor_int(reader, TP_TIME_MS_MIN, TP_TIME_MS_MAX);
        span->start = 0;
        if (i > 0 && head->eras[i - 1].era >= span->era) {
            tp_cbor_fail(reader, TP_CORRUPT, "eras that do not ascend");
        }
    }
}

static void read_first_seq(tp_cbor_reader *reader, tp_request *head)
{
    head->first_seq = read_positive(reader, TP_SEQ_MAX);
}

static void read_receipt(tp_cbor_reader *reader, tp_request *head)
{
    head->receipt = read_positive(reader, TP_NUMBER_MAX);
}

static void read_directory(tp_cbor_reader *reader, tp_request *head)
{
    head->directory_version = read_positive(reader, TP_NUMBER_MAX);
}

static bool read_true(tp_cbor_reader *reader)
{
    bool is_true = tp_cbor_bool(reader);
    if (!is_true) {
        tp_cbor_fail(reader, TP_CORRUPT, "false where the key is left out");
    }
    return is_true;
}

static void read_more(tp_cbor_reader *reader, tp_request *head)
{
    head->more = read_true(reader);
}

static void read_csr(tp_cbor_reader *reader, tp_request *head)
{
    head->csr = tp_cbor_bytes(reader, TP_DER_BYTES_MAX);
    if (head->csr.bytes == 0) {
        tp_cbor_fail(reader, TP_CORRUPT, "an empty value where the key is left out");
    }
}

static void read_generation(tp_cbor_reader *reader, tp_request *head)
{
    head->generation = read_positive(reader, TP_NUMBER_MAX);
}

static void read_items_max(tp_cbor_reader *reader, tp_request *head)
{
    head->items_max = (uint32_t)read_positive(reader, UINT32_MAX);
}

static void read_left(tp_cbor_reader *reader, tp_request *head)
{
    head->wants_left = read_true(reader);
}

/* A name, or a place before the first one: device and seq 0. */
static tp_name read_place(tp_cbor_reader *reader)
{
    tp_name name = {tp_cbor_uint(reader, UINT64_MAX), 0};
    name.seq = tp_cbor_uint(reader, TP_SEQ_MAX);
    return name;
}

static uint32_t read_count(tp_cbor_reader *reader, uint32_t max)
{
    uint32_t count = tp_cbor_array(reader, max);
    if (count == 0) {
        tp_cbor_fail(reader, TP_CORRUPT, "an empty list where the key is left out");
    }
    return count;
}

static void read_spans(tp_cbor_reader *reader, tp_request *head)
{
    tp_cbor_array_of(reader, 2);
    head->spans_after = read_place(reader);
    head->wants_spans = true;
}

static void read_ranges(tp_cbor_reader *reader, tp_request *head)
{
    tp_name before = {0, 0};
    uint32_t count = read_count(reader, TP_HELD_RANGES_MAX);
    for (uint32_t i = 0; i < count && reader->rc == TP_OK; i++) {
        tp_name_range *range = &head->ranges[i];
        tp_cbor_array_of(reader, 4);
        range->after = read_place(reader);
        range->upto = read_place(reader);
        if (tp_name_cmp(range->after, before) < 0 || tp_name_cmp(range->upto, range->after) <= 0) {
            tp_cbor_fail(reader, TP_CORRUPT, "ranges that do not ascend");
        }
        before = range->upto;
    }
    head->ranges_count = reader->rc == TP_OK ? count : 0;
}

static void read_wanted(tp_cbor_reader *reader, tp_request *head)
{
    tp_name before = {0, 0};
    uint32_t count = read_count(reader, TP_HELD_WANTED_MAX);
    for (uint32_t i = 0; i < count && reader->rc == TP_OK; i++) {
        tp_cbor_array_of(reader, 2);
        head->wanted[i] = read_place(reader);
        if (tp_name_cmp(head->wanted[i], before) <= 0) {
            tp_cbor_fail(reader, TP_CORRUPT, "names that do not ascend");
        }
        before = head->wanted[i];
    }
    head->wanted_count = reader->rc == TP_OK ? count : 0;
}

static void read_handed(tp_cbor_reader *reader, tp_request *head)
{
    tp_name before = {0, 0};
    uint32_t count = read_count(reader, TP_HANDED_MAX);
    for (uint32_t i = 0; i < count && reader->rc == TP_OK; i++) {
        tp_handed_read(reader, &head->handed[i]);
        if (tp_name_cmp(head->handed[i].entry.name, before) <= 0) {
            tp_cbor_fail(reader, TP_CORRUPT, "names that do not ascend");
        }
        before = head->handed[i].entry.name;
    }
    head->handed_count = reader->rc == TP_OK ? count : 0;
}

static void read_proof(tp_cbor_reader *reader, tp_request *head)
{
    tp_push_proof_read(reader, &head->proof);
    head->has_proof = true;
}

static void read_missing(tp_cbor_reader *reader, tp_request *head)
{
    tp_cbor_array_of(reader, 2);
    head->missing_upto = read_positive(reader, TP_SEQ_MAX);
    tp_cbor_copy(reader, head->missing_h, sizeof head->missing_h);
}

static void read_claim(tp_cbor_reader *reader, tp_request *head)
{
    tp_push_claim_read(reader, &head->claim);
    head->has_claim = true;
}

static void read_wants_stamps(tp_cbor_reader *reader, tp_request *head)
{
    head->wants_stamps = read_true(reader);
}

static void read_meant(tp_cbor_reader *reader, tp_request *head)
{
    head->meant = tp_cbor_bytes(reader, (size_t)TP_MEANT_MAX * TP_MEANT_BYTES);
    if (reader->rc == TP_OK && (head->meant.bytes == 0 || !tp_meant_is_list(head->meant))) {
        tp_cbor_fail(reader, TP_CORRUPT, "names that do not ascend");
    }
}

static void read_again(tp_cbor_reader *reader, tp_request *head)
{
    head->is_again = read_true(reader);
}

static void read_settling(tp_cbor_reader *reader, tp_request *head)
{
    head->is_settling = read_true(reader);
}

static void read_starts(tp_cbor_reader *reader, tp_request *head)
{
    bool is_told = tp_request_tells_present(head);
    tp_cbor_array_of(reader, head->eras_count + !is_told);
    for (uint32_t i = 0; i < head->eras_count; i++) {
        head->eras[i].start = (uint32_t)read_positive(reader, UINT32_MAX);
    }
    head->start = is_told ? head->eras[head->eras_count - 1].start
                          : (uint32_t)read_positive(reader, UINT32_MAX);
}
