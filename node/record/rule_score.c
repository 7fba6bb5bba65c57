/* A score: every item or the total alone, in the numbers of its scale, and the total is their
 * sum. */
#include "node/record/rule.h"

#include "schema/london_time.h"
#include "schema/partial_date.h"
#include "schema/score.h"

#include <stdio.h>

static tp_rc check_day(tp_rule_work *work, tp_err *err);
static tp_rc check_total_alone(tp_rule_work *work, const tp_score_scale *scale, tp_err *err);
static tp_rc check_items(tp_rule_work *work, const tp_score_scale *scale, tp_err *err);

/* The first item that is set or left out; NULL: none is. */
static const tp_score_item *find_item(const tp_rule_work *work, const tp_score_item *items,
                                      bool is_set)
{
    for (; items != NULL && items->field != 0; items++) {
        const tp_value *value = tp_write_value(work->w, items->field);
        if ((value != NULL && !value->is_null) == is_set) {
            return items;
        }
    }
    return NULL;
}

/* What one scale asks, another does not. */
static tp_rc refuse_items(tp_rule_work *work, tp_err *err)
{
    for (uint32_t code = TP_SCORE_ENGAGEMENT; code <= TP_SCORE_HOUSING; code++) {
        const tp_value *value = tp_write_value(work->w, code);
        if (value != NULL && !value->is_null) {
            return tp_write_refuse(work->w, code, TP_INVALID,
                                   "of this scale only the total is kept: its questions are "
                                   "licensed",
                                   err);
        }
    }
    return TP_OK;
}

tp_rc tp_rule_score(tp_rule_work *work, tp_err *err)
{
    if (work->loaded != NULL) {
        return TP_OK; /* every field of it is set once: nothing here can change */
    }
    const tp_score_scale *scale = tp_score_scale_of(tp_write_value(work->w, TP_SCORE_SCALE)->text);
    if (scale == NULL) {
        return tp_write_refuse(work->w, TP_SCORE_SCALE, TP_INVALID, "ndt or reqol_10", err);
    }
    tp_rc rc = check_day(work, err);
    if (rc == TP_OK && scale->items == NULL) {
        rc = refuse_items(work, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    return find_item(work, scale->items, true) == NULL ? check_total_alone(work, scale, err)
                                                       : check_items(work, scale, err);
}

/* Refused where the day has surely not begun; a clock nobody compared is no reason to refuse. */
static tp_rc check_day(tp_rule_work *work, tp_err *err)
{
    tp_partial_date date;
    const tp_value *day = tp_write_value(work->w, TP_SCORE_TAKEN_ON);
    if (day == NULL || day->is_null) {
        return TP_OK;
    }
    tp_rc rc = tp_partial_date_parse(day->text, NULL, &date, err);
    if (rc != TP_OK) {
        return rc;
    }
    const tp_day taken = {date.year, date.month, date.day};
    const int64_t start_ms = tp_london_day_start_ms(taken);
    if (start_ms > work->now.latest_ms && work->now.is_certain) {
        return tp_write_refuse(work->w, TP_SCORE_TAKEN_ON, TP_INVALID,
                               "that day is still to come: give the day the questions were asked",
                               err);
    }
    if (start_ms > work->now.ms) {
        tp_write_warn(work->result,
                      "%s: that day is later than this device's own clock, which may "
                      "be wrong. If it is a slip, take the score back.",
                      tp_field_of(TP_SCORE, TP_SCORE_TAKEN_ON)->label);
    }
    return TP_OK;
}

static tp_rc check_total_alone(tp_rule_work *work, const tp_score_scale *scale, tp_err *err)
{
    char what[64];
    const tp_value *total = tp_write_value(work->w, TP_SCORE_TOTAL);
    if (total == NULL || total->is_null) {
        return tp_write_refuse(
            work->w, TP_SCORE_TOTAL, TP_INVALID,
            scale->items == NULL ? "it is needed" : "give the total, or all ten items", err);
    }
    if (total->number > scale->total_max) {
        snprintf(what, sizeof what, "a whole number from 0 to %u", (unsigned)scale->total_max);
        return tp_write_refuse(work->w, TP_SCORE_TOTAL, TP_INVALID, what, err);
    }
    return TP_OK;
}

static tp_rc check_item(tp_rule_work *work, const tp_score_item *item, int64_t number, tp_err *err)
{
    char what[64];
    if (number <= item->max && number % item->step == 0) {
        return TP_OK;
    }
    snprintf(what, sizeof what,
             item->step == 1 ? "a whole number from 0 to %u" : "0 to %u, in steps of two",
             (unsigned)item->max);
    return tp_write_refuse(work->w, item->field, TP_INVALID, what, err);
}

/* Some of the items make a total that cannot be compared with any other. */
static tp_rc check_items(tp_rule_work *work, const tp_score_scale *scale, tp_err *err)
{
    char what[64];
    tp_value sum = {.type = TP_TYPE_COUNT};
    const tp_score_item *missing = find_item(work, scale->items, false);
    const tp_value *total = tp_write_value(work->w, TP_SCORE_TOTAL);
    tp_rc rc = TP_OK;
    if (missing != NULL) {
        return tp_write_refuse(work->w, missing->field, TP_INVALID,
                               "it is needed: either all ten items, or the total alone", err);
    }
    for (const tp_score_item *item = scale->items; rc == TP_OK && item->field != 0; item++) {
        const int64_t number = tp_write_value(work->w, item->field)->number;
        rc = check_item(work, item, number, err);
        sum.number += number;
    }
    if (rc == TP_OK && total != NULL && !total->is_null && total->number != sum.number) {
        snprintf(what, sizeof what, "the items make %lld: leave the total out",
                 (long long)sum.number);
        return tp_write_refuse(work->w, TP_SCORE_TOTAL, TP_INVALID, what, err);
    }
    return rc == TP_OK ? tp_write_put(work->w, TP_SCORE_TOTAL, &sum, err) : rc;
}
