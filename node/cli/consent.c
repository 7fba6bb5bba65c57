/* consent, wording: what a person has agreed to, and the words they were asked with (WA7). */
#include "node/cli/choose.h"
#include "node/cli/commands.h"
#include "node/view/document.h"
#include "node/cli/form.h"
#include "node/cli/screen.h"
#include "schema/code_list.h"
#include "schema/london_time.h"
#include "schema/wording.h"

#include <stdlib.h>

const char tp_help_consent[] =
    "With a person alone: what they have agreed to, as far as is known here, for every agency,\n"
    "kind and purpose, and what decided it.  With give, refuse or withdraw: records what they "
    "said.  It is written in sight "
    "of\n"
    "everything held about their consent; nothing is consent by default.\n\n"
    "  give       names --agencies, --kinds, --purposes, --how and --capacity\n"
    "  refuse, withdraw\n"
    "             cover everything but what these options narrow it to; spoken, with capacity\n"
    "             believed, unless you say otherwise\n"
    "  --wording ID:VERSION\n"
    "             what they were shown or told: `teapot wording` lists them\n"
    "  --agency, --kind, --purpose (reading)\n"
    "             show only that\n\n"
    "Examples:\n"
    "  teapot consent Baz give --agencies street-outreach,friary --kinds housing,physical_health "
    "\\\n"
    "    --purposes support --how spoken --wording short-spoken:2 --capacity believed_to_have\n"
    "  teapot consent Baz withdraw\n"
    "  teapot consent Baz\n";

/* ---- Recording ---- */

/* The schema's word for what was typed; NULL: it is none. */
static const char *decision_of(const char *typed)
{
    static const char *const words[][2] = {{"give", "given"},         {"given", "given"},
                                           {"refuse", "refused"},     {"refused", "refused"},
                                           {"withdraw", "withdrawn"}, {"withdrawn", "withdrawn"}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(typed, words[i][0]) == 0) {
            return words[i][1];
        }
    }
    return NULL;
}

/* "short-spoken:2", or an id whose newest version is meant. */
static tp_rc set_wording(tp_form *form, const char *typed, tp_err *err)
{
    char version[16];
    if (typed == NULL) {
        return TP_OK;
    }
    const char *colon = strchr(typed, ':');
    tp_slice id = colon == NULL ? tp_slice_str(typed) : tp_slice_of(typed, (size_t)(colon - typed));
    const tp_wording *newest = tp_wording_newest(id);
    if (colon == NULL && newest == NULL) {
        return tp_fail(err, TP_INVALID,
                       "wording: there is none of that name here; `teapot wording` lists them, "
                       "another agency's is ID:VERSION");
    }
    snprintf(version, sizeof version, "%u", newest == NULL ? 0 : newest->version);
    tp_rc rc = tp_wording_check(id, err);
    if (rc == TP_OK) {
        rc = tp_form_set(form, "wording", id, err);
    }
    if (rc == TP_OK) {
        rc = tp_form_set(form, "wording_version", tp_slice_str(colon == NULL ? version : colon + 1),
                         err);
    }
    return rc;
}

/* Saying no is as easy as it can be: it covers everything, unless it was narrowed. */
static tp_rc set_defaults_of_no(tp_form *form, tp_err *err)
{
    static const char *const defaults[][2] = {{"agencies", "*"},
                                              {"kinds", "*"},
                                              {"purposes", "*"},
                                              {"how", "spoken"},
                                              {"capacity", "believed_to_have"}};
    tp_rc rc = TP_OK;
    for (size_t i = 0; rc == TP_OK && i < sizeof defaults / sizeof defaults[0]; i++) {
        rc = tp_form_set(form, defaults[i][0], tp_slice_str(defaults[i][1]), err);
    }
    return rc;
}

static tp_rc record(tp_form *form, const char *wording, const char *decision, tp_err *err)
{
    tp_name person;
    tp_rc rc = tp_choose_person(form->call, form->call->argv[0], &person, err);
    if (rc == TP_OK) {
        rc = tp_write_set_name(&form->write, "person", person, err);
    }
    if (rc == TP_OK) {
        rc = tp_form_set(form, "decision", tp_slice_str(decision), err);
    }
    if (rc == TP_OK) {
        rc = set_wording(form, wording, err);
    }
    if (rc == TP_OK && strcmp(decision, "given") != 0) {
        rc = set_defaults_of_no(form, err);
    }
    if (rc == TP_OK) {
        rc = tp_form_fill(form, err);
    }
    return rc == TP_OK ? tp_form_run(form, err) : rc;
}

