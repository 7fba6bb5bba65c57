/* Requests from bytes: one reader for each key of the header. */
#include "sync/wire/request.h"

#include "sync/wire/message_keys.h"

typedef void (*key_reader)(tp_cbor_reader *reader, tp_request *head);

static void read_cursor(tp_cbor_reader *reader, tp_request *head);
static void read_cursor_tag(tp_cbor_reader *reader, tp_request *head);
static void read_clock(tp_cbor_reader *reader, tp_request *head);
static void read_eras(tp_cbor_reader *reader, tp_request *head);
static void read_first_seq(tp_cbor_reader *reader, tp_request *head);
static void read_chain(tp_cbor_reader *reader, tp_request *head);
static void read_signature(tp_cbor_reader *reader, tp_request *head);
static void read_receipt(tp_cbor_reader *reader, tp_request *head);
static void read_directory(tp_cbor_reader *reader, tp_request *head);
static void read_more(tp_cbor_reader *reader, tp_request *head);
static void read_csr(tp_cbor_reader *reader, tp_request *head);
static void read_generation(tp_cbor_reader *reader, tp_request *head);
static void read_items_max(tp_cbor_reader *reader, tp_request *head);

static const key_reader key_readers[TP_ASK_KEYS_COUNT] = {
    [TP_ASK_CURSOR] = read_cursor,
    [TP_ASK_CURSOR_TAG] = read_cursor_tag,
    [TP_ASK_CLOCK] = read_clock,
    [TP_ASK_ERAS] = read_eras,
    [TP_ASK_FIRST_SEQ] = read_first_seq,
    [TP_ASK_CHAIN] = read_chain,
    [TP_ASK_SIGNATURE] = read_signature,
    [TP_ASK_RECEIPT] = read_receipt,
    [TP_ASK_DIRECTORY] = read_directory,
    [TP_ASK_MORE] = read_more,
    [TP_ASK_CSR] = read_csr,
    [TP_ASK_GENERATION] = read_generation,
    [TP_ASK_ITEMS_MAX] = read_items_max,
};

#define KEY_BIT(key) (1u << (key))

/* Keys that come together or not at all. */
static bool has_all_or_none(uint32_t keys, uint32_t group)
{
    return (keys & group) == 0 || (keys & group) == group;
}

static void read_head(tp_cbor_reader *reader, tp_request *head)
{
    uint32_t keys = 0;
    uint64_t key = 0;
    tp_cbor_map map = tp_cbor_map_of(reader, TP_MESSAGE_KEYS_MAX);
    while (tp_cbor_map_next(&map, reader, &key)) {
        if (key < TP_ASK_KEYS_COUNT && key_readers[key] != NULL) {
            keys |= KEY_BIT(key);
            key_readers[key](reader, head);
        } else {
            tp_cbor_skip(reader); /* of a newer version */
        }
    }
    uint32_t push = KEY_BIT(TP_ASK_FIRST_SEQ) | KEY_BIT(TP_ASK_CHAIN) | KEY_BIT(TP_ASK_SIGNATURE);
    uint32_t cursor = KEY_BIT(TP_ASK_CURSOR) | KEY_BIT(TP_ASK_CURSOR_TAG);
    if ((keys & KEY_BIT(TP_ASK_CLOCK)) == 0) {
        tp_cbor_fail(reader, TP_CORRUPT, "no clock reading");
    }
    if (!has_all_or_none(keys, push) || !has_all_or_none(keys, cursor)) {
        tp_cbor_fail(reader, TP_CORRUPT, "a key without those that belong to it");
    }
}

static void check_items(tp_cbor_reader *reader, const tp_request_reader *request)
{
    if ((request->count > 0) != (request->head.first_seq > 0)) {
        tp_cbor_fail(reader, TP_CORRUPT, "changes without a first seq, or the other way round");
    }
    if (request->head.first_seq + request->count > TP_SEQ_MAX + 1) {
        tp_cbor_fail(reader, TP_CORRUPT, "a seq out of range");
    }
    for (uint32_t i = 0; i < request->count && reader->rc == TP_OK; i++) {
        tp_cbor_bytes(reader, TP_MESSAGE_BYTES_MAX); /* one that is too large is refused alone */
    }
}

tp_rc tp_request_decode(tp_slice message, tp_request_reader *out, tp_err *err)
{
    tp_cbor_reader reader = tp_cbor_reader_of(message);
    memset(&out->head, 0, offsetof(tp_request, eras));
    out->at = 0;
    tp_cbor_array_of(&reader, 2);
    read_head(&reader, &out->head);
    out->count = tp_cbor_array(&reader, TP_BATCH_CHANGES_MAX);
    out->items = reader;
    check_items(&reader, out);
    return tp_cbor_end(&reader, "request", err);
}

bool tp_request_next(tp_request_reader *reader, uint64_t *seq_out, tp_slice *change_out)
{
    if (reader->at == reader->count) {
        return false;
    }
    *seq_out = reader->head.first_seq + reader->at;
    *change_out = tp_cbor_bytes(&reader->items, TP_MESSAGE_BYTES_MAX);
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

static void read_cursor_tag(tp_cbor_reader *reader, tp_request *head)
{
    tp_cbor_copy(reader, head->cursor_tag, sizeof head->cursor_tag);
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
        if (i > 0 && head->eras[i - 1].era >= span->era) {
            tp_cbor_fail(reader, TP_CORRUPT, "eras that do not ascend");
        }
    }
}

static void read_first_seq(tp_cbor_reader *reader, tp_request *head)
{
    head->first_seq = read_positive(reader, TP_SEQ_MAX);
}

static void read_chain(tp_cbor_reader *reader, tp_request *head)
{
    tp_cbor_copy(reader, head->chain, sizeof head->chain);
}

static void read_signature(tp_cbor_reader *reader, tp_request *head)
{
    tp_cbor_copy(reader, head->signature, sizeof head->signature);
}

static void read_receipt(tp_cbor_reader *reader, tp_request *head)
{
    head->receipt = read_positive(reader, TP_NUMBER_MAX);
}

static void read_directory(tp_cbor_reader *reader, tp_request *head)
{
    head->directory_version = read_positive(reader, TP_NUMBER_MAX);
}

static void read_more(tp_cbor_reader *reader, tp_request *head)
{
    head->more = tp_cbor_bool(reader);
    if (!head->more) {
        tp_cbor_fail(reader, TP_CORRUPT, "false where the key is left out");
    }
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
