/* What one record has to review. */
#include "node/view/review_items.h"

#include "node/view/consent_book.h"
#include "schema/london_time.h"
#include "schema/partial_date.h"
#include "sync/access/kinds.h"
#include "sync/log/directory.h"
#include "sync/log/fork.h"

static tp_rc review_fields(tp_reviewing *r, const tp_shown *shown, tp_err *err);
static tp_rc review_retraction(tp_reviewing *r, const tp_shown *shown, tp_err *err);
static tp_rc review_kinds(tp_reviewing *r, const tp_loaded *loaded, const tp_shown *shown,
                          tp_err *err);
static tp_rc review_gateway(tp_reviewing *r, const tp_shown *shown, tp_err *err);
static tp_rc review_consent(tp_reviewing *r, const tp_loaded *loaded, const tp_shown *shown,
                            tp_err *err);

tp_rc tp_review_record(tp_reviewing *r, const tp_loaded *loaded, tp_err *err)
{
    tp_shown *shown = NULL;
    tp_rc rc = tp_shown_make(r->view, r->tx, loaded, r->arena, &shown, err);
    if (rc != TP_OK || shown->is_bare || shown->is_hidden) {
        return rc;
    }
    if (shown->entity == TP_CONSENT) {
        return review_consent(r, loaded, shown, err);
    }
    if (shown->entity == TP_LEGAL_GATEWAY) {
        return review_gateway(r, shown, err);
    }
    rc = review_fields(r, shown, err);
    if (rc == TP_OK) {
        rc = review_retraction(r, shown, err);
    }
    return rc == TP_OK ? review_kinds(r, loaded, shown, err) : rc;
}

static tp_review_item item_of(const tp_shown *shown, tp_review_kind kind)
{
    return (tp_review_item){.kind = kind,
                            .record = shown->name,
                            .entity = shown->entity,
                            .person = shown->entity == TP_PERSON ? shown->name : shown->person,
                            .of = shown,
                            .at = shown->written};
}

static tp_review_item field_item(const tp_shown *shown, const tp_shown_field *field,
                                 tp_review_kind kind)
{
    tp_review_item item = item_of(shown, kind);
    item.field = field->row;
    item.state = field;
    item.shown = field->shown;
    return item;
}

static tp_rc keep_heads(tp_reviewing *r, tp_review_item *item, const tp_shown_head *heads,
                        uint32_t count, tp_err *err)
{
    void *at = NULL;
    tp_rc rc = tp_arena_take(r->arena, count * sizeof(tp_shown_head *), &at, err);
    const tp_shown_head **kept = at;
    for (uint32_t i = 0; rc == TP_OK && i < count; i++) {
        kept[i] = &heads[i];
        if (heads[i].at.ms > item->at.ms) {
            item->at = heads[i].at;
        }
    }
    item->kept = kept;
    item->kept_count = count;
    return rc;
}

/* ---- Values that stand against each other ---- */

static tp_rc add_conflict(tp_reviewing *r, const tp_shown *shown, const tp_shown_field *field,
                          tp_err *err)
{
    tp_review_item item = field_item(shown, field, TP_REVIEW_CONFLICT);
    for (uint32_t i = 0; i < field->heads_count; i++) {
        item.is_mine |= field->heads[i].is_told && field->heads[i].is_own;
    }
    tp_rc rc = keep_heads(r, &item, field->heads, field->heads_count, err);
    if (rc == TP_OK) {
        rc = tp_review_say(r, &item, err, "%s: different values wait for somebody to settle.",
                           field->row == NULL ? "A field" : field->row->label);
    }
    return rc == TP_OK ? tp_review_add(r, &item, (tp_name){0, 0}, err) : rc;
}

static tp_rc add_lost(tp_reviewing *r, const tp_shown *shown, const tp_shown_field *field,
                      const tp_shown_head *head, tp_err *err)
{
    tp_review_item item = field_item(shown, field, TP_REVIEW_LOST_VALUE);
    item.is_mine = true;
    item.can_dismiss = true;
    tp_rc rc = keep_heads(r, &item, head, 1, err);
    if (rc == TP_OK) {
        rc = tp_review_say(r, &item, err,
                           "%s: what was written here is not what is shown. Bring it back, or "
                           "dismiss this.",
                           field->row == NULL ? "A field" : field->row->label);
    }
    return rc == TP_OK ? tp_review_add(r, &item, head->name, err) : rc;
}

static tp_rc names_own_agency(const tp_reviewing *r, const tp_shown_field *field,
                              const tp_shown_head *head, bool *is_here_out, tp_err *err);

static tp_rc add_offer(tp_reviewing *r, const tp_shown *shown, const tp_shown_field *field,
                       const tp_shown_head *head, const char *text, tp_err *err)
{
    tp_review_item item = field_item(shown, field, TP_REVIEW_OFFER);
    item.is_mine = true;
    item.can_dismiss = true;
    tp_rc rc = keep_heads(r, &item, head, 1, err);
    if (rc == TP_OK && head->is_offer) {
        rc = names_own_agency(r, field, head, &item.can_accept, err);
    }
    if (rc == TP_OK) {
        rc = tp_review_say(r, &item, err, "%s", text);
    }
    return rc == TP_OK ? tp_review_add(r, &item, head->name, err) : rc;
}

