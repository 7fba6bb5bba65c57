/* What may be written: values, fields, records that are named. */
#include "node/record/write_steps.h"

#include "node/record/check.h"
#include "node/view/mend.h"
#include "schema/london_time.h"
#include "schema/partial_date.h"

static tp_rc check_values(tp_rule_work *work, tp_err *err);
static tp_rc check_create(tp_rule_work *work, tp_err *err);
static tp_rc check_update(tp_rule_work *work, tp_err *err);
static tp_rc check_references(tp_rule_work *work, tp_err *err);

tp_rc tp_write_check(tp_rule_work *work, tp_err *err)
{
    tp_rc rc = check_values(work, err);
    if (rc == TP_OK) {
        rc = work->loaded == NULL ? check_create(work, err) : check_update(work, err);
    }
    return rc == TP_OK ? check_references(work, err) : rc;
}

/* ---- Values ---- */

tp_rc tp_write_check_values(tp_write *w, tp_tx *tx, tp_err *err)
{
    tp_write_result ignored = {.warnings_count = 0};
    tp_rule_work work = {.w = w, .tx = tx, .result = &ignored};
    tp_rc rc = tp_log_now(w->node->log, tx, &work.now, NULL, err);
    return rc == TP_OK ? check_values(&work, err) : rc;
}

static tp_rc check_one(tp_write *w, const tp_write_field *field, const tp_day *today, tp_err *err)
{
    tp_err trouble = {0};
    tp_rc rc = tp_check_value(w->entity, field->row, today, &w->arena, field->value, &trouble);
    if (rc == TP_INVALID) {
        return tp_write_refuse(w, field->row->code, rc, trouble.what, err);
    }
    if (rc != TP_OK) {
        *err = trouble;
    }
    return rc;
}

/* Typed times later than now: shown back, since only the person can know (design section 3).
 * Before the first comparison with the hub the device's own clock is all there is to go by, so it
 * is shown too. */
static void question_time(const tp_rule_work *work, const tp_write_field *field)
{
    char text[TP_LONDON_TEXT_MAX];
    char now[TP_LONDON_TEXT_MAX];
    if (field->row->type != TP_TYPE_INSTANT || field->value->is_null ||
        field->value->number - TP_LONDON_AHEAD_MS <= work->now.ms) {
        return;
    }
    tp_london_format(field->value->number, text);
    tp_london_format(work->now.ms, now);
    if (work->now.is_certain) {
        tp_write_warn(work->result, "%s: %s is still to come. If it is a slip, correct it.",
                      field->row->label, text);
    } else {
        tp_write_warn(work->result,
                      "%s: %s is later than this device's own clock, which says %s and may be "
                      "wrong. If it is a slip, correct it.",
                      field->row->label, text, now);
    }
}

/* A date that does not fit the clock is refused where the clock is believed; here it is shown
 * back. */
static void question_date(const tp_rule_work *work, const tp_write_field *field,
                          const tp_day *today)
{
    char now[TP_LONDON_TEXT_MAX];
    tp_partial_date date;
    tp_err ignored;
    if (field->row->type != TP_TYPE_PARTIAL_DATE || field->value->is_null || work->now.is_certain ||
        tp_partial_date_parse(field->value->text, today, &date, &ignored) == TP_OK) {
        return;
    }
    tp_london_format(work->now.ms, now);
    tp_write_warn(work->result,
                  "%s: that does not fit this device's own clock, which says %s and may be wrong. "
                  "If it is a slip, correct it.",
                  field->row->label, now);
}

static tp_rc check_values(tp_rule_work *work, tp_err *err)
{
    tp_write *w = work->w;
    const tp_day today = tp_london_day_of(work->now.ms);
    const tp_value *person = NULL;
    tp_rc rc = TP_OK;
    for (uint32_t i = 0; rc == TP_OK && i < w->fields_count; i++) {
        rc = check_one(w, &w->fields[i], work->now.is_certain ? &today : NULL, err);
        if (rc == TP_OK) {
            question_time(work, &w->fields[i]);
            question_date(work, &w->fields[i], &today);
        }
    }
    if (rc == TP_OK) {
        person = tp_write_value(w, TP_FIELD_PERSON);
    }
    if (person != NULL && !person->is_null && tp_name_is_none(work->person)) {
        work->person = person->names[0];
    }
    return rc;
}

