/* find: people by whatever is known of them. */
#include "node/cli/commands.h"
#include "node/cli/entry.h"
#include "node/record/node_status.h"
#include "node/view/list_document.h"
#include "platform/base/plural.h"
#include "schema/london_time.h"

#include <inttypes.h>

#define NOT_ALL_HERE "not everything has come from the hub."

enum { FOUND_MAX = 25, TYPED_BYTES_MAX = 1024 };

const char tp_help_find[] =
    "A name in any spelling, a street name, how it sounds, a date of birth or a part of it, a "
    "phone or\n"
    "NHS number, words of the place or description; best first.  Needs no signal.\n\n"
    "  --given-back   instead: the people whose details this device gave back, and what your\n"
    "                 agency wrote itself, so that you know whom to ask again\n\n"
    "Examples:\n  teapot find Shaun 1984\n  teapot find --given-back\n";

static void show_found(tp_screen *s, const tp_found *found)
{
    tp_page_style(&s->page, TP_STYLE_STRONG);
    tp_screen_person(s, found->shown);
    tp_page_style(&s->page, TP_STYLE_PLAIN);
    tp_page_add_str(&s->page, " [");
    tp_screen_name(s, found->person);
    tp_page_add_str(&s->page, "]");
    if (!tp_name_is_none(found->same_as)) {
        tp_page_add_str(&s->page, " (joined with ");
        tp_screen_name(s, found->same_as);
        tp_page_add_str(&s->page, ")");
    }
    tp_slice description = tp_shown_text(found->shown, TP_PERSON_DESCRIPTION);
    bool is_named = !tp_slice_eq(tp_shown_person_name(found->shown), description);
    if (description.bytes > 0 && is_named) {
        tp_page_add_str(&s->page, "; ");
        tp_page_add(&s->page, description);
    }
    tp_page_style(&s->page, TP_STYLE_QUIET);
    for (uint32_t i = 0; i < found->why_count; i++) {
        tp_page_add_str(&s->page, i == 0 ? " (" : ", ");
        tp_page_add_str(&s->page, found->why[i]);
    }
    tp_page_add_str(&s->page, found->why_count > 0 ? ")" : "");
    tp_page_style(&s->page, TP_STYLE_PLAIN);
    tp_page_end(&s->page, 0, 4);
}

/* ---- Given back ---- */

static void show_given_back(tp_screen *s, const tp_given_back *one)
{
    char when[TP_WHEN_TEXT_MAX];
    tp_page_add_str(&s->page, "[");
    tp_screen_name(s, one->person);
    tp_london_format(one->given_back_ms, when);
    tp_page_addf(&s->page, "] details %s on %s", one->is_erased ? "erased" : "given back", when);
    if (one->last == NULL) {
        tp_page_end(&s->page, 0, 2);
        return;
    }
    tp_page_addf(&s->page, "; %" PRIu32 " %s of your agency's own, the last:", one->records_count,
                 tp_plural(one->records_count, "record", "records"));
    tp_page_end(&s->page, 0, 2);
    tp_when_text(&one->last->happened, when);
    tp_page_addf(&s->page, "%s  ", when);
    tp_entry_add_headline(s, one->last);
    tp_page_end(&s->page, 4, 6);
    tp_entry_body(s, one->last, 4);
    tp_entry_add_author(s, one->last);
    tp_page_end(&s->page, 4, 6);
}

