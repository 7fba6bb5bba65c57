/* Erasing: what goes, and that it goes. */
#include "sync/hub/erase.h"

#include "platform/base/alloc.h"
#include "sync/access/access_read.h"
#include "sync/wire/change_bytes.h"
#include "sync/wire/field_value.h"
#include "sync/wire/meant.h"

#include <stdlib.h>

enum {
    RECORDS_MAX = 1 << 18, /* of one erasure */
    CHANGES_MAX = 1 << 20,
    LISTED_MAX = TP_VALUE_NAMES_MAX
};

/* What is shared while the records are found. */
typedef struct finding {
    tp_hub *hub;
    tp_hub_erase_plan *plan;
    tp_change *change;
    tp_value *value;
    const tp_name *persons; /* whose records go; NULL: one record */
    uint32_t persons_count;
    tp_name record; /* the one whose changes are gathered */
    bool is_found;
    bool moves_access;
} finding;

static tp_rc find_one(finding *f, tp_name name, tp_err *err);
static tp_rc find_everything(finding *f, tp_name name, tp_err *err);
static tp_rc gather_changes(finding *f, tp_err *err);
static tp_rc begin_finding(finding *f, tp_err *err);
static void end_finding(finding *f);

void tp_hub_erase_plan_init(tp_hub_erase_plan *plan)
{
    memset(plan, 0, sizeof *plan);
    tp_buf_init(&plan->records, RECORDS_MAX * sizeof(tp_name));
    tp_buf_init(&plan->changes, CHANGES_MAX * sizeof(tp_hub_erase_item));
}

void tp_hub_erase_plan_done(tp_hub_erase_plan *plan)
{
    tp_buf_done(&plan->records);
    tp_buf_done(&plan->changes);
}

static int compare_names(const void *a, const void *b)
{
    return tp_name_cmp(*(const tp_name *)a, *(const tp_name *)b);
}

static int compare_changes(const void *a, const void *b)
{
    const tp_hub_erase_item *x = a;
    const tp_hub_erase_item *y = b;
    return tp_name_cmp(x->name, y->name);
}

static tp_name *records_of(const tp_hub_erase_plan *plan, size_t *count_out)
{
    *count_out = plan->records.bytes / sizeof(tp_name);
    return (tp_name *)(void *)plan->records.at;
}

static bool has_record(const tp_hub_erase_plan *plan, tp_name record)
{
    size_t count = 0;
    const tp_name *records = records_of(plan, &count);
    return count > 0 && bsearch(&record, records, count, sizeof record, compare_names) != NULL;
}

static tp_rc add_record(finding *f, tp_name record, tp_err *err)
{
    return tp_buf_add(&f->plan->records, &record, sizeof record, err);
}

tp_rc tp_hub_erase_find(tp_hub *hub, tp_name name, bool has_everything, tp_hub_erase_plan *plan,
                        tp_err *err)
{
    bool is_erased = false;
    tp_name as = {0, 0};
    finding f = {.hub = hub, .plan = plan};
    tp_rc rc = begin_finding(&f, err);
    if (rc == TP_OK) {
        rc = tp_hub_displaced_as(hub->acceptor, name, &as, err);
    }
    name = tp_name_is_none(as) ? name : as; /* whoever has it by the name it had may say that */
    if (rc == TP_OK) {
        rc = tp_hub_erased_has(hub->store, name, &is_erased, err);
    }
    if (rc == TP_OK && is_erased && !has_everything) {
        rc = tp_fail(err, TP_EXISTS, "this record was erased already");
    }
    if (rc == TP_OK) {
        rc = has_everything ? find_everything(&f, name, err) : find_one(&f, name, err);
    }
    if (rc == TP_OK) {
        rc = gather_changes(&f, err);
    }
    if (rc == TP_OK && plan->changes.bytes == 0) {
        rc = tp_fail(err, TP_NOTFOUND, "this hub has nothing of that name");
    }
    end_finding(&f);
    return rc;
}

tp_rc tp_hub_erase_gather(tp_hub *hub, tp_hub_erase_plan *plan, tp_err *err)
{
    finding f = {.hub = hub, .plan = plan};
    tp_rc rc = begin_finding(&f, err);
    if (rc == TP_OK) {
        rc = gather_changes(&f, err);
    }
    end_finding(&f);
    return rc;
}

