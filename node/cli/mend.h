/* What follows a refusal's words on a command line: the option or command that is the way out. */
#ifndef TP_NODE_CLI_MEND_H
#define TP_NODE_CLI_MEND_H

#include "platform/base/err.h"

/* " (`teapot retract RECORD --undo`)", or "".  Static. */
const char *tp_cli_mend(const tp_err *err);

#endif
