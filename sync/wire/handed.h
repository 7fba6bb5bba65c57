/* What shows a hub that was put back to an earlier state what it had: changes that a device holds
 * with the hub's tag, and receipts of its pushes.
 * Source: sync/wire/FORMAT.md, A hub that went back. */
#ifndef TP_SYNC_WIRE_HANDED_H
#define TP_SYNC_WIRE_HANDED_H

#include "platform/base/limits.h"
#include "sync/wire/cbor.h"
#include "sync/wire/chain.h"
#include "sync/wire/stamp_run.h"

/* A change as the hub once sent it: nobody else can have made its tag. */
typedef struct tp_handed {
    uint64_t generation; /* of the hub, in which it came */
    tp_entry entry;      /* position, stamp, verdict and tag as they came */
} tp_handed;

/* What the hub says of a change that was handed. */
typedef enum tp_handed_verdict {
    TP_HANDED_KEEP = 0,       /* its agency may hold it */
    TP_HANDED_GIVE_BACK = 1,  /* the hub has it, and the agency may not hold it now */
    TP_HANDED_NOT_PROVEN = 2, /* the hub never sent it so: it is given back */
    TP_HANDED_NOT_KNOWN = 3   /* the hub has it, and does not know yet whose device wrote it: kept
                                 where that is the device's own agency, else given back */
} tp_handed_verdict;

/* Device, seq, generation, position, number, stamp, verdict, bounds or null, tag, change. */
void tp_handed_put(tp_cbor_writer *writer, const tp_handed *handed);
/* Anything out of range fails the reader.  The bytes of the change are borrowed and not looked
 * into. */
void tp_handed_read(tp_cbor_reader *reader, tp_handed *out);

/* 24 bytes: the digest of the stamps, then the tag. */
void tp_push_receipt_put(tp_cbor_writer *writer, const tp_push_receipt *receipt);
void tp_push_receipt_read(tp_cbor_reader *reader, tp_push_receipt *out);

/* An earlier push, by the receipt for it: the hub had the changes up to `last`. */
typedef struct tp_push_claim {
    uint64_t generation; /* in which the receipt was given */
    uint64_t first;
    uint64_t last;
    uint8_t h[TP_CHAIN_BYTES]; /* after the last */
    tp_push_receipt receipt;
} tp_push_claim;

void tp_push_claim_put(tp_cbor_writer *writer, const tp_push_claim *claim);
void tp_push_claim_read(tp_cbor_reader *reader, tp_push_claim *out);

/* The changes of this request were pushed before, in just such a push, and had these stamps. */
typedef struct tp_push_proof {
    uint64_t generation; /* in which the receipt was given */
    tp_push_receipt receipt;
    const tp_stamp_runs *runs;   /* to write: ended */
    tp_stamp_runs_reader stamps; /* as read */
} tp_push_proof;

void tp_push_proof_put(tp_cbor_writer *writer, const tp_push_proof *proof);
void tp_push_proof_read(tp_cbor_reader *reader, tp_push_proof *out);

#endif
