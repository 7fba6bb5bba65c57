/* What the parts of a check of the hub's store share.  Included by store_verify*.c alone. */
#ifndef TP_SYNC_HUB_STORE_VERIFY_H
#define TP_SYNC_HUB_STORE_VERIFY_H

#include "sync/hub/store_sqlite.h"
#include "sync/wire/change_bytes.h"

typedef struct tp_hub_verifying {
    tp_hub_store *store;
    tp_hub_verified *report;
    tp_change *change; /* scratch, as the next: they are large */
    tp_value *value;
    uint8_t *numbers; /* a bit for each acceptance number that was met */
    tp_hub_verify_progress progress;
    void *progress_ctx;
    uint64_t done; /* changes */
    uint64_t all;
} tp_hub_verifying;

/* A row of the log or of the quarantine. */
typedef struct tp_hub_verified_row {
    tp_name name;
    bool is_quarantined; /* it has no record, person and entity then */
    bool is_erased;      /* it has `before` and `after` instead of bytes */
    tp_name record;
    tp_name person;
    uint32_t entity;
    tp_stamp stamp;
    tp_slice bytes;
    tp_slice before; /* the chain before it, and after it */
    tp_slice after;
} tp_hub_verified_row;

/* Each device's changes against what it sent and signed, and the stamps they were given. */
TP_MUST_USE tp_rc tp_hub_verify_devices(tp_hub_verifying *v, tp_err *err);
/* What stands beside the bytes of one change against the bytes; what is kept to find it by. */
TP_MUST_USE tp_rc tp_hub_verify_change(tp_hub_verifying *v, const tp_hub_verified_row *row,
                                       tp_err *err);
/* Has the hub gone back at some time?  Then acceptance numbers may have gaps, and stand twice. */
bool tp_hub_verify_went_back(const tp_hub_verifying *v);
/* These changes of a device, by its number here, are not held: a finding, but for those that are
 * known to have been lost. */
TP_MUST_USE tp_rc tp_hub_verify_gap(tp_hub_verifying *v, uint32_t device, uint64_t first,
                                    uint64_t last, tp_err *err);
/* Is it one that others hand: which its author has not pushed again yet, or has no more? */
TP_MUST_USE tp_rc tp_hub_verify_is_handed(tp_hub_verifying *v, tp_name name, bool *is_handed_out,
                                          tp_err *err);
/* What of `count` changes up to `last` is not held any more is said, as lost. */
TP_MUST_USE tp_rc tp_hub_verify_losses(tp_hub_verifying *v, tp_name last, uint64_t count,
                                       tp_err *err);
/* Acceptance numbers, and what a row names that is not there. */
TP_MUST_USE tp_rc tp_hub_verify_names(tp_hub_verifying *v, tp_err *err);
TP_MUST_USE tp_rc tp_hub_verify_feeds(tp_hub_verifying *v, tp_err *err);

/* `fmt` is about a change, whose name it takes as the only %s. */
void tp_hub_verify_found(tp_hub_verifying *v, tp_name name, const char *what);

#endif
