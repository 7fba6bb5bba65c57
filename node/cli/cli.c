/* teapot: every command, and opening the node for it. */
#include "node/cli/cli.h"

#include "node/cli/commands.h"
#include "node/cli/form.h"
#include "node/cli/mend.h"
#include "node/cli/setup.h"
#include "node/record/rebuild.h"
#include "sync/session/json.h"

static const char setup[] = "Setting up";
static const char recording[] = "Recording";
static const char asking[] = "Asks for help and what is agreed";
static const char reading[] = "Reading";
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
    {"contact", tp_command_contact, 0, recording, "Records that somebody was met, or looked for",
     "PERSON [NOTE...] | --unknown DESCRIPTION [NOTE...]", tp_help_contact},
    {"person", tp_command_person, 0, recording, "Makes a record of somebody",
     "[NAME] [--FIELD VALUE ...] [--new]", tp_help_person},
    {"alias", tp_command_alias, 0, recording, "Adds another name somebody goes by", "PERSON NAME",
     tp_help_alias},
    {"consent", tp_command_consent, 0, recording,
     "Records what a person says about sharing, or shows it",
     "PERSON [give|refuse|withdraw] [--FIELD VALUE ...]", tp_help_consent},
    {"wording", tp_command_wording, 0, recording, "Prints what a person is told before they decide",
     "[ID[:VERSION]]", tp_help_wording},
    {"need", tp_command_need, 0, recording, "Records a need and how high it is",
     "PERSON KIND [--FIELD VALUE ...]", tp_help_need},
    {"role", tp_command_role, 0, recording, "Records who is there for the person",
     "PERSON ROLE NAME [--FIELD VALUE ...]", tp_help_role},
    {"score", tp_command_score, 0, recording, "Records an NDT or ReQoL-10 score",
     "PERSON SCALE [TOTAL] [--FIELD VALUE ...]", tp_help_score},
    {"correct", tp_command_correct, 0, recording, "Puts right what a record says",
     "RECORD --FIELD VALUE ...", tp_help_correct},
    {"retract", tp_command_retract, 0, recording, "Hides a record, with a reason",
     "RECORD --reason REASON | RECORD --undo", tp_help_retract},
    {"join", tp_command_join, 0, recording, "Says that two records are one person",
     "PERSON PERSON --why REASON", tp_help_join},
    {"unjoin", tp_command_unjoin, 0, recording, "Says that they are two people after all",
     "PERSON PERSON --why REASON", tp_help_unjoin},
    {"gateway", tp_command_gateway, 0, recording,
     "Records a legal gateway: sharing without consent", "PERSON --FIELD VALUE ...",
     tp_help_gateway},
    {"request", tp_command_request, 0, asking, "Takes an ask for help",
     "PERSON [WORDS...] | --unknown DESCRIPTION [WORDS...] | --no-person [WORDS...]",
     tp_help_request},
    {"request offer", tp_command_request_offer, 0, asking, "Asks another agency to take it over",
     "REQUEST --to AGENCY [--worker-there WORKER]", tp_help_request_offer},
    {"request accept", tp_command_request_accept, 0, asking, "Takes it over", "REQUEST",
     tp_help_request_accept},
    {"request answer", tp_command_request_answer, 0, asking, "Says what became of it",
     "REQUEST [ANSWER...] [--edit]", tp_help_request_answer},
    {"request reply", tp_command_request_reply, 0, asking, "Says what whoever has its code is told",
     "REQUEST [REPLY...] [--edit]", tp_help_request_reply},
    {"request reopen", tp_command_request_reopen, 0, asking, "Opens it again", "REQUEST",
     tp_help_request_reopen},
    {"request withdraw", tp_command_request_withdraw, 0, asking, "The person no longer asks",
     "REQUEST", tp_help_request_withdraw},
    {"action", tp_command_action, 0, asking, "Records what is going to be done, by whom",
     "PERSON [WHAT...] [--owner [AGENCY/]WORKER] [--due DAY] | --no-person [WHAT...]",
     tp_help_action},
    {"action start", tp_command_action_start, 0, asking, "It is being done", "ACTION",
     tp_help_action_start},
    {"action done", tp_command_action_done, 0, asking, "It is done", "ACTION [OUTCOME...] [--edit]",
     tp_help_action_done},
    {"action offer", tp_command_action_offer, 0, asking, "Asks another agency to take it over",
     "ACTION --to AGENCY [--worker-there WORKER]", tp_help_action_offer},
    {"action accept", tp_command_action_accept, 0, asking, "Takes it over", "ACTION",
     tp_help_action_accept},
    {"find", tp_command_find, 0, reading, "Finds people by whatever is known",
     "TEXT... | --given-back", tp_help_find},
    {"timeline", tp_command_timeline, 0, reading, "Everything about one person", "PERSON",
     tp_help_timeline},
    {"show", tp_command_show, 0, reading, "One record, every value of every field", "RECORD",
     tp_help_show},
    {"code", tp_command_code, 0, reading, "The help request somebody was given a code for", "CODE",
     tp_help_code},
    {"requests", tp_command_requests, 0, reading, "Who waits for help",
     "[--all] [--mine] [--person PERSON]", tp_help_requests},
    {"actions", tp_command_actions, 0, reading, "What is going to be done",
     "[--all] [--mine] [--person PERSON]", tp_help_actions},
    {"review", tp_command_review, 0, reading, "What somebody must look at", "", tp_help_review},
    {"settle", tp_command_settle, 0, reading, "Takes one value where several stand",
     "RECORD FIELD --use CHANGE | --value VALUE", tp_help_settle},
    {"dismiss", tp_command_dismiss, 0, reading, "Takes an item of the review out of sight", "ITEM",
     tp_help_dismiss},
    {"serve", tp_command_serve, 0, keeping, "Shows the pages in a browser on this machine",
     "[--listen ADDRESS:PORT] [--no-sync] | --address", tp_help_serve},
    {"status", tp_command_status, 0, keeping, "What is not sent yet, the clock, the space", "",
     tp_help_status},
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
    {"import", tp_command_import, 0, keeping, "Records what programs send, line by line",
     "[FILE|-]", tp_help_import},
    {"export", tp_command_export, 0, keeping, "Prints every record, line by line",
     "[--person PERSON] [--out FILE]", tp_help_export},
    {"verify", tp_command_verify, 0, keeping, "Checks that all of it is true", "[--accept TABLE]",
     tp_help_verify},
    {"rebuild", tp_command_rebuild, 0, keeping, "Makes all views again from the change log",
     "[--stale]",
     "The log is the store; lists, searches and reviews are made from it.  This drops and makes "
     "them\n"
     "anew, with the same result.\n\n"
     "  --stale  only where another version of this program made them\n\n"
     "Example:\n  teapot rebuild\n"},
    {NULL, NULL, 0, NULL, NULL, NULL, NULL}};

