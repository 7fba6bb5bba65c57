/* Enrolling a node with a hub by a one-time code (design section 6). */
#ifndef TP_NODE_DAEMON_ENROL_H
#define TP_NODE_DAEMON_ENROL_H

#include "node/record/node.h"

typedef struct tp_enrolled {
    char agency[TP_AGENCY_BYTES_MAX + 1];
    bool is_kiosk;
    bool is_forked; /* a copy of it came first: it has taken another id */
} tp_enrolled;

/* Makes a key where there is none, shows the hub the code and keeps the certificate it answers
 * with.  The code carries the fingerprint of the hub's CA, so that nobody else can answer.  An
 * enrolled node may be enrolled again with the same hub and agency (its certificate ran out, or the
 * hub has another address).
 * Units:  code as printed by `teapot-hub device code`, spaces and dashes as you like; url
 *         https://...
 * Errors: INVALID the code was mistyped, or the hub's address;  DENIED the hub does not take the
 *         code, is not the one it is enrolled with, or enrols for another agency;  OFFLINE;  IO. */
TP_MUST_USE tp_rc tp_enrol(tp_node *node, const char *code, const char *url,
                           tp_enrolled *enrolled_out, tp_err *err);

#endif