static tp_rc begin_finding(finding *f, tp_err *err)
{
    f->change = tp_alloc(sizeof *f->change);
    f->value = tp_alloc(sizeof *f->value);
    return f->change == NULL || f->value == NULL ? tp_fail(err, TP_NOMEM, "no memory to erase")
                                                 : TP_OK;
}

static void end_finding(finding *f)
{
    tp_free(f->change);
    tp_free(f->value);
}

/* ---- One record ---- */

static bool moves_access(const finding *f, const tp_hub_item *item)
{
    const tp_entity_row *entity = tp_entity_of(item->entity);
    return (entity != NULL && (entity->flags & TP_ENTITY_MOVES_ACCESS) != 0) ||
           (f->change->restricts && !tp_access_understands(f->change));
}

static tp_rc look_at_item(void *ctx, const tp_hub_item *item, tp_err *err)
{
    finding *f = ctx;
    tp_rc rc = tp_change_decode(item->name, item->bytes, f->change, err);
    if (rc == TP_OK) {
        f->moves_access |= moves_access(f, item);
        tp_hub_touched_add(&f->plan->touched, item->person);
    }
    return rc;
}

static tp_rc find_one(finding *f, tp_name name, tp_err *err)
{
    tp_hub_item item;
    tp_err missing;
    tp_rc rc = tp_hub_log_get(f->hub->store, name, &item, NULL, &missing);
    if (rc == TP_OK && !tp_name_eq(item.record, name)) {
        return tp_fail(err, TP_INVALID,
                       "this is an update: whole records are erased, by the name of the record");
    }
    if (rc != TP_OK && rc != TP_NOTFOUND) {
        *err = missing;
        return rc;
    }
    rc = tp_hub_log_about(f->hub->store, (tp_name){0, 0}, name, look_at_item, f, err);
    if (rc == TP_OK && f->moves_access) {
        rc =
            tp_fail(err, TP_DENIED,
                    "it decides who may hold what, and goes only with everything about the person");
    }
    return rc == TP_OK ? add_record(f, name, err) : rc;
}

/* ---- Everything about a person ---- */

static bool is_going(const finding *f, tp_name person)
{
    for (uint32_t i = 0; i < f->persons_count; i++) {
        if (tp_name_eq(f->persons[i], person)) {
            return true;
        }
    }
    return false;
}

/* The names in a field of f->change into f->value; none where it has none that can be read. */
static void read_names(finding *f, uint32_t code)
{
    tp_err ignored;
    const tp_change_field *field = tp_change_field_of(f->change, code);
    const tp_field_row *row = tp_field_of(f->change->entity, code);
    f->value->names_count = 0;
    f->value->is_null = false;
    if (field == NULL || !field->has_value || row == NULL ||
        tp_field_value_decode(row, f->change, field->value, f->value, &ignored) != TP_OK ||
        f->value->is_null) {
        f->value->names_count = 0;
    }
}

/* A withdrawal or refusal that names somebody who stays protects them too. */
static tp_rc protects_others(finding *f, bool *protects_out, tp_err *err)
{
    tp_rc rc = TP_OK;
    *protects_out = false;
    read_names(f, TP_CONSENT_PERSONS);
    for (uint32_t i = 0; rc == TP_OK && i < f->value->names_count; i++) {
        bool is_gone = is_going(f, f->value->names[i]);
        if (!is_gone) {
            rc = tp_hub_erased_has(f->hub->store, f->value->names[i], &is_gone, err);
        }
        *protects_out = *protects_out || !is_gone;
    }
    return rc;
}

