/* Digests, chain and tags.  Every number in what is digested is big-endian and of fixed width. */
#include "sync/wire/chain.h"

#include "platform/base/limits.h"

#include <assert.h>

static uint8_t *put_agency(uint8_t *to, tp_slice agency);

/* What stands before the rest in every tagged text:
 *   8 generation | 1 bytes of the agency's id | the id */
enum {
    TAG_HEAD_BYTES_MAX = 8 + 1 + TP_AGENCY_BYTES_MAX,
    TOLD_BYTES = 6 /* of the time in the tag of a cursor: to the year 9999 and beyond */
};

void tp_change_digest(tp_name name, tp_slice bytes, uint8_t out[TP_SHA256_BYTES])
{
    uint8_t head[16];
    tp_digest_put_u64(tp_digest_put_u64(head, name.device), name.seq);
    tp_sha256_of_two(tp_slice_of(head, sizeof head), bytes, out);
}

void tp_stamped_digest(tp_name name, tp_slice bytes, const tp_said *said,
                       uint8_t out[TP_SHA256_BYTES])
{
    uint8_t digest[TP_SHA256_BYTES];
    uint8_t tail[5 * 8];
    const tp_stamp *stamp = &said->stamp;
    const bool is_point = stamp->earliest_ms == stamp->ms && stamp->latest_ms == stamp->ms;
    uint8_t *to = tp_digest_put_u64(tail, stamp->number);
    tp_change_digest(name, bytes, digest);
    to = tp_digest_put_u64(to, (uint64_t)stamp->ms);
    to = tp_digest_put_u64(to, said->verdict);
    to = tp_digest_put_u64(to, is_point ? 0 : (uint64_t)stamp->earliest_ms);
    tp_digest_put_u64(to, is_point ? 0 : (uint64_t)stamp->latest_ms);
    tp_sha256_of_two(tp_slice_of(digest, sizeof digest), tp_slice_of(tail, sizeof tail), out);
}

void tp_chain_start(uint64_t device, uint8_t h_out[TP_CHAIN_BYTES])
{
    uint8_t head[8];
    tp_digest_put_u64(head, device);
    tp_sha256_of(tp_slice_of(head, sizeof head), h_out);
}

void tp_chain_add(uint8_t h[TP_CHAIN_BYTES], tp_slice change)
{
    uint8_t before[TP_CHAIN_BYTES];
    memcpy(before, h, sizeof before);
    tp_sha256_of_two(tp_slice_of(before, sizeof before), change, h);
}

/* head | "e" | 8 position | 32 digest | 8 stamp | 8 number | 8 earliest | 8 latest | 8 verdict */
void tp_entry_tag(const tp_hmac_key *key, uint64_t generation, tp_slice agency,
                  const tp_entry *entry, uint8_t out[TP_TAG_BYTES])
{
    uint8_t text[TAG_HEAD_BYTES_MAX + 1 + 8 + TP_SHA256_BYTES + 5 * 8];
    uint8_t *to = put_agency(tp_digest_put_u64(text, generation), agency);
    *to++ = 'e';
    to = tp_digest_put_u64(to, entry->position);
    tp_change_digest(entry->name, entry->bytes, to);
    to += TP_SHA256_BYTES;
    to = tp_digest_put_u64(to, (uint64_t)entry->stamp.ms);
    to = tp_digest_put_u64(to, entry->stamp.number);
    to = tp_digest_put_u64(to, (uint64_t)entry->stamp.earliest_ms);
    to = tp_digest_put_u64(to, (uint64_t)entry->stamp.latest_ms);
    to = tp_digest_put_u64(to, entry->verdict);
    tp_hmac_tag(key, tp_slice_of(text, (size_t)(to - text)), out);
}

/* head | "c" | 8 position: all of the tag, before it told the time */
static void tag_position(const tp_hmac_key *key, uint64_t generation, tp_slice agency,
                         uint64_t position, uint8_t out[TP_TAG_BYTES])
{
    uint8_t text[TAG_HEAD_BYTES_MAX + 1 + 8];
    uint8_t *to = put_agency(tp_digest_put_u64(text, generation), agency);
    *to++ = 'c';
    to = tp_digest_put_u64(to, position);
    tp_hmac_tag(key, tp_slice_of(text, (size_t)(to - text)), out);
}

