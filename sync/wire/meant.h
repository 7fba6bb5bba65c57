/* What a change means by the names in it, as who shows it to a hub that went back holds them: an
 * older card may have used such a name again, and then the hub has another change by it.
 * Source: sync/wire/FORMAT.md, Request, key 25. */
#ifndef TP_SYNC_WIRE_MEANT_H
#define TP_SYNC_WIRE_MEANT_H

#include "sync/wire/change_bytes.h"

/* One name as it stands in a list: device, seq, salt, called; big-endian, 8 bytes each. */
enum { TP_MEANT_BYTES = 32 };

/* Names in one change. */
enum { TP_CHANGE_NAMED_MAX = 1 + TP_CHANGE_NAMES_MAX + TP_CHANGE_FIELDS_MAX * TP_VALUE_NAMES_MAX };

typedef struct tp_meant {
    tp_name name;
    uint8_t salt[TP_SALT_BYTES];   /* of the change that was meant, however it is written anew */
    uint8_t called[TP_SALT_BYTES]; /* its salt where the hub writes it again under another name */
} tp_meant;

/* False: these bytes have no salt; `called` is there all the same. */
bool tp_meant_of(tp_name name, tp_slice bytes, tp_meant *out);
TP_MUST_USE tp_rc tp_meant_put(tp_buf *list, const tp_meant *meant, tp_err *err);
/* Whole entries, ascending by name, each once? */
bool tp_meant_is_list(tp_slice list);
bool tp_meant_find(tp_slice list, tp_name name, tp_meant *out);

/* Puts names (tp_name each) in order, each once; says how many that are. */
size_t tp_names_settle(tp_buf *names);

/* Appends each name in a change but its own (tp_name each, as often as it is there): its record,
 * what it had seen, what its values name.  What cannot be read is left out.  `value` is room to
 * work in. */
TP_MUST_USE tp_rc tp_change_names(const tp_change *change, tp_value *value, tp_buf *names,
                                  tp_err *err);

#endif