/* Does the unjoin undo a join between persons of whom one stays? */
static tp_rc undoes_others(finding *f, bool *undoes_out, tp_err *err)
{
    tp_name joins[LISTED_MAX];
    *undoes_out = false;
    read_names(f, TP_UNJOIN_JOINS);
    const uint32_t count = f->value->names_count;
    memcpy(joins, f->value->names, count * sizeof joins[0]);
    tp_buf bytes;
    tp_buf_init(&bytes, TP_CHANGE_BYTES_MAX);
    tp_rc rc = TP_OK;
    for (uint32_t i = 0; rc == TP_OK && i < count; i++) {
        tp_hub_item item;
        tp_join join;
        tp_err missing;
        rc = tp_hub_log_get(f->hub->store, joins[i], &item, &bytes, &missing);
        if (rc == TP_OK && tp_change_decode(item.name, item.bytes, f->change, &missing) == TP_OK &&
            tp_join_read(f->change, &join)) {
            *undoes_out = *undoes_out || (!is_going(f, join.person) && !is_going(f, join.same_as));
        } else if (rc == TP_NOTFOUND) {
            /* It may still come: then it must find what undoes it, unless it joins who goes. */
            bool is_erased = false;
            rc = tp_hub_erased_has(f->hub->store, joins[i], &is_erased, err);
            *undoes_out = *undoes_out || !is_erased;
        } else if (rc != TP_OK) {
            *err = missing;
        }
    }
    tp_buf_done(&bytes);
    return rc;
}

/* Takes the record in, unless somebody else is protected by it. */
static tp_rc take_record(void *ctx, const tp_hub_item *item, tp_err *err)
{
    finding *f = ctx;
    bool must_stay = false;
    if (!tp_name_eq(item->record, item->name)) {
        return TP_OK;
    }
    tp_rc rc = tp_change_decode(item->name, item->bytes, f->change, err);
    if (rc != TP_OK) {
        return rc;
    }
    if (item->entity == TP_CONSENT) {
        rc = protects_others(f, &must_stay, err);
    } else if (item->entity == TP_UNJOIN) {
        rc = undoes_others(f, &must_stay, err);
    }
    f->plan->kept += must_stay;
    return rc == TP_OK && !must_stay ? add_record(f, item->record, err) : rc;
}

/* Joins are filed under both persons, unjoins under the joins they name; and a consent of somebody
 * who was erased before stayed only for those it names. */
static tp_rc take_event(void *ctx, const tp_hub_item *item, tp_err *err)
{
    const finding *f = ctx;
    bool is_taken = item->entity == TP_JOIN || item->entity == TP_UNJOIN;
    tp_rc rc = TP_OK;
    if (is_going(f, item->person)) {
        return TP_OK; /* found with what is about them */
    }
    if (item->entity == TP_CONSENT) {
        rc = tp_hub_erased_has(f->hub->store, item->person, &is_taken, err);
    }
    return rc == TP_OK && is_taken ? take_record(ctx, item, err) : rc;
}

static tp_rc take_unjoins(finding *f, tp_err *err)
{
    size_t count = 0;
    tp_rc rc = TP_OK;
    (void)records_of(f->plan, &count);
    for (size_t i = 0; rc == TP_OK && i < count; i++) {
        tp_name record = records_of(f->plan, &count)[i]; /* the list may move while it grows */
        rc = tp_hub_events_about(f->hub->store, record, take_event, f, err);
    }
    return rc;
}

/* What stands in quarantine about them is in no list but that. */
static tp_rc take_quarantined(void *ctx, const tp_hub_quarantined *entry, tp_err *err)
{
    finding *f = ctx;
    tp_err unread;
    if (entry->code == TP_QUARANTINE_MEANT) {
        return TP_OK; /* whom it is about is said by its other name */
    }
    if (tp_change_decode(entry->name, entry->bytes, f->change, &unread) != TP_OK ||
        !tp_change_creates(f->change)) {
        return TP_OK;
    }
    read_names(f, TP_FIELD_PERSON);
    bool is_about = f->value->names_count > 0 && is_going(f, f->value->names[0]);
    return is_about ? add_record(f, entry->name, err) : TP_OK;
}

