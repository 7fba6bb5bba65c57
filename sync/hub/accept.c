/* Accepting changes. */
#include "sync/hub/accept_state.h"

#include "platform/base/alloc.h"
#include "schema/request_code.h"
#include "sync/access/access_read.h"
#include "sync/hub/check.h"
#include "sync/hub/store_back.h"
#include "sync/hub/store_erased.h"
#include "sync/wire/change_bytes.h"
#include "sync/wire/field_value.h"

#include <stdio.h>

static tp_rc check_change(tp_hub_acceptor *a, tp_hub_item *item, bool is_kiosk, uint32_t *code_out,
                          const char **text_out, tp_err *err);
static tp_rc judge_moving(tp_hub_acceptor *a, const tp_hub_item *item, bool is_new, tp_err *err);

tp_rc tp_hub_acceptor_new(tp_hub_store *store, tp_hub_persons *persons, tp_hub_judge *judge,
                          const tp_hmac_key *tags, tp_hub_acceptor **acceptor_out, tp_err *err)
{
    *acceptor_out = NULL;
    tp_hub_acceptor *a = tp_alloc(sizeof *a);
    if (a == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory to accept changes");
    }
    a->store = store;
    a->persons = persons;
    a->judge = judge;
    a->tags = tags;
    a->eras = tp_alloc(TP_HUB_ERAS_MAX * sizeof *a->eras);
    a->change = tp_alloc(sizeof *a->change);
    a->value = tp_alloc(sizeof *a->value);
    a->touched = tp_alloc(sizeof *a->touched);
    a->meant = tp_slice_of(NULL, 0);
    tp_buf_init(&a->names, TP_CHANGE_NAMED_MAX * sizeof(tp_name));
    tp_buf_init(&a->renamings, (TP_CHANGE_NAMED_MAX + 1) * sizeof(tp_renaming));
    tp_buf_init(&a->bytes, TP_BATCH_BYTES_MAX);
    if (a->eras == NULL || a->change == NULL || a->value == NULL || a->touched == NULL) {
        tp_hub_acceptor_free(a);
        return tp_fail(err, TP_NOMEM, "no memory to accept changes");
    }
    *acceptor_out = a;
    return TP_OK;
}

void tp_hub_acceptor_free(tp_hub_acceptor *acceptor)
{
    if (acceptor == NULL) {
        return;
    }
    tp_buf_done(&acceptor->bytes);
    tp_buf_done(&acceptor->names);
    tp_buf_done(&acceptor->renamings);
    tp_free(acceptor->eras);
    tp_free(acceptor->change);
    tp_free(acceptor->value);
    tp_free(acceptor->touched);
    tp_free(acceptor);
}

/* ---- One change ---- */

static tp_stamp stamp_change(tp_hub_acceptor *a, const tp_era_reading *reading)
{
    tp_estimate estimate = {
        .ms = a->now_ms, .earliest_ms = TP_STAMP_EARLIEST_MS, .latest_ms = a->now_ms};
    if (reading->era != 0) {
        estimate = tp_stamp_estimate(a->eras, a->eras_count, *reading, a->now_ms);
    }
    tp_hub_state *state = tp_hub_store_state(a->store);
    state->number++;
    return tp_stamp_make(estimate, a->device->last_stamp_ms, a->now_ms, state->number);
}

void tp_hub_acceptor_note_given(tp_hub_acceptor *a, const tp_stamp *stamp)
{
    tp_hub_state *state = tp_hub_store_state(a->store);
    state->number = stamp->number > state->number ? stamp->number : state->number;
    state->clock_ms = stamp->ms > state->clock_ms ? stamp->ms : state->clock_ms;
}

static uint32_t code_of(tp_rc rc)
{
    return rc == TP_LIMIT     ? TP_QUARANTINE_LIMIT
           : rc == TP_INVALID ? TP_QUARANTINE_VALUE
                              : TP_QUARANTINE_BYTES;
}

