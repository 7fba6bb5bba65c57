/* Commands that set a node up and keep it going. */
#ifndef TP_NODE_CLI_SETUP_H
#define TP_NODE_CLI_SETUP_H

#include "node/cli/cli.h"

tp_rc tp_command_init(tp_call *call, tp_err *err);
tp_rc tp_command_enrol(tp_call *call, tp_err *err);
tp_rc tp_command_sync(tp_call *call, tp_err *err);
tp_rc tp_command_run(tp_call *call, tp_err *err);
tp_rc tp_command_rebuild(tp_call *call, tp_err *err);

/* tp_node_rebuild, with a line about how far it is. */
TP_MUST_USE tp_rc tp_cli_rebuild(tp_call *call, bool is_asked, tp_err *err);

#endif
