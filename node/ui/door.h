/* The door: what keeps other users of the same machine out.  A random key in a file that only its
 * owner can read; whoever can say it once has the door's cookie from then on, and it signs the
 * sessions. */
#ifndef TP_NODE_UI_DOOR_H
#define TP_NODE_UI_DOOR_H

#include "node/record/node.h"
#include "platform/base/encode.h"
#include "platform/crypto/digest.h"

#define TP_NODE_DOOR_KEY "door.key"

enum { TP_DOOR_KEY_BYTES = 16, TP_DOOR_TEXT_ROOM = TP_HEX_ROOM(TP_DOOR_KEY_BYTES) };

typedef struct tp_door {
    tp_hmac_key key;
    char text[TP_DOOR_TEXT_ROOM]; /* the key, as it stands in the address */
} tp_door;

/* Reads the node's key, or makes it where there is none.
 * Errors: CORRUPT the file holds no key;  DENIED, IO. */
TP_MUST_USE tp_rc tp_door_open(const tp_node *node, tp_door *door_out, tp_err *err);
/* From a key that is known.  For tests. */
void tp_door_init(tp_door *door, const uint8_t key[TP_DOOR_KEY_BYTES]);
/* Wipes it. */
void tp_door_done(tp_door *door);

/* Is it the key?  Takes the same time wherever they differ. */
bool tp_door_is_key(const tp_door *door, tp_slice text);

#endif
