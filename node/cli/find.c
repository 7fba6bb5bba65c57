/* find: people by whatever is known of them. */
#include "node/view/find.h"
#include "node/cli/commands.h"
#include "node/view/json_print.h"
#include "node/cli/screen.h"

enum { FOUND_MAX = 25, TYPED_BYTES_MAX = 1024 };

const char tp_help_find[] =
    "A name in any spelling, a street name, how it sounds, a date of birth or a part of it, a "
    "phone or\n"
    "NHS number, words of the place or description; best first.  Needs no signal.\n\n"
    "Example:\n  teapot find Shaun 1984\n";

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

static void put_found(tp_json_print *p, const tp_found *found)
{
    tp_json_begin(p, '{');
    tp_json_put_name(p, "name", found->person);
    tp_json_put_text(p, "preferred_name", tp_shown_person_name(found->shown));
    tp_json_put_text(p, "born", tp_shown_text(found->shown, TP_PERSON_BORN));
    tp_json_put_name(p, "same_as", found->same_as);
    tp_json_key(p, "why");
    tp_json_begin(p, '[');
    for (uint32_t i = 0; i < found->why_count; i++) {
        tp_json_str(p, found->why[i]);
    }
    tp_json_end(p, ']');
    tp_json_put_int(p, "score", found->score);
    tp_json_end(p, '}');
}

static void show_list(tp_call *call, tp_screen *s, const tp_found_list *list)
{
    tp_json_print p;
    tp_json_print_begin(&p, call->out);
    if (call->is_json) {
        tp_json_begin(&p, '{');
        tp_json_key(&p, "people");
        tp_json_begin(&p, '[');
    }
    for (uint32_t i = 0; i < list->count; i++) {
        if (call->is_json) {
            put_found(&p, &list->people[i]);
        } else {
            show_found(s, &list->people[i]);
        }
    }
    if (call->is_json) {
        tp_json_end(&p, ']');
        tp_json_end(&p, '}');
        tp_json_print_line(&p);
    } else if (list->count == 0) {
        tp_page_add_str(&s->page, "Nobody here fits. Fewer words find more people.");
        tp_page_end(&s->page, 0, 0);
    }
}

tp_rc tp_command_find(tp_call *call, tp_err *err)
{
    const tp_option options[] = {{NULL, NULL, false}};
    tp_buf typed;
    tp_found_list list;
    tp_screen s;
    tp_rc rc = tp_args_take(call, options, 1, 64, err);
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
        rc = tp_find(s.view, &s.tx, tp_buf_slice(&typed), FOUND_MAX, &list, err);
    }
    if (rc == TP_OK) {
        show_list(call, &s, &list);
        tp_found_list_done(&list);
    }
    tp_buf_done(&typed);
    return tp_screen_done(&s, rc, err);
}
