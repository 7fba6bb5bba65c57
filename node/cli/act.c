/* Acts on help requests and actions. */
#include "node/cli/act.h"

#include "node/cli/choose.h"
#include "node/cli/form.h"
#include "node/cli/long_text.h"

/* Who does it, to what. */
static tp_rc begin_act(tp_call *call, uint32_t entity, tp_request_act *act, tp_err *err)
{
    tp_record_ref ref;
    act->node = tp_cli_node(call);
    tp_rc rc = tp_cli_worker(call, &act->worker, err);
    if (rc == TP_OK) {
        rc = tp_choose_record(call, call->argv[0], entity, &ref, err);
    }
    if (rc == TP_OK) {
        act->request = ref.record;
    }
    return rc;
}

tp_rc tp_act_run(tp_call *call, uint32_t entity, tp_act act, const char *done, tp_err *err)
{
    const tp_option options[] = {{NULL, NULL, false}};
    tp_request_act what;
    tp_write_result result;
    tp_rc rc = tp_args_take(call, options, 1, 1, err);
    if (rc == TP_OK) {
        rc = begin_act(call, entity, &what, err);
    }
    if (rc == TP_OK) {
        rc = act(&what, &result, err);
    }
    return rc == TP_OK ? tp_form_print_written(call, &result, done, err) : rc;
}

tp_rc tp_act_say(tp_call *call, uint32_t entity, tp_act_with_words act, const char *done,
                 tp_err *err)
{
    const char *edit = NULL;
    const tp_option options[] = {{"edit", &edit, true}, {NULL, NULL, false}};
    tp_request_act what;
    tp_write_result result;
    tp_buf words;
    tp_buf_init(&words, TP_LONG_TEXT_BYTES_MAX);
    tp_rc rc = tp_args_take(call, options, 1, TP_FORM_WORDS_MAX, err);
    if (rc == TP_OK) {
        rc = begin_act(call, entity, &what, err);
    }
    if (rc == TP_OK) {
        rc = tp_long_text_words(call, 1, edit != NULL, &words, err);
    }
    if (rc == TP_OK) {
        rc = act(&what, tp_buf_slice(&words), &result, err);
        if (rc != TP_OK) {
            tp_long_text_keep(call, tp_buf_slice(&words));
        }
    }
    tp_buf_done(&words);
    return rc == TP_OK ? tp_form_print_written(call, &result, done, err) : rc;
}

tp_rc tp_act_offer(tp_call *call, uint32_t entity, tp_err *err)
{
    const char *to = NULL;
    const char *worker_there = NULL;
    const tp_option options[] = {
        {"to", &to, false}, {"worker-there", &worker_there, false}, {NULL, NULL, false}};
    tp_request_act what;
    tp_write_result result;
    tp_rc rc = tp_args_take(call, options, 1, 1, err);
    if (rc == TP_OK && to == NULL) {
        rc = tp_call_usage(call, "to which agency?", err);
    }
    if (rc == TP_OK) {
        rc = begin_act(call, entity, &what, err);
    }
    if (rc == TP_OK) {
        rc = tp_request_offer(&what, tp_slice_str(to), tp_slice_str(worker_there), &result, err);
    }
    return rc == TP_OK
               ? tp_form_print_written(call, &result,
                                       "is offered; whoever held it holds it until it is accepted",
                                       err)
               : rc;
}
