/* Values and names in words. */
#include "node/cli/screen.h"

#include "node/view/name.h"
#include "platform/os/file.h"
#include "schema/code_list.h"
#include "schema/nhs_number.h"
#include "schema/partial_date.h"
#include "sync/log/directory.h"

#include <inttypes.h>
#include <stdlib.h>

tp_rc tp_screen_begin(tp_screen *s, tp_call *call, tp_err *err)
{
    const tp_node *node = tp_cli_node(call);
    tp_estimate now = {0};
    memset(s, 0, sizeof *s);
    s->view = node->view;
    s->log = node->log;
    const char *no_colour = getenv("NO_COLOR"); /* https://no-color.org */
    tp_page_init(&s->page, call->out,
                 call->is_terminal && (no_colour == NULL || no_colour[0] == '\0'));
    tp_rc rc = tp_tx_begin(node->store, &s->tx, TP_TX_READ, err);
    if (rc == TP_OK) {
        rc = tp_log_now(node->log, &s->tx, &now, NULL, err);
    }
    s->now_ms = now.ms;
    return rc;
}

tp_rc tp_screen_done(tp_screen *s, tp_rc rc, tp_err *err)
{
    tp_err page_err;
    tp_rc page_rc = tp_page_done(&s->page, &page_err);
    tp_tx_rollback(&s->tx);
    if (rc == TP_OK && s->rc != TP_OK) {
        *err = s->err;
        return s->rc;
    }
    if (rc == TP_OK && page_rc != TP_OK) {
        *err = page_err;
        return page_rc;
    }
    return rc;
}

/* ---- Names ---- */

void tp_screen_name(tp_screen *s, tp_name name)
{
    char text[TP_NAME_TEXT_BYTES];
    if (s->rc == TP_OK) {
        s->rc = tp_view_name_short(s->view, &s->tx, name, text, &s->err);
    }
    if (s->rc == TP_OK) {
        tp_page_add_str(&s->page, text);
    }
}

void tp_screen_agency(tp_screen *s, tp_slice agency)
{
    char id[TP_AGENCY_BYTES_MAX + 1];
    const char *label = id;
    if (agency.bytes == 0) {
        tp_page_add_str(&s->page, "an agency not known here yet");
        return;
    }
    if (agency.bytes > TP_AGENCY_BYTES_MAX) {
        tp_page_add(&s->page, agency);
        return;
    }
    memcpy(id, agency.at, agency.bytes);
    id[agency.bytes] = '\0';
    if (s->rc == TP_OK) {
        s->rc = tp_log_agency_label(s->log, &s->tx, id, &label, &s->err);
    }
    tp_page_add_str(&s->page, s->rc == TP_OK ? label : id);
}

void tp_screen_who(tp_screen *s, tp_slice worker, const char *agency)
{
    bool is_known = agency != NULL && agency[0] != '\0';
    if (worker.bytes > 0) {
        tp_page_add(&s->page, worker);
        tp_page_add_str(&s->page, is_known ? ", " : ", of an agency not known here yet");
    } else {
        tp_page_add_str(&s->page, is_known ? "a kiosk of " : "a kiosk");
    }
    if (is_known) {
        tp_screen_agency(s, tp_slice_str(agency));
    }
}

void tp_screen_person(tp_screen *s, const tp_shown *person)
{
    tp_page_add(&s->page, tp_shown_person_name(person));
    tp_slice born = tp_shown_text(person, TP_PERSON_BORN);
    if (born.bytes > 0) {
        tp_page_add_str(&s->page, ", born ");
        tp_page_add(&s->page, born);
    }
}

/* ---- Values ---- */

static void add_code(tp_screen *s, const tp_field_row *row, tp_slice code)
{
    const tp_code_list *list =
        row->list == NULL ? NULL : tp_code_list_named(tp_slice_str(row->list));
    tp_page_add(&s->page, list == NULL ? code : tp_code_label(list, code));
}

static void add_set(tp_screen *s, const tp_field_row *row, const tp_value *v)
{
    for (uint32_t i = 0; i < v->texts_count; i++) {
        tp_page_add_str(&s->page, i == 0 ? "" : ", ");
        if (tp_slice_is(v->texts[i], "*")) {
            tp_page_add_str(&s->page,
                            row->type == TP_TYPE_AGENCIES ? "all agencies" : "everything");
        } else if (row->type == TP_TYPE_AGENCIES) {
            tp_screen_agency(s, v->texts[i]);
        } else {
            add_code(s, row, v->texts[i]);
        }
    }
}

