/* review, settle, dismiss: what somebody must look at, and what becomes of it. */
#include "node/cli/choose.h"
#include "node/cli/commands.h"
#include "node/cli/form.h"
#include "node/cli/long_text.h"
#include "node/cli/screen.h"
#include "node/record/settle.h"
#include "node/view/list_document.h"
#include "node/view/name.h"

/* ---- review ---- */

const char tp_help_review[] =
    "Values that differ, values of yours that are not shown, offers that wait, consent of yours "
    "that a\n"
    "withdrawal overruled, what was taken back, legal gateways, what the hub could not use, and "
    "whether\n"
    "this device's data turned out to be a copy.\n\n"
    "Example:\n  teapot review\n";

static void add_kept(tp_screen *s, const tp_review_item *item)
{
    char when[TP_WHEN_TEXT_MAX];
    for (uint32_t i = 0; i < item->kept_count && item->state != NULL; i++) {
        const tp_shown_head *head = item->kept[i];
        tp_page_add_str(&s->page, head->is_shown ? "> " : "  ");
        tp_screen_head(s, item->state, head);
        tp_page_style(&s->page, TP_STYLE_QUIET);
        tp_page_add_str(&s->page, " (");
        tp_screen_who(s, head->worker, head->agency);
        tp_when_text(&head->at, when);
        tp_page_addf(&s->page, ", %s) [", when);
        tp_screen_name(s, head->name);
        tp_page_add_str(&s->page, "]");
        tp_page_style(&s->page, TP_STYLE_PLAIN);
        tp_page_end(&s->page, 4, 8);
    }
}

/* How it is mended: a command to copy, in a paragraph of its own. */
static void begin_command(tp_screen *s, const char *command)
{
    tp_page_style(&s->page, TP_STYLE_QUIET);
    tp_page_addf(&s->page, "teapot %s ", command);
}

static void end_command(tp_screen *s)
{
    tp_page_style(&s->page, TP_STYLE_PLAIN);
    tp_page_end(&s->page, 4, 6);
}

static void add_what_next(tp_screen *s, const tp_review_item *item)
{
    bool is_settled = item->field != NULL &&
                      (item->kind == TP_REVIEW_CONFLICT || item->kind == TP_REVIEW_LOST_VALUE ||
                       item->kind == TP_REVIEW_KINDS);
    if (is_settled) {
        begin_command(s, "settle");
        tp_screen_name(s, item->record);
        tp_page_addf(&s->page, " %s --use [one above], or --value \"...\"", item->field->name);
        end_command(s);
    } else if (item->can_accept) {
        begin_command(s, item->entity == TP_ACTION ? "action accept" : "request accept");
        tp_screen_name(s, item->record);
        end_command(s);
    }
    if (item->can_dismiss) {
        begin_command(s, "dismiss");
        tp_page_add_str(&s->page, item->id);
        end_command(s);
    }
}

static void show_item(tp_screen *s, const tp_review_item *item)
{
    if (item->about != NULL) {
        tp_page_style(&s->page, TP_STYLE_STRONG);
        tp_screen_person(s, item->about);
        tp_page_style(&s->page, TP_STYLE_PLAIN);
        tp_page_add_str(&s->page, ": ");
    }
    tp_page_add_str(&s->page, item->text);
    const bool is_of_none = item->kind == TP_REVIEW_DAMAGED && item->of == NULL;
    if (!is_of_none && item->kind != TP_REVIEW_COPIED && item->kind != TP_REVIEW_ERASED) {
        tp_page_add_str(&s->page, " [");
        tp_screen_name(s, item->record);
        tp_page_add_str(&s->page, "]");
    }
    tp_page_end(&s->page, 0, 2);
    bool is_among_kept = false;
    for (uint32_t i = 0; i < item->kept_count; i++) {
        is_among_kept = is_among_kept || item->kept[i] == item->shown;
    }
    if (item->state != NULL && item->shown != NULL && !is_among_kept) {
        tp_page_add_str(&s->page, "> ");
        tp_screen_head(s, item->state, item->shown);
        tp_page_add_str(&s->page, " (shown now)");
        tp_page_end(&s->page, 4, 8);
    }
    add_kept(s, item);
    add_what_next(s, item);
}

static tp_rc put_list(const tp_call *call, const tp_review_list *list, tp_err *err)
{
    tp_json_print p;
    tp_json_print_begin(&p, call->out);
    tp_rc rc = TP_OK;
    tp_json_begin(&p, '{');
    tp_json_key(&p, "items");
    tp_json_begin(&p, '[');
    for (uint32_t i = 0; rc == TP_OK && i < list->count; i++) {
        tp_json_begin(&p, '{');
        rc = tp_document_put_review(&p, &list->items[i], err);
        tp_json_end(&p, '}');
    }
    tp_json_end(&p, ']');
    tp_json_put_int(&p, "dismissed", list->dismissed_count);
    tp_json_end(&p, '}');
    tp_json_print_line(&p);
    return rc;
}

static void show_list(tp_screen *s, const tp_review_list *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        show_item(s, &list->items[i]);
        tp_page_gap(&s->page);
    }
    if (list->count == 0) {
        tp_page_add_str(&s->page, "Nothing waits for review");
    } else {
        tp_page_addf(&s->page, "%u to look at", list->count);
    }
    if (list->dismissed_count > 0) {
        tp_page_addf(&s->page, " (%u dismissed on this device)", list->dismissed_count);
    }
    tp_page_add_str(&s->page, ".");
    tp_page_end(&s->page, 0, 0);
}

