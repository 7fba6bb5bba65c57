/* What goes back: JSON, or a problem (RFC 9457) {"error": code, "text": plain words, "field"?:
 * schema name}. */
#ifndef TP_NODE_UI_ANSWER_H
#define TP_NODE_UI_ANSWER_H

#include "node/ui/ui.h"

/* Room for TP_UI_ANSWER_BYTES_MAX: a long timeline, an export.  Empties the body. */
void tp_answer_room(tp_ui_call *call);

/* A document: begin, print with node/view/json_print.h, end.
 *
 *     tp_json_print *p = tp_answer_begin(call);
 *     tp_json_begin(p, '{');
 *     ...
 *     return tp_answer_end(call, err);
 *
 * Errors: LIMIT over TP_UI_ANSWER_BYTES_MAX;  NOMEM. */
tp_json_print *tp_answer_begin(tp_ui_call *call);
TP_MUST_USE tp_rc tp_answer_end(tp_ui_call *call, tp_err *err);

/* What stands in the body already is such a document. */
void tp_answer_json(tp_ui_call *call);

/* Keeps what was answered for who asks the same again with the same key; in the transaction of what
 * was done, before it is committed.  Where there is no key, nothing.
 * Errors: LIMIT, NOMEM, IO. */
TP_MUST_USE tp_rc tp_answer_keep(tp_ui_call *call, tp_tx *tx, tp_err *err);

/* Done, and there is nothing to say: 204. */
tp_rc tp_answer_nothing(tp_ui_call *call);

/* The request itself makes no sense: 400.  Always TP_INVALID. */
TP_MUST_USE tp_rc tp_answer_malformed(tp_ui_call *call, const char *text, tp_err *err);

/* Says which field of the schema a refusal is about. */
void tp_answer_field(tp_ui_call *call, const char *field);

/* The status of a result, where the handler has said no other (call->status). */
unsigned tp_answer_status(tp_rc rc);

/* The problem in place of whatever was there.  field: NULL or "": none.  more: members added to it;
 * NULL: none. */
void tp_answer_problem(tp_http_response *response, unsigned status, const char *code,
                       const char *text, const char *field, const json_t *more);

/* A page of one sentence or two, without script or style, for who has not come through the door. */
void tp_answer_plain_page(tp_http_response *response, unsigned status, const char *html);

/* The headers that every response has, before what was written is committed: who is answered that
 * something failed finds nothing done.  Errors: NOMEM, LIMIT. */
TP_MUST_USE tp_rc tp_answer_prepare(tp_http_response *response, tp_err *err);
/* The same, where they are not there yet.  Called last: it replaces a response that has no room for
 * them. */
void tp_answer_seal(tp_http_response *response);

/* A text of the body's; empty where it is missing or null.
 * Errors: INVALID it is of another type. */
TP_MUST_USE tp_rc tp_answer_body_text(tp_ui_call *call, const char *key, tp_slice *text_out,
                                      tp_err *err);

#endif
