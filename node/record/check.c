/* One value put into the form that is stored. */
#include "node/record/check.h"

#include "schema/agency_id.h"
#include "schema/code_list.h"
#include "schema/nhs_number.h"
#include "schema/partial_date.h"
#include "schema/phone.h"
#include "schema/place_ref.h"
#include "schema/utf8.h"

static tp_rc check_text(tp_arena *arena, tp_value *value, tp_err *err);
static tp_rc check_codes(uint32_t entity, const tp_field_row *row, tp_value *value, tp_err *err);
static tp_rc check_day(tp_arena *arena, tp_value *value, tp_err *err);
static tp_rc check_born(const tp_day *today, tp_arena *arena, tp_value *value, tp_err *err);
static tp_rc check_agencies(uint32_t entity, tp_value *value, tp_err *err);
static tp_rc check_holder(tp_value *value, tp_err *err);
static tp_rc check_names(tp_value *value, tp_err *err);

static tp_rc keep(tp_arena *arena, const char *text, tp_value *value, tp_err *err)
{
    return tp_arena_copy(arena, tp_slice_str(text), &value->text, err);
}

static tp_rc check_code(const tp_field_row *row, tp_value *value, tp_err *err)
{
    return tp_code_check(tp_code_list_named(tp_slice_str(row->list)),
                         (row->flags & TP_FIELD_OPEN) != 0, value->text, &value->text, err);
}

static tp_rc check_nhs_number(tp_arena *arena, tp_value *value, tp_err *err)
{
    char digits[TP_NHS_NUMBER_MAX];
    tp_rc rc = tp_nhs_number_normalise(value->text, digits, err);
    return rc == TP_OK ? keep(arena, digits, value, err) : rc;
}

/* Kept as it was typed: only its key is compared. */
static tp_rc check_phone(tp_value *value, tp_err *err)
{
    char key[TP_PHONE_KEY_MAX];
    return tp_phone_key(value->text, key, err);
}

static tp_rc check_grid(tp_arena *arena, tp_value *value, tp_err *err)
{
    char text[TP_PLACE_REF_MAX];
    tp_place_ref_kind kind;
    tp_rc rc = tp_place_ref_normalise(value->text, &kind, text, err);
    return rc == TP_OK ? keep(arena, text, value, err) : rc;
}

static tp_rc check_instant(int64_t ms, tp_err *err)
{
    return ms >= TP_TIME_MS_MIN && ms <= TP_TIME_MS_MAX ? TP_OK
                                                        : tp_fail(err, TP_INVALID, "no such time");
}

static tp_rc check_set(uint32_t entity, const tp_field_row *row, const tp_day *today,
                       tp_arena *arena, tp_value *value, tp_err *err)
{
    switch (row->type) {
    case TP_TYPE_TEXT:
        return check_text(arena, value, err);
    case TP_TYPE_CODE:
        return check_code(row, value, err);
    case TP_TYPE_CODES:
        return check_codes(entity, row, value, err);
    case TP_TYPE_BOOL:
        return TP_OK;
    case TP_TYPE_COUNT:
        return value->number >= 0 ? TP_OK : tp_fail(err, TP_INVALID, "a count is not negative");
    case TP_TYPE_INSTANT:
        return check_instant(value->number, err);
    case TP_TYPE_DATE:
        return check_day(arena, value, err);
    case TP_TYPE_PARTIAL_DATE:
        return check_born(today, arena, value, err);
    case TP_TYPE_NHS_NUMBER:
        return check_nhs_number(arena, value, err);
    case TP_TYPE_PHONE:
        return check_phone(value, err);
    case TP_TYPE_GRID:
        return check_grid(arena, value, err);
    case TP_TYPE_AGENCY:
        return tp_agency_id_check(value->text, err);
    case TP_TYPE_AGENCIES:
        return check_agencies(entity, value, err);
    case TP_TYPE_HOLDER:
        return check_holder(value, err);
    case TP_TYPE_RECORD:
    case TP_TYPE_RECORDS:
        return check_names(value, err);
    }
    return tp_fail(err, TP_INVALID, "a value of a type this program does not know");
}

static bool is_text(tp_type type)
{
    return type == TP_TYPE_TEXT || type == TP_TYPE_CODE || type == TP_TYPE_DATE ||
           type == TP_TYPE_PARTIAL_DATE || type == TP_TYPE_NHS_NUMBER || type == TP_TYPE_PHONE ||
           type == TP_TYPE_GRID || type == TP_TYPE_AGENCY;
}

tp_rc tp_check_value(uint32_t entity, const tp_field_row *row, const tp_day *today, tp_arena *arena,
                     tp_value *value, tp_err *err)
{
    const bool is_set = row->type == TP_TYPE_CODES || row->type == TP_TYPE_AGENCIES;
    const bool is_named = row->type == TP_TYPE_RECORD || row->type == TP_TYPE_RECORDS;
    if (value->type != row->type) {
        return tp_fail(err, TP_INVALID, "a value of another type");
    }
    if (is_text(row->type)) {
        if (!tp_utf8_is_valid(value->text)) {
            return tp_fail(err, TP_INVALID,
                           "this is not UTF-8 text: check what it was copied from");
        }
        value->text = tp_utf8_trim(value->text);
    }
    if (value->is_null || (is_text(row->type) && value->text.bytes == 0) ||
        (is_set && value->texts_count == 0) || (is_named && value->names_count == 0)) {
        value->is_null = true;
        return TP_OK;
    }
    return check_set(entity, row, today, arena, value, err);
}

