/* Digests, chain and tags.  Every number in what is digested is big-endian and of fixed width. */
#include "sync/wire/chain.h"

#include "platform/base/limits.h"

#include <assert.h>

static uint8_t *put_agency(uint8_t *to, tp_slice agency);

/* What stands before the rest in every tagged text:
 *   8 generation | 1 bytes of the agency's id | the id */
enum { TAG_HEAD_BYTES_MAX = 8 + 1 + TP_AGENCY_BYTES_MAX };

void tp_change_digest(tp_name name, tp_slice bytes, uint8_t out[TP_SHA256_BYTES])
{
    uint8_t head[16];
    tp_digest_put_u64(tp_digest_put_u64(head, name.device), name.seq);
    tp_sha256_of_two(tp_slice_of(head, sizeof head), bytes, out);
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

/* head | "c" | 8 position */
void tp_cursor_tag(const tp_hmac_key *key, uint64_t generation, tp_slice agency, uint64_t position,
                   uint8_t out[TP_TAG_BYTES])
{
    uint8_t text[TAG_HEAD_BYTES_MAX + 1 + 8];
    uint8_t *to = put_agency(tp_digest_put_u64(text, generation), agency);
    *to++ = 'c';
    to = tp_digest_put_u64(to, position);
    tp_hmac_tag(key, tp_slice_of(text, (size_t)(to - text)), out);
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
