/* After a fork: a new id from the hub, by the word of the certificate of the old one. */
#ifndef TP_NODE_DAEMON_FORK_H
#define TP_NODE_DAEMON_FORK_H

#include "node/record/node.h"
#include "platform/net/http_client.h"
#include "sync/session/enrolment.h"

/* Takes a new id (node/record/fork.h), asking over the mutual TLS of `client`, which is of the old
 * one and good for nothing afterwards.  Under the node's sync lock.
 * Errors: OFFLINE;  BUSY too many copies today;  DENIED the hub refuses this device;  and as
 *         tp_node_fork_end. */
TP_MUST_USE tp_rc tp_fork_go_on(tp_node *node, const tp_key *key, tp_http_client *client,
                                tp_err *err);

/* What this device would write again of its changes after `after` and up to `upto`, as it is told
 * to the hub: as many digests as there may be, in steps as small as that allows.
 * Owns:   was_out borrows from `room`, which is emptied first. */
TP_MUST_USE tp_rc tp_fork_describe(tp_node *node, uint64_t after, uint64_t upto, tp_buf *room,
                                   tp_enrolment_was *was_out, tp_err *err);

#endif
