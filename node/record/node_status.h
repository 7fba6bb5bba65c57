/* How the node is, as `teapot status` and the pages tell it. */
#ifndef TP_NODE_RECORD_NODE_STATUS_H
#define TP_NODE_RECORD_NODE_STATUS_H

#include "node/record/node.h"
#include "node/view/json_print.h"
#include "node/view/status.h"

/* An embedded value: read, use, done. */
typedef struct tp_node_status {
    tp_status view;
    tp_buf hub;           /* its address; empty: not enrolled */
    int64_t last_sync_ms; /* hub time; 0: never */
    int64_t free_bytes;   /* of the file system */
    bool is_full;         /* nothing more can be recorded; what there is can be read and sent */
} tp_node_status;

TP_MUST_USE tp_rc tp_node_status_read(tp_node *node, tp_tx *tx, tp_node_status *status_out,
                                      tp_err *err);
/* Of it only what may move though nothing was written or came: when it synced last and what that
 * found, the disk. */
TP_MUST_USE tp_rc tp_node_status_read_moving(tp_node *node, tp_tx *tx, tp_node_status *status_out,
                                             tp_err *err);
/* Also after an error of read. */
void tp_node_status_done(tp_node_status *status);

/* Hub time of the last whole sync; 0: never. */
TP_MUST_USE tp_rc tp_node_last_sync(tp_tx *tx, int64_t *ms_out, tp_err *err);
/* It has a hub, and no sync with it has come to its end: not all that there is can be here. */
TP_MUST_USE tp_rc tp_node_is_filling(tp_tx *tx, bool *is_filling_out, tp_err *err);
/* And how much is held (view/status.h). */
TP_MUST_USE tp_rc tp_node_status_count(tp_node *node, tp_tx *tx, tp_node_status *status,
                                       tp_err *err);

/* The members of its document, without brackets. */
void tp_node_status_put(tp_json_print *p, const tp_node_status *status);
/* Of those only what tp_node_status_read_moving reads. */
void tp_node_status_put_moving(tp_json_print *p, const tp_node_status *status);
/* The members for what was counted. */
void tp_node_status_put_counts(tp_json_print *p, const tp_node_status *status);

#endif
