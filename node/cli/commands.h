/* Every command of the table in cli.c, with its details for --help.  Each file is a noun; setup.h
 * has those that set a node up and keep it going. */
#ifndef TP_NODE_CLI_COMMANDS_H
#define TP_NODE_CLI_COMMANDS_H

#include "node/cli/cli.h"

/* Declares a command and its help. */
#define TP_COMMAND(noun)                                                                           \
    tp_rc tp_command_##noun(tp_call *call, tp_err *err);                                           \
    extern const char tp_help_##noun[]

/* Recording. */
TP_COMMAND(person);
TP_COMMAND(alias);
TP_COMMAND(contact);
TP_COMMAND(request);
TP_COMMAND(request_offer);
TP_COMMAND(request_accept);
TP_COMMAND(request_answer);
TP_COMMAND(request_reply);
TP_COMMAND(request_reopen);
TP_COMMAND(request_withdraw);
TP_COMMAND(consent);
TP_COMMAND(wording);
TP_COMMAND(need);
TP_COMMAND(action);
TP_COMMAND(action_start);
TP_COMMAND(action_done);
TP_COMMAND(action_offer);
TP_COMMAND(action_accept);
TP_COMMAND(role);
TP_COMMAND(score);
TP_COMMAND(gateway);
TP_COMMAND(join);
TP_COMMAND(unjoin);
TP_COMMAND(correct);
TP_COMMAND(retract);

/* Reading. */
TP_COMMAND(find);
TP_COMMAND(timeline);
TP_COMMAND(show);
TP_COMMAND(code);
TP_COMMAND(requests);
TP_COMMAND(actions);
TP_COMMAND(review);
TP_COMMAND(settle);
TP_COMMAND(dismiss);

/* The node itself. */
TP_COMMAND(serve);
TP_COMMAND(status);
TP_COMMAND(import);
TP_COMMAND(export);
TP_COMMAND(verify);

#undef TP_COMMAND

#endif
