/* The name of a change or record as text: DEVICE-SEQ, the device as 16 hexadecimal digits, or as
 * people shorten it: the first few of them. */
#ifndef TP_SCHEMA_NAME_TEXT_H
#define TP_SCHEMA_NAME_TEXT_H

#include "schema/change.h"

enum { TP_NAME_TEXT_BYTES = 16 + 1 + 20 + 1 }; /* with the zero byte */

void tp_name_print(tp_name name, char out[TP_NAME_TEXT_BYTES]);

/* Either case.  False, and *name_out untouched, for anything else. */
bool tp_name_read(tp_slice text, tp_name *name_out);

/* A name as people shorten it: "3fa2-12" is change 12 of the one device, among those that are
 * offered, whose first digits are these. */
typedef struct tp_name_short {
    uint64_t low; /* the devices that begin so, as numbers */
    uint64_t high;
    unsigned fitting; /* of the devices offered */
    tp_name name;     /* of the last of those */
} tp_name_short;

/* One digit of the device or more, either case.  False, and *short_out untouched, for anything
 * else. */
bool tp_name_short_read(tp_slice text, tp_name_short *short_out);
void tp_name_short_offer(tp_name_short *short_name, uint64_t device);

#endif
