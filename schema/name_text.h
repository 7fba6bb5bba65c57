/* The full name of a change or record as text: DEVICE-SEQ, the device as 16 hexadecimal digits. */
#ifndef TP_SCHEMA_NAME_TEXT_H
#define TP_SCHEMA_NAME_TEXT_H

#include "schema/change.h"

enum { TP_NAME_TEXT_BYTES = 16 + 1 + 20 + 1 }; /* with the zero byte */

void tp_name_print(tp_name name, char out[TP_NAME_TEXT_BYTES]);

/* Either case.  False, and *name_out untouched, for anything else. */
bool tp_name_read(tp_slice text, tp_name *name_out);

#endif
