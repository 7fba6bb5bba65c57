/* join, unjoin: two records that are one person, and two that were taken for one. */
#include "node/record/join.h"
#include "node/cli/choose.h"
#include "node/cli/commands.h"
#include "node/cli/form.h"

typedef tp_rc (*join_act)(tp_node *node, tp_slice worker, tp_name person, tp_name same_as,
                          tp_slice why, tp_write_result *result_out, tp_err *err);

static tp_rc run_join(tp_call *call, join_act act, const char *done, tp_err *err)
{
    const char *why = NULL;
    const tp_option options[] = {{"why", &why, false}, {NULL, NULL, false}};
    tp_slice worker;
    tp_name first;
    tp_name second;
    tp_write_result result;
    tp_rc rc = tp_args_take(call, options, 2, 2, err);
    if (rc == TP_OK) {
        rc = tp_cli_worker(call, &worker, err);
    }
    if (rc == TP_OK) {
        rc = tp_choose_person(call, call->argv[0], &first, err);
    }
    if (rc == TP_OK) {
        rc = tp_choose_person(call, call->argv[1], &second, err);
    }
    if (rc == TP_OK && why == NULL) {
        rc = tp_call_usage(call, "why? (--why)", err);
    }
    if (rc == TP_OK) {
        rc = act(tp_cli_node(call), worker, first, second, tp_slice_str(why), &result, err);
    }
    return rc == TP_OK ? tp_form_print_written(call, &result, done, err) : rc;
}

const char tp_help_join[] =
    "Two records are one person: their timelines are shown as one, with the origin of each entry.\n"
    "`teapot unjoin` undoes it.\n\n"
    "Example:\n"
    "  teapot join 3fa2-1 3fa2-2 --why \"same NHS number, she says so herself\"\n";

tp_rc tp_command_join(tp_call *call, tp_err *err)
{
    return run_join(call, tp_join_write, "recorded: they are one person", err);
}

const char tp_help_unjoin[] =
    "They were two after all: undoes every join between the two records.\n\n"
    "Example:\n"
    "  teapot unjoin 3fa2-1 3fa2-2 --why \"met both on the same evening\"\n";

tp_rc tp_command_unjoin(tp_call *call, tp_err *err)
{
    return run_join(call, tp_unjoin_write, "recorded: they are two people", err);
}
