/* Is the log of this node whole: every row against its bytes, and this device's own changes against
 * the chain the hub has of them. */
#ifndef TP_SYNC_LOG_VERIFY_H
#define TP_SYNC_LOG_VERIFY_H

#include "platform/base/findings.h"
#include "sync/log/log.h"

typedef struct tp_log_verified {
    uint64_t changes;   /* held, stubs among them */
    uint64_t own;       /* of these, written on this device */
    uint64_t records;   /* creating changes held */
    uint64_t unread;    /* kept for a newer program */
    uint64_t erased;    /* stubs of what the hub erased */
    bool has_other_sum; /* of what is held, or none: tp_log_held_doubt (held.h) */
    tp_findings findings;
} tp_log_verified;

/* Reads every row and goes on after a finding.  Each is held against what was kept beside it when
 * it was put there: the digest of its bytes, and the sum of what else it says.  That one is missing
 * shows of received ones in the sum of all (the next sync finds which), of own ones that the hub
 * has in the chain, on both sides of what was given back, and of those it has not got yet in which
 * was the last.  Writes nothing.
 * Owns:   *verified_out is large (10 KiB).
 * Errors: what is not whole is no error but a finding. */
TP_MUST_USE tp_rc tp_log_verify(tp_log *log, tp_tx *tx, tp_log_verified *verified_out, tp_err *err);

#endif