tp_rc tp_command_review(tp_call *call, tp_err *err)
{
    const tp_option options[] = {{NULL, NULL, false}};
    tp_review_list list;
    tp_screen s;
    tp_rc rc = tp_args_take(call, options, 0, 0, err);
    if (rc != TP_OK) {
        return rc;
    }
    rc = tp_screen_begin(&s, call, err);
    if (rc == TP_OK) {
        rc = tp_review_read(s.view, &s.tx, (tp_name){0, 0}, &list, err);
    }
    if (rc == TP_OK) {
        if (call->is_json) {
            rc = put_list(call, &list, err);
        } else {
            show_list(&s, &list);
        }
        tp_review_list_done(&list);
    }
    return tp_screen_done(&s, rc, err);
}

/* ---- settle ---- */

const char tp_help_settle[] =
    "Takes one value where several stand; everybody who may see the record sees that it is "
    "settled.\n\n"
    "  RECORD FIELD  as `teapot review` names them\n"
    "  --use NAME    the value that this change wrote\n"
    "  --value V     this value: one of them, or what combines them; - reads standard input\n\n"
    "Example:\n"
    "  teapot settle Baz phone --value \"07700 900102\"\n";

/* The field as the schema names it, whatever was typed for it. */
static tp_rc find_field(uint32_t entity, const char *typed, tp_slice *field_out, tp_err *err)
{
    char name[64];
    size_t i = 0;
    for (; typed[i] != '\0' && i < sizeof name - 1; i++) {
        name[i] = typed[i] == '-' ? '_' : typed[i];
    }
    name[i] = '\0';
    const tp_field_row *row = tp_field_named(entity, tp_slice_str(name));
    if (row == NULL) {
        return tp_fail(err, TP_INVALID, "it has no such field; `teapot show` lists them");
    }
    *field_out = tp_slice_str(row->name);
    return TP_OK;
}

static tp_rc settle_typed(tp_call *call, tp_slice worker, tp_name record, tp_slice field,
                          const char *typed, tp_write_result *result, tp_err *err)
{
    tp_buf value;
    tp_buf_init(&value, TP_LONG_TEXT_BYTES_MAX);
    tp_rc rc = tp_long_text_read(call, typed, tp_slice_str(""), &value, err);
    if (rc == TP_OK) {
        rc = tp_settle_typed(tp_cli_node(call), worker, record, field, tp_buf_slice(&value), result,
                             err);
        if (rc != TP_OK && tp_long_text_is(typed)) {
            tp_long_text_keep(call, tp_buf_slice(&value));
        }
    }
    tp_buf_done(&value);
    return rc;
}

/* A change, by any clear form of its name; it need not create a record. */
static tp_rc read_change_name(tp_call *call, const char *typed, tp_name *name_out, tp_err *err);

tp_rc tp_command_settle(tp_call *call, tp_err *err)
{
    const char *use = NULL;
    const char *value = NULL;
    const tp_option options[] = {
        {"use", &use, false}, {"value", &value, false}, {NULL, NULL, false}};
    tp_slice worker;
    tp_slice field;
    tp_record_ref ref;
    tp_name used;
    tp_write_result result;
    tp_rc rc = tp_args_take(call, options, 2, 2, err);
    if (rc == TP_OK && (use == NULL) == (value == NULL)) {
        rc = tp_call_usage(call, "which value? (--use or --value)", err);
    }
    if (rc == TP_OK) {
        rc = tp_cli_worker(call, &worker, err);
    }
    if (rc == TP_OK) {
        rc = tp_choose_record(call, call->argv[0], 0, &ref, err);
    }
    if (rc == TP_OK) {
        rc = find_field(ref.entity, call->argv[1], &field, err);
    }
    if (rc == TP_OK && use != NULL) {
        rc = read_change_name(call, use, &used, err);
        if (rc == TP_OK) {
            rc = tp_settle_use(tp_cli_node(call), worker, ref.record, field, used, &result, err);
        }
    } else if (rc == TP_OK) {
        rc = settle_typed(call, worker, ref.record, field, value, &result, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    return tp_form_print_written(call, &result, result.has_settled ? "is settled" : "is put right",
                                 err);
}

static tp_rc read_change_name(tp_call *call, const char *typed, tp_name *name_out, tp_err *err)
{
    const tp_node *node = tp_cli_node(call);
    tp_tx tx = TP_TX_NONE;
    tp_rc rc = tp_tx_begin(node->store, &tx, TP_TX_READ, err);
    if (rc == TP_OK) {
        rc = tp_view_name_read(node->view, &tx, tp_slice_str(typed), name_out, err);
    }
    tp_tx_rollback(&tx);
    return rc;
}

/* ---- dismiss ---- */

const char tp_help_dismiss[] =
    "Takes an item of the review out of sight on this device, for good; nothing else changes.\n\n"
    "  ITEM  as `teapot review` prints it\n\n"
    "Example:\n"
    "  teapot dismiss lost_value:3fa2000000000000-9:phone:81bc000000000000-4\n";

tp_rc tp_command_dismiss(tp_call *call, tp_err *err)
{
    const tp_option options[] = {{NULL, NULL, false}};
    const tp_node *node = tp_cli_node(call);
    tp_slice worker;
    tp_tx tx = TP_TX_NONE;
    tp_rc rc = tp_args_take(call, options, 1, 1, err);
    if (rc == TP_OK) {
        rc = tp_cli_worker(call, &worker, err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_begin(node->store, &tx, TP_TX_WRITE, err);
    }
    if (rc == TP_OK) {
        rc = tp_review_dismiss(node->view, &tx, tp_slice_str(call->argv[0]), worker, err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_commit(&tx, err);
    }
    tp_tx_rollback(&tx);
    if (rc == TP_OK && call->is_json) {
        return tp_cli_print_json(call, json_pack("{s:s}", "dismissed", call->argv[0]), err);
    }
    if (rc == TP_OK) {
        fputs("Dismissed on this device.\n", call->out);
    }
    return rc;
}