tp_rc tp_hub_acceptor_examine(tp_hub_acceptor *a, tp_hub_item *item, bool is_kiosk,
                              tp_era_reading *reading_out, tp_hub_accepted *accepted_out,
                              tp_err *err)
{
    const char *text = "";
    tp_err why;
    *reading_out = (tp_era_reading){0, 0, 0};
    accepted_out->code = 0;
    accepted_out->is_other = false;
    accepted_out->is_erased = false;
    accepted_out->as = (tp_name){0, 0};
    tp_rc rc = tp_change_decode(item->name, item->bytes, a->change, &why);
    if (rc == TP_NOMEM) {
        return tp_fail(err, TP_NOMEM, "no memory to read a change");
    }
    if (rc != TP_OK) {
        tp_err ignored;
        accepted_out->code = code_of(rc);
        text = why.what;
        if (tp_change_decode_reading(item->bytes, reading_out, &ignored) != TP_OK) {
            reading_out->era = 0;
            reading_out->up_ms = 0;
        }
        rc = TP_OK;
    } else {
        *reading_out = a->change->reading;
        item->record = a->change->record;
        rc = tp_hub_erased_has(a->store, item->record, &accepted_out->is_erased, err);
        if (rc == TP_OK && !accepted_out->is_erased) {
            rc = check_change(a, item, is_kiosk, &accepted_out->code, &text, err);
        }
    }
    accepted_out->up_ms = reading_out->up_ms;
    (void)snprintf(accepted_out->text, sizeof accepted_out->text, "%s",
                   accepted_out->code == 0 ? "" : text);
    return rc;
}

static tp_rc quarantine(tp_hub_acceptor *a, const tp_hub_item *item,
                        const tp_hub_accepted *accepted, tp_err *err)
{
    tp_hub_quarantined entry = {.name = item->name,
                                .received_ms = a->now_ms,
                                .stamp = item->stamp,
                                .code = accepted->code,
                                .text = accepted->text,
                                .is_dismissed = accepted->code == TP_QUARANTINE_MEANT,
                                .bytes = item->bytes};
    return tp_hub_quarantine_put(a->store, &entry, err);
}

/* Was it handed by others before its author pushed it? */
static tp_rc find_ahead(tp_hub_acceptor *a, tp_name name, tp_slice bytes,
                        tp_hub_accepted *accepted_out, bool *is_found_out, tp_err *err)
{
    bool is_same = false;
    tp_err missing;
    *is_found_out = false;
    if (tp_hub_store_state(a->store)->ahead == 0) {
        return TP_OK;
    }
    tp_rc rc = tp_hub_recall(a, name, bytes, accepted_out, &is_same, &missing);
    if (rc == TP_NOTFOUND) {
        return TP_OK;
    }
    if (rc != TP_OK) {
        *err = missing;
    }
    *is_found_out = rc == TP_OK;
    accepted_out->is_other = rc == TP_OK && !is_same;
    return rc;
}

/* What names something by a name that another has here is here by another name itself; under its
 * own it counts as received. */
static tp_rc displace_meant(tp_hub_acceptor *a, tp_hub_item *item, tp_hub_accepted *accepted_out,
                            tp_err *err)
{
    tp_hub_naming naming = TP_HUB_NAMES_WHAT_IS_HERE;
    tp_hub_displaced displaced = {.is_erased = false};
    tp_rc rc = tp_hub_acceptor_look_up(a, item, true, &naming, err);
    if (rc != TP_OK || naming == TP_HUB_NAMES_WHAT_IS_HERE) {
        return rc;
    }
    rc = tp_hub_acceptor_displace(a, item, TP_HUB_NAMES_DISPLACED, &displaced, err);
    accepted_out->is_erased = displaced.is_erased;
    if (displaced.is_erased) {
        accepted_out->code = 0;
        item->record = displaced.record;
        return rc;
    }
    accepted_out->as = displaced.as;
    accepted_out->code = TP_QUARANTINE_MEANT;
    (void)snprintf(accepted_out->text, sizeof accepted_out->text,
                   "what it names has another name here, and so has it");
    return rc;
}

