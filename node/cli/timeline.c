/* timeline: everything held about one person, their own words first (PH5). */
#include "node/cli/choose.h"
#include "node/cli/commands.h"
#include "node/cli/entry.h"
#include "node/view/list_document.h"

enum { ENTRY_INDENT = 9 }; /* below "  20:05  " */

const char tp_help_timeline[] = "In their own words, the safety note, who is there for them, their "
                                "consent; then what happened,\n"
                                "by day in Europe/London time.  NEW marks what came since this "
                                "worker last looked.  --json shows\n"
                                "the same and does not count as looking.\n\n"
                                "Example:\n  teapot timeline Baz\n";

static tp_rc put_timeline(tp_call *call, tp_screen *s, const tp_timeline *t,
                          const tp_consent_page *consent, tp_err *err)
{
    tp_json_print p;
    tp_json_print_begin(&p, call->out);
    tp_json_begin(&p, '{');
    tp_rc rc = tp_document_put_timeline(&p, s->view, &s->tx, t, consent, 0, t->entries_count, err);
    tp_json_end(&p, '}');
    tp_json_print_line(&p);
    return rc;
}

/* ---- The top of the page ---- */

/* What they said last, where nothing stands on the person's own record. */
static void add_last_words(tp_screen *s, const tp_timeline *t)
{
    char when[TP_WHEN_TEXT_MAX];
    const tp_shown *entry = NULL;
    const tp_slice words = tp_timeline_last_words(t, &entry);
    if (words.bytes > 0) {
        tp_when_text(&entry->happened, when);
        tp_page_add_str(&s->page, "\"");
        tp_page_add(&s->page, words);
        tp_page_addf(&s->page, "\" (%s)", when);
        tp_page_end(&s->page, 2, 2);
    }
}

/* A field of every record of the group that says something in it. */
static bool add_from_each(tp_screen *s, const tp_timeline *t, uint32_t code)
{
    bool is_any = false;
    for (uint32_t i = 0; i < t->persons_count; i++) {
        const tp_shown_field *field = tp_shown_field_of(t->persons[i], code);
        if (tp_screen_has_value(s, field)) {
            tp_screen_field(s, t->persons[i], field, NULL, 2, 4);
            is_any = true;
        } else if (tp_screen_is_given_back(field)) {
            tp_screen_field(s, t->persons[i], field, NULL, 2, 4);
        }
    }
    return is_any;
}

static void add_name_line(tp_screen *s, const tp_timeline *t)
{
    tp_page_style(&s->page, TP_STYLE_STRONG);
    if (t->person != NULL) {
        tp_screen_person(s, t->person);
    } else {
        tp_page_add_str(&s->page, "Somebody whose details are not held here");
    }
    tp_page_style(&s->page, TP_STYLE_PLAIN);
    for (uint32_t i = 0; i < t->entries_count; i++) {
        if (t->entries[i]->entity == TP_ALIAS) {
            tp_page_add_str(&s->page, ", also ");
            tp_page_add(&s->page, tp_shown_text(t->entries[i], TP_ALIAS_NAME));
        }
    }
    for (uint32_t i = 0; i < t->joined_count; i++) {
        tp_page_add_str(&s->page, i == 0 ? " [" : ", joined with [");
        tp_screen_name(s, t->joined[i]);
        tp_page_add_str(&s->page, "]");
    }
    tp_page_end(&s->page, 0, 2);
}

static void add_people_around(tp_screen *s, const tp_timeline *t)
{
    for (uint32_t i = 0; i < t->entries_count; i++) {
        const tp_shown *role = t->entries[i];
        if (role->entity != TP_ROLE) {
            continue;
        }
        for (uint32_t j = 0; j < role->fields_count; j++) {
            bool is_said = tp_screen_has_value(s, &role->fields[j]) &&
                           !role->fields[j].is_conflict && role->fields[j].code != TP_FIELD_INFO;
            if (is_said) {
                tp_page_add_str(&s->page, tp_page_is_empty(&s->page) ? "" : ", ");
                tp_screen_head(s, &role->fields[j], role->fields[j].shown);
            }
        }
        tp_page_end(&s->page, 2, 4);
    }
}