static tp_rc names_own_agency(const tp_reviewing *r, const tp_shown_field *field,
                              const tp_shown_head *head, bool *is_here_out, tp_err *err)
{
    tp_value value;
    bool has_value = false;
    tp_rc rc = tp_shown_value(field->row, head, &value, &has_value, err);
    *is_here_out = rc == TP_OK && has_value && !value.is_null &&
                   tp_slice_is(value.texts[0], tp_log_agency(r->view->log));
    return rc;
}

/* Offers to this agency, offers of this device somebody passed over, and what came back. */
static tp_rc review_holder(tp_reviewing *r, const tp_shown *shown, const tp_shown_field *field,
                           tp_err *err)
{
    const bool is_ours = strcmp(shown->agency, tp_log_agency(r->view->log)) == 0;
    bool is_held_here = false;
    tp_rc rc = field->is_creator_holding || field->shown == NULL
                   ? TP_OK
                   : names_own_agency(r, field, field->shown, &is_held_here, err);
    for (uint32_t i = 0; rc == TP_OK && i < field->heads_count; i++) {
        const tp_shown_head *head = &field->heads[i];
        bool is_here = false;
        if (!head->is_offer) {
            if (field->is_creator_holding && is_ours) {
                rc = add_offer(r, shown, field, head,
                               "It is back with your agency: whoever held it may no longer hold "
                               "it.",
                               err);
            }
            continue;
        }
        rc = names_own_agency(r, field, head, &is_here, err);
        if (rc == TP_OK && is_here && is_held_here) {
            continue; /* accepted already: its writer is told, who had not seen that */
        }
        if (rc == TP_OK && is_here) {
            rc = add_offer(r, shown, field, head,
                           "It is offered to your agency: accept it, or tell who offered it.", err);
        } else if (rc == TP_OK && head->is_own && head->is_told) {
            rc = add_offer(r, shown, field, head,
                           "Your offer was passed over: somebody took it on without having seen "
                           "it.",
                           err);
        }
    }
    return rc;
}

static bool is_holder(const tp_shown_field *field)
{
    return field->row != NULL && field->row->rule == TP_RULE_HOLDER;
}

/* An offer stands beside the holder, not against it. */
static bool waits_for_settling(const tp_shown_field *field)
{
    uint32_t values = 0;
    for (uint32_t i = 0; i < field->heads_count; i++) {
        values += !field->heads[i].is_same && !field->heads[i].is_offer;
    }
    return field->is_conflict && values > 1;
}

static tp_rc review_field(tp_reviewing *r, const tp_shown *shown, const tp_shown_field *field,
                          tp_err *err)
{
    tp_rc rc = TP_OK;
    if (is_holder(field)) {
        rc = review_holder(r, shown, field, err);
    }
    if (rc == TP_OK && waits_for_settling(field)) {
        return add_conflict(r, shown, field, err);
    }
    for (uint32_t i = 0; rc == TP_OK && i < field->heads_count; i++) {
        const tp_shown_head *head = &field->heads[i];
        if (head->is_told && head->is_own && !head->is_shown && !head->is_offer &&
            !field->is_creator_holding) {
            rc = add_lost(r, shown, field, head, err);
        }
    }
    return rc;
}

static tp_rc review_fields(tp_reviewing *r, const tp_shown *shown, tp_err *err)
{
    tp_rc rc = TP_OK;
    for (uint32_t i = 0; rc == TP_OK && i < shown->fields_count; i++) {
        rc = review_field(r, shown, &shown->fields[i], err);
    }
    return rc;
}

/* ---- Taken back, and brought back ---- */

static tp_rc review_retraction(tp_reviewing *r, const tp_shown *shown, tp_err *err)
{
    if (!shown->is_brought_back || shown->retraction == NULL) {
        return TP_OK;
    }
    tp_review_item item = item_of(shown, TP_REVIEW_RETRACTION);
    item.field = tp_field_of(shown->entity, TP_FIELD_RETRACTED);
    item.is_mine = shown->retraction->is_own;
    item.can_dismiss = true;
    tp_rc rc = keep_heads(r, &item, shown->retraction, 1, err);
    if (rc == TP_OK) {
        rc = tp_review_say(r, &item, err,
                           "It was taken back, and somebody who had not seen that went on with it: "
                           "it is shown again.");
    }
    return rc == TP_OK ? tp_review_add(r, &item, shown->retraction->name, err) : rc;
}

/* ---- Kinds somebody else tried to take away ---- */

