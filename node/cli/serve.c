/* serve: the pages. */
#include "node/ui/serve.h"
#include "node/cli/commands.h"

const char tp_help_serve[] =
    "Shows Teapot's pages in a browser on this machine, and syncs in the background.  Prints an "
    "address with\n"
    "a key: open it once in a browser, and that browser is let in from then on.  Whoever has the "
    "address can\n"
    "come in as you, so do not pass it on; other users of this machine are kept out all the same.\n"
    "Ends with Ctrl-C or SIGTERM; nothing is lost then.\n\n"
    "  --listen ADDRESS:PORT  on this machine alone (else " TP_SERVE_LISTEN ")\n"
    "  --no-sync              without the background sync\n"
    "  --browser-user NAME    that user's browser may come in too, with the address: a kiosk's, "
    "say\n"
    "  --address              only prints the address of the one that runs\n\n"
    "Exit codes: 3 nobody serves (--address), 4 the port is taken, 5 this node is served "
    "already.\n\n"
    "Example:\n  teapot serve &\n";

static void print_address(const tp_call *call, const char *address)
{
    if (call->is_json) {
        json_t *document = json_pack("{s:s}", "address", address);
        tp_err ignored; /* whoever reads this has gone; it serves all the same */
        (void)!tp_cli_print_json(call, document, &ignored);
    } else {
        fprintf(call->out, "%s\n", address);
    }
    fflush(call->out);
}

static void tell_ready(void *ctx, const char *address)
{
    const tp_call *call = ctx;
    if (!call->is_json && call->is_terminal) {
        fputs("Open this address in a browser on this machine; Ctrl-C ends it.\n", call->out);
    }
    print_address(call, address);
}

static void tell_trouble(void *ctx, const char *what)
{
    (void)ctx;
    fprintf(stderr, "teapot: %s\n", what);
}

tp_rc tp_command_serve(tp_call *call, tp_err *err)
{
    const char *listen = TP_SERVE_LISTEN;
    const char *no_sync = NULL;
    const char *address = NULL;
    const char *browser_user = NULL;
    const tp_option options[] = {{"listen", &listen, false},
                                 {"no-sync", &no_sync, true},
                                 {"browser-user", &browser_user, false},
                                 {"address", &address, true},
                                 {NULL, NULL, false}};
    tp_rc rc = tp_args_take(call, options, 0, 0, err);
    if (rc == TP_OK && address != NULL) {
        char text[TP_SERVE_ADDRESS_MAX];
        rc = tp_serve_address(tp_cli_node(call), text, err);
        if (rc == TP_OK) {
            print_address(call, text);
        }
        return rc;
    }
    if (rc == TP_OK) {
        const tp_serve_options serving = {
            .listen = listen, .has_sync = no_sync == NULL, .browser_user = browser_user};
        const tp_serve_notes notes = {call, tell_ready, tell_trouble};
        rc = tp_serve(tp_cli_node(call), &serving, &notes, err);
    }
    return rc;
}
