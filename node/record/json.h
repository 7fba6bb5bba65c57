/* Values and changes from JSON: `teapot import` and the pages.  node/view/document.h prints them.
 *
 *   text, codes, dates, numbers of phones and the NHS   string
 *   sets                                                array of strings
 *   yes or no, count                                    true or false, integer
 *   instant                                             "2026-01-12T20:02Z"
 *   holder                                              {"agency": ..., "worker": ... or absent}
 *   record, records                                     "DEVICE-SEQ", array of them
 *   cleared                                             null */
#ifndef TP_NODE_RECORD_JSON_H
#define TP_NODE_RECORD_JSON_H

#include "node/record/write.h"
#include "node/view/find.h"

#include <jansson.h>

/* Reads a value of the row's type; "" and null clear the field.
 * Owns:   *value_out borrows from `json`.
 * Errors: INVALID not of this type; the text says what is wanted. */
TP_MUST_USE tp_rc tp_value_of_json(const tp_field_row *row, const json_t *json, tp_value *value_out,
                                   tp_err *err);

/* Sets the fields of an object {FIELD: value}.  Errors: as tp_write_set; w->trouble says which
 * field. */
TP_MUST_USE tp_rc tp_write_set_json(tp_write *w, const json_t *set, tp_err *err);
/* The same as somebody typed them: {FIELD: text}.  Outside of any transaction. */
TP_MUST_USE tp_rc tp_write_set_json_typed(tp_write *w, const json_t *set, tp_err *err);

typedef struct tp_import_result {
    tp_write_result written;
    char trouble[48];      /* after an error: the field, or "" */
    uint32_t may_be_count; /* a person was made: who it may be */
    tp_name may_be[TP_WRITE_MAY_BE_MAX];
} tp_import_result;

/* Carries out one line of `teapot import`, in a transaction of its own:
 * {"op", "entity", "record", "worker", "set"}; keys it does not know are passed over (the script's
 * own "n", "at" ...).  Keyword forms `join` and `unjoin` as CLI help says.
 * Errors: INVALID also where a key is missing or the op unknown;  and as tp_write_run. */
TP_MUST_USE tp_rc tp_import_line(tp_node *node, const json_t *line, tp_import_result *result_out,
                                 tp_err *err);

#endif
