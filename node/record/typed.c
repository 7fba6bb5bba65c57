/* Values as people type them. */
#include "node/record/write.h"

#include "node/view/name.h"
#include "schema/day.h"
#include "schema/london_time.h"
#include "schema/partial_date.h"
#include "schema/utf8.h"
#include "sync/log/era.h"

#include <stdio.h>

static tp_rc read_now(tp_write *w, tp_err *err);
static tp_rc read_set(tp_slice typed, tp_value *value, tp_err *err);
static tp_rc read_yes_no(tp_slice typed, tp_value *value, tp_err *err);
static tp_rc read_count(tp_slice typed, tp_value *value, tp_err *err);
static tp_rc read_day(tp_write *w, tp_slice typed, tp_value *value, tp_err *err);
static tp_rc read_holder(tp_write *w, tp_slice typed, tp_value *value, tp_err *err);
static tp_rc read_names(tp_write *w, tp_slice typed, tp_value *value, tp_err *err);

static tp_rc read_instant(tp_write *w, tp_slice typed, tp_value *value, tp_err *err)
{
    tp_rc rc = read_now(w, err);
    return rc == TP_OK ? tp_london_parse(typed, w->now.ms, &value->number, err) : rc;
}

static tp_rc read_typed(tp_write *w, tp_slice typed, tp_value *value, tp_err *err)
{
    switch (value->type) {
    case TP_TYPE_TEXT:
    case TP_TYPE_CODE:
    case TP_TYPE_PARTIAL_DATE:
    case TP_TYPE_NHS_NUMBER:
    case TP_TYPE_PHONE:
    case TP_TYPE_GRID:
    case TP_TYPE_AGENCY:
        value->text = typed;
        return TP_OK;
    case TP_TYPE_CODES:
    case TP_TYPE_AGENCIES:
        return read_set(typed, value, err);
    case TP_TYPE_BOOL:
        return read_yes_no(typed, value, err);
    case TP_TYPE_COUNT:
        return read_count(typed, value, err);
    case TP_TYPE_INSTANT:
        return read_instant(w, typed, value, err);
    case TP_TYPE_DATE:
        return read_day(w, typed, value, err);
    case TP_TYPE_HOLDER:
        return read_holder(w, typed, value, err);
    case TP_TYPE_RECORD:
    case TP_TYPE_RECORDS:
        return read_names(w, typed, value, err);
    }
    return tp_fail(err, TP_INVALID, "a field of a type this program does not know");
}

static const tp_field_row *row_of(const tp_write *w, tp_slice field)
{
    const bool is_reason = w->op == TP_WRITE_RETRACT && tp_slice_is(field, "reason");
    return is_reason ? tp_field_of(w->entity, TP_FIELD_RETRACTED)
                     : tp_field_named(w->entity, field);
}

tp_rc tp_write_set_typed(tp_write *w, tp_slice field, tp_slice typed, tp_err *err)
{
    const tp_field_row *row = row_of(w, field);
    tp_value value = {.type = row == NULL ? TP_TYPE_TEXT : row->type};
    tp_err trouble = {0};
    typed = tp_utf8_trim(typed);
    value.is_null = typed.bytes == 0;
    tp_rc rc = row == NULL || value.is_null ? TP_OK : read_typed(w, typed, &value, &trouble);
    if (rc == TP_OK) {
        return tp_write_set(w, field, &value, err);
    }
    snprintf(w->trouble, sizeof w->trouble, "%s", row->name);
    return rc == TP_INVALID || rc == TP_NOTFOUND || rc == TP_EXISTS
               ? tp_fail(err, rc, "%s: %s", row->label, trouble.what)
               : (*err = trouble, rc);
}

static tp_rc read_now(tp_write *w, tp_err *err)
{
    tp_tx tx = TP_TX_NONE;
    if (w->now.ms != 0) {
        return TP_OK;
    }
    tp_rc rc = tp_tx_begin(w->node->store, &tx, TP_TX_READ, err);
    if (rc == TP_OK) {
        rc = tp_log_now(w->node->log, &tx, &w->now, NULL, err);
    }
    tp_tx_rollback(&tx);
    return rc;
}

/* Takes what stands before the next comma off the front.  False at the end. */
static bool next_of_list(tp_slice *list, tp_slice *item_out)
{
    if (list->bytes == 0) {
        return false;
    }
    size_t at = 0;
    while (at < list->bytes && list->at[at] != ',') {
        at++;
    }
    *item_out = tp_utf8_trim(tp_slice_of(list->at, at));
    size_t taken = at < list->bytes ? at + 1 : at;
    list->at += taken;
    list->bytes -= taken;
    return true;
}

