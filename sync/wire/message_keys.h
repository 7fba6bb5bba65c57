/* The keys of the header maps.  Numbers between them are free: what would be there is in the tail.
 * Source: sync/wire/FORMAT.md, Request and Response. */
#ifndef TP_SYNC_WIRE_MESSAGE_KEYS_H
#define TP_SYNC_WIRE_MESSAGE_KEYS_H

enum {
    TP_ASK_CURSOR = 1,
    TP_ASK_CLOCK = 3,
    TP_ASK_ERAS = 4,
    TP_ASK_FIRST_SEQ = 5,
    TP_ASK_RECEIPT = 8,
    TP_ASK_DIRECTORY = 9,
    TP_ASK_MORE = 10,
    TP_ASK_CSR = 11,
    TP_ASK_GENERATION = 12,
    TP_ASK_ITEMS_MAX = 13,
    TP_ASK_LEFT = 14,
    TP_ASK_SPANS = 15,
    TP_ASK_RANGES = 16,
    TP_ASK_WANTED = 17,
    TP_ASK_HANDED = 18,
    TP_ASK_PROOF = 19,
    TP_ASK_MISSING = 20,
    TP_ASK_CLAIM = 21,
    TP_ASK_SETTLING = 22,
    TP_ASK_STARTS = 23,
    TP_ASK_STAMPS = 24,
    TP_ASK_MEANT = 25,
    TP_ASK_AGAIN = 26,
    TP_ASK_KEYS_COUNT
};

enum {
    TP_REPLY_ACCEPTED = 1,
    TP_REPLY_REFUSED = 2,
    TP_REPLY_STAMPS = 3,
    TP_REPLY_HUB_TIME = 4,
    TP_REPLY_GENERATION = 5,
    TP_REPLY_CURSOR = 6,
    TP_REPLY_MORE = 8,
    TP_REPLY_GIVE_BACKS = 9,
    TP_REPLY_DIRECTORY = 10,
    TP_REPLY_CERTIFICATE = 11,
    TP_REPLY_PROTOCOL = 12,
    TP_REPLY_DEVICES = 13,
    TP_REPLY_LEFT = 14,
    TP_REPLY_SUM = 15,
    TP_REPLY_SPANS = 16,
    TP_REPLY_NAMES = 17,
    TP_REPLY_PUSH_RECEIPT = 18,
    TP_REPLY_HANDED = 19,
    TP_REPLY_IS_BACK = 20,
    TP_REPLY_ERASED = 21,
    TP_REPLY_COUNTS_STAMPS = 22,
    TP_REPLY_AHEAD = 23,
    TP_REPLY_CALLED = 24,
    TP_REPLY_TO = 25,
    TP_REPLY_OTHERS = 26,
    TP_REPLY_CALLED_SEQ = 27,
    TP_REPLY_KEYS_COUNT
};

/* What a newer version may add, and the most keys a header may have. */
enum { TP_MESSAGE_KEY_NEXT = 40, TP_MESSAGE_KEYS_MAX = 64 };

#endif
