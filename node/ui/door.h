/* The door: what keeps other users of the same machine out.  It asks for two things.
 *
 * A program of the right user: the node's own, or the one whose browser it is said to be.  The
 * kernel knows whose each connection is.  Without this the cookie would be enough, and a browser
 * gives it to every port of 127.0.0.1, so also to a server of somebody else's that its user is led
 * to.
 *
 * And a random key in a file that only its owner can read; whoever can say it once has the door's
 * cookie from then on, and it signs the sessions.  It keeps out what runs as the same user and
 * cannot read that file: a page in the browser, a program in a sandbox. */
#ifndef TP_NODE_UI_DOOR_H
#define TP_NODE_UI_DOOR_H

#include "node/record/node.h"
#include "platform/base/encode.h"
#include "platform/crypto/digest.h"
#include "platform/net/http_request.h"

#define TP_NODE_DOOR_KEY "door.key"

enum {
    TP_DOOR_KEY_BYTES = 16,
    TP_DOOR_TEXT_ROOM = TP_HEX_ROOM(TP_DOOR_KEY_BYTES),
    TP_DOOR_USERS_MAX = 2
};

typedef struct tp_door {
    tp_hmac_key key;
    char text[TP_DOOR_TEXT_ROOM]; /* the key, as it stands in the address */
    uint32_t users[TP_DOOR_USERS_MAX];
    unsigned users_count; /* 0: nobody asked who they are; the server always says */
} tp_door;

/* Reads the node's key, or makes it where there is none.
 * Errors: CORRUPT the file holds no key;  DENIED, IO. */
TP_MUST_USE tp_rc tp_door_open(const tp_node *node, tp_door *door_out, tp_err *err);
/* From a key that is known.  For tests. */
void tp_door_init(tp_door *door, const uint8_t key[TP_DOOR_KEY_BYTES]);
/* Wipes it. */
void tp_door_done(tp_door *door);

/* Lets in programs of this user too. */
void tp_door_add_user(tp_door *door, uint32_t user);
/* Is it a program of one of its users?  `peer` is NULL where there is none to ask about. */
bool tp_door_admits(const tp_door *door, const tp_net_peer *peer);

/* Is it the key?  Takes the same time wherever they differ. */
bool tp_door_is_key(const tp_door *door, tp_slice text);

#endif
