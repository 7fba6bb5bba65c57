/* What stands beside a change's bytes, and what it is found by, against the bytes themselves. */
#include "sync/hub/store_verify.h"

#include "schema/request_code.h"
#include "sync/wire/field_value.h"

#include <inttypes.h>

static tp_rc check_person(tp_hub_verifying *v, const tp_hub_verified_row *row, tp_err *err);
static tp_rc check_code(tp_hub_verifying *v, const tp_hub_verified_row *row, tp_err *err);
static tp_rc check_events(tp_hub_verifying *v, const tp_hub_verified_row *row, tp_err *err);

tp_rc tp_hub_verify_change(tp_hub_verifying *v, const tp_hub_verified_row *row, tp_err *err)
{
    static tp_rc (*const checks[])(tp_hub_verifying *, const tp_hub_verified_row *,
                                   tp_err *) = {check_person, check_code, check_events};
    tp_err why;
    if (row->is_quarantined || row->is_erased) {
        return TP_OK; /* nothing is made of it */
    }
    tp_rc rc = tp_change_decode(row->name, row->bytes, v->change, &why);
    if (rc == TP_NOMEM) {
        *err = why;
        return rc;
    }
    if (rc != TP_OK || v->change->entity != row->entity ||
        !tp_name_eq(v->change->record, row->record)) {
        tp_hub_verify_found(v, row->name, "is not as it was received");
        return TP_OK;
    }
    for (size_t i = 0; rc == TP_OK && i < sizeof checks / sizeof checks[0]; i++) {
        rc = checks[i](v, row, err);
    }
    return rc;
}

/* The value of a field into v->value; false where the change does not set it, or not readably. */
static bool read_field(tp_hub_verifying *v, const tp_field_row *field, uint32_t code)
{
    tp_err ignored;
    const tp_change_field *set = tp_change_field_of(v->change, code);
    v->value->is_null = false;
    v->value->names_count = 0;
    return set != NULL && set->has_value && field != NULL &&
           tp_field_value_decode(field, v->change, set->value, v->value, &ignored) == TP_OK &&
           !v->value->is_null;
}

static tp_name named_person(tp_hub_verifying *v)
{
    bool is_named = read_field(v, tp_field_of(TP_CONTACT, TP_FIELD_PERSON), TP_FIELD_PERSON) &&
                    v->value->names_count > 0;
    return is_named ? v->value->names[0] : (tp_name){0, 0};
}

/* Somebody the record was not about when it was created: did an update say so? */
static tp_rc find_filling(tp_hub_verifying *v, const tp_hub_verified_row *row, bool *is_filled_out,
                          tp_err *err)
{
    tp_stmt *s = NULL;
    bool has_row = true;
    tp_err ignored;
    tp_rc rc = tp_tx_prepare(
        &v->store->tx, "SELECT name, bytes FROM log WHERE record = ? AND record <> 0", &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, tp_hub_pack_found(v->store, row->name));
    *is_filled_out = false;
    while (rc == TP_OK && has_row && !*is_filled_out) {
        rc = tp_stmt_step(s, &has_row, err);
        if (rc == TP_OK && has_row &&
            tp_change_decode(tp_hub_unpack(v->store, tp_stmt_int(s, 0)), tp_stmt_blob(s, 1),
                             v->change, &ignored) == TP_OK) {
            *is_filled_out = tp_name_eq(named_person(v), row->person);
        }
    }
    tp_stmt_done(s);
    return rc;
}