static tp_rc read_set(tp_slice typed, tp_value *value, tp_err *err)
{
    tp_slice item;
    while (next_of_list(&typed, &item)) {
        if (value->texts_count == TP_VALUE_TEXTS_MAX) {
            return tp_fail(err, TP_INVALID, "more than %d at once", TP_VALUE_TEXTS_MAX);
        }
        if (item.bytes > 0) {
            value->texts[value->texts_count++] = item;
        }
    }
    return TP_OK;
}

static bool is_word(tp_slice typed, const char *const *words)
{
    for (; *words != NULL; words++) {
        bool is_same = strlen(*words) == typed.bytes;
        for (size_t i = 0; is_same && i < typed.bytes; i++) {
            is_same = (typed.at[i] | 0x20) == (uint8_t)(*words)[i];
        }
        if (is_same) {
            return true;
        }
    }
    return false;
}

static tp_rc read_yes_no(tp_slice typed, tp_value *value, tp_err *err)
{
    static const char *const yes[] = {"yes", "y", "true", NULL};
    static const char *const no[] = {"no", "n", "false", NULL};
    value->number = is_word(typed, yes);
    return value->number != 0 || is_word(typed, no) ? TP_OK : tp_fail(err, TP_INVALID, "yes or no");
}

static tp_rc read_count(tp_slice typed, tp_value *value, tp_err *err)
{
    if (typed.bytes > 9) {
        return tp_fail(err, TP_INVALID, "a whole number, of at most nine digits");
    }
    for (size_t i = 0; i < typed.bytes; i++) {
        if (typed.at[i] < '0' || typed.at[i] > '9') {
            return tp_fail(err, TP_INVALID, "a whole number: 2");
        }
        value->number = value->number * 10 + (typed.at[i] - '0');
    }
    return TP_OK;
}

/* A day by its date, or as people say it. */
static tp_rc read_day(tp_write *w, tp_slice typed, tp_value *value, tp_err *err)
{
    static const char *const today[] = {"today", NULL};
    static const char *const tomorrow[] = {"tomorrow", NULL};
    int32_t ahead = is_word(typed, today) ? 0 : is_word(typed, tomorrow) ? 1 : -1;
    char text[TP_DAY_TEXT_MAX];
    value->text = typed;
    if (ahead < 0) {
        return TP_OK; /* checked with every other date */
    }
    tp_rc rc = read_now(w, err);
    if (rc == TP_OK) {
        tp_day_format(tp_day_of_number(tp_day_number(tp_london_day_of(w->now.ms)) + ahead), text);
        rc = tp_arena_copy(&w->arena, tp_slice_str(text), &value->text, err);
    }
    return rc;
}

/* "agency/worker", "agency/" for nobody in particular there, "worker" of this agency. */
static tp_rc read_holder(tp_write *w, tp_slice typed, tp_value *value, tp_err *err)
{
    size_t slash = 0;
    (void)err;
    while (slash < typed.bytes && typed.at[slash] != '/') {
        slash++;
    }
    value->texts_count = 2;
    if (slash == typed.bytes) {
        value->texts[0] = tp_slice_str(tp_log_agency(w->node->log));
        value->texts[1] = typed;
    } else {
        value->texts[0] = tp_slice_of(typed.at, slash);
        value->texts[1] = tp_slice_of(typed.at + slash + 1, typed.bytes - slash - 1);
    }
    return TP_OK;
}

static tp_rc read_names(tp_write *w, tp_slice typed, tp_value *value, tp_err *err)
{
    tp_tx tx = TP_TX_NONE;
    tp_slice item;
    const uint32_t max = value->type == TP_TYPE_RECORD ? 1 : TP_VALUE_NAMES_MAX;
    tp_rc rc = tp_tx_begin(w->node->store, &tx, TP_TX_READ, err);
    while (rc == TP_OK && next_of_list(&typed, &item)) {
        rc = value->names_count == max
                 ? tp_fail(err, TP_INVALID, "more than %u at once", max)
                 : tp_view_name_read(w->node->view, &tx, item, &value->names[value->names_count++],
                                     err);
    }
    tp_tx_rollback(&tx);
    return rc;
}