static tp_rc review_kinds(tp_reviewing *r, const tp_loaded *loaded, const tp_shown *shown,
                          tp_err *err)
{
    const tp_kinds kinds = tp_kinds_of_record(&loaded->record);
    if (!kinds.has_attempt) {
        return TP_OK;
    }
    const tp_record_change *by = &loaded->record.changes[kinds.attempt];
    const char *agency = "";
    tp_review_item item = item_of(shown, TP_REVIEW_KINDS);
    item.field = tp_field_of(shown->entity, TP_FIELD_INFO);
    item.state = tp_shown_field_of(shown, TP_FIELD_INFO);
    item.shown = item.state == NULL ? NULL : item.state->shown;
    item.by = by->change->name;
    item.at = loaded->changes[kinds.attempt].time;
    item.is_mine = strcmp(shown->agency, tp_log_agency(r->view->log)) == 0 ||
                   loaded->changes[kinds.attempt].is_own;
    item.can_dismiss = true;
    tp_rc rc = tp_log_agency_of(r->view->log, r->tx, item.by.device, &agency, err);
    if (rc == TP_OK) {
        rc = tp_review_say(r, &item, err,
                           "%s tried to take kinds of information away. They stay until %s, who "
                           "wrote it, takes them away.",
                           agency, shown->agency);
    }
    return rc == TP_OK ? tp_review_add(r, &item, item.by, err) : rc;
}

/* ---- Gateways in force ---- */

static tp_rc review_gateway(tp_reviewing *r, const tp_shown *shown, tp_err *err)
{
    tp_partial_date date;
    tp_err other;
    const tp_slice ends_on = tp_shown_text(shown, TP_GATEWAY_ENDS_ON);
    if (tp_partial_date_parse(ends_on, NULL, &date, &other) != TP_OK ||
        date.precision != TP_PRECISION_DAY ||
        tp_london_day_end_ms((tp_day){date.year, date.month, date.day}) <= r->now.ms) {
        return TP_OK;
    }
    tp_review_item item = item_of(shown, TP_REVIEW_GATEWAY);
    item.is_mine = strcmp(shown->agency, tp_log_agency(r->view->log)) == 0;
    item.can_dismiss = true;
    tp_rc rc = tp_review_say(r, &item, err,
                             "A legal gateway overrides what the person decided, to the end of "
                             "%.*s.",
                             TP_SLICE_FMT(ends_on));
    return rc == TP_OK ? tp_review_add(r, &item, (tp_name){0, 0}, err) : rc;
}

/* ---- Givings that a refusal or withdrawal overrules ---- */

static bool is_listed(const tp_reviewing *r, tp_name name)
{
    for (size_t at = 0; at < r->overruled.bytes; at += sizeof name) {
        tp_name listed;
        memcpy(&listed, r->overruled.at + at, sizeof listed);
        if (tp_name_eq(listed, name)) {
            return true;
        }
    }
    return false;
}

static tp_rc add_overruled(tp_reviewing *r, const tp_shown *giving, tp_name by, tp_err *err)
{
    tp_review_item item = item_of(giving, TP_REVIEW_OVERRULED_CONSENT);
    item.by = by;
    item.can_dismiss = true;
    const tp_shown_field *decision = tp_shown_field_of(giving, TP_CONSENT_DECISION);
    tp_rc rc = tp_log_was_device(r->view->log, r->tx, giving->name.device, &item.is_mine, err);
    if (rc == TP_OK && decision != NULL && decision->shown != NULL) {
        rc = keep_heads(r, &item, decision->shown, 1, err);
    }
    if (rc == TP_OK) {
        rc = tp_review_say(r, &item, err,
                           "This consent does not count as it was given: the person said no as "
                           "well, and its writer had not seen that. Ask again.");
    }
    if (rc == TP_OK) {
        rc = tp_buf_add(&r->overruled, &giving->name, sizeof giving->name, err);
    }
    return rc == TP_OK ? tp_review_add(r, &item, by, err) : rc;
}

/* The givings of this agency among the events of a person's group. */
static tp_rc review_group(tp_reviewing *r, tp_name person, tp_err *err)
{
    tp_book book;
    tp_rc rc = tp_book_open(r->view, r->tx, person, r->arena, &book, err);
    for (uint32_t i = 0; rc == TP_OK && i < book.page_count; i++) {
        const tp_shown *shown = book.shown[i];
        uint32_t by = 0;
        if (shown == NULL || book.rules.events[i].decision != TP_DECISION_GIVEN ||
            strcmp(shown->agency, tp_log_agency(r->view->log)) != 0 || is_listed(r, shown->name)) {
            continue;
        }
        if (tp_consent_overruled(&book.rules, person, i, book.agencies, book.agencies_count, &by)) {
            rc = add_overruled(r, shown, book.rules.events[by].name, err);
        }
    }
    return rc;
}

/* Only a refusal or withdrawal is marked: it is looked at from every record it names. */
static tp_rc review_consent(tp_reviewing *r, const tp_loaded *loaded, const tp_shown *shown,
                            tp_err *err)
{
    tp_value persons;
    bool has_persons = false;
    tp_rc rc = tp_loaded_shown(loaded, TP_CONSENT_PERSONS, &persons, &has_persons, err);
    if (rc == TP_OK) {
        rc = review_group(r, shown->person, err);
    }
    for (uint32_t i = 0; rc == TP_OK && has_persons && i < persons.names_count; i++) {
        if (!tp_name_eq(persons.names[i], shown->person)) {
            rc = review_group(r, persons.names[i], err);
        }
    }
    return rc;
}