/* The rest of the person's fields, but for those shown above and in the name line. */
static void add_details(tp_screen *s, const tp_timeline *t)
{
    static const uint32_t above[] = {TP_PERSON_OWN_WORDS, TP_PERSON_SAFETY_NOTE, TP_PERSON_RISK};
    for (uint32_t i = 0; i < t->persons_count; i++) {
        const tp_shown *person = t->persons[i];
        if (t->persons_count > 1) {
            tp_page_add_str(&s->page, "On record [");
            tp_screen_name(s, person->name);
            tp_page_add_str(&s->page, "], ");
            tp_screen_agency(s, tp_slice_str(person->agency));
            tp_page_add_str(&s->page, ": ");
            tp_screen_person(s, person);
            tp_page_end(&s->page, 2, 4);
        }
        for (uint32_t j = 0; j < person->fields_count; j++) {
            const tp_shown_field *field = &person->fields[j];
            bool is_above = false;
            for (size_t k = 0; k < sizeof above / sizeof above[0]; k++) {
                is_above = is_above || above[k] == field->code;
            }
            bool is_in_name = !field->is_conflict && (field->code == TP_PERSON_PREFERRED_NAME ||
                                                      field->code == TP_PERSON_BORN);
            if (!is_above && !is_in_name) {
                tp_screen_field(s, person, field, NULL, 2, 4);
            }
        }
    }
}

/* What is not held any more, so that nobody reads its absence as an answer. */
static bool add_given_back(tp_screen *s, const tp_timeline *t)
{
    bool is_any = false;
    for (uint32_t i = 0; i < t->persons_count; i++) {
        char when[TP_LONDON_TEXT_MAX];
        if (t->persons[i]->is_bare && t->persons[i]->erased_ms != 0) {
            tp_london_format(t->persons[i]->erased_ms, when);
            tp_page_addf(&s->page,
                         "Details erased on %s, here and everywhere else. If you meet the person "
                         "again, begin anew.",
                         when);
            tp_page_end(&s->page, 2, 4);
            is_any = true;
        } else if (t->persons[i]->is_bare && t->persons[i]->given_back_ms != 0) {
            tp_london_format(t->persons[i]->given_back_ms, when);
            tp_page_addf(&s->page,
                         "Details given back on %s: your agency may not hold them now. Ask the "
                         "person again if you meet them.",
                         when);
            tp_page_end(&s->page, 2, 4);
            is_any = true;
        }
    }
    return is_any;
}

static void show_top(tp_screen *s, const tp_timeline *t, const tp_consent_page *consent)
{
    add_name_line(s, t);
    bool is_given_back = add_given_back(s, t);
    if (!add_from_each(s, t, TP_PERSON_OWN_WORDS)) {
        add_last_words(s, t);
    }
    (void)add_from_each(s, t, TP_PERSON_SAFETY_NOTE);
    (void)add_from_each(s, t, TP_PERSON_RISK);
    add_people_around(s, t);
    if (!is_given_back || consent->events_count > 0) {
        tp_page_add_str(&s->page, "Consent: ");
        tp_page_add(&s->page, consent->summary);
        tp_page_end(&s->page, 2, 4);
    }
    add_details(s, t);
}

/* ---- Entries ---- */

/* Where it was written, if that is another of the joined records than the one asked for. */
static void add_origin(tp_screen *s, const tp_timeline *t, const tp_shown *entry)
{
    if (t->joined_count > 1 && !tp_name_is_none(entry->person)) {
        tp_page_add_str(&s->page, ", on record [");
        tp_screen_name(s, entry->person);
        tp_page_add_str(&s->page, "]");
    }
}

static void show_entry(tp_screen *s, const tp_timeline *t, const tp_shown *entry)
{
    char when[TP_WHEN_TEXT_MAX];
    tp_when_text_below_day(&entry->happened, when);
    tp_page_addf(&s->page, "%-5s  ", when);
    if (entry->is_new) {
        tp_page_add_in(&s->page, TP_STYLE_WARN, "NEW");
        tp_page_add_str(&s->page, " ");
    }
    tp_entry_add_headline(s, entry);
    tp_page_end(&s->page, 2, ENTRY_INDENT);
    tp_entry_body(s, entry, ENTRY_INDENT);
    tp_page_style(&s->page, TP_STYLE_QUIET);
    tp_entry_add_author(s, entry);
    add_origin(s, t, entry);
    tp_page_style(&s->page, TP_STYLE_PLAIN);
    tp_page_end(&s->page, ENTRY_INDENT, ENTRY_INDENT);
}

/* Aliases and roles stand at the top. */
static bool is_entry(const tp_shown *shown)
{
    return shown->entity != TP_ALIAS && shown->entity != TP_ROLE;
}