static tp_rc find_everything(finding *f, tp_name name, tp_err *err)
{
    const tp_hub_person *person = NULL;
    tp_name group[TP_GROUP_PERSONS_MAX];
    tp_hub *hub = f->hub;
    bool is_erased = false; /* then what came since goes */
    tp_rc rc = tp_hub_persons_get(hub->persons, name, hub->now_ms, &person, err);
    if (rc == TP_OK) {
        rc = tp_hub_erased_has(hub->store, name, &is_erased, err);
    }
    if (rc == TP_OK && !person->is_known && !is_erased) {
        rc = tp_fail(err, TP_INVALID, "there is no person of that name at this hub");
    }
    if (rc == TP_OK && person->is_ever_over) {
        rc = tp_fail(err, TP_LIMIT, "more records are joined with it than can be followed");
    }
    if (rc != TP_OK) {
        return rc;
    }
    f->persons_count = person->group_count;
    memcpy(group, person->group, person->group_count * sizeof group[0]);
    f->persons = group;
    f->plan->persons = f->persons_count;
    for (uint32_t i = 0; rc == TP_OK && i < f->persons_count; i++) {
        tp_hub_touched_add(&f->plan->touched, group[i]);
        rc = add_record(f, group[i], err);
        if (rc == TP_OK) {
            rc = tp_hub_log_about(hub->store, group[i], (tp_name){0, 0}, take_record, f, err);
        }
        if (rc == TP_OK) {
            rc = tp_hub_events_about(hub->store, group[i], take_event, f, err);
        }
    }
    if (rc == TP_OK) {
        rc = take_unjoins(f, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_quarantine_all(hub->store, 0, take_quarantined, f, err);
    }
    f->persons = NULL;
    f->persons_count = 0;
    return rc;
}

/* ---- Their changes ---- */

static tp_rc add_change(finding *f, tp_name name, tp_name record, tp_err *err)
{
    tp_hub_erase_item change = {name, record};
    return tp_buf_add(&f->plan->changes, &change, sizeof change, err);
}

static tp_rc take_change(void *ctx, const tp_hub_item *item, tp_err *err)
{
    finding *f = ctx;
    tp_hub_touched_add(&f->plan->touched, item->person);
    return add_change(f, item->name, item->record, err);
}

/* Of a record that is erased by both its names, what comes by either goes. */
static tp_rc add_by_own_name(finding *f, tp_name name, const tp_hub_erase_item *as, tp_err *err)
{
    const tp_hub_erase_item other = *as; /* the list moves while it grows */
    tp_rc rc = add_change(f, name, other.record, err);
    if (rc == TP_OK && tp_name_eq(other.name, other.record)) {
        rc = add_record(f, name, err);
        (void)tp_names_settle(&f->plan->records);
    }
    return rc;
}

/* What is here by another name goes by its own with it.  Of what could not be written again nobody
 * can say whose it is. */
static tp_rc take_displaced(finding *f, const tp_hub_quarantined *entry, tp_err *err)
{
    tp_name as;
    tp_rc rc = tp_hub_displaced_as(f->hub->acceptor, entry->name, &as, err);
    const tp_hub_erase_item *changes = (const tp_hub_erase_item *)(const void *)f->plan->changes.at;
    const size_t count = f->plan->changes.bytes / sizeof *changes;
    f->plan->unread += rc == TP_OK && tp_name_is_none(as);
    for (size_t i = 0; rc == TP_OK && i < count; i++) {
        if (tp_name_eq(changes[i].name, as)) {
            return add_by_own_name(f, entry->name, &changes[i], err);
        }
    }
    return rc;
}

/* Bytes that cannot be read are of no record that anybody knows, unless they were named. */
static tp_rc take_bytes(void *ctx, const tp_hub_quarantined *entry, tp_err *err)
{
    finding *f = ctx;
    tp_err unread;
    if (entry->code == TP_QUARANTINE_MEANT) {
        return take_displaced(f, entry, err);
    }
    bool is_read = tp_change_decode(entry->name, entry->bytes, f->change, &unread) == TP_OK;
    tp_name record = is_read ? f->change->record : entry->name;
    f->plan->unread += !is_read && !has_record(f->plan, record);
    return has_record(f->plan, record) ? add_change(f, entry->name, record, err) : TP_OK;
}

static tp_rc gather_changes(finding *f, tp_err *err)
{
    size_t count = 0;
    tp_rc rc = TP_OK;
    (void)tp_names_settle(&f->plan->records);
    const tp_name *records = records_of(f->plan, &count);
    for (size_t i = 0; rc == TP_OK && i < count; i++) {
        rc = tp_hub_log_about(f->hub->store, (tp_name){0, 0}, records[i], take_change, f, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_quarantine_all(f->hub->store, 0, take_bytes, f, err);
    }
    count = f->plan->changes.bytes / sizeof(tp_hub_erase_item);
    if (rc == TP_OK && count > 0) {
        qsort(f->plan->changes.at, count, sizeof(tp_hub_erase_item), compare_changes);
    }
    return rc;
}

/* ---- Who has it ---- */

typedef struct holders {
    tp_hub *hub;
    const tp_hub_erase_plan *plan;
    tp_hub_erase_holder_visit visit;
    void *ctx;
} holders;

/* A kiosk keeps nothing that the hub has accepted. */
static tp_rc count_held(void *ctx, const tp_hub_device *device, tp_err *err)
{
    const holders *h = ctx;
    const tp_hub_erase_item *changes = (const void *)h->plan->changes.at;
    const size_t count = h->plan->changes.bytes / sizeof changes[0];
    tp_hub_erase_holder holder = {device, 0};
    for (size_t i = 0; !device->is_kiosk && i < count; i++) {
        tp_hub_feed_row rows[TP_AGENCIES_MAX];
        bool is_own = false;
        tp_rc rc = tp_hub_feed_of(h->hub->store, changes[i].name, rows, err);
        if (rc == TP_OK) {
            rc = tp_hub_device_wrote(h->hub->store, device, changes[i].name, &is_own, err);
        }
        if (rc != TP_OK) {
            return rc;
        }
        const tp_hub_feed_row *row = &rows[device->agency - 1];
        const bool was_sent = row->position != 0 && row->first_position <= device->sent;
        const bool is_kept = row->position == 0 || row->is_held || row->position > device->receipt;
        holder.changes += (is_own || was_sent) && is_kept;
    }
    return holder.changes > 0 ? h->visit(h->ctx, &holder, err) : TP_OK;
}

tp_rc tp_hub_erase_holders(tp_hub *hub, const tp_hub_erase_plan *plan,
                           tp_hub_erase_holder_visit visit, void *ctx, tp_err *err)
{
    holders h = {hub, plan, visit, ctx};
    return tp_hub_devices(hub->store, count_held, &h, err);
}

/* ---- Doing it ---- */

static tp_rc take_away(tp_hub *hub, const tp_hub_erase_plan *plan, uint64_t erasure, tp_err *err)
{
    size_t records_count = 0;
    const tp_name *records = records_of(plan, &records_count);
    const tp_hub_erase_item *changes = (const void *)plan->changes.at;
    const size_t changes_count = plan->changes.bytes / sizeof changes[0];
    tp_rc rc = TP_OK;
    for (size_t i = 0; rc == TP_OK && i < records_count; i++) {
        rc = tp_hub_erased_add(hub->store, records[i], erasure, err);
    }
    for (size_t i = 0; rc == TP_OK && i < changes_count; i++) {
        rc = tp_hub_erase_change(hub->store, changes[i].name, changes[i].record, err);
    }
    return rc;
}

/* Whoever was one person with somebody touched before is judged, and whoever is so after. */
tp_rc tp_hub_erase(tp_hub *hub, const tp_hub_erase_plan *plan, const char *by, const char *reason,
                   tp_err *err)
{
    tp_hub_erasure erasure = {.at_ms = hub->now_ms, .by = by, .reason = reason};
    uint64_t no = 0;
    tp_hub_touched *touched = tp_alloc(sizeof *touched);
    if (touched == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory to erase");
    }
    *touched = plan->touched;
    tp_rc rc = tp_hub_touched_add_groups(touched, hub->persons, hub->now_ms, err);
    if (rc == TP_OK) {
        rc = tp_hub_erasure_add(hub->store, &erasure, &no, err);
    }
    if (rc == TP_OK) {
        rc = take_away(hub, plan, no, err);
    }
    tp_hub_persons_forget(hub->persons);
    if (rc == TP_OK) {
        rc = tp_hub_touched_add_groups(touched, hub->persons, hub->now_ms, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_judge_persons(hub->judge, touched, hub->now_ms, err);
    }
    tp_free(touched);
    return rc;
}
