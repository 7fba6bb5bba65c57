/* Reading JSON and printing small documents, on jansson: where it lacked memory, that is an error
 * and nothing else. */
#ifndef TP_SYNC_SESSION_JSON_H
#define TP_SYNC_SESSION_JSON_H

#include "platform/base/buf.h"

#include <jansson.h>

/* Shape:  flags are jansson's.
 * Owns:   *value_out is the caller's, json_decref(); NULL on any error.
 * Errors: CORRUPT it is no JSON;  NOMEM. */
TP_MUST_USE tp_rc tp_json_load(tp_slice text, size_t flags, json_t **value_out, tp_err *err);

/* Shape:  compact.  `document` is taken, also where it is NULL because it could not be made.
 *         A list or an object that lacks a member for which there was no memory looks whole: so
 *         memory that jansson was refused on this thread, since a document was last read or
 *         printed, is an error too.
 * Errors: CORRUPT a text in it is not UTF-8;  NOMEM, LIMIT of out, which is as it was. */
TP_MUST_USE tp_rc tp_json_dump(json_t *document, tp_buf *out, tp_err *err);

#endif
