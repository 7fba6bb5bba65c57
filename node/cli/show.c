/* show: one record, every field with every value that stands. */
#include "node/cli/choose.h"
#include "node/cli/commands.h"
#include "node/view/document.h"
#include "node/cli/entry.h"
#include "node/view/pending.h"
#include "schema/request_code.h"

enum { ARENA_BYTES_MAX = 16 * 1024 * 1024 };

const char tp_help_show[] = "  RECORD  its name (k7f2-12), or what a person is called\n\n"
                            "Example:\n  teapot show 3fa2-12\n";

static void show_record(tp_screen *s, const tp_shown *shown)
{
    char when[TP_WHEN_TEXT_MAX];
    tp_entry_add_headline(s, shown);
    if (shown->entity == TP_PERSON) {
        tp_page_add_str(&s->page, ": ");
        tp_screen_person(s, shown);
    }
    tp_page_end(&s->page, 0, 2);
    tp_when_text(&shown->happened, when);
    tp_page_add_str(&s->page, when);
    tp_page_add_str(&s->page, ", ");
    tp_entry_add_author(s, shown);
    tp_page_end(&s->page, 2, 4);
    tp_entry_body(s, shown, 2);
    if (shown->is_typed) {
        tp_when_text(&shown->written, when);
        tp_page_addf(&s->page, "Written down %s", when);
        tp_page_end(&s->page, 2, 4);
    }
}

/* What was given back is not held: its name is all there is to show. */
static tp_rc show_bare(tp_call *call, tp_screen *s, const tp_shown *shown, tp_err *err)
{
    char when[TP_LONDON_TEXT_MAX];
    tp_london_format(shown->given_back_ms, when);
    if (!call->is_json && shown->erased_ms != 0) {
        tp_london_format(shown->erased_ms, when);
        tp_screen_name(s, shown->name);
        tp_page_addf(&s->page, ": details erased on %s, here and everywhere else.", when);
        tp_page_end(&s->page, 0, 2);
    } else if (!call->is_json) {
        tp_screen_name(s, shown->name);
        tp_page_addf(&s->page, ": details given back on %s. Ask the person again if you meet them.",
                     when);
        tp_page_end(&s->page, 0, 2);
    }
    return tp_fail(err, TP_NOTFOUND, "its details are not held here any more");
}

static tp_rc show(tp_call *call, tp_screen *s, tp_name name, tp_arena *arena, tp_err *err)
{
    const tp_shown *shown = NULL;
    tp_rc rc = tp_shown_load(s->view, &s->tx, name, arena, &shown, err);
    if (rc == TP_NOTFOUND) {
        return tp_fail(err, TP_NOTFOUND, "no such record is held here");
    }
    if (rc == TP_OK && call->is_json) {
        tp_json_print p;
        tp_json_print_begin(&p, call->out);
        rc = tp_document_record(&p, s->view, &s->tx, shown, err);
        tp_json_print_line(&p);
    }
    if (rc == TP_OK && shown->is_bare) {
        return show_bare(call, s, shown, err);
    }
    if (rc == TP_OK && !call->is_json) {
        show_record(s, shown);
    }
    return rc;
}

static tp_rc show_named(tp_call *call, tp_name name, tp_err *err)
{
    tp_screen s;
    tp_arena arena;
    tp_arena_init(&arena, ARENA_BYTES_MAX);
    tp_rc rc = tp_screen_begin(&s, call, err);
    if (rc == TP_OK) {
        rc = show(call, &s, name, &arena, err);
    }
    tp_arena_done(&arena);
    return tp_screen_done(&s, rc, err);
}

tp_rc tp_command_show(tp_call *call, tp_err *err)
{
    const tp_option options[] = {{NULL, NULL, false}};
    tp_record_ref ref;
    tp_rc rc = tp_args_take(call, options, 1, 1, err);
    if (rc == TP_OK) {
        rc = tp_choose_record(call, call->argv[0], 0, &ref, err);
    }
    return rc == TP_OK ? show_named(call, ref.record, err) : rc;
}

const char tp_help_code[] =
    "Which help request is it?  Finds it by the code that whoever asked was given; needs no "
    "signal.\n\n"
    "  CODE  as it stands on their paper, dashes and spaces as you like\n\n"
    "Example:\n  teapot code 28T-5CY-4TH\n";

tp_rc tp_command_code(tp_call *call, tp_err *err)
{
    const tp_option options[] = {{NULL, NULL, false}};
    const tp_node *node = tp_cli_node(call);
    char code[TP_REQUEST_CODE_MAX];
    tp_name request = {0, 0};
    tp_tx tx = TP_TX_NONE;
    tp_rc rc = tp_args_take(call, options, 1, 1, err);
    if (rc == TP_OK) {
        rc = tp_request_code_normalise(tp_slice_str(call->argv[0]), code, err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_begin(node->store, &tx, TP_TX_READ, err);
    }
    if (rc == TP_OK) {
        rc = tp_pending_find_code(node->view, &tx, tp_slice_str(code), &request, err);
    }
    tp_tx_rollback(&tx);
    return rc == TP_OK ? show_named(call, request, err) : rc;
}
