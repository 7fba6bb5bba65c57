/* One JSON text read into jansson's values: for `teapot import`, where reading is paid once a line.
 *
 * jansson's own reader takes a character at a time through a function and spends four times as long
 * on a contact; this one looks at runs of bytes.  What it accepts, and what it makes of it, is held
 * to jansson's by tests/unit/node/cli/json_read_test.c.  Source: RFC 8259, RFC 3629. */
#ifndef TP_NODE_CLI_JSON_READ_H
#define TP_NODE_CLI_JSON_READ_H

#include "platform/base/buf.h"

#include <jansson.h>

enum { TP_JSON_READ_DEPTH_MAX = 32 };

/* An object or an array, with nothing but white space around it; no key twice, no U+0000.
 * Owns:   *json_out is a new reference.
 * Errors: INVALID not such a text;  LIMIT nested deeper than TP_JSON_READ_DEPTH_MAX;  NOMEM. */
TP_MUST_USE tp_rc tp_json_read(tp_slice text, json_t **json_out, tp_err *err);

#endif