static void add_nhs_number(tp_screen *s, tp_slice digits)
{
    char number[TP_NHS_NUMBER_MAX];
    char text[TP_NHS_NUMBER_TEXT_MAX];
    if (digits.bytes != TP_NHS_NUMBER_DIGITS) {
        tp_page_add(&s->page, digits);
        return;
    }
    memcpy(number, digits.at, digits.bytes);
    number[digits.bytes] = '\0';
    tp_nhs_number_format(number, text);
    tp_page_add_str(&s->page, text);
}

/* "2026-07-12" as "Sun 12 Jul 2026". */
static void add_date(tp_screen *s, tp_slice text)
{
    tp_partial_date date;
    tp_err err;
    char day[TP_WHEN_DAY_MAX];
    if (tp_partial_date_parse(text, NULL, &date, &err) != TP_OK ||
        date.precision != TP_PRECISION_DAY) {
        tp_page_add(&s->page, text);
        return;
    }
    tp_day found = {date.year, date.month, date.day};
    tp_when_day(tp_london_day_start_ms(found), day);
    tp_page_add_str(&s->page, day);
}

static void add_names(tp_screen *s, const tp_value *v)
{
    for (uint32_t i = 0; i < v->names_count; i++) {
        tp_page_add_str(&s->page, i == 0 ? "" : ", ");
        tp_screen_name(s, v->names[i]);
    }
}

static void add_holder(tp_screen *s, const tp_value *v)
{
    if (v->texts_count > 1 && v->texts[1].bytes > 0) {
        tp_page_add(&s->page, v->texts[1]);
        tp_page_add_str(&s->page, ", ");
    }
    if (v->texts_count > 0) {
        tp_screen_agency(s, v->texts[0]);
    }
}

void tp_screen_value(tp_screen *s, const tp_field_row *row, const tp_value *v)
{
    char text[TP_LONDON_TEXT_MAX];
    switch (v->type) {
    case TP_TYPE_DATE:
        add_date(s, v->text);
        return;
    case TP_TYPE_TEXT:
    case TP_TYPE_PARTIAL_DATE:
    case TP_TYPE_PHONE:
    case TP_TYPE_GRID:
        tp_page_add(&s->page, v->text);
        return;
    case TP_TYPE_NHS_NUMBER:
        add_nhs_number(s, v->text);
        return;
    case TP_TYPE_AGENCY:
        tp_screen_agency(s, v->text);
        return;
    case TP_TYPE_CODE:
        add_code(s, row, v->text);
        return;
    case TP_TYPE_CODES:
    case TP_TYPE_AGENCIES:
        add_set(s, row, v);
        return;
    case TP_TYPE_BOOL:
        tp_page_add_str(&s->page, v->number != 0 ? "yes" : "no");
        return;
    case TP_TYPE_COUNT:
        tp_page_addf(&s->page, "%" PRId64, v->number);
        return;
    case TP_TYPE_INSTANT:
        tp_london_format(v->number, text);
        tp_page_add_str(&s->page, text);
        return;
    case TP_TYPE_HOLDER:
        add_holder(s, v);
        return;
    case TP_TYPE_RECORD:
    case TP_TYPE_RECORDS:
        add_names(s, v);
        return;
    }
}

/* *has_out: there is a value to show, not a cleared field. */
static void read_head(tp_screen *s, const tp_shown_field *field, const tp_shown_head *head,
                      tp_value *value, bool *has_out)
{
    *has_out = false;
    if (s->rc == TP_OK) {
        s->rc = tp_shown_value(field->row, head, value, has_out, &s->err);
    }
    *has_out = *has_out && s->rc == TP_OK;
}

void tp_screen_head(tp_screen *s, const tp_shown_field *field, const tp_shown_head *head)
{
    tp_value value;
    bool has_value = false;
    read_head(s, field, head, &value, &has_value);
    if (!has_value) {
        tp_page_add_str(&s->page, field->row == NULL ? "(for a newer version of this program)"
                                                     : "(not held any more)");
    } else if (value.is_null) {
        tp_page_add_str(&s->page, "(cleared)");
    } else {
        tp_screen_value(s, field->row, &value);
    }
}

bool tp_screen_is_given_back(const tp_shown_field *field)
{
    return field != NULL && field->row != NULL && field->row->type != TP_TYPE_HOLDER &&
           field->shown == NULL && field->heads_count == 0;
}

bool tp_screen_has_value(tp_screen *s, const tp_shown_field *field)
{
    tp_value value;
    bool has_value = false;
    if (field == NULL || field->row == NULL) {
        return false;
    }
    if (field->is_creator_holding || field->is_conflict) {
        return true;
    }
    if (field->shown != NULL) {
        read_head(s, field, field->shown, &value, &has_value);
    }
    return has_value && !value.is_null;
}

/* ---- Fields ---- */