static tp_rc record_consent(tp_call *call, const char *decision, tp_err *err)
{
    const char *wording = NULL;
    tp_form form;
    tp_form_init(&form, call, TP_WRITE_CREATE, TP_CONSENT, NULL);
    /* Before the rows of the schema: "short-spoken:2" is two fields. */
    for (uint32_t i = 0; i < form.options_count; i++) {
        if (strcmp(form.options[i].name, "wording") == 0) {
            form.options[i].value = &wording;
        }
    }
    tp_rc rc = tp_form_take(&form, 2, 2, err);
    if (rc == TP_OK) {
        rc = record(&form, wording, decision, err);
    }
    return tp_form_end(&form, rc);
}

/* ---- Reading ---- */

static tp_rc read_ask(const char *agency, const char *kind, const char *purpose,
                      tp_consent_ask *ask, tp_err *err)
{
    memset(ask, 0, sizeof *ask);
    ask->agency = tp_slice_str(agency);
    ask->has_kind = kind != NULL;
    ask->has_purpose = purpose != NULL;
    tp_slice code = tp_slice_str("");
    tp_rc rc = TP_OK;
    if (kind != NULL) {
        rc = tp_code_check(tp_code_list_named(tp_slice_str("kind")), false, tp_slice_str(kind),
                           &code, err);
        ask->kind = tp_kind_of(code);
    }
    if (rc == TP_OK && purpose != NULL) {
        rc = tp_code_check(tp_code_list_named(tp_slice_str("purpose")), false,
                           tp_slice_str(purpose), &code, err);
        ask->purpose = tp_purpose_of(code);
    }
    return rc;
}

/* One line for each (agency, decision, purpose, event), its kinds together: rows come in the order
 * agency, kind, purpose. */
static bool is_one_line(const tp_consent_row *a, const tp_consent_row *b)
{
    return a->purpose == b->purpose && a->decision == b->decision && tp_name_eq(a->by, b->by);
}

static bool is_one_agency(const tp_consent_row *a, const tp_consent_row *b)
{
    return strcmp(a->agency, b->agency) == 0;
}

static bool was_said(const tp_consent_page *page, uint32_t at)
{
    const tp_consent_row *row = &page->rows[at];
    for (uint32_t i = at; i > 0 && is_one_agency(&page->rows[i - 1], row); i--) {
        if (is_one_line(&page->rows[i - 1], row)) {
            return true;
        }
    }
    return false;
}

static tp_slice label(const char *list, const char *code)
{
    return tp_code_label(tp_code_list_named(tp_slice_str(list)), tp_slice_str(code));
}

static const char *decision_words(tp_decision decision)
{
    switch (decision) {
    case TP_DECISION_GIVEN:
        return "agreed";
    case TP_DECISION_REFUSED:
        return "refused";
    case TP_DECISION_WITHDRAWN:
    case TP_DECISION_UNKNOWN:
        return "withdrawn";
    case TP_DECISION_NONE:
        return "not asked, or ended";
    }
    return "";
}

static void add_row(tp_screen *s, const tp_consent_page *page, uint32_t at)
{
    const tp_consent_row *row = &page->rows[at];
    const char *before = "";
    tp_page_style(&s->page, TP_STYLE_STRONG);
    tp_screen_agency(s, tp_slice_str(row->agency));
    tp_page_style(&s->page, TP_STYLE_PLAIN);
    tp_page_addf(&s->page, ": %s: ", decision_words(row->decision));
    for (uint32_t i = at; i < page->rows_count && is_one_agency(&page->rows[i], row); i++) {
        if (is_one_line(&page->rows[i], row)) {
            tp_page_add_str(&s->page, before);
            tp_page_add(&s->page, label("kind", tp_kind_name(page->rows[i].kind)));
            before = ", ";
        }
    }
    tp_page_add_str(&s->page, "; for ");
    tp_page_add(&s->page, label("purpose", tp_purpose_name(row->purpose)));
    if (row->ends_on.bytes > 0) {
        tp_page_add_str(&s->page, "; until ");
        tp_page_add(&s->page, row->ends_on);
    }
    if (!tp_name_is_none(row->by)) {
        tp_page_add_str(&s->page, " [");
        tp_screen_name(s, row->by);
        tp_page_add_str(&s->page, "]");
    }
    tp_page_end(&s->page, 0, 2);
}

static void show_page(tp_screen *s, const tp_consent_page *page, bool with_none)
{
    if (page->given_back_ms != 0) {
        char when[TP_LONDON_TEXT_MAX];
        tp_london_format(page->given_back_ms, when);
        tp_page_addf(&s->page, "Details %s on %s. ", page->is_erased ? "erased" : "given back",
                     when);
    }
    tp_page_add(&s->page, page->summary);
    tp_page_end(&s->page, 0, 2);
    for (uint32_t i = 0; i < page->rows_count; i++) {
        bool is_some = page->rows[i].decision != TP_DECISION_NONE;
        if ((is_some || with_none) && !was_said(page, i)) {
            add_row(s, page, i);
        }
    }
}