/* Of an update the person is its record's, which is looked at for all of them at once. */
static tp_rc check_person(tp_hub_verifying *v, const tp_hub_verified_row *row, tp_err *err)
{
    bool is_right = true;
    tp_rc rc = TP_OK;
    if (!tp_change_creates(v->change)) {
        return TP_OK;
    }
    tp_name named = row->entity == TP_PERSON ? row->name : named_person(v);
    if (!tp_name_is_none(named)) {
        is_right = tp_name_eq(named, row->person);
    } else if (!tp_name_is_none(row->person)) {
        rc = find_filling(v, row, &is_right, err);
        tp_err ignored;
        if (tp_change_decode(row->name, row->bytes, v->change, &ignored) != TP_OK) {
            is_right = false; /* it could be read a moment ago */
        }
    }
    if (rc == TP_OK && !is_right) {
        tp_hub_verify_found(v, row->name, "is filed under a person it does not name");
    }
    return rc;
}

/* By its code whoever asked finds it, or another one that came before with the same code. */
static tp_rc check_code(tp_hub_verifying *v, const tp_hub_verified_row *row, tp_err *err)
{
    char code[TP_REQUEST_CODE_MAX];
    tp_name request = {0, 0};
    tp_err why;
    if (row->entity != TP_HELP_REQUEST || !tp_change_creates(v->change) ||
        !read_field(v, tp_field_of(TP_HELP_REQUEST, TP_REQUEST_CODE), TP_REQUEST_CODE) ||
        tp_request_code_normalise(v->value->text, code, &why) != TP_OK) {
        return TP_OK;
    }
    tp_hub_item other = {.stamp = {.number = 0}};
    tp_rc rc = tp_hub_request_code_find(v->store, tp_slice_str(code), &request, &why);
    if (rc == TP_OK && !tp_name_eq(request, row->name)) {
        rc = tp_hub_log_get(v->store, request, &other, NULL, &why);
    }
    if (rc == TP_NOTFOUND || (rc == TP_OK && other.stamp.number > row->stamp.number)) {
        tp_hub_verify_found(v, row->name, "is not found by the code that was given for it");
        return TP_OK;
    }
    if (rc != TP_OK) {
        *err = why;
    }
    return rc;
}

static tp_rc check_event(tp_hub_verifying *v, tp_name person, tp_name change, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(&v->store->tx,
                             "SELECT count(*) FROM event WHERE person = ? AND change = ?", &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, tp_hub_pack_found(v->store, person));
    tp_stmt_bind_int(s, 2, tp_hub_pack_found(v->store, change));
    rc = tp_stmt_first(s, err);
    if (rc == TP_OK && tp_stmt_int(s, 0) == 0) {
        tp_hub_verify_found(v, change,
                            "decides who may hold what, and is not filed under everybody it names");
    }
    tp_stmt_done(s);
    return rc;
}

/* What moves access is found by everybody it touches (accept.c). */
static tp_rc check_events(tp_hub_verifying *v, const tp_hub_verified_row *row, tp_err *err)
{
    const tp_entity_row *entity = tp_entity_of(row->entity);
    uint32_t list = row->entity == TP_CONSENT  ? TP_CONSENT_PERSONS
                    : row->entity == TP_JOIN   ? TP_JOIN_SAME_AS
                    : row->entity == TP_UNJOIN ? TP_UNJOIN_JOINS
                                               : 0;
    if (entity == NULL || (entity->flags & TP_ENTITY_MOVES_ACCESS) == 0 ||
        !tp_change_creates(v->change)) {
        return TP_OK;
    }
    tp_name person = named_person(v);
    tp_rc rc = tp_name_is_none(person) ? TP_OK : check_event(v, person, row->name, err);
    if (rc == TP_OK && list != 0 && read_field(v, tp_field_of(row->entity, list), list)) {
        for (uint32_t i = 0; rc == TP_OK && i < v->value->names_count; i++) {
            rc = check_event(v, v->value->names[i], row->name, err);
        }
    }
    return rc;
}

/* ---- What is looked at for all changes at once ---- */

