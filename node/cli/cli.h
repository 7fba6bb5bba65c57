/* The node's command line: its table of commands, and what several of them need. */
#ifndef TP_NODE_CLI_CLI_H
#define TP_NODE_CLI_CLI_H

#include "node/record/node.h"
#include "platform/os/args.h"

#include <jansson.h>

extern const tp_program tp_cli_program;

/* The opened node of a call. */
static inline tp_node *tp_cli_node(const tp_call *call)
{
    return call->context;
}

/* Prints a document on one line and gives it up.  Errors: NOMEM it is NULL;  IO. */
TP_MUST_USE tp_rc tp_cli_print_json(const tp_call *call, json_t *document, tp_err *err);

/* Who writes: --worker or TEAPOT_WORKER; on a kiosk nobody.  Borrowed from the call.
 * Errors: INVALID nobody was named, and it is no kiosk. */
TP_MUST_USE tp_rc tp_cli_worker(const tp_call *call, tp_slice *worker_out, tp_err *err);

#endif
