/* Digests of changes and of their stamps, the chain over a device's log, and the hub's tags.
 * Source: sync/wire/FORMAT.md, Digest, Chain, Tags. */
#ifndef TP_SYNC_WIRE_CHAIN_H
#define TP_SYNC_WIRE_CHAIN_H

#include "platform/crypto/digest.h"
#include "schema/change.h"

enum { TP_CHAIN_BYTES = TP_SHA256_BYTES, TP_STAMPS_DIGEST_BYTES = 8 };

/* SHA-256(device || seq || bytes): names what is held, and tells nothing (the change is salted). */
void tp_change_digest(tp_name name, tp_slice bytes, uint8_t out[TP_SHA256_BYTES]);

/* What the hub says of a change beside its bytes, as far as two who hold it compare that. */
typedef struct tp_said {
    tp_stamp stamp;
    uint32_t verdict; /* TP_VERDICT_... */
} tp_said;

/* The same with what is said of it: SHA-256(digest || number || ms || verdict || earliest ||
 * latest), bounds as they are sent: 0 where the stamp is certain. */
void tp_stamped_digest(tp_name name, tp_slice bytes, const tp_said *said,
                       uint8_t out[TP_SHA256_BYTES]);

/* h(0) of a device. */
void tp_chain_start(uint64_t device, uint8_t h_out[TP_CHAIN_BYTES]);
/* h(n) from h(n-1), in place. */
void tp_chain_add(uint8_t h[TP_CHAIN_BYTES], tp_slice change);

/* The tag of a feed entry: nobody but the hub can say that it handed out this change with this
 * stamp.
 * Units: agency = whose feed; entry->tag is not read. */
void tp_entry_tag(const tp_hmac_key *key, uint64_t generation, tp_slice agency,
                  const tp_entry *entry, uint8_t out[TP_TAG_BYTES]);
/* The tag of a cursor, with the hub's time of the answer that it is in: a hub that has not answered
 * the device since went back. */
void tp_cursor_tag(const tp_hmac_key *key, uint64_t generation, tp_slice agency, uint64_t position,
                   int64_t told_ms, uint8_t out[TP_TAG_BYTES]);
/* Does it fit?  *told_ms_out 0: it is from before tags told the time. */
bool tp_cursor_tag_fits(const tp_hmac_key *key, uint64_t generation, tp_slice agency,
                        uint64_t position, const uint8_t tag[TP_TAG_BYTES], int64_t *told_ms_out);

/* The digest of the stamps of a push, in the order of its changes: init, add each, end. */
void tp_stamps_digest_init(tp_sha256 *stamps);
void tp_stamps_digest_add(tp_sha256 *stamps, const tp_stamp *stamp);
void tp_stamps_digest_end(tp_sha256 *stamps, uint8_t out[TP_STAMPS_DIGEST_BYTES]);

/* What a hub says with a push that is all there: it had these changes, and gave them stamps of this
 * digest. */
typedef struct tp_push_receipt {
    uint8_t stamps[TP_STAMPS_DIGEST_BYTES];
    uint8_t tag[TP_TAG_BYTES];
} tp_push_receipt;

/* The tag of a receipt, over its `stamps` and what was pushed.
 * Units:  agency = of the device;  first, last = seq;  h = the chain after the last. */
void tp_push_tag(const tp_hmac_key *key, uint64_t generation, tp_slice agency, uint64_t device,
                 uint64_t first, uint64_t last, const uint8_t h[TP_CHAIN_BYTES],
                 const uint8_t stamps[TP_STAMPS_DIGEST_BYTES], uint8_t out[TP_TAG_BYTES]);

#endif
