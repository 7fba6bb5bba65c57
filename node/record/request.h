/* Help requests (PH1, PH2) and actions: taken, offered, accepted, answered.  At every moment
 * exactly one holder; an offer ends nothing until the other agency accepts.
 *
 * Each is one transaction of its own.  `request` may be an action where the text says so. */
#ifndef TP_NODE_RECORD_REQUEST_H
#define TP_NODE_RECORD_REQUEST_H

#include "node/record/write.h"

/* Who does it, to what. */
typedef struct tp_request_act {
    tp_node *node;
    tp_name request;
    tp_slice worker; /* who writes */
} tp_request_act;

/* Taking one is tp_write with TP_WRITE_CREATE, TP_HELP_REQUEST: with a worker it is held by {own
 * agency, worker}, without (a kiosk) it is open, by nobody, route kiosk, wherever that was not set.
 * Its code is made there and stands in the result: it is for whoever asked, and for nobody else. */

/* Offers it, or an action, to a worker of another agency (worker_there may be empty).
 * Errors: DENIED the agency is not under agreement, or may not hold this record: the text says
 *         why. */
TP_MUST_USE tp_rc tp_request_offer(const tp_request_act *act, tp_slice agency,
                                   tp_slice worker_there, tp_write_result *result_out, tp_err *err);
/* {own agency, worker} holds it from now on; an action likewise. */
TP_MUST_USE tp_rc tp_request_accept(const tp_request_act *act, tp_write_result *result_out,
                                    tp_err *err);
/* answer: what became of it, for workers; empty: nothing said. */
TP_MUST_USE tp_rc tp_request_answer(const tp_request_act *act, tp_slice answer,
                                    tp_write_result *result_out, tp_err *err);
/* reply: what whoever has its code is told, and nothing else; empty: they are told nothing any
 * more. */
TP_MUST_USE tp_rc tp_request_reply(const tp_request_act *act, tp_slice reply,
                                   tp_write_result *result_out, tp_err *err);
/* Open again, or held where somebody holds it. */
TP_MUST_USE tp_rc tp_request_reopen(const tp_request_act *act, tp_write_result *result_out,
                                    tp_err *err);
/* By the person. */
TP_MUST_USE tp_rc tp_request_withdraw(const tp_request_act *act, tp_write_result *result_out,
                                      tp_err *err);
/* Actions. */
TP_MUST_USE tp_rc tp_action_start(const tp_request_act *act, tp_write_result *result_out,
                                  tp_err *err);
TP_MUST_USE tp_rc tp_action_done(const tp_request_act *act, tp_slice note,
                                 tp_write_result *result_out, tp_err *err);

#endif
