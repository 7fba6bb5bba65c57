/* Going on under a new id after a fork (sync/log/fork.h): what the whole node has to do about it.
 *
 *     begin (id and key, kept) -> ask the hub for a certificate -> keep it -> end
 *
 * Dying anywhere leaves the old id, or the new one with its key, its certificate and everything
 * that is named by it; and the next attempt goes on with the id that was begun with, so that the
 * hub meets one new device, however often it is asked. */
#ifndef TP_NODE_RECORD_FORK_H
#define TP_NODE_RECORD_FORK_H

#include "node/record/node.h"
#include "platform/crypto/sign.h"
#include "schema/renaming.h"

/* From what the next id is made where something is written again under it: copies that write the
 * same change again go on as one device, as they did before, and so it is written once.  Where they
 * differ, that shows under the new id as it showed under the old one. */
typedef struct tp_node_fork_from {
    const tp_key *key;             /* of the id until now */
    uint8_t seed[TP_SHA256_BYTES]; /* the hub's (sync/session/enrolment.h) */
} tp_node_fork_from;

/* The id that comes next, and its key, both on disk.  Changes nothing else.
 * from:   NULL: nothing is written again, or that id is another's: a random one.
 * Owns:   *key_out is the caller's, tp_key_free(). */
TP_MUST_USE tp_rc tp_node_fork_begin(tp_node *node, const tp_node_fork_from *from,
                                     uint64_t *device_out, tp_key **key_out, tp_err *err);
/* Another one is to come next: this one is somebody's already. */
TP_MUST_USE tp_rc tp_node_fork_drop(tp_node *node, uint64_t device, tp_err *err);

/* Takes the id.  In one transaction: changes after `kept` written again under it, everything that
 * names them, and the views.
 * Errors: as tp_log_fork;  BUSY another process holds the file. */
TP_MUST_USE tp_rc tp_node_fork_end(tp_node *node, uint64_t device, uint64_t kept, tp_err *err);

/* Names that are kept beside the log and its views are called anew: drafts, what somebody has
 * looked at or put aside.  In the transaction in which what they name is. */
TP_MUST_USE tp_rc tp_node_call_anew(tp_node *node, tp_tx *tx, const tp_renaming *renaming,
                                    tp_err *err);

#endif
