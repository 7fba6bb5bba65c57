/* Finding the record that is meant, and telling people of one name apart. */
#include "node/cli/choose.h"

#include "node/cli/ask.h"
#include "node/view/json_print.h"
#include "node/cli/screen.h"
#include "node/view/name.h"
#include "node/view/timeline.h"
#include "schema/utf8.h"

enum { CANDIDATES_MAX = 9 }; /* more are no choice: a longer name is */

/* ---- What differs ---- */

/* The last time anybody met them: place borrowed from the timeline. */
static const tp_shown *last_contact(const tp_timeline *timeline)
{
    for (uint32_t i = timeline->entries_count; i > 0; i--) {
        if (timeline->entries[i - 1]->entity == TP_CONTACT) {
            return timeline->entries[i - 1];
        }
    }
    return NULL;
}

static tp_rc read_timeline(tp_screen *s, tp_name person, tp_timeline *timeline, tp_err *err)
{
    memset(timeline, 0, sizeof *timeline);
    return tp_timeline_read(s->view, &s->tx, person, tp_slice_str(""), timeline, err);
}

static tp_rc print_candidate(tp_screen *s, uint32_t number, const tp_found *found, tp_err *err)
{
    tp_timeline timeline;
    char when[TP_WHEN_TEXT_MAX];
    tp_rc rc = read_timeline(s, found->person, &timeline, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_page_addf(&s->page, "%2u  ", number);
    tp_page_style(&s->page, TP_STYLE_STRONG);
    tp_screen_person(s, found->shown);
    tp_page_style(&s->page, TP_STYLE_PLAIN);
    tp_slice place = tp_shown_text(found->shown, TP_PERSON_PLACE);
    if (place.bytes > 0) {
        tp_page_add_str(&s->page, "; usually at ");
        tp_page_add(&s->page, place);
    }
    const tp_shown *met = last_contact(&timeline);
    if (met != NULL) {
        tp_when_text(&met->happened, when);
        tp_page_addf(&s->page, "; last contact %s", when);
        tp_slice where = tp_shown_text(met, TP_CONTACT_PLACE);
        if (where.bytes > 0) {
            tp_page_add_str(&s->page, ", ");
            tp_page_add(&s->page, where);
        }
    } else {
        tp_page_add_str(&s->page, "; no contact yet");
    }
    tp_page_add_str(&s->page, "  [");
    tp_screen_name(s, found->person);
    tp_page_add_str(&s->page, "]");
    tp_page_end(&s->page, 0, 4);
    tp_timeline_done(&timeline);
    return TP_OK;
}

static tp_rc print_candidates(tp_call *call, FILE *out, const tp_found_list *list, tp_err *err)
{
    tp_screen s;
    tp_rc rc = tp_screen_begin(&s, call, err);
    s.page.out = out;
    for (uint32_t i = 0; rc == TP_OK && i < list->count && i < CANDIDATES_MAX; i++) {
        rc = print_candidate(&s, i + 1, &list->people[i], err);
    }
    return tp_screen_done(&s, rc, err);
}

static tp_rc put_candidate(tp_json_print *p, tp_screen *s, const tp_found *found, tp_err *err)
{
    tp_timeline timeline;
    tp_rc rc = read_timeline(s, found->person, &timeline, err);
    if (rc != TP_OK) {
        return rc;
    }
    const tp_shown *met = last_contact(&timeline);
    tp_json_begin(p, '{');
    tp_json_put_name(p, "name", found->person);
    tp_json_put_text(p, "preferred_name", tp_shown_text(found->shown, TP_PERSON_PREFERRED_NAME));
    tp_json_put_text(p, "legal_name", tp_shown_text(found->shown, TP_PERSON_LEGAL_NAME));
    tp_json_put_text(p, "born", tp_shown_text(found->shown, TP_PERSON_BORN));
    tp_json_put_text(p, "place", tp_shown_text(found->shown, TP_PERSON_PLACE));
    tp_json_put_instant(p, "last_contact_at", met == NULL ? 0 : met->happened.ms);
    tp_json_put_text(p, "last_contact_place",
                     met == NULL ? tp_slice_str("") : tp_shown_text(met, TP_CONTACT_PLACE));
    tp_json_end(p, '}');
    tp_timeline_done(&timeline);
    return TP_OK;
}

/* {"candidates": [...]}, on standard output. */
static tp_rc put_candidates(tp_call *call, const tp_found_list *list, tp_err *err)
{
    tp_screen s;
    tp_json_print p;
    tp_json_print_begin(&p, call->out);
    tp_rc rc = tp_screen_begin(&s, call, err);
    tp_json_begin(&p, '{');
    tp_json_key(&p, "candidates");
    tp_json_begin(&p, '[');
    for (uint32_t i = 0; rc == TP_OK && i < list->count && i < CANDIDATES_MAX; i++) {
        rc = put_candidate(&p, &s, &list->people[i], err);
    }
    tp_json_end(&p, ']');
    tp_json_end(&p, '}');
    tp_json_print_line(&p);
    return tp_screen_done(&s, rc, err);
}

/* ---- Asking ---- */

tp_rc tp_choose_among(tp_call *call, const tp_found_list *list, const char *question, bool has_none,
                      uint32_t *at_out, bool *is_none_out, tp_err *err)
{
    unsigned number = 0;
    bool is_given = false;
    uint32_t shown = list->count < CANDIDATES_MAX ? list->count : CANDIDATES_MAX;
    tp_rc rc = TP_OK;
    *is_none_out = false;
    if (call->is_json) {
        rc = put_candidates(call, list, err);
    } else {
        rc = print_candidates(call, tp_ask_can(call) ? call->out : stderr, list, err);
    }
    if (rc == TP_OK && tp_ask_can(call)) {
        rc = tp_ask_number(call, question, shown, has_none ? 'n' : '\0', &number, &is_given, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    if (is_given) {
        *is_none_out = number == 0;
        *at_out = number == 0 ? 0 : number - 1;
        return TP_OK;
    }
    call->exit_code = TP_EXIT_CHOICE;
    return tp_fail(err, TP_EXISTS, "say which: type the name in [brackets] in place of the words%s",
                   has_none ? ", or --new if it is somebody else" : "");
}

/* ---- People by what they are called ---- */

/* Fits by more than sound. */
static bool is_strong(const tp_found *found)
{
    for (uint32_t i = 0; i < found->why_count; i++) {
        if (strncmp(found->why[i], "sounds", strlen("sounds")) != 0) {
            return true;
        }
    }
    return false;
}

/* Leaves each group of joined records once, and those that fit by sound alone only where no other
 * does. */
static void narrow(tp_found_list *list, tp_found *room)
{
    uint32_t kept = 0;
    bool has_strong = false;
    for (uint32_t i = 0; i < list->count; i++) {
        has_strong = has_strong || is_strong(&list->people[i]);
    }
    for (uint32_t i = 0; i < list->count && kept < CANDIDATES_MAX; i++) {
        const tp_found *found = &list->people[i];
        if (tp_name_is_none(found->same_as) && (!has_strong || is_strong(found))) {
            room[kept++] = *found;
        }
    }
    list->people = room;
    list->count = kept;
}

static tp_rc find_people(tp_call *call, tp_slice typed, tp_found_list *list, tp_err *err)
{
    const tp_node *node = tp_cli_node(call);
    tp_tx tx = TP_TX_NONE;
    tp_rc rc = tp_tx_begin(node->store, &tx, TP_TX_READ, err);
    if (rc == TP_OK) {
        rc = tp_find(node->view, &tx, typed, 2 * CANDIDATES_MAX, list, err);
    }
    tp_tx_rollback(&tx);
    return rc;
}

static tp_rc choose_called(tp_call *call, tp_slice typed, tp_name *person_out, tp_err *err)
{
    tp_found_list list;
    tp_found room[CANDIDATES_MAX];
    uint32_t at = 0;
    bool is_none = false;
    tp_rc rc = find_people(call, typed, &list, err);
    if (rc != TP_OK) {
        return rc;
    }
    narrow(&list, room);
    if (list.count == 0) {
        rc = tp_fail(err, TP_NOTFOUND,
                     "nobody here is known as that; `teapot find` takes parts and other spellings, "
                     "`teapot person` makes a record");
    } else if (list.count > 1 || !list.people[0].is_named) { /* Baz is not Bazza until asked */
        rc = tp_choose_among(call, &list, list.count > 1 ? "Which one? " : "Is it this one (1)? ",
                             false, &at, &is_none, err);
    }
    if (rc == TP_OK) {
        *person_out = list.people[at].person;
    }
    tp_found_list_done(&list);
    return rc;
}

/* ---- Records ---- */

/* NOTFOUND: it has not the form of a name, so it may be what somebody is called. */
static tp_rc read_name(tp_call *call, tp_slice typed, tp_record_ref *ref_out, bool *is_name_out,
                       tp_err *err)
{
    const tp_node *node = tp_cli_node(call);
    tp_tx tx = TP_TX_NONE;
    tp_name name;
    tp_rc rc = tp_tx_begin(node->store, &tx, TP_TX_READ, err);
    if (rc == TP_OK) {
        rc = tp_view_name_read(node->view, &tx, typed, &name, err);
        *is_name_out = rc != TP_INVALID;
    }
    if (rc == TP_EXISTS) {
        call->exit_code = TP_EXIT_CHOICE;
    }
    if (rc == TP_OK) {
        rc = tp_merge_find(node->merge, &tx, name, ref_out, err);
    }
    if (rc == TP_NOTFOUND) {
        rc = tp_fail(err, TP_NOTFOUND, "no such record is held here");
    }
    tp_tx_rollback(&tx);
    return rc;
}

/* "the contact", for a refusal. */
static const char *label_of(uint32_t entity)
{
    const tp_entity_row *row = tp_entity_of(entity);
    return row == NULL ? "record of a newer program" : row->label;
}

tp_rc tp_choose_record(tp_call *call, const char *typed, uint32_t entity, tp_record_ref *ref_out,
                       tp_err *err)
{
    tp_slice text = tp_utf8_trim(tp_slice_str(typed));
    bool is_name = false;
    tp_rc rc = read_name(call, text, ref_out, &is_name, err);
    if (rc == TP_INVALID && !is_name) {
        if (entity != 0 && entity != TP_PERSON) {
            return tp_fail(err, TP_INVALID,
                           "that is no record's name; they look like k7f2-12, and lists and "
                           "timelines print them");
        }
        *ref_out = (tp_record_ref){.entity = TP_PERSON};
        rc = choose_called(call, text, &ref_out->record, err);
        ref_out->person = ref_out->record;
        return rc;
    }
    if (rc == TP_OK && entity != 0 && ref_out->entity != entity) {
        rc = tp_fail(err, TP_INVALID, "that names something else: %s, not %s",
                     label_of(ref_out->entity), label_of(entity));
    }
    return rc;
}

tp_rc tp_choose_person(tp_call *call, const char *typed, tp_name *person_out, tp_err *err)
{
    tp_record_ref ref;
    tp_rc rc = tp_choose_record(call, typed, TP_PERSON, &ref, err);
    if (rc == TP_OK) {
        *person_out = ref.record;
    }
    return rc;
}
