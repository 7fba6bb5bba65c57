/* What is done to a help request or an action that is there: node/record/request.h by hand. */
#ifndef TP_NODE_CLI_ACT_H
#define TP_NODE_CLI_ACT_H

#include "node/cli/cli.h"
#include "node/record/request.h"

typedef tp_rc (*tp_act)(const tp_request_act *act, tp_write_result *result_out, tp_err *err);
typedef tp_rc (*tp_act_with_words)(const tp_request_act *act, tp_slice words,
                                   tp_write_result *result_out, tp_err *err);

/* `RECORD`: one act without words.  done: "is now held by you", for the sentence that says so. */
TP_MUST_USE tp_rc tp_act_run(tp_call *call, uint32_t entity, tp_act act, const char *done,
                             tp_err *err);
/* `RECORD [WORDS... | -] [--edit]`. */
TP_MUST_USE tp_rc tp_act_say(tp_call *call, uint32_t entity, tp_act_with_words act,
                             const char *done, tp_err *err);
/* `RECORD --to AGENCY [--worker-there W]`. */
TP_MUST_USE tp_rc tp_act_offer(tp_call *call, uint32_t entity, tp_err *err);

#endif
