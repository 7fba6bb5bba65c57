/* The keys of a change's map, in the order in which they stand.
 * Source: sync/wire/FORMAT.md, Change. */
#ifndef TP_SYNC_WIRE_CHANGE_KEYS_H
#define TP_SYNC_WIRE_CHANGE_KEYS_H

enum {
    TP_KEY_SALT = 0,
    TP_KEY_ENTITY = 1,
    TP_KEY_RECORD = 2, /* absent: the change creates its record */
    TP_KEY_FIELDS = 3,
    TP_KEY_SEEN = 4,
    TP_KEY_READING = 5,
    TP_KEY_WORKER = 6,
    TP_KEY_KINDS = 7,
    TP_KEY_RESTRICTS = 8,
    TP_KEYS_COUNT
};

#endif
