/* Reads what access is judged from out of decoded changes: consent events, gateways, joins.  What
 * cannot be read counts in the protective sense.  No I/O. */
#ifndef TP_SYNC_ACCESS_ACCESS_READ_H
#define TP_SYNC_ACCESS_ACCESS_READ_H

#include "sync/access/consent.h"
#include "sync/access/gateway.h"
#include "sync/access/group.h"

/* Where the lists of what is read go: the caller's arrays, filled from the front. */
typedef struct tp_access_room {
    tp_slice *slices;
    uint32_t slices_max;
    uint32_t slices_count;
    tp_name *names;
    uint32_t names_max;
    uint32_t names_count;
} tp_access_room;

/* Reads the creating change of a consent record; a stub (is_stub) gives name and in_sight alone.
 *
 * Owns:   lists go into `room`, texts borrow from the change's bytes.
 * Errors: LIMIT the room is full: nothing is taken from it, try with more. */
TP_MUST_USE tp_rc tp_consent_event_read(const tp_change *change, bool is_stub, tp_stamp stamp,
                                        tp_access_room *room, tp_consent_event *event_out,
                                        tp_err *err);

/* Likewise a legal gateway.  One that cannot be read opens nothing. */
TP_MUST_USE tp_rc tp_gateway_read(const tp_change *change, tp_access_room *room,
                                  tp_gateway *gateway_out, tp_err *err);

/* False if the join does not name two different records. */
bool tp_join_read(const tp_change *change, tp_join *join_out);

/* The names of the joins an unjoin undoes, into `room`. */
TP_MUST_USE tp_rc tp_unjoin_read(const tp_change *change, tp_access_room *room,
                                 const tp_name **joins_out, uint32_t *count_out, tp_err *err);

/* True if this program knows everything about the change that can take access away.  A change
 * marked `restricts` that is not understood stops what is new about its person (design section
 * 5). */
bool tp_access_understands(const tp_change *change);

#endif