/* ", 2 new", and of what stands above the entries, such as the person's own words, ", 1 new at the
 * top". */
static void add_of_them(tp_screen *s, uint32_t of_entries, uint32_t of_all, const char *what)
{
    if (of_entries > 0) {
        tp_page_addf(&s->page, ", %u %s", of_entries, what);
    }
    if (of_all > of_entries) {
        tp_page_addf(&s->page, "%s%u %s at the top", of_entries > 0 ? " and " : ", ",
                     of_all - of_entries, of_entries > 0 ? "more" : what);
    }
}

static void show_entries(tp_screen *s, const tp_timeline *t)
{
    char day[TP_WHEN_DAY_MAX];
    char last_day[TP_WHEN_DAY_MAX] = "";
    uint32_t shown_count = 0;
    uint32_t new_count = 0;
    uint32_t unsent_count = 0;
    for (uint32_t i = 0; i < t->entries_count; i++) {
        if (!is_entry(t->entries[i])) {
            continue;
        }
        tp_when_day(t->entries[i]->happened.ms, day);
        if (strcmp(day, last_day) != 0) {
            tp_page_gap(&s->page);
            tp_page_add_in(&s->page, TP_STYLE_STRONG, day);
            tp_page_end(&s->page, 0, 0);
            memcpy(last_day, day, sizeof day);
        }
        show_entry(s, t, t->entries[i]);
        shown_count++;
        new_count += t->entries[i]->is_new;
        unsent_count += t->entries[i]->is_unsent;
    }
    tp_page_gap(&s->page);
    tp_page_addf(&s->page, "%u %s", shown_count, shown_count == 1 ? "entry" : "entries");
    add_of_them(s, new_count, t->new_count, "new");
    add_of_them(s, unsent_count, t->unsent_count, "not sent yet");
    if (t->hidden_count > 0) {
        tp_page_addf(&s->page, ", %u taken back and not shown", t->hidden_count);
    }
    if (t->given_back_count > 0) {
        tp_page_addf(&s->page, ", %u given back", t->given_back_count);
    }
    if (t->erased_count > 0) {
        tp_page_addf(&s->page, ", %u erased", t->erased_count);
    }
    tp_page_end(&s->page, 0, 0);
}

/* ---- The command ---- */

static tp_rc read_and_show(tp_call *call, tp_screen *s, tp_name person, tp_err *err)
{
    const tp_consent_ask everything = {0};
    tp_timeline t;
    tp_consent_page consent;
    tp_rc rc = tp_timeline_read(s->view, &s->tx, person, tp_slice_str(call->worker), &t, err);
    if (rc != TP_OK) {
        return rc;
    }
    rc = tp_consent_read(s->view, &s->tx, person, &everything, &consent, err);
    if (rc == TP_OK && call->is_json) {
        rc = put_timeline(call, s, &t, &consent, err);
    } else if (rc == TP_OK) {
        show_top(s, &t, &consent);
        show_entries(s, &t);
    }
    if (rc == TP_OK) {
        tp_consent_page_done(&consent);
    }
    tp_timeline_done(&t);
    return rc;
}

/* What could not be noted, because the disk is full or another process writes, shows as new once
 * more. */
static void note_looked(tp_call *call, tp_name person)
{
    const tp_node *node = tp_cli_node(call);
    tp_tx tx = TP_TX_NONE;
    tp_err err;
    tp_rc rc = tp_tx_begin(node->store, &tx, TP_TX_WRITE, &err);
    if (rc == TP_OK) {
        rc = tp_timeline_looked(node->view, &tx, person, tp_slice_str(call->worker), &err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_commit(&tx, &err);
    }
    tp_tx_rollback(&tx);
    (void)rc;
}

tp_rc tp_command_timeline(tp_call *call, tp_err *err)
{
    const tp_option options[] = {{NULL, NULL, false}};
    tp_name person;
    tp_screen s;
    tp_rc rc = tp_args_take(call, options, 1, 1, err);
    if (rc == TP_OK) {
        rc = tp_choose_person(call, call->argv[0], &person, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    rc = tp_screen_begin(&s, call, err);
    if (rc == TP_OK) {
        rc = read_and_show(call, &s, person, err);
    }
    rc = tp_screen_done(&s, rc, err);
    if (rc == TP_OK && !call->is_json && call->worker != NULL) {
        fflush(call->out);
        note_looked(call, person);
    }
    return rc;
}