static void add_head_with_author(tp_screen *s, const tp_shown_field *field,
                                 const tp_shown_head *head)
{
    char when[TP_WHEN_TEXT_MAX];
    tp_screen_head(s, field, head);
    tp_page_style(&s->page, TP_STYLE_QUIET);
    tp_page_add_str(&s->page, " (");
    tp_screen_who(s, head->worker, head->agency);
    tp_when_text(&head->at, when);
    tp_page_addf(&s->page, ", %s)", when);
    tp_page_style(&s->page, TP_STYLE_PLAIN);
}

/* An offer stands beside the holder, not against it. */
static bool is_to_settle(const tp_shown_field *field)
{
    uint32_t values = 0;
    for (uint32_t i = 0; i < field->heads_count; i++) {
        values += !field->heads[i].is_same && !field->heads[i].is_offer;
    }
    return field->is_conflict && values > 1;
}

/* Every value, side by side, and how to settle them. */
static void conflict(tp_screen *s, const tp_shown *of, const tp_shown_field *field,
                     const char *label, unsigned first, unsigned rest)
{
    tp_page_add_str(&s->page, label);
    tp_page_add_str(&s->page, ": ");
    tp_page_add_in(&s->page, TP_STYLE_WARN, "not settled");
    tp_page_end(&s->page, first, rest);
    for (uint32_t i = 0; i < field->heads_count; i++) {
        if (!field->heads[i].is_same && !field->heads[i].is_offer) {
            tp_page_add_str(&s->page, field->heads[i].is_shown ? "> " : "  ");
            add_head_with_author(s, field, &field->heads[i]);
            tp_page_end(&s->page, first + 2, rest + 4);
        }
    }
    tp_page_style(&s->page, TP_STYLE_QUIET);
    tp_page_add_str(&s->page, "settle: teapot settle ");
    tp_screen_name(s, of->name);
    tp_page_addf(&s->page, " %s --value \"...\"", field->row->name);
    tp_page_style(&s->page, TP_STYLE_PLAIN);
    tp_page_end(&s->page, first + 2, rest + 4);
}

/* Until the hub has said so, whoever held it before answers for it; said where that is somebody
 * else. */
static void add_unconfirmed(tp_screen *s, const tp_shown *of, const tp_shown_field *field)
{
    tp_value value;
    bool has_value = false;
    read_head(s, field, field->shown, &value, &has_value);
    bool is_own_agency =
        has_value && value.texts_count > 0 && tp_slice_eq(value.texts[0], tp_slice_str(of->agency));
    tp_page_add_str(&s->page, ", not confirmed by the hub yet");
    if (field->answerable != NULL) {
        tp_page_add_str(&s->page, "; until then ");
        tp_screen_head(s, field, field->answerable);
        tp_page_add_str(&s->page, " answers for it");
    } else if (!is_own_agency) {
        tp_page_add_str(&s->page, "; until then ");
        tp_screen_agency(s, tp_slice_str(of->agency));
        tp_page_add_str(&s->page, " answers for it");
    }
}

/* Who answers for it, whether the hub has said so, and who was asked besides. */
static void holder(tp_screen *s, const tp_shown *of, const tp_shown_field *field)
{
    if (field->is_creator_holding || field->shown == NULL) {
        tp_screen_agency(s, tp_slice_str(of->agency));
        tp_page_add_str(&s->page, " (nobody named)");
    } else {
        tp_screen_head(s, field, field->shown);
    }
    if (field->is_unconfirmed) {
        add_unconfirmed(s, of, field);
    }
    for (uint32_t i = 0; i < field->heads_count; i++) {
        if (field->heads[i].is_offer) {
            tp_page_add_str(&s->page, "; offered to ");
            tp_screen_head(s, field, &field->heads[i]);
        }
    }
}

void tp_screen_field(tp_screen *s, const tp_shown *of, const tp_shown_field *field,
                     const char *label, unsigned first, unsigned rest)
{
    bool is_given_back = tp_screen_is_given_back(field);
    if (!is_given_back && !tp_screen_has_value(s, field)) {
        return;
    }
    label = label != NULL ? label : field->row->label;
    if (is_given_back) {
        tp_page_addf(&s->page, "%s: given back, not held here any more", label);
        tp_page_end(&s->page, first, rest);
        return;
    }
    if (is_to_settle(field)) {
        conflict(s, of, field, label, first, rest);
        return;
    }
    tp_page_addf(&s->page, "%s: ", label);
    if (field->row->type == TP_TYPE_HOLDER) {
        holder(s, of, field);
    } else {
        tp_screen_head(s, field, field->shown);
    }
    tp_page_end(&s->page, first, rest);
}
