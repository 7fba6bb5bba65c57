/* Consent (WA7) and legal gateways: what they must say, and what they were written in sight of. */
#include "node/record/rule.h"

#include "node/view/consent.h"
#include "schema/london_time.h"
#include "schema/name_fold.h"
#include "schema/partial_date.h"
#include "schema/wording.h"
#include "sync/log/directory.h"

#include <stdio.h>

static bool has_text(const tp_value *value, const char *text)
{
    for (uint32_t i = 0; value != NULL && i < value->texts_count; i++) {
        if (tp_slice_is(value->texts[i], text)) {
            return true;
        }
    }
    return false;
}

/* The first moment after a day in stored form: what ends on it has ended once the day is over in
 * London. False: there is none. */
static bool read_end(const tp_value *day, int64_t *end_ms_out)
{
    tp_partial_date date;
    tp_err err;
    if (day == NULL || day->is_null ||
        tp_partial_date_parse(day->text, NULL, &date, &err) != TP_OK) {
        return false;
    }
    const tp_day last = {date.year, date.month, date.day};
    *end_ms_out = tp_london_day_end_ms(last);
    return true;
}

/* Refused where the day is surely over.  A clock that was never compared may be years ahead, and
 * must not stand in the way of what somebody said: then it is only questioned. */
static tp_rc check_end(tp_rule_work *work, uint32_t code, tp_err *err)
{
    char now[TP_LONDON_TEXT_MAX];
    int64_t end_ms = 0;
    if (!read_end(tp_write_value(work->w, code), &end_ms)) {
        return TP_OK;
    }
    if (end_ms <= work->now.earliest_ms) {
        return tp_write_refuse(work->w, code, TP_INVALID,
                               "that day is over already: give one that is still to come", err);
    }
    if (end_ms <= work->now.ms) {
        tp_london_format(work->now.ms, now);
        tp_write_warn(work->result,
                      "%s: that day is over by this device's clock (%s), so this has no effect. "
                      "If the day is a slip, record it again with the right one.",
                      tp_field_of(work->w->entity, code)->label, now);
    }
    return TP_OK;
}

/* ---- Consent ---- */

static tp_rc check_giving(tp_rule_work *work, tp_err *err)
{
    if (has_text(tp_write_value(work->w, TP_CONSENT_KINDS), "*")) {
        return tp_write_refuse(work->w, TP_CONSENT_KINDS, TP_INVALID,
                               "somebody who says yes says to what: list the kinds", err);
    }
    if (has_text(tp_write_value(work->w, TP_CONSENT_PURPOSES), "*")) {
        return tp_write_refuse(work->w, TP_CONSENT_PURPOSES, TP_INVALID,
                               "somebody who says yes says for what: list the purposes", err);
    }
    return check_end(work, TP_CONSENT_ENDS_ON, err);
}

static tp_rc warn_of_agency(tp_rule_work *work, tp_slice agency, tp_err *err)
{
    const char *label = NULL;
    bool is_under = false;
    tp_rc rc = tp_log_is_under_agreement(work->w->node->log, work->tx, agency, work->now.ms,
                                         &is_under, err);
    if (rc != TP_OK || is_under) {
        return rc;
    }
    rc = tp_rule_agency_label(work, agency, &label, err);
    if (rc == TP_OK) {
        tp_write_warn(work->result,
                      "%s has no information sharing agreement in force: it gets nothing until "
                      "it has.",
                      label);
    }
    return rc;
}

/* What they were told is one of the facts that make it consent (WA7).  A wording on paper may be
 * one that this program does not hold. */
static void warn_of_wording(tp_rule_work *work)
{
    const tp_value *wording = tp_write_value(work->w, TP_CONSENT_WORDING);
    const tp_value *version = tp_write_value(work->w, TP_CONSENT_WORDING_VERSION);
    if (wording == NULL || wording->is_null) {
        tp_write_warn(work->result,
                      "It does not say which wording they were told or shown: say it, "
                      "so that what they agreed to can be known.");
    } else if (tp_wording_find(wording->text, version == NULL ? 0 : (uint64_t)version->number) ==
               NULL) {
        tp_write_warn(work->result, "The text of that wording is not held here: keep the paper.");
    }
}

