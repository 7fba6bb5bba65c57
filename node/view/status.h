/* How the node is: what it holds, what is unsent, how well it knows the time. */
#ifndef TP_NODE_VIEW_STATUS_H
#define TP_NODE_VIEW_STATUS_H

#include "node/view/view.h"
#include "sync/log/era.h"
#include "sync/log/push.h"

typedef struct tp_status {
    uint64_t device;
    const char *agency;
    const char *agency_label;
    bool is_kiosk;
    uint64_t unsent_count;
    int64_t oldest_unsent_ms; /* 0: all is sent */
    bool is_differing;        /* something held here is damaged or missing, and is fetched again */
    bool is_hub_back;         /* the hub was put back and collects what it lost: until it is done,
                               * something missing is as it should be */
    tp_estimate now;
    bool is_clock_known;     /* compared with the hub since the machine started */
    int64_t clock_offset_ms; /* wall clock ahead of the hub; 0 where not known */
    uint32_t review_count;
    bool is_copied; /* this device's data is a copy, and nobody has put that aside yet */
    uint64_t directory_version; /* 0: never heard from a hub */
    tp_store_sizes sizes;

    /* 0 until tp_status_count: they are counted record by record. */
    uint64_t records_count; /* held with content */
    uint64_t persons_count;
    uint64_t changes_count;    /* held */
    uint64_t given_back_count; /* stubs */
} tp_status;

/* What costs the same however much is held: pages ask every few seconds. */
TP_MUST_USE tp_rc tp_status_read(tp_view *view, tp_tx *tx, tp_status *status_out, tp_err *err);
/* Of it only what the last sync has found: is_differing, is_hub_back. */
TP_MUST_USE tp_rc tp_status_read_hub(tp_view *view, tp_tx *tx, tp_status *status, tp_err *err);
/* And how much is held; after tp_status_read. */
TP_MUST_USE tp_rc tp_status_count(tp_view *view, tp_tx *tx, tp_status *status, tp_err *err);

#endif
