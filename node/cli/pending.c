/* requests, actions: what is promised, and who answers for it. */
#include "node/cli/choose.h"
#include "node/cli/commands.h"
#include "node/cli/entry.h"
#include "node/view/list_document.h"

const char tp_help_requests[] =
    "Oldest first: the longest wait stands on top.\n\n"
    "  --all       answered and withdrawn ones too\n"
    "  --mine      held by you or by nobody named of your agency, or offered to you\n"
    "  --person P  of this person only\n\n"
    "Example:\n  teapot requests --mine\n";

const char tp_help_actions[] =
    "Oldest first; what is overdue is marked.\n\n"
    "  --all       those that are done too\n"
    "  --mine      owned by you or by nobody named of your agency, or offered to you\n"
    "  --person P  for this person only\n\n"
    "Example:\n  teapot actions --mine\n";

static void show_item(tp_screen *s, const tp_pending *item)
{
    char when[TP_WHEN_TEXT_MAX];
    tp_when_text(&item->shown->happened, when);
    tp_page_addf(&s->page, "%s  ", when);
    if (item->is_overdue) {
        tp_page_add_in(&s->page, TP_STYLE_WARN, "OVERDUE");
        tp_page_add_str(&s->page, " ");
    }
    if (item->about != NULL) {
        tp_page_style(&s->page, TP_STYLE_STRONG);
        tp_screen_person(s, item->about);
        tp_page_style(&s->page, TP_STYLE_PLAIN);
        tp_page_add_str(&s->page, ": ");
    }
    tp_entry_add_headline(s, item->shown);
    tp_page_end(&s->page, 0, 4);
    tp_entry_body(s, item->shown, 4);
    tp_page_style(&s->page, TP_STYLE_QUIET);
    tp_page_add_str(&s->page, "written by ");
    tp_entry_add_author(s, item->shown);
    tp_page_style(&s->page, TP_STYLE_PLAIN);
    tp_page_end(&s->page, 4, 6);
}

static tp_rc put_items(tp_call *call, tp_screen *s, const char *key, const tp_pending_list *list,
                       tp_err *err)
{
    tp_json_print p;
    tp_json_print_begin(&p, call->out);
    tp_rc rc = TP_OK;
    tp_json_begin(&p, '{');
    tp_json_key(&p, key);
    tp_json_begin(&p, '[');
    for (uint32_t i = 0; rc == TP_OK && i < list->count; i++) {
        tp_json_begin(&p, '{');
        rc = tp_document_put_pending(&p, s->view, &s->tx, &list->items[i], err);
        tp_json_end(&p, '}');
    }
    tp_json_end(&p, ']');
    tp_json_end(&p, '}');
    tp_json_print_line(&p);
    return rc;
}

static void show_items(tp_screen *s, const tp_pending_list *list, const char *none)
{
    for (uint32_t i = 0; i < list->count; i++) {
        show_item(s, &list->items[i]);
        tp_page_gap(&s->page);
    }
    if (list->count == 0) {
        tp_page_add_str(&s->page, none);
    } else {
        tp_page_addf(&s->page, "%u in all", list->count);
    }
    if (list->overdue_count > 0) {
        tp_page_addf(&s->page, ", %u overdue", list->overdue_count);
    }
    tp_page_end(&s->page, 0, 0);
}

typedef struct pending_kind {
    uint32_t entity;
    const char *key;
    const char *none;
} pending_kind;

static tp_rc show_pending(tp_call *call, const pending_kind *kind, tp_err *err)
{
    const char *all = NULL;
    const char *mine = NULL;
    const char *person = NULL;
    const tp_option options[] = {{"all", &all, true},
                                 {"mine", &mine, true},
                                 {"person", &person, false},
                                 {NULL, NULL, false}};
    tp_pending_filter filter = {0};
    tp_pending_list list;
    tp_screen s;
    tp_rc rc = tp_args_take(call, options, 0, 0, err);
    if (rc == TP_OK && person != NULL) {
        rc = tp_choose_person(call, person, &filter.person, err);
    }
    if (rc == TP_OK && mine != NULL) {
        const tp_node *node = tp_cli_node(call);
        filter.agency = tp_slice_str(tp_log_agency(node->log));
        rc = tp_cli_worker(call, &filter.worker, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    filter.all = all != NULL;
    rc = tp_screen_begin(&s, call, err);
    if (rc == TP_OK) {
        rc = tp_pending_read(s.view, &s.tx, kind->entity, &filter, &list, err);
    }
    if (rc == TP_OK) {
        if (call->is_json) {
            rc = put_items(call, &s, kind->key, &list, err);
        } else {
            show_items(&s, &list, kind->none);
        }
        tp_pending_list_done(&list);
    }
    return tp_screen_done(&s, rc, err);
}

tp_rc tp_command_requests(tp_call *call, tp_err *err)
{
    static const pending_kind requests = {TP_HELP_REQUEST, "help_requests",
                                          "No help request waits"};
    return show_pending(call, &requests, err);
}

tp_rc tp_command_actions(tp_call *call, tp_err *err)
{
    static const pending_kind actions = {TP_ACTION, "actions", "No action waits"};
    return show_pending(call, &actions, err);
}