/* What a person who gives it would want to be told now rather than later. */
static tp_rc warn_of_giving(tp_rule_work *work, tp_err *err)
{
    const tp_value *agencies = tp_write_value(work->w, TP_CONSENT_AGENCIES);
    const tp_value *capacity = tp_write_value(work->w, TP_CONSENT_CAPACITY);
    const char *own = tp_log_agency(work->w->node->log);
    uint64_t directory = 0;
    if (!tp_slice_is(capacity->text, "believed_to_have")) {
        tp_write_warn(work->result,
                      "Capacity was not believed: this is on record, and grants nothing.");
    }
    if (has_text(agencies, "*")) {
        return TP_OK;
    }
    tp_rc rc = tp_log_directory_version(work->w->node->log, work->tx, &directory, err);
    if (rc == TP_OK && !has_text(agencies, own)) {
        rc = tp_rule_agency_label(work, tp_slice_str(own), &own, err);
        if (rc == TP_OK) {
            tp_write_warn(work->result,
                          "This yes leaves out %s, your own agency: it brings you nothing of what "
                          "others write.",
                          own);
        }
    }
    for (uint32_t i = 0; rc == TP_OK && directory > 0 && i < agencies->texts_count; i++) {
        rc = warn_of_agency(work, agencies->texts[i], err);
    }
    return rc;
}

/* Every event on the page it is written from, so that it counts only for what its writer had
 * seen. */
static tp_rc put_in_sight(tp_rule_work *work, tp_err *err)
{
    tp_value value = {.type = TP_TYPE_RECORDS};
    if (tp_write_value(work->w, TP_CONSENT_IN_SIGHT) != NULL) {
        return TP_OK;
    }
    tp_rc rc = tp_consent_in_sight(work->w->node->view, work->tx, work->person, value.names,
                                   &value.names_count, err);
    return rc == TP_OK && value.names_count > 0
               ? tp_write_put(work->w, TP_CONSENT_IN_SIGHT, &value, err)
               : rc;
}

static tp_rc put_persons(tp_rule_work *work, tp_err *err)
{
    tp_value value = {.type = TP_TYPE_RECORDS};
    if (tp_write_value(work->w, TP_CONSENT_PERSONS) != NULL) {
        return TP_OK;
    }
    tp_rc rc = tp_merge_group(work->w->node->merge, work->tx, work->person, value.names,
                              &value.names_count, err);
    return rc == TP_OK && value.names_count > 1
               ? tp_write_put(work->w, TP_CONSENT_PERSONS, &value, err)
               : rc;
}

static tp_rc check_wording(tp_rule_work *work, tp_err *err)
{
    const tp_value *wording = tp_write_value(work->w, TP_CONSENT_WORDING);
    tp_err trouble = {0};
    if (wording == NULL || wording->is_null) {
        return TP_OK;
    }
    if (tp_wording_check(wording->text, &trouble) != TP_OK) {
        return tp_write_refuse(work->w, TP_CONSENT_WORDING, TP_INVALID, trouble.what, err);
    }
    return TP_OK;
}

tp_rc tp_rule_consent(tp_rule_work *work, tp_err *err)
{
    const tp_value *decision = tp_write_value(work->w, TP_CONSENT_DECISION);
    const bool is_given = tp_slice_is(decision->text, "given");
    work->restricts = !is_given;
    tp_rc rc = check_wording(work, err);
    if (rc == TP_OK && is_given) {
        rc = check_giving(work, err);
    }
    if (rc == TP_OK && is_given) {
        rc = warn_of_giving(work, err);
    }
    if (rc == TP_OK && is_given) {
        warn_of_wording(work);
    }
    if (rc == TP_OK) {
        rc = put_in_sight(work, err);
    }
    return rc == TP_OK ? put_persons(work, err) : rc;
}

/* ---- Gateways ---- */

static bool is_same_worker(tp_slice a, tp_slice b)
{
    char folded_a[TP_WORKER_BYTES_MAX];
    char folded_b[TP_WORKER_BYTES_MAX];
    return tp_slice_eq(tp_slice_of(folded_a, tp_name_fold(a, folded_a, sizeof folded_a)),
                       tp_slice_of(folded_b, tp_name_fold(b, folded_b, sizeof folded_b)));
}

tp_rc tp_rule_gateway(tp_rule_work *work, tp_err *err)
{
    const tp_value *authoriser = tp_write_value(work->w, TP_GATEWAY_AUTHORISER);
    if (is_same_worker(authoriser->text, work->w->worker)) {
        return tp_write_refuse(work->w, TP_GATEWAY_AUTHORISER, TP_DENIED,
                               "nobody authorises their own: name who did", err);
    }
    tp_write_warn(work->result, "A legal gateway overrides what the person decided. It is listed "
                                "for review until it ends.");
    return check_end(work, TP_GATEWAY_ENDS_ON, err);
}