/* ---- Fields ---- */

static tp_rc check_create(tp_rule_work *work, tp_err *err)
{
    tp_write *w = work->w;
    const tp_entity_row *entity = tp_entity_of(w->entity);
    if (w->entity == TP_PERSON && tp_write_value(w, TP_FIELD_PERSON) != NULL) {
        return tp_write_refuse(w, TP_FIELD_PERSON, TP_INVALID, "a person's record is about itself",
                               err);
    }
    if (tp_write_value(w, TP_FIELD_RETRACTED) != NULL) {
        return tp_write_refuse(w, TP_FIELD_RETRACTED, TP_INVALID,
                               "a record is taken back after it was written", err);
    }
    if (w->entity != TP_PERSON && (entity->flags & TP_ENTITY_PERSONLESS) == 0 &&
        tp_name_is_none(work->person)) {
        return tp_write_refuse(w, TP_FIELD_PERSON, TP_INVALID, "say whom it is about", err);
    }
    for (const tp_field_row *row = entity->fields; row->code != 0; row++) {
        const tp_value *value = tp_write_value(w, row->code);
        if ((row->flags & TP_FIELD_MADE) != 0 && value != NULL) {
            return tp_write_refuse(w, row->code, TP_DENIED, "it is made here: leave it out", err);
        }
        if ((row->flags & TP_FIELD_REQUIRED) != 0 && (value == NULL || value->is_null)) {
            return tp_write_refuse(w, row->code, TP_INVALID, "it is needed", err);
        }
    }
    return TP_OK;
}

static tp_rc check_updated_field(tp_rule_work *work, const tp_write_field *field, tp_err *err)
{
    const tp_field_row *row = field->row;
    if ((row->flags & TP_FIELD_ONCE) != 0) {
        return tp_write_refuse(work->w, row->code, TP_DENIED, "it is set once, and never changed",
                               err);
    }
    if ((row->flags & TP_FIELD_REQUIRED) != 0 && field->value->is_null) {
        return tp_write_refuse(work->w, row->code, TP_INVALID, "it cannot be empty", err);
    }
    if (row->code != TP_FIELD_PERSON || tp_name_is_none(work->loaded->person)) {
        return TP_OK;
    }
    if (work->w->entity == TP_PERSON || field->value->is_null ||
        !tp_name_eq(field->value->names[0], work->loaded->person)) {
        return tp_write_refuse(work->w, TP_FIELD_PERSON, TP_DENIED,
                               "filled once, never changed: take this record back, as about the "
                               "wrong person, and write it again",
                               err);
    }
    return TP_OK;
}

/* "wrong_person" and "should_not_have_travelled" are undone by who said so, or by who made the
 * record. */
static bool may_bring_back(const tp_rule_work *work)
{
    const tp_loaded *loaded = work->loaded;
    const tp_slice own = tp_slice_str(tp_log_agency(work->w->node->log));
    return !loaded->retraction.is_final || tp_slice_eq(own, loaded->record.creator) ||
           tp_slice_eq(own, loaded->record.changes[loaded->retraction.by].agency);
}

static tp_rc check_update(tp_rule_work *work, tp_err *err)
{
    tp_write *w = work->w;
    const tp_value *reason = tp_write_value(w, TP_FIELD_RETRACTED);
    tp_rc rc = TP_OK;
    if (w->op == TP_WRITE_RETRACT) {
        if (reason == NULL || reason->is_null) {
            rc = tp_write_refuse(w, TP_FIELD_RETRACTED, TP_INVALID, "say why", err);
            err->mend = TP_MEND_REASON;
            return rc;
        }
        work->restricts = true;
    } else if (reason != NULL && !reason->is_null) {
        rc = tp_write_refuse(w, TP_FIELD_RETRACTED, TP_INVALID,
                             "a record is taken back by itself, not as one of its fields", err);
        err->mend = TP_MEND_RETRACT;
        return rc;
    } else if (work->loaded->retraction.is_hidden && reason == NULL) {
        return tp_fail_mend(err, TP_DENIED, TP_MEND_BRING_BACK,
                            "this record was taken back: bring it back first");
    } else if (reason != NULL && !may_bring_back(work)) {
        return tp_write_refuse(w, TP_FIELD_RETRACTED, TP_DENIED,
                               "only the agency that made the record, or took it back, brings it "
                               "back",
                               err);
    }
    if (w->fields_count == 0) {
        return tp_fail_mend(err, TP_INVALID, TP_MEND_VALUE, "nothing to change");
    }
    for (uint32_t i = 0; rc == TP_OK && i < w->fields_count; i++) {
        rc = check_updated_field(work, &w->fields[i], err);
    }
    if (tp_write_value(w, TP_FIELD_INFO) != NULL) {
        work->restricts = true;
    }
    return rc;
}