/* Whose rows of the schema a command takes as options. */
static void print_field_options(const tp_command *command, FILE *out)
{
    static const struct {
        tp_rc (*run)(tp_call *call, tp_err *err);
        uint32_t entity;
    } takers[] = {{tp_command_person, TP_PERSON},   {tp_command_alias, TP_ALIAS},
                  {tp_command_contact, TP_CONTACT}, {tp_command_request, TP_HELP_REQUEST},
                  {tp_command_consent, TP_CONSENT}, {tp_command_need, TP_NEED},
                  {tp_command_role, TP_ROLE},       {tp_command_score, TP_SCORE},
                  {tp_command_action, TP_ACTION},   {tp_command_gateway, TP_LEGAL_GATEWAY}};
    for (size_t i = 0; i < sizeof takers / sizeof takers[0]; i++) {
        if (takers[i].run == command->run) {
            tp_form_print_options(takers[i].entity, out);
        }
    }
}

/* These see to the views themselves. */
static bool opens_as_is(const tp_command *command)
{
    return command->run == tp_command_rebuild || command->run == tp_command_serve;
}

static tp_rc open_node(tp_call *call, tp_err *err)
{
    static tp_node node;
    bool is_stale = false;
    call->context = &node;
    tp_rc rc = tp_node_open_as_is(call->dir, tp_clock_system(), tp_rng_system(), &node, err);
    if (rc == TP_OK && !opens_as_is(call->command)) {
        rc = tp_node_is_stale(&node, &is_stale, err);
    }
    return rc == TP_OK && is_stale ? tp_cli_rebuild(call, false, err) : rc;
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
    .calls_others = true,
    .more_help = print_field_options,
    .open = open_node,
    .close = close_node,
    .mend = tp_cli_mend};

tp_rc tp_cli_print_json(const tp_call *call, json_t *document, tp_err *err)
{
    tp_buf text;
    tp_buf_init(&text, TP_PRINTED_BYTES_MAX);
    tp_rc rc = tp_json_dump(document, &text, err);
    if (rc == TP_OK) {
        rc = tp_call_print_line(call, tp_buf_slice(&text), err);
    }
    tp_buf_done(&text);
    return rc;
}

tp_rc tp_cli_worker(const tp_call *call, tp_slice *worker_out, tp_err *err)
{
    const tp_node *node = tp_cli_node(call);
    tp_tx tx = TP_TX_NONE;
    bool is_kiosk = false;
    *worker_out = tp_slice_str(call->worker);
    if (worker_out->bytes > 0) {
        return TP_OK;
    }
    tp_rc rc = tp_tx_begin(node->store, &tx, TP_TX_READ, err);
    if (rc == TP_OK) {
        rc = tp_log_is_kiosk(node->log, &tx, &is_kiosk, err);
    }
    tp_tx_rollback(&tx);
    if (rc == TP_OK && !is_kiosk) {
        rc = tp_fail(err, TP_INVALID,
                     "who writes? Say --worker NAME, or once: export TEAPOT_WORKER=NAME");
    }
    return rc;
}
