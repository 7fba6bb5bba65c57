/* What the parts of verifying a log share.  Included by verify*.c alone. */
#ifndef TP_SYNC_LOG_VERIFY_STATE_H
#define TP_SYNC_LOG_VERIFY_STATE_H

#include "sync/log/back.h"
#include "sync/log/log_state.h"
#include "sync/log/verify.h"

/* A row of `chain_mark`; seq 0: there is none. */
typedef struct tp_log_mark_row {
    uint64_t seq;
    bool is_start;
    tp_slice h; /* borrowed from the statement */
} tp_log_mark_row;

/* A row of `era`; no 0: there is none. */
typedef struct tp_log_era_row {
    uint32_t no;
    int64_t first_up_ms;
    int64_t last_up_ms;
} tp_log_era_row;

typedef struct tp_log_verifying {
    tp_log *log;
    tp_tx *tx;
    tp_log_verified *out;
    tp_log_facts facts;
    bool is_kiosk;

    /* The chain of own changes (verify_chain.c): */
    tp_stmt *marks;
    tp_log_mark_row mark;      /* the next one */
    tp_log_pushed pushed;      /* the next push of which there is a receipt; last 0: none */
    uint64_t start;            /* up to here the chain cannot be followed */
    uint64_t own_seq;          /* the last own change met */
    uint8_t h[TP_CHAIN_BYTES]; /* after it */
    bool is_known;             /* false: after damage, until a mark */
    uint64_t known_from;       /* the last one at which h was confirmed */

    /* Rows (verify.c): */
    tp_log_era_row era;     /* of the last own change met */
    tp_era_reading reading; /* likewise */
    uint64_t device;        /* of the last change met */
    tp_stamp stamp;         /* of the last change of that device that had one */
    uint64_t first_number; /* of its generation now; 0: that it ever went back shows nowhere here */
} tp_log_verifying;

/* Adds a finding: "Change NAME WHAT". */
void tp_log_verify_found(tp_log_verifying *v, tp_name name, const char *what);

/* ---- verify_chain.c ---- */

/* The chain of own changes begins, once the facts are read. */
TP_MUST_USE tp_rc tp_log_verify_chain_begin(tp_log_verifying *v, tp_err *err);
/* It goes on to an own change, the next one of which there is a row. */
TP_MUST_USE tp_rc tp_log_verify_chain_row(tp_log_verifying *v, const tp_log_row *row, tp_err *err);
/* It must end at the last that was written. */
TP_MUST_USE tp_rc tp_log_verify_chain_end(tp_log_verifying *v, tp_err *err);

#endif