size_t tp_check_value_bytes(const tp_value *value)
{
    if (value->names_count > 0) {
        return offsetof(tp_value, names) + value->names_count * sizeof value->names[0];
    }
    return offsetof(tp_value, texts) + value->texts_count * sizeof value->texts[0];
}

/* ---- Text ---- */

/* Line ends of other systems become one; what a screen obeys rather than shows is refused. */
static tp_rc check_text(tp_arena *arena, tp_value *value, tp_err *err)
{
    tp_slice text = value->text;
    bool has_return = false;
    if (text.bytes > TP_TEXT_BYTES_MAX) {
        return tp_fail(err, TP_INVALID, "too long: at most %u bytes, split it", TP_TEXT_BYTES_MAX);
    }
    for (size_t i = 0; i < text.bytes; i++) {
        has_return |= text.at[i] == '\r';
        if ((text.at[i] < ' ' && text.at[i] != '\n' && text.at[i] != '\t' && text.at[i] != '\r') ||
            text.at[i] == 0x7f) {
            return tp_fail(err, TP_INVALID, "it has a control character: type it again");
        }
    }
    if (!has_return) {
        return TP_OK;
    }
    void *at = NULL;
    size_t bytes = 0;
    tp_rc rc = tp_arena_take(arena, text.bytes, &at, err);
    for (size_t i = 0; rc == TP_OK && i < text.bytes; i++) {
        bool is_pair = text.at[i] == '\r' && i + 1 < text.bytes && text.at[i + 1] == '\n';
        if (!is_pair) {
            ((uint8_t *)at)[bytes++] = text.at[i] == '\r' ? '\n' : text.at[i];
        }
    }
    if (rc == TP_OK) {
        value->text = tp_slice_of(at, bytes);
    }
    return rc;
}

/* ---- Dates ---- */

static tp_rc check_day(tp_arena *arena, tp_value *value, tp_err *err)
{
    tp_partial_date date;
    char text[TP_PARTIAL_DATE_TEXT_MAX];
    tp_err ignored; /* its mends are those of a date of birth */
    if (tp_partial_date_parse(value->text, NULL, &date, &ignored) != TP_OK) {
        return tp_fail(err, TP_INVALID,
                       "there is no such day: check day and month, and write it as 2026-07-12 or "
                       "12/07/2026");
    }
    if (date.precision != TP_PRECISION_DAY) {
        return tp_fail(err, TP_INVALID, "the whole day is needed: 2026-07-12 or 12/07/2026");
    }
    tp_partial_date_format(&date, text);
    return keep(arena, text, value, err);
}

static tp_rc check_born(const tp_day *today, tp_arena *arena, tp_value *value, tp_err *err)
{
    tp_partial_date date;
    char text[TP_PARTIAL_DATE_TEXT_MAX];
    tp_rc rc = tp_partial_date_parse(value->text, today, &date, err);
    if (rc != TP_OK) {
        return rc;
    }
    if (date.precision == TP_PRECISION_NONE) {
        value->is_null = true;
        return TP_OK;
    }
    tp_partial_date_format(&date, text);
    return keep(arena, text, value, err);
}

/* ---- Sets ---- */

static bool is_star(const tp_value *value)
{
    return value->texts_count == 1 && tp_slice_is(value->texts[0], "*");
}

static tp_rc check_codes(uint32_t entity, const tp_field_row *row, tp_value *value, tp_err *err)
{
    const tp_code_list *list = tp_code_list_named(tp_slice_str(row->list));
    tp_rc rc = TP_OK;
    if (entity == TP_CONSENT && is_star(value)) {
        return TP_OK; /* whether a decision may say so is the consent's own rule */
    }
    for (uint32_t i = 0; rc == TP_OK && i < value->texts_count; i++) {
        rc = tp_code_check(list, (row->flags & TP_FIELD_OPEN) != 0, value->texts[i],
                           &value->texts[i], err);
    }
    return rc;
}

static tp_rc check_agencies(uint32_t entity, tp_value *value, tp_err *err)
{
    tp_rc rc = TP_OK;
    for (uint32_t i = 0; rc == TP_OK && i < value->texts_count; i++) {
        value->texts[i] = tp_utf8_trim(value->texts[i]);
        if (!tp_slice_is(value->texts[i], "*")) {
            rc = tp_agency_id_check(value->texts[i], err);
        } else if (entity != TP_CONSENT || value->texts_count > 1) {
            rc = tp_fail(err, TP_INVALID,
                         entity == TP_CONSENT ? "* stands for all agencies: name no other beside it"
                                              : "name each agency: * is for consent only");
        }
    }
    return rc;
}

static tp_rc check_holder(tp_value *value, tp_err *err)
{
    if (value->texts_count != 2) {
        return tp_fail(err, TP_INVALID, "an agency and a worker are needed");
    }
    value->texts[0] = tp_utf8_trim(value->texts[0]);
    value->texts[1] = tp_utf8_trim(value->texts[1]);
    tp_rc rc = tp_agency_id_check(value->texts[0], err);
    if (rc == TP_OK &&
        (value->texts[1].bytes > TP_WORKER_BYTES_MAX || !tp_utf8_is_valid(value->texts[1]))) {
        rc = tp_fail(err, TP_INVALID, "the worker's name is too long, or not UTF-8");
    }
    return rc;
}

static tp_rc check_names(tp_value *value, tp_err *err)
{
    for (uint32_t i = 0; i < value->names_count; i++) {
        if (value->names[i].device == 0 || value->names[i].seq == 0) {
            return tp_fail(err, TP_INVALID, "not the name of a record");
        }
    }
    return TP_OK;
}
