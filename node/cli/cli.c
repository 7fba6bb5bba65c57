/* teapot: every command, and opening the node for it. */
#include "node/cli/cli.h"

#include "node/cli/setup.h"

static const char setup[] = "Setting up";
static const char keeping[] = "Keeping going";

static const tp_command commands[] = {
    {"init", tp_command_init, TP_COMMAND_UNOPENED, setup,
     "Makes a new node; works at once, without a hub", "--agency NAME",
     "  --agency NAME  the agency its workers write for, as the hub calls it\n\n"
     "Example:\n  teapot init --agency street-outreach\n"},
    {"enrol", tp_command_enrol, 0, setup, "Joins a hub by a one-time code", "CODE --hub URL",
     "  CODE       what the hub's operator gave you (teapot-hub device code), dashes as you like\n"
     "  --hub URL  where the hub is\n\n"
     "Example:\n  teapot enrol K7F2-9QXM-... --hub https://hub.example:8443\n"},
    {"sync", tp_command_sync, 0, keeping, "Sends and fetches now", "",
     "Everything recorded here goes to the hub, everything this agency may hold comes back, and "
     "what it\n"
     "may hold no longer is given back.  Interrupted at any moment nothing is lost.\n\n"
     "Example:\n  teapot sync\n"},
    {"run", tp_command_run, 0, keeping, "Syncs in the background until it is ended", "",
     "Syncs when something was recorded, and every minute or so; waits longer and longer, up to "
     "ten\n"
     "minutes, while there is no network.  Two never run at once.  SIGUSR1 syncs now.\n\n"
     "Example:\n  teapot run &\n"},
    {"rebuild", tp_command_rebuild, 0, keeping, "Makes all views again from the change log", "",
     "The log is the store; lists, searches and reviews are made from it.  This drops and makes "
     "them\n"
     "anew, with the same result.\n\nExample:\n  teapot rebuild\n"},
    {NULL, NULL, 0, NULL, NULL, NULL, NULL}};

static tp_rc open_node(tp_call *call, tp_err *err)
{
    static tp_node node;
    call->context = &node;
    return tp_node_open(call->dir, tp_clock_system(), tp_rng_system(), &node, err);
}

static void close_node(tp_call *call)
{
    tp_node_close(call->context);
}

const tp_program tp_cli_program = {
    .name = "teapot",
    .about = "Teapot: contacts, help requests and consent, with or without a signal.",
    .commands = commands,
    .dir_variable = "TEAPOT_DIR",
    .dir_below_home = "teapot",
    .worker_variable = "TEAPOT_WORKER",
    .open = open_node,
    .close = close_node};

tp_rc tp_cli_print_json(const tp_call *call, json_t *document, tp_err *err)
{
    if (document == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory for what there is to print");
    }
    int failed = json_dumpf(document, call->out, JSON_COMPACT | JSON_ENCODE_ANY);
    json_decref(document);
    if (failed != 0 || fputc('\n', call->out) == EOF) {
        return tp_fail(err, TP_IO, "standard output cannot be written");
    }
    return TP_OK;
}