static tp_rc show_all_given_back(tp_call *call, tp_screen *s, tp_err *err)
{
    tp_given_back_list list;
    tp_json_print p;
    tp_rc rc = tp_given_back_read(s->view, &s->tx, &list, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_json_print_begin(&p, call->out);
    if (call->is_json) {
        tp_json_begin(&p, '{');
        tp_json_key(&p, "given_back");
        tp_json_begin(&p, '[');
    }
    for (uint32_t i = 0; rc == TP_OK && i < list.count; i++) {
        if (call->is_json) {
            tp_json_begin(&p, '{');
            rc = tp_document_put_given_back(&p, s->view, &s->tx, &list.people[i], err);
            tp_json_end(&p, '}');
        } else {
            show_given_back(s, &list.people[i]);
        }
    }
    if (call->is_json) {
        tp_json_end(&p, ']');
        tp_json_end(&p, '}');
        tp_json_print_line(&p);
    } else if (list.count == 0) {
        tp_page_add_str(&s->page, "Nobody's details were given back, of those your agency wrote "
                                  "something about.");
        tp_page_end(&s->page, 0, 0);
    }
    tp_given_back_done(&list);
    return rc;
}

/* ---- Found ---- */

/* Nothing of a name stays of who was given back, so the search cannot find them. */
static tp_rc say_nobody(tp_screen *s, bool is_filling, tp_err *err)
{
    uint32_t count = 0;
    tp_rc rc = tp_given_back_count(s->view, &s->tx, &count, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_page_add_str(&s->page, is_filling ? "Nobody who is here yet fits: " NOT_ALL_HERE
                                         : "Nobody here fits. Fewer words find more people.");
    if (count > 0) {
        tp_page_addf(&s->page,
                     " The details of %" PRIu32 " %s were given back, their names too: teapot find "
                     "--given-back.",
                     count, tp_plural(count, "person", "people"));
    }
    tp_page_end(&s->page, 0, 0);
    return TP_OK;
}

static tp_rc show_list(tp_call *call, tp_screen *s, const tp_found_list *list, tp_err *err)
{
    tp_json_print p;
    bool is_filling = false;
    tp_rc rc = tp_node_is_filling(&s->tx, &is_filling, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_json_print_begin(&p, call->out);
    if (call->is_json) {
        tp_json_begin(&p, '{');
        tp_json_key(&p, "people");
        tp_json_begin(&p, '[');
    }
    for (uint32_t i = 0; i < list->count; i++) {
        if (call->is_json) {
            tp_json_begin(&p, '{');
            tp_document_put_who(&p, list->people[i].shown);
            tp_document_put_found(&p, &list->people[i]);
            tp_json_end(&p, '}');
        } else {
            show_found(s, &list->people[i]);
        }
    }
    if (call->is_json) {
        tp_json_end(&p, ']');
        tp_json_put_bool(&p, "partial", is_filling);
        tp_json_end(&p, '}');
        tp_json_print_line(&p);
    } else if (list->count == 0) {
        return say_nobody(s, is_filling, err);
    } else if (is_filling) {
        tp_page_add_str(&s->page, "There may be others: " NOT_ALL_HERE);
        tp_page_end(&s->page, 0, 0);
    }
    return TP_OK;
}

static tp_rc find(tp_call *call, tp_screen *s, tp_slice typed, tp_err *err)
{
    tp_found_list list;
    tp_rc rc = tp_find(s->view, &s->tx, typed, FOUND_MAX, &list, err);
    if (rc == TP_OK) {
        rc = show_list(call, s, &list, err);
        tp_found_list_done(&list);
    }
    return rc;
}

tp_rc tp_command_find(tp_call *call, tp_err *err)
{
    const char *given_back = NULL;
    const tp_option options[] = {{"given-back", &given_back, true}, {NULL, NULL, false}};
    tp_buf typed;
    tp_screen s;
    tp_rc rc = tp_args_take(call, options, 0, 64, err);
    if (rc == TP_OK && (call->argc == 0) != (given_back != NULL)) {
        rc = tp_call_usage(call, "what is known of them, or --given-back alone?", err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_buf_init(&typed, TYPED_BYTES_MAX);
    for (int i = 0; rc == TP_OK && i < call->argc; i++) {
        rc = tp_buf_addf(&typed, err, "%s%s", i == 0 ? "" : " ", call->argv[i]);
    }
    tp_rc begin_rc = tp_screen_begin(&s, call, err);
    rc = rc == TP_OK ? begin_rc : rc;
    if (rc == TP_OK) {
        rc = given_back != NULL ? show_all_given_back(call, &s, err)
                                : find(call, &s, tp_buf_slice(&typed), err);
    }
    tp_buf_done(&typed);
    return tp_screen_done(&s, rc, err);
}
