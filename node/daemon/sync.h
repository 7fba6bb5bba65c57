/* One whole sync with the hub: carries what sync/session makes, over TLS. */
#ifndef TP_NODE_DAEMON_SYNC_H
#define TP_NODE_DAEMON_SYNC_H

#include "node/record/node.h"
#include "platform/net/http_client.h"
#include "sync/session/ask.h"

/* The way to the hub, kept from one sync to the next: connection, TLS session, keys. */
typedef struct tp_link tp_link;

typedef struct tp_sync_result {
    tp_ask_counts counts;
    uint64_t plain_bytes_out; /* before TLS, heads included */
    uint64_t plain_bytes_in;
    int64_t took_us;  /* connecting, and the last commit, included */
    bool differs;     /* what is held here is not what the hub has, and could not be mended */
    bool is_whole;    /* all that was here is there, and all that was there is here */
    bool is_forked;   /* this device goes on under a new id: its data was copied */
    bool left_out;    /* or that was damaged here before it was sent, and is left out */
    bool has_renewed; /* the link must be closed and opened: there is a new certificate */
} tp_sync_result;

/* Sets the error of a node that has no hub yet.  Always OFFLINE. */
tp_rc tp_link_fail_not_enrolled(tp_err *err);
TP_MUST_USE tp_rc tp_link_is_enrolled(const tp_node *node, bool *is_enrolled_out, tp_err *err);

/* Reads key, certificate and CA of an enrolled node.
 * Owns:   *link_out is the caller's, tp_link_close(), before the node is closed.
 * Errors: OFFLINE the node is not enrolled: `teapot enrol`;  CORRUPT a file of the node;  NOMEM,
 *         IO. */
TP_MUST_USE tp_rc tp_link_open(tp_node *node, tp_link **link_out, tp_err *err);
void tp_link_close(tp_link *link); /* takes NULL */

/* Called in a sync when the first request is made, and after each answer. */
typedef void (*tp_sync_progress)(void *context, const tp_ask_counts *counts);
/* NULL: nobody wants to know. */
void tp_link_set_progress(tp_link *link, tp_sync_progress progress, void *context);

/* The way to the hub for an exchange of another kind than a sync; certificates are judged by the
 * time as it is known now.  Borrowed until the link is closed. */
TP_MUST_USE tp_rc tp_link_client(tp_link *link, tp_http_client **client_out, tp_err *err);

/* Syncs until nothing is left to do.  What was done before an error stays done; *result_out says
 * how much, whatever is returned.
 * Errors: BUSY another process of this node syncs, or the hub asks for patience;  OFFLINE no
 *         network or no hub;  DENIED the hub refuses this device;  CORRUPT, IO, NOMEM. */
TP_MUST_USE tp_rc tp_link_sync(tp_link *link, tp_sync_result *result_out, tp_err *err);

#endif