/* Others have handed another change by its number.  What was told to be accepted nobody writes
 * again: it is here by another name, and in the chain of its author there is a gap. */
static tp_rc accept_other(tp_hub_acceptor *a, tp_hub_item *item, const tp_stamp *given,
                          tp_hub_accepted *accepted_out, tp_err *err)
{
    tp_era_reading reading = {0, 0, 0};
    tp_err unread;
    tp_name as = {0, 0};
    tp_rc rc = tp_hub_acceptor_other_name(a, item->name, item->bytes, &as, err);
    if (rc != TP_OK || (tp_name_is_none(as) && !a->is_again)) {
        return rc;
    }
    accepted_out->is_other = false;
    if (tp_change_decode_reading(item->bytes, &reading, &unread) != TP_OK) {
        reading = (tp_era_reading){0, 0, 0};
    }
    accepted_out->up_ms = reading.up_ms;
    item->stamp = given == NULL ? stamp_change(a, &reading) : *given;
    tp_hub_acceptor_note_given(a, &item->stamp);
    rc = tp_hub_acceptor_displace_own(a, item, accepted_out, err);
    if (rc == TP_OK && accepted_out->stamp.ms > a->device->last_stamp_ms) {
        a->device->last_stamp_ms = accepted_out->stamp.ms;
    }
    return rc;
}