static tp_rc show_consent(tp_call *call, tp_err *err)
{
    const char *agency = NULL;
    const char *kind = NULL;
    const char *purpose = NULL;
    const tp_option options[] = {{"agency", &agency, false},
                                 {"kind", &kind, false},
                                 {"purpose", &purpose, false},
                                 {NULL, NULL, false}};
    tp_consent_ask ask;
    tp_consent_page page;
    tp_screen s;
    tp_name person;
    tp_rc rc = tp_args_take(call, options, 1, 1, err);
    if (rc == TP_OK) {
        rc = read_ask(agency, kind, purpose, &ask, err);
    }
    if (rc == TP_OK) {
        rc = tp_choose_person(call, call->argv[0], &person, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    rc = tp_screen_begin(&s, call, err);
    if (rc == TP_OK) {
        rc = tp_consent_read(s.view, &s.tx, person, &ask, &page, err);
    }
    if (rc == TP_OK && call->is_json) {
        tp_json_print p;
        tp_json_print_begin(&p, call->out);
        tp_json_begin(&p, '{');
        if (page.given_back_ms != 0) {
            tp_json_put_instant(&p, page.is_erased ? "erased_on" : "given_back_on",
                                page.given_back_ms);
        }
        tp_json_key(&p, "in_force");
        tp_document_consent(&p, &page, true);
        tp_json_end(&p, '}');
        tp_json_print_line(&p);
    } else if (rc == TP_OK) {
        show_page(&s, &page, agency != NULL || kind != NULL || purpose != NULL);
    }
    if (rc == TP_OK) {
        tp_consent_page_done(&page);
    }
    return tp_screen_done(&s, rc, err);
}

tp_rc tp_command_consent(tp_call *call, tp_err *err)
{
    /* The decision is the second word; options may stand before it. */
    const char *decision = NULL;
    int words = 0;
    for (int i = 0; i < call->argc && words < 2 && call->argv[i][0] != '-'; i++, words++) {
        decision = words == 1 ? decision_of(call->argv[i]) : NULL;
    }
    if (words == 2 && decision == NULL) {
        return tp_call_usage(call, "give, refuse or withdraw?", err);
    }
    return decision != NULL ? record_consent(call, decision, err) : show_consent(call, err);
}

/* ---- wording ---- */

const char tp_help_wording[] =
    "Without ID: the wordings that are held.  With it: the text, to read out.\n\n"
    "Example:\n  teapot wording short-spoken\n";

static tp_rc list_wordings(const tp_call *call, tp_page *page, tp_err *err)
{
    json_t *list = call->is_json ? json_array() : NULL;
    for (const tp_wording *w = tp_wordings; w->id != NULL; w++) {
        if (call->is_json) {
            json_array_append_new(list, json_pack("{s:s,s:i,s:s,s:s}", "id", w->id, "version",
                                                  (int)w->version, "language", w->language, "title",
                                                  w->title));
        } else {
            tp_page_addf(page, "%s:%u  %s", w->id, w->version, w->title);
            tp_page_end(page, 0, 4);
        }
    }
    return call->is_json ? tp_cli_print_json(call, list, err) : TP_OK;
}

static const tp_wording *find_wording(const char *typed)
{
    const char *colon = strchr(typed, ':');
    if (colon == NULL) {
        return tp_wording_newest(tp_slice_str(typed));
    }
    return tp_wording_find(tp_slice_of(typed, (size_t)(colon - typed)),
                           strtoul(colon + 1, NULL, 10));
}

tp_rc tp_command_wording(tp_call *call, tp_err *err)
{
    const tp_option options[] = {{NULL, NULL, false}};
    tp_page page;
    tp_rc rc = tp_args_take(call, options, 0, 1, err);
    if (rc != TP_OK) {
        return rc;
    }
    const tp_wording *w = call->argc == 0 ? NULL : find_wording(call->argv[0]);
    if (call->argc == 1 && w == NULL) {
        return tp_fail(err, TP_NOTFOUND, "no such wording is held; `teapot wording` lists them");
    }
    tp_page_init(&page, call->out, false);
    if (w == NULL) {
        rc = list_wordings(call, &page, err);
    } else if (call->is_json) {
        rc = tp_cli_print_json(call,
                               json_pack("{s:s,s:i,s:s,s:s,s:s}", "id", w->id, "version",
                                         (int)w->version, "language", w->language, "title",
                                         w->title, "text", w->text),
                               err);
    } else {
        tp_page_add_str(&page, w->text);
        tp_page_end(&page, 0, 0);
    }
    tp_rc page_rc = tp_page_done(&page, err);
    return rc == TP_OK ? page_rc : rc;
}