/* Runs a query for names that something is wrong with; NULL where the name cannot be one. */
static tp_rc find_names(tp_hub_verifying *v, const char *sql, const char *what, tp_err *err)
{
    tp_stmt *s = NULL;
    bool has_row = true;
    tp_rc rc = tp_tx_prepare(&v->store->tx, sql, &s, err);
    while (rc == TP_OK && has_row) {
        rc = tp_stmt_step(s, &has_row, err);
        if (rc == TP_OK && has_row) {
            tp_hub_verify_found(v, tp_hub_unpack(v->store, tp_stmt_int(s, 0)), what);
        }
    }
    tp_stmt_done(s);
    return rc;
}

/* Every number up to the last was given once, while no history was lost. */
static void check_numbers(tp_hub_verifying *v)
{
    if (tp_hub_verify_went_back(v)) {
        return;
    }
    const uint64_t last = tp_hub_store_state(v->store)->number;
    const uint64_t known = last < v->all * 2 ? last : v->all * 2;
    if (last > v->all * 2) {
        tp_findings_add(&v->report->findings,
                        "The last acceptance number is %" PRIu64 ", and there are %" PRIu64
                        " changes",
                        last, v->all);
    }
    for (uint64_t number = 1; number <= known; number++) {
        uint64_t first = number;
        while (number <= known && (v->numbers[number / 8] & 1u << (number % 8)) == 0) {
            number++;
        }
        if (number > first) {
            tp_findings_add(&v->report->findings,
                            "No change has the acceptance numbers %" PRIu64 " to %" PRIu64, first,
                            number - 1);
        }
    }
}

tp_rc tp_hub_verify_names(tp_hub_verifying *v, tp_err *err)
{
    static const struct {
        const char *sql;
        const char *what;
    } queries[] = {
        {"SELECT u.name FROM log u JOIN log r ON r.name = u.record"
         " WHERE u.record <> 0 AND u.entity = r.entity AND u.person <> r.person ORDER BY u.name",
         "is not filed under the person its record is about"},
        {"SELECT request FROM request_code LEFT JOIN log ON log.name = request"
         " WHERE log.name IS NULL OR log.record <> 0 OR log.entity <> 4",
         "has a code that is kept for it, and is no help request held here"},
        {"SELECT change FROM apart LEFT JOIN log ON log.name = change WHERE log.name IS NULL",
         "is kept as one that only its device holds, and is not held here"},
        {"SELECT change FROM ahead JOIN device ON no = change >> 40"
         " WHERE (change NOT IN (SELECT name FROM log UNION ALL SELECT name FROM quarantine"
         "  UNION ALL SELECT name FROM erased)) OR change & 1099511627775 <= accepted",
         "is kept as one that its device has still to push, and is not held so"},
        {"SELECT change FROM event LEFT JOIN log ON log.name = change WHERE log.name IS NULL",
         "is filed as a decision about somebody, and is not held here"},
        {"SELECT erased.name FROM erased LEFT JOIN erased_record r ON r.name = erased.record"
         " LEFT JOIN erasure ON erasure.no = r.erasure WHERE erasure.no IS NULL",
         "is said to be erased, and when and why is not kept"},
        {"SELECT log.name FROM log JOIN erased_record r"
         " ON r.name = CASE log.record WHEN 0 THEN log.name ELSE log.record END",
         "is of an erased record, and still here"},
    };
    check_numbers(v);
    if (v->done != v->all) {
        static const char strangers[] =
            "SELECT name FROM log JOIN device ON no = name >> 40 WHERE device.agency IS NULL"
            " UNION ALL SELECT name FROM quarantine JOIN device ON no = name >> 40"
            " WHERE device.agency IS NULL UNION ALL SELECT name FROM erased"
            " JOIN device ON no = name >> 40 WHERE device.agency IS NULL";
        tp_rc rc = find_names(v, strangers, "is of a device that was never enrolled here", err);
        if (rc != TP_OK) {
            return rc;
        }
    }
    tp_rc rc = TP_OK;
    for (size_t i = 0; rc == TP_OK && i < sizeof queries / sizeof queries[0]; i++) {
        rc = find_names(v, queries[i].sql, queries[i].what, err);
    }
    return rc;
}