tp_rc tp_hub_accept(tp_hub_acceptor *acceptor, uint64_t seq, tp_slice bytes, const tp_stamp *given,
                    tp_hub_accepted *accepted_out, tp_err *err)
{
    tp_hub_acceptor *a = acceptor;
    tp_hub_item item = {.name = {a->device->id, seq}, .bytes = bytes, .agency = a->device->agency};
    tp_era_reading reading;
    bool is_ahead = false;
    tp_rc rc = find_ahead(a, item.name, bytes, accepted_out, &is_ahead, err);
    if (rc == TP_OK && !is_ahead) {
        rc = tp_hub_acceptor_examine(a, &item, a->device->is_kiosk, &reading, accepted_out, err);
    }
    if (rc == TP_OK && is_ahead && accepted_out->is_other) {
        return accept_other(a, &item, given, accepted_out, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    if (!is_ahead) {
        accepted_out->stamp = given == NULL ? stamp_change(a, &reading) : *given;
        item.stamp = accepted_out->stamp;
        tp_hub_acceptor_note_given(a, &item.stamp);
        rc = displace_meant(a, &item, accepted_out, err);
    }
    if (accepted_out->stamp.ms > a->device->last_stamp_ms) {
        a->device->last_stamp_ms = accepted_out->stamp.ms;
    }
    if (rc != TP_OK) {
        return rc;
    }
    if (is_ahead) {
        return tp_hub_erased_pushed(a->store, item.name, bytes, err);
    }
    if (accepted_out->is_erased) {
        /* Whoever wrote it did not know: it is given back with the answer, and kept nowhere. */
        return tp_hub_erased_put(a->store, &item, err);
    }
    return accepted_out->code == 0 ? tp_hub_acceptor_store(a, &item, err)
                                   : quarantine(a, &item, accepted_out, err);
}

/* Fills in what the item's place in the log is: record, entity, creator, person. */
static tp_rc place_change(tp_hub_acceptor *a, tp_hub_item *item, tp_hub_known *known, tp_name named,
                          tp_err *err)
{
    const tp_change *change = a->change;
    tp_hub_item record;
    item->record = change->record;
    item->entity = change->entity;
    item->creator = tp_hub_device_agency(a->store, change->record.device);
    item->person = change->entity == TP_PERSON ? change->record : named;
    if (tp_change_creates(change)) {
        return TP_OK;
    }
    tp_rc rc = tp_hub_log_get(a->store, change->record, &record, NULL, err);
    if (rc == TP_NOTFOUND) {
        /* Of a record nobody knows yet, it is not known whom it is about. */
        item->person = change->entity == TP_PERSON ? change->record : (tp_name){0, 0};
        return TP_OK;
    }
    if (rc == TP_OK) {
        known->has_record = true;
        known->record_entity = record.entity;
        if (!tp_name_is_none(record.person)) {
            item->person = record.person; /* filled once: the first at the hub stands */
        }
    }
    return rc;
}

static tp_rc check_change(tp_hub_acceptor *a, tp_hub_item *item, bool is_kiosk, uint32_t *code_out,
                          const char **text_out, tp_err *err)
{
    tp_hub_known known = {.is_kiosk = is_kiosk};
    const tp_hub_person *person = NULL;
    bool is_readable = true;
    const tp_name named = tp_hub_acceptor_named(a, a->change, &is_readable);
    if (!is_readable) {
        *code_out = TP_QUARANTINE_VALUE;
        *text_out = "the person it is about cannot be read";
        return TP_OK;
    }
    tp_rc rc = place_change(a, item, &known, named, err);
    known.has_person = !tp_name_is_none(named);
    known.is_person_itself = known.has_person && tp_name_eq(named, item->record);
    if (rc == TP_OK && known.has_person && !known.is_person_itself) {
        rc = tp_hub_persons_get(a->persons, named, a->now_ms, &person, err);
        known.is_person_other = rc == TP_OK && person->is_other;
    }
    if (rc == TP_OK) {
        *code_out = tp_hub_check(a->change, &known, text_out);
    }
    return rc;
}

static bool moves_access(const tp_change *change)
{
    const tp_entity_row *entity = tp_entity_of(change->entity);
    return (entity != NULL && (entity->flags & TP_ENTITY_MOVES_ACCESS) != 0) ||
           (change->restricts && !tp_access_understands(change));
}

/* A record is judged whole that may be about somebody else now; and so is who was refused something
 * about either, which hangs on who ever held anything about them. */
static tp_rc judge_filed(tp_hub_acceptor *a, const tp_hub_item *item, tp_err *err)
{
    bool is_moved = false;
    tp_hub_filed filed;
    tp_rc rc = tp_hub_acceptor_file(a, item->record, &filed, err);
    if (rc == TP_OK) {
        rc = tp_hub_judge_updated(a->judge, item, true, a->now_ms, &is_moved, err);
    }
    if (rc != TP_OK || tp_name_eq(filed.before, filed.now)) {
        return rc;
    }
    rc = tp_hub_judge_refusals(a->judge, filed.before, a->now_ms, err);
    return rc == TP_OK ? tp_hub_judge_refusals(a->judge, filed.now, a->now_ms, err) : rc;
}

static tp_rc judge_person_anew(tp_hub_acceptor *a, tp_name name, tp_err *err)
{
    a->touched->count = 0;
    a->touched->is_over = false;
    tp_hub_persons_forget_one(a->persons, name);
    tp_hub_touched_add(a->touched, name);
    tp_rc rc = tp_hub_touched_add_groups(a->touched, a->persons, a->now_ms, err);
    for (uint32_t i = 0; i < a->touched->count; i++) {
        tp_hub_persons_forget_one(a->persons, a->touched->names[i]);
    }
    return rc == TP_OK ? tp_hub_judge_persons(a->judge, a->touched, a->now_ms, err) : rc;
}

/* By it whoever asked may ask after it.  What is no code finds nothing, and harms nobody. */
static tp_rc note_code(tp_hub_acceptor *a, const tp_hub_item *item, tp_err *err)
{
    char code[TP_REQUEST_CODE_MAX];
    tp_err ignored;
    const tp_change_field *field = tp_change_field_of(a->change, TP_REQUEST_CODE);
    if (item->entity != TP_HELP_REQUEST || field == NULL || !field->has_value ||
        tp_field_value_decode(tp_field_of(TP_HELP_REQUEST, TP_REQUEST_CODE), a->change,
                              field->value, a->value, &ignored) != TP_OK ||
        a->value->is_null || tp_request_code_normalise(a->value->text, code, &ignored) != TP_OK) {
        return TP_OK;
    }
    return tp_hub_request_code_put(a->store, tp_slice_str(code), item->name, err);
}

static tp_rc store_created(tp_hub_acceptor *a, const tp_hub_item *item, tp_err *err)
{
    tp_rc rc = tp_hub_log_append(a->store, item, err);
    if (rc == TP_OK) {
        rc = note_code(a, item, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    if (tp_hub_store_state(a->store)->orphans > 0) {
        rc = judge_filed(a, item, err); /* it may have been updated before: after going back */
    } else {
        rc = tp_hub_judge_created(a->judge, item, a->change, a->now_ms, err);
    }
    if (rc == TP_OK && item->entity == TP_PERSON) {
        const tp_hub_person *person = NULL;
        tp_hub_persons_forget_one(a->persons, item->name);
        rc = tp_hub_persons_get(a->persons, item->name, a->now_ms, &person, err);
        if (rc == TP_OK && person->has_joins) {
            rc = judge_person_anew(a, item->name, err); /* a join that waited for its person */
        }
    }
    return rc;
}

static tp_rc store_updated(tp_hub_acceptor *a, const tp_hub_item *item, tp_err *err)
{
    tp_hub_item record;
    bool is_moved = false;
    bool is_readable = false;
    const bool names_person = item->entity != TP_PERSON &&
                              !tp_name_is_none(tp_hub_acceptor_named(a, a->change, &is_readable));
    tp_rc rc = tp_hub_log_get(a->store, item->record, &record, NULL, err);
    if (rc == TP_NOTFOUND) {
        tp_hub_store_state(a->store)->orphans++;
        rc = TP_OK;
    }
    if (rc == TP_OK) {
        rc = tp_hub_log_append(a->store, item, err);
    }
    if (rc == TP_OK && names_person) {
        return judge_filed(a, item, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_judge_updated(a->judge, item, false, a->now_ms, &is_moved, err);
    }
    if (rc == TP_OK && is_moved && item->entity == TP_PERSON) {
        rc = judge_person_anew(a, item->record, err);
    }
    return rc;
}

tp_rc tp_hub_acceptor_store(tp_hub_acceptor *a, const tp_hub_item *item, tp_err *err)
{
    tp_hub_persons_trim(a->persons);
    if (moves_access(a->change)) {
        return judge_moving(a, item, true, err);
    }
    tp_rc rc =
        tp_change_creates(a->change) ? store_created(a, item, err) : store_updated(a, item, err);
    return rc == TP_OK ? tp_hub_judge_refusals(a->judge, item->person, a->now_ms, err) : rc;
}

/* ---- What moves access ---- */

static tp_rc read_field(tp_hub_acceptor *a, uint32_t code, tp_err *err)
{
    const tp_change_field *field = tp_change_field_of(a->change, code);
    const tp_field_row *row = tp_field_of(a->change->entity, code);
    a->value->names_count = 0;
    if (field == NULL || !field->has_value || row == NULL) {
        return TP_OK;
    }
    a->value->is_null = false;
    tp_rc rc = tp_field_value_decode(row, a->change, field->value, a->value, err);
    if (rc == TP_OK && a->value->is_null) {
        a->value->names_count = 0;
    }
    return rc;
}

/* Files the change under every person it touches; an unjoin under the joins it names as well, which
 * may come later than it does. */
static tp_rc file_event(tp_hub_acceptor *a, const tp_hub_item *item, tp_err *err)
{
    uint32_t field = item->entity == TP_CONSENT  ? TP_CONSENT_PERSONS
                     : item->entity == TP_JOIN   ? TP_JOIN_SAME_AS
                     : item->entity == TP_UNJOIN ? TP_UNJOIN_JOINS
                                                 : 0;
    tp_rc rc = TP_OK;
    if (!tp_name_is_none(item->person)) {
        tp_hub_touched_add(a->touched, item->person);
        rc = tp_hub_event_add(a->store, item->person, item->name, err);
    }
    if (rc == TP_OK && field != 0) {
        rc = read_field(a, field, err);
    }
    for (uint32_t i = 0; rc == TP_OK && field != 0 && i < a->value->names_count; i++) {
        tp_name named = a->value->names[i];
        rc = tp_hub_event_add(a->store, named, item->name, err);
        if (item->entity != TP_UNJOIN) {
            tp_hub_touched_add(a->touched, named);
        }
    }
    return rc;
}

/* The persons whom the joins of an unjoin joined. */
static tp_rc touch_unjoined(tp_hub_acceptor *a, const tp_hub_item *item, tp_err *err)
{
    tp_name joins[TP_VALUE_NAMES_MAX];
    if (item->entity != TP_UNJOIN) {
        return TP_OK;
    }
    tp_rc rc = read_field(a, TP_UNJOIN_JOINS, err);
    uint32_t count = rc == TP_OK ? a->value->names_count : 0;
    if (count > 0) {
        memcpy(joins, a->value->names, count * sizeof joins[0]);
    }
    for (uint32_t i = 0; rc == TP_OK && i < count; i++) {
        tp_hub_item join;
        tp_join read;
        tp_change *change = tp_hub_persons_scratch(a->persons);
        rc = tp_hub_log_get(a->store, joins[i], &join, &a->bytes, err);
        if (rc == TP_OK && join.entity == TP_JOIN) {
            rc = tp_change_decode(join.name, join.bytes, change, err);
            if (rc == TP_OK && tp_join_read(change, &read)) {
                tp_hub_touched_add(a->touched, read.person);
                tp_hub_touched_add(a->touched, read.same_as);
            }
        } else if (rc == TP_NOTFOUND) {
            rc = TP_OK;
        }
    }
    return rc;
}

static void forget_touched(tp_hub_acceptor *a)
{
    for (uint32_t i = 0; i < a->touched->count; i++) {
        tp_hub_persons_forget_one(a->persons, a->touched->names[i]);
    }
}

/* Whoever was one person with somebody touched before is judged, and whoever is so after.
 * is_new: it is not in the log yet. */
static tp_rc judge_moving(tp_hub_acceptor *a, const tp_hub_item *item, bool is_new, tp_err *err)
{
    a->touched->count = 0;
    a->touched->is_over = false;
    tp_rc rc = file_event(a, item, err);
    if (rc == TP_OK) {
        rc = touch_unjoined(a, item, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_touched_add_groups(a->touched, a->persons, a->now_ms, err);
    }
    if (rc == TP_OK && is_new) {
        rc = tp_hub_log_append(a->store, item, err);
    }
    if (rc == TP_OK) {
        forget_touched(a);
        rc = tp_hub_touched_add_groups(a->touched, a->persons, a->now_ms, err);
    }
    if (rc == TP_OK) {
        forget_touched(a);
        rc = tp_hub_judge_persons(a->judge, a->touched, a->now_ms, err);
    }
    if (rc == TP_OK && (tp_name_is_none(item->person) || !tp_change_creates(a->change))) {
        bool is_moved = false;
        rc = tp_hub_judge_updated(a->judge, item, true, a->now_ms, &is_moved, err);
    }
    return rc;
}

tp_rc tp_hub_acceptor_judge_again(tp_hub_acceptor *a, const tp_hub_item *item, tp_err *err)
{
    tp_rc rc = tp_change_decode(item->name, item->bytes, a->change, err);
    if (rc == TP_OK && moves_access(a->change)) {
        return judge_moving(a, item, false, err);
    }
    return rc == TP_OK ? judge_filed(a, item, err) : rc;
}

/* ---- What was received before ---- */

typedef struct recalled {
    tp_slice bytes;
    tp_hub_accepted *accepted;
    bool is_found;
    bool is_same;
} recalled;

static tp_rc recall_quarantined(void *ctx, const tp_hub_quarantined *entry, tp_err *err)
{
    recalled *r = ctx;
    (void)err;
    r->is_found = true;
    r->is_same = tp_slice_eq(entry->bytes, r->bytes);
    r->accepted->code = entry->code;
    r->accepted->stamp = entry->stamp;
    (void)snprintf(r->accepted->text, sizeof r->accepted->text, "%s", entry->text);
    return TP_OK;
}

tp_rc tp_hub_recall(tp_hub_acceptor *acceptor, tp_name name, tp_slice bytes,
                    tp_hub_accepted *accepted_out, bool *same_out, tp_err *err)
{
    tp_hub_item item;
    tp_era_reading reading;
    tp_err ignored;
    recalled r = {.bytes = bytes, .accepted = accepted_out};
    tp_rc rc = tp_hub_log_get(acceptor->store, name, &item, &acceptor->bytes, err);
    if (rc == TP_OK) {
        accepted_out->code = 0;
        accepted_out->text[0] = '\0';
        accepted_out->stamp = item.stamp;
        r.is_found = true;
        r.is_same = tp_slice_eq(item.bytes, bytes);
    } else if (rc == TP_NOTFOUND) {
        accepted_out->code = 0;
        accepted_out->text[0] = '\0';
        rc = tp_hub_erased_recall(acceptor->store, name, bytes, &accepted_out->stamp, &r.is_same,
                                  err);
        r.is_found = rc == TP_OK;
    }
    if (rc == TP_NOTFOUND) {
        rc = tp_hub_quarantine_get(acceptor->store, name, recall_quarantined, &r, err);
    }
    if (rc == TP_OK && !r.is_found) {
        rc = tp_fail(err, TP_NOTFOUND, "this change was never received");
    }
    accepted_out->as = (tp_name){0, 0};
    if (rc == TP_OK && accepted_out->code == TP_QUARANTINE_MEANT) {
        rc = tp_hub_displaced_as(acceptor, name, &accepted_out->as, err);
    }
    if (rc == TP_OK) {
        bool has_reading = tp_change_decode_reading(bytes, &reading, &ignored) == TP_OK;
        accepted_out->up_ms = has_reading ? reading.up_ms : 0;
        *same_out = r.is_same;
    }
    return rc;
}

tp_rc tp_hub_accept_again(tp_hub_acceptor *acceptor, const tp_hub_quarantined *entry,
                          int64_t now_ms, tp_hub_accepted *accepted_out, tp_err *err)
{
    tp_hub_acceptor *a = acceptor;
    tp_hub_device device;
    tp_era_reading reading;
    tp_hub_item item = {.name = entry->name, .bytes = entry->bytes, .stamp = entry->stamp};
    a->now_ms = now_ms;
    accepted_out->stamp = item.stamp;
    if (entry->code == TP_QUARANTINE_MEANT) { /* by its own name it would say it of another */
        accepted_out->code = entry->code;
        (void)snprintf(accepted_out->text, sizeof accepted_out->text, "%s", entry->text);
        return TP_OK;
    }
    bool is_displaced = false;
    tp_rc rc = tp_hub_acceptor_displace_again(a, entry, &is_displaced, accepted_out, err);
    if (rc == TP_OK && !is_displaced) {
        rc = tp_hub_device_get(a->store, entry->name.device, &device, err);
    }
    if (rc != TP_OK || is_displaced) {
        return rc;
    }
    item.agency = device.agency;
    rc = tp_hub_acceptor_examine(a, &item, device.is_kiosk, &reading, accepted_out, err);
    if (rc == TP_OK && accepted_out->is_erased) { /* it could not be read when its record was */
        return tp_hub_erase_change(a->store, item.name, item.record, err);
    }
    if (rc == TP_OK && accepted_out->code == 0) {
        rc = tp_hub_acceptor_store(a, &item, err);
        if (rc == TP_OK) {
            rc = tp_hub_quarantine_remove(a->store, item.name, err);
        }
    }
    return rc;
}