/* ---- Records that are named ---- */

static tp_rc take_erased(void *context, const tp_log_row *row, tp_err *err)
{
    int64_t *erased_ms = context;
    (void)err;
    *erased_ms = row->erased_ms;
    return TP_OK;
}

tp_rc tp_rule_is_erased(tp_node *node, tp_tx *tx, tp_name name, bool *is_erased_out, tp_err *err)
{
    int64_t erased_ms = 0;
    tp_packed_name packed = 0;
    tp_err missing = {0};
    tp_rc rc = tp_log_pack_known(node->log, tx, name, &packed, &missing);
    if (rc == TP_OK) {
        rc = tp_log_get(node->log, tx, packed, take_erased, &erased_ms, &missing);
    }
    *is_erased_out = rc == TP_OK && erased_ms != 0;
    if (rc == TP_NOTFOUND) {
        return TP_OK; /* of the person there is only the name, of which nothing was said */
    }
    if (rc != TP_OK) {
        *err = missing;
    }
    return rc;
}

/* What was written about somebody erased would stand beside no name, and be sent to nobody. */
static tp_rc check_not_erased(tp_rule_work *work, const tp_field_row *row, tp_name name,
                              tp_err *err)
{
    bool is_erased = false;
    tp_rc rc = tp_rule_is_erased(work->w->node, work->tx, name, &is_erased, err);
    return rc != TP_OK || !is_erased
               ? rc
               : tp_write_refuse(work->w, row->code, TP_DENIED,
                                 "that person's record was erased, here and everywhere else: "
                                 "record the person anew",
                                 err);
}

static tp_rc check_reference(tp_rule_work *work, const tp_field_row *row, tp_name name,
                             uint32_t entity, tp_err *err)
{
    tp_record_ref ref;
    tp_err missing = {0};
    tp_rc rc = tp_merge_find(work->w->node->merge, work->tx, name, &ref, &missing);
    if (rc == TP_NOTFOUND) {
        return tp_write_refuse(work->w, row->code, TP_NOTFOUND, "no such record is held here", err);
    }
    if (rc != TP_OK) {
        *err = missing;
        return rc;
    }
    if (entity != 0 && ref.entity != entity) {
        return tp_write_refuse(work->w, row->code, TP_INVALID, "that is a record of another kind",
                               err);
    }
    bool may_be_erased = entity == TP_PERSON && (ref.flags & TP_RECORD_GIVEN_BACK) != 0;
    return may_be_erased ? check_not_erased(work, row, name, err) : TP_OK;
}

/* What a field of names may name; 0: anything that is held. */
static uint32_t named_entity(const tp_write *w, const tp_field_row *row)
{
    if (row->code == TP_FIELD_PERSON || (w->entity == TP_JOIN && row->code == TP_JOIN_SAME_AS)) {
        return TP_PERSON;
    }
    if (w->entity == TP_UNJOIN && row->code == TP_UNJOIN_JOINS) {
        return TP_JOIN;
    }
    return 0;
}

static tp_rc check_references(tp_rule_work *work, tp_err *err)
{
    tp_write *w = work->w;
    tp_rc rc = TP_OK;
    for (uint32_t i = 0; rc == TP_OK && i < w->fields_count; i++) {
        const tp_write_field *field = &w->fields[i];
        for (uint32_t n = 0; rc == TP_OK && n < field->value->names_count; n++) {
            rc = check_reference(work, field->row, field->value->names[n],
                                 named_entity(w, field->row), err);
        }
    }
    return rc;
}
