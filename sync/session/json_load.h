/* Reading JSON, on jansson. */
#ifndef TP_SYNC_SESSION_JSON_LOAD_H
#define TP_SYNC_SESSION_JSON_LOAD_H

#include "platform/base/err.h"
#include "platform/base/slice.h"

#include <jansson.h>

/* Shape:  flags are jansson's.
 * Owns:   *value_out is the caller's, json_decref(); NULL on any error.
 * Errors: CORRUPT it is no JSON;  NOMEM. */
TP_MUST_USE tp_rc tp_json_load(tp_slice text, size_t flags, json_t **value_out, tp_err *err);

#endif
