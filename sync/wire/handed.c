/* What a hub that went back is shown, to bytes and from bytes. */
#include "sync/wire/handed.h"

enum { HANDED_MEMBERS = 10 };

void tp_handed_put(tp_cbor_writer *writer, const tp_handed *handed)
{
    const tp_entry *entry = &handed->entry;
    const tp_stamp *stamp = &entry->stamp;
    tp_cbor_put_array(writer, HANDED_MEMBERS);
    tp_cbor_put_uint(writer, entry->name.device);
    tp_cbor_put_uint(writer, entry->name.seq);
    tp_cbor_put_uint(writer, handed->generation);
    tp_cbor_put_uint(writer, entry->position);
    tp_cbor_put_uint(writer, stamp->number);
    tp_cbor_put_int(writer, stamp->ms);
    tp_cbor_put_uint(writer, entry->verdict);
    if (stamp->earliest_ms == 0 && stamp->latest_ms == 0) {
        tp_cbor_put_null(writer);
    } else {
        tp_cbor_put_array(writer, 2);
        tp_cbor_put_int(writer, stamp->earliest_ms);
        tp_cbor_put_int(writer, stamp->latest_ms);
    }
    tp_cbor_put_bytes(writer, tp_slice_of(entry->tag, sizeof entry->tag));
    tp_cbor_put_bytes(writer, entry->bytes);
}

static uint64_t read_number(tp_cbor_reader *reader)
{
    uint64_t n = tp_cbor_uint(reader, TP_NUMBER_MAX);
    if (n == 0) {
        tp_cbor_fail(reader, TP_CORRUPT, "a number that is 0");
    }
    return n;
}

static uint64_t read_seq(tp_cbor_reader *reader)
{
    uint64_t seq = tp_cbor_uint(reader, TP_SEQ_MAX);
    if (seq == 0) {
        tp_cbor_fail(reader, TP_CORRUPT, "a seq that is 0");
    }
    return seq;
}

static int64_t read_moment(tp_cbor_reader *reader)
{
    return tp_cbor_int(reader, TP_TIME_MS_MIN, TP_TIME_MS_MAX);
}

static void read_bounds(tp_cbor_reader *reader, tp_stamp *stamp)
{
    if (tp_cbor_peek(reader) == TP_CBOR_NULL) {
        tp_cbor_skip(reader);
        return;
    }
    tp_cbor_array_of(reader, 2);
    stamp->earliest_ms = read_moment(reader);
    stamp->latest_ms = read_moment(reader);
    if (stamp->earliest_ms == 0 && stamp->latest_ms == 0) {
        tp_cbor_fail(reader, TP_CORRUPT, "bounds where there are none");
    }
}

void tp_handed_read(tp_cbor_reader *reader, tp_handed *out)
{
    tp_entry *entry = &out->entry;
    memset(out, 0, sizeof *out);
    tp_cbor_array_of(reader, HANDED_MEMBERS);
    entry->name.device = tp_cbor_uint(reader, UINT64_MAX);
    entry->name.seq = read_seq(reader);
    out->generation = read_number(reader);
    entry->position = read_number(reader);
    entry->stamp.number = read_number(reader);
    entry->stamp.ms = read_moment(reader);
    entry->verdict = (uint32_t)tp_cbor_uint(reader, UINT32_MAX);
    read_bounds(reader, &entry->stamp);
    tp_cbor_copy(reader, entry->tag, sizeof entry->tag);
    entry->bytes = tp_cbor_bytes(reader, TP_CHANGE_BYTES_MAX);
    if (entry->name.device == 0 || entry->bytes.bytes == 0) {
        tp_cbor_fail(reader, TP_CORRUPT, "a change of no device, or of no bytes");
    }
}

void tp_push_receipt_put(tp_cbor_writer *writer, const tp_push_receipt *receipt)
{
    tp_cbor_put_bytes_head(writer, sizeof receipt->stamps + sizeof receipt->tag);
    tp_cbor_put_raw(writer, tp_slice_of(receipt->stamps, sizeof receipt->stamps));
    tp_cbor_put_raw(writer, tp_slice_of(receipt->tag, sizeof receipt->tag));
}

void tp_push_receipt_read(tp_cbor_reader *reader, tp_push_receipt *out)
{
    uint8_t bytes[sizeof out->stamps + sizeof out->tag];
    tp_cbor_copy(reader, bytes, sizeof bytes);
    memcpy(out->stamps, bytes, sizeof out->stamps);
    memcpy(out->tag, bytes + sizeof out->stamps, sizeof out->tag);
}

void tp_push_claim_put(tp_cbor_writer *writer, const tp_push_claim *claim)
{
    tp_cbor_put_array(writer, 5);
    tp_cbor_put_uint(writer, claim->generation);
    tp_cbor_put_uint(writer, claim->first);
    tp_cbor_put_uint(writer, claim->last);
    tp_cbor_put_bytes(writer, tp_slice_of(claim->h, sizeof claim->h));
    tp_push_receipt_put(writer, &claim->receipt);
}

void tp_push_claim_read(tp_cbor_reader *reader, tp_push_claim *out)
{
    tp_cbor_array_of(reader, 5);
    out->generation = read_number(reader);
    out->first = read_seq(reader);
    out->last = read_seq(reader);
    tp_cbor_copy(reader, out->h, sizeof out->h);
    tp_push_receipt_read(reader, &out->receipt);
    if (out->first > out->last) {
        tp_cbor_fail(reader, TP_CORRUPT, "a push that ends before it begins");
    }
}

void tp_push_proof_put(tp_cbor_writer *writer, const tp_push_proof *proof)
{
    tp_cbor_put_array(writer, 3);
    tp_cbor_put_uint(writer, proof->generation);
    tp_stamp_runs_put(writer, proof->runs);
    tp_push_receipt_put(writer, &proof->receipt);
}

void tp_push_proof_read(tp_cbor_reader *reader, tp_push_proof *out)
{
    memset(out, 0, sizeof *out);
    tp_cbor_array_of(reader, 3);
    out->generation = read_number(reader);
    tp_stamp_runs_read(reader, &out->stamps);
    tp_push_receipt_read(reader, &out->receipt);
}