/* 6 ms | 10 of the tag of: head | "t" | 8 position | 8 ms */
void tp_cursor_tag(const tp_hmac_key *key, uint64_t generation, tp_slice agency, uint64_t position,
                   int64_t told_ms, uint8_t out[TP_TAG_BYTES])
{
    uint8_t text[TAG_HEAD_BYTES_MAX + 1 + 2 * 8];
    uint8_t tag[TP_TAG_BYTES];
    uint8_t *to = put_agency(tp_digest_put_u64(text, generation), agency);
    *to++ = 't';
    to = tp_digest_put_u64(to, position);
    uint8_t *ms = to;
    to = tp_digest_put_u64(to, (uint64_t)told_ms);
    tp_hmac_tag(key, tp_slice_of(text, (size_t)(to - text)), tag);
    memcpy(out, ms + 8 - TOLD_BYTES, TOLD_BYTES);
    memcpy(out + TOLD_BYTES, tag, TP_TAG_BYTES - TOLD_BYTES);
}

bool tp_cursor_tag_fits(const tp_hmac_key *key, uint64_t generation, tp_slice agency,
                        uint64_t position, const uint8_t tag[TP_TAG_BYTES], int64_t *told_ms_out)
{
    uint8_t fitting[TP_TAG_BYTES];
    uint64_t told_ms = 0;
    for (size_t i = 0; i < TOLD_BYTES; i++) {
        told_ms = told_ms << 8 | tag[i];
    }
    *told_ms_out = (int64_t)told_ms;
    tp_cursor_tag(key, generation, agency, position, *told_ms_out, fitting);
    if (tp_secret_eq(fitting, tag, sizeof fitting)) {
        return true;
    }
    *told_ms_out = 0;
    tag_position(key, generation, agency, position, fitting);
    return tp_secret_eq(fitting, tag, sizeof fitting);
}

/* head | "p" | 8 device | 8 first seq | 8 last seq | 32 h | 8 digest of the stamps */
void tp_push_tag(const tp_hmac_key *key, uint64_t generation, tp_slice agency, uint64_t device,
                 uint64_t first, uint64_t last, const uint8_t h[TP_CHAIN_BYTES],
                 const uint8_t stamps[TP_STAMPS_DIGEST_BYTES], uint8_t out[TP_TAG_BYTES])
{
    uint8_t text[TAG_HEAD_BYTES_MAX + 1 + 3 * 8 + TP_CHAIN_BYTES + TP_STAMPS_DIGEST_BYTES];
    uint8_t *to = put_agency(tp_digest_put_u64(text, generation), agency);
    *to++ = 'p';
    to = tp_digest_put_u64(to, device);
    to = tp_digest_put_u64(to, first);
    to = tp_digest_put_u64(to, last);
    memcpy(to, h, TP_CHAIN_BYTES);
    to += TP_CHAIN_BYTES;
    memcpy(to, stamps, TP_STAMPS_DIGEST_BYTES);
    to += TP_STAMPS_DIGEST_BYTES;
    tp_hmac_tag(key, tp_slice_of(text, (size_t)(to - text)), out);
}

void tp_stamps_digest_init(tp_sha256 *stamps)
{
    tp_sha256_init(stamps);
}

/* 8 number | 8 stamp | 8 earliest | 8 latest */
void tp_stamps_digest_add(tp_sha256 *stamps, const tp_stamp *stamp)
{
    uint8_t bytes[4 * 8];
    uint8_t *to = tp_digest_put_u64(bytes, stamp->number);
    to = tp_digest_put_u64(to, (uint64_t)stamp->ms);
    to = tp_digest_put_u64(to, (uint64_t)stamp->earliest_ms);
    tp_digest_put_u64(to, (uint64_t)stamp->latest_ms);
    tp_sha256_add(stamps, tp_slice_of(bytes, sizeof bytes));
}

void tp_stamps_digest_end(tp_sha256 *stamps, uint8_t out[TP_STAMPS_DIGEST_BYTES])
{
    uint8_t digest[TP_SHA256_BYTES];
    tp_sha256_end(stamps, digest);
    memcpy(out, digest, TP_STAMPS_DIGEST_BYTES);
}

static uint8_t *put_agency(uint8_t *to, tp_slice agency)
{
    assert(agency.bytes <= TP_AGENCY_BYTES_MAX);
    *to++ = (uint8_t)agency.bytes;
    if (agency.bytes > 0) {
        memcpy(to, agency.at, agency.bytes);
    }
    return to + agency.bytes;
}
