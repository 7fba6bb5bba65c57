/* The query of an address: "newest=200&before=0".  Names of records, numbers and plain words only:
 * nothing in it is escaped, and nothing in it is somebody's. */
#ifndef TP_NODE_UI_QUERY_H
#define TP_NODE_UI_QUERY_H

#include "node/ui/ui.h"

/* False where it is not asked.  "?all" alone is an empty value.  Borrowed. */
bool tp_query_value(const tp_ui_call *call, const char *name, tp_slice *value_out);
/* A number; *number_out stays where it is not asked.  Errors: INVALID (400) it is none, or over
 * `max`. */
TP_MUST_USE tp_rc tp_query_number(tp_ui_call *call, const char *name, uint32_t max,
                                  uint32_t *number_out, tp_err *err);
/* A record's full name; none where it is not asked.  Errors: INVALID (400) it is none. */
TP_MUST_USE tp_rc tp_query_name(tp_ui_call *call, const char *name, tp_name *name_out, tp_err *err);

#endif
