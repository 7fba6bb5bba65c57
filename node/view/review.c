/* What somebody must look at. */
#include "node/view/review.h"

#include "node/view/mend.h"
#include "node/view/review_items.h"
#include "schema/name_text.h"
#include "sync/log/era.h"
#include "sync/log/fork.h"
#include "sync/log/push.h"
#include "sync/wire/wire.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { REVIEW_BYTES_MAX = 64 * 1024 * 1024, ITEMS_MAX = 10 * 1000, TEXT_BYTES_MAX = 512 };

/* In the order of the list. */
typedef struct kind_row {
    tp_review_kind kind;
    const char *name;
    int rank;
} kind_row;

static const kind_row kinds[] = {
    {TP_REVIEW_CONFLICT, "conflict", 1}, {TP_REVIEW_LOST_VALUE, "lost_value", 4},
    {TP_REVIEW_OFFER, "offer", 2},       {TP_REVIEW_OVERRULED_CONSENT, "overruled_consent", 3},
    {TP_REVIEW_KINDS, "kinds", 6},       {TP_REVIEW_RETRACTION, "retraction", 5},
    {TP_REVIEW_GATEWAY, "gateway", 7},   {TP_REVIEW_REFUSED, "refused", 8},
    {TP_REVIEW_COPIED, "copied", 0},     {TP_REVIEW_ERASED, "erased", 9},
    {TP_REVIEW_DAMAGED, "damaged", 0}};

static tp_rc review_marked(tp_reviewing *r, tp_err *err);
static tp_rc review_refused(tp_reviewing *r, tp_err *err);
static tp_rc review_copied(tp_reviewing *r, tp_err *err);
static tp_rc review_erased(tp_reviewing *r, tp_err *err);
static tp_rc is_dismissed(tp_tx *tx, const char *id, bool *is_out, tp_err *err);
static void copied_id(uint64_t device, char id_out[TP_REVIEW_ID_MAX]);
static tp_rc keep(tp_reviewing *r, tp_review_list *list, tp_err *err);

static const kind_row *row_of(tp_review_kind kind)
{
    size_t at = 0;
    while (kinds[at].kind != kind) {
        at++;
    }
    return &kinds[at];
}

const char *tp_review_kind_name(tp_review_kind kind)
{
    return row_of(kind)->name;
}

tp_rc tp_review_read(tp_view *view, tp_tx *tx, tp_name person, tp_review_list *list_out,
                     tp_err *err)
{
    tp_reviewing r = {.view = view, .tx = tx, .arena = &list_out->arena};
    memset(list_out, 0, sizeof *list_out);
    tp_arena_init(&list_out->arena, REVIEW_BYTES_MAX);
    tp_buf_init(&r.items, ITEMS_MAX * sizeof(tp_review_item));
    tp_buf_init(&r.overruled, ITEMS_MAX * sizeof(tp_name));
    tp_rc rc = tp_log_now(view->log, tx, &r.now, NULL, err);
    if (rc == TP_OK && !tp_name_is_none(person)) {
        rc = tp_merge_group(view->merge, tx, person, r.group, &r.group_count, err);
    }
    if (rc == TP_OK) {
        rc = review_marked(&r, err);
    }
    if (rc == TP_OK) {
        rc = review_refused(&r, err);
    }
    if (rc == TP_OK && tp_name_is_none(person)) {
        rc = review_copied(&r, err);
    }
    if (rc == TP_OK && tp_name_is_none(person)) {
        rc = review_erased(&r, err);
    }
    if (rc == TP_OK) {
        rc = keep(&r, list_out, err);
    }
    tp_buf_done(&r.items);
    tp_buf_done(&r.overruled);
    if (rc != TP_OK) {
        tp_review_list_done(list_out);
    }
    return rc;
}

void tp_review_list_done(tp_review_list *list)
{
    tp_arena_done(&list->arena);
    memset(list, 0, sizeof *list);
}

tp_rc tp_review_count(tp_view *view, tp_tx *tx, uint32_t *count_out, tp_err *err)
{
    const tp_name everybody = {0, 0};
    tp_review_list list;
    tp_rc rc = tp_review_read(view, tx, everybody, &list, err);
    if (rc == TP_OK) {
        *count_out = list.count;
        tp_review_list_done(&list);
    }
    return rc;
}

/* ---- Gathering ---- */

static bool is_asked(const tp_reviewing *r, tp_name person)
{
    bool is_of = r->group_count == 0;
    for (uint32_t i = 0; !is_of && i < r->group_count; i++) {
        is_of = tp_name_eq(r->group[i], person);
    }
    return is_of;
}

static tp_rc review_marked(tp_reviewing *r, tp_err *err)
{
    const tp_name *records = NULL;
    uint32_t count = 0;
    tp_rc rc =
        tp_mark_all(r->view, r->tx, r->group, r->group_count, r->arena, &records, &count, err);
    for (uint32_t i = 0; rc == TP_OK && i < count; i++) {
        tp_loaded *loaded = NULL;
        tp_err missing = {0};
        rc = tp_merge_load(r->view->merge, r->tx, records[i], &loaded, &missing);
        if (rc == TP_OK) {
            rc = tp_review_record(r, loaded, err);
        } else if (rc == TP_NOTFOUND) {
            rc = TP_OK;
        } else {
            *err = missing;
        }
        tp_loaded_free(loaded);
    }
    return rc;
}

/* The record of a change that was refused. */
static tp_rc note_record(void *context, const tp_log_row *row, tp_err *err)
{
    (void)err;
    *(tp_packed_name *)context = row->record;
    return TP_OK;
}

static tp_rc find_record(tp_reviewing *r, tp_name change, tp_name *record_out, tp_err *err)
{
    tp_packed_name packed = 0;
    tp_packed_name record = 0;
    tp_rc rc = tp_log_pack(r->view->log, r->tx, change, &packed, err);
    if (rc == TP_OK) {
        rc = tp_log_get(r->view->log, r->tx, packed, note_record, &record, err);
    }
    if (rc == TP_OK && record != 0) {
        rc = tp_log_unpack(r->view->log, r->tx, record, record_out, err);
    }
    return rc;
}

/* Lost for good: only who wrote it can write it again.  The record that it updated may be known. */
static tp_rc note_left_out(tp_reviewing *r, tp_name name, const tp_refused *left, tp_err *err)
{
    tp_err missing = {0};
    char text[TP_NAME_TEXT_BYTES];
    tp_review_item item = {.kind = TP_REVIEW_DAMAGED, .is_mine = true, .can_dismiss = true};
    tp_log_forked fork = {.at_ms = 0};
    bool has_fork = false;
    const bool is_update = tp_name_read(left->text, &item.record);
    tp_rc rc = tp_log_last_fork(r->view->log, r->tx, &has_fork, &fork, err);
    if (rc != TP_OK) {
        return rc;
    }
    item.at = (tp_estimate){fork.at_ms, true, fork.at_ms, fork.at_ms}; /* as it was noticed */
    if (is_update) {
        rc = tp_shown_load(r->view, r->tx, item.record, r->arena, &item.of, &missing);
    } else {
        item.record = name;
    }
    if (rc != TP_OK && rc != TP_NOTFOUND) {
        *err = missing;
        return rc;
    }
    if (item.of != NULL) {
        item.entity = item.of->entity;
        item.person = item.of->person;
    }
    tp_name_print(name, text);
    rc = tp_review_say(r, &item, err,
                       "%s that was saved on this device was damaged by its disk or card before it "
                       "was sent, and cannot be read again (change %s). What was saved before and "
                       "after it was kept. Write it again if you know what it was, at once if "
                       "somebody said no or took their consent back; and tell whoever looks after "
                       "the devices that this one may be failing.",
                       is_update ? "A change to this record" : "One record", text);
    return rc == TP_OK && is_asked(r, item.person) ? tp_review_add(r, &item, name, err) : rc;
}

static tp_rc note_refused(void *context, tp_name name, const tp_refused *refused, tp_err *err)
{
    tp_reviewing *r = context;
    tp_err missing = {0};
    tp_review_item item = {.kind = TP_REVIEW_REFUSED,
                           .record = name,
                           .by = name,
                           .is_mine = true,
                           .can_dismiss = true};
    if (refused->code == TP_LEFT_OUT) {
        return note_left_out(r, name, refused, err);
    }
    if (tp_quarantine_is_renamed(refused->code)) {
        return TP_OK; /* nothing is wrong with it: it comes by another name */
    }
    tp_rc rc = find_record(r, name, &item.record, &missing);
    if (rc == TP_OK) {
        rc = tp_shown_load(r->view, r->tx, item.record, r->arena, &item.of, &missing);
    }
    if (rc != TP_OK && rc != TP_NOTFOUND) {
        *err = missing;
        return rc;
    }
    if (item.of != NULL) {
        item.entity = item.of->entity;
        item.person = item.of->person;
        item.at = item.of->written;
    }
    rc = tp_review_say(r, &item, err, "The hub keeps a change of this device aside: %.*s",
                       TP_SLICE_FMT(refused->text));
    return rc == TP_OK && is_asked(r, item.person) ? tp_review_add(r, &item, name, err) : rc;
}

static tp_rc review_refused(tp_reviewing *r, tp_err *err)
{
    return tp_log_refused_all(r->view->log, r->tx, note_refused, r, err);
}

/* ---- This device ---- */

/* The id of the item, before it is one. */
static void copied_id(uint64_t device, char id_out[TP_REVIEW_ID_MAX])
{
    char record[TP_NAME_TEXT_BYTES];
    tp_name_print((tp_name){device, 1}, record);
    snprintf(id_out, TP_REVIEW_ID_MAX, "%s:%s:-:-", tp_review_kind_name(TP_REVIEW_COPIED), record);
}

/* Of several forks the last: whoever is told of it has all to say that there is to say. */
static tp_rc review_copied(tp_reviewing *r, tp_err *err)
{
    bool has_fork = false;
    tp_log_forked fork;
    tp_review_item item = {.kind = TP_REVIEW_COPIED, .is_mine = true, .can_dismiss = true};
    tp_rc rc = tp_log_last_fork(r->view->log, r->tx, &has_fork, &fork, err);
    if (rc != TP_OK || !has_fork || fork.left_out) { /* that is told by itself */
        return rc;
    }
    item.record = (tp_name){fork.renaming.to, 1};
    item.at = (tp_estimate){fork.at_ms, true, fork.at_ms, fork.at_ms};
    rc = tp_review_say(r, &item, err,
                       "What is on this device is a copy of another device's records, or an older "
                       "copy of its own was put back. Nothing is lost: the device goes on under a "
                       "new number, and %llu %s not been sent went along. Tell whoever looks after "
                       "the devices: they may want to know which machine this is.",
                       (unsigned long long)fork.count,
                       fork.count == 1 ? "change that had" : "changes that had");
    return rc == TP_OK ? tp_review_add(r, &item, (tp_name){0, 0}, err) : rc;
}

tp_rc tp_review_has_copied(tp_view *view, tp_tx *tx, bool *has_out, tp_err *err)
{
    char id[TP_REVIEW_ID_MAX];
    bool is_gone = false;
    tp_log_forked fork;
    tp_rc rc = tp_log_last_fork(view->log, tx, has_out, &fork, err);
    if (rc == TP_OK && *has_out) {
        copied_id(fork.renaming.to, id);
        rc = is_dismissed(tx, id, &is_gone, err);
        *has_out = !is_gone && !fork.left_out;
    }
    return rc;
}

/* ---- What was erased ---- */

/* What was written here and erased at one time is told at once. */
typedef struct erased_walk {
    tp_reviewing *r;
    int64_t at_ms;         /* of the changes at hand; 0: none yet */
    tp_name first;         /* record of the first of them */
    tp_packed_name record; /* of the last */
    uint32_t records_count;
} erased_walk;

static tp_rc end_erased(erased_walk *w, tp_err *err)
{
    tp_review_item item = {.kind = TP_REVIEW_ERASED,
                           .record = w->first,
                           .is_mine = true,
                           .can_dismiss = true,
                           .at = {w->at_ms, true, w->at_ms, w->at_ms}};
    if (w->records_count == 0) {
        return TP_OK;
    }
    tp_rc rc = tp_review_say(w->r, &item, err,
                             "%u %s that something was written to on this device %s erased for "
                             "good, here and everywhere else. Whoever runs the hub knows why.",
                             w->records_count, w->records_count == 1 ? "record" : "records",
                             w->records_count == 1 ? "was" : "were");
    w->records_count = 0;
    return rc == TP_OK ? tp_review_add(w->r, &item, (tp_name){0, 0}, err) : rc;
}

static tp_rc take_erased(void *context, const tp_log_row *row, tp_err *err)
{
    erased_walk *w = context;
    tp_rc rc = TP_OK;
    if (!row->is_own) {
        return TP_OK;
    }
    if (row->erased_ms != w->at_ms) {
        rc = end_erased(w, err);
        w->at_ms = row->erased_ms;
        w->record = 0;
    }
    if (rc == TP_OK && w->records_count == 0) {
        rc = tp_log_unpack(w->r->view->log, w->r->tx, row->record, &w->first, err);
    }
    w->records_count += row->record != w->record;
    w->record = row->record;
    return rc;
}

static tp_rc review_erased(tp_reviewing *r, tp_err *err)
{
    erased_walk w = {.r = r};
    tp_rc rc = tp_log_erased(r->view->log, r->tx, take_erased, &w, err);
    return rc == TP_OK ? end_erased(&w, err) : rc;
}

/* ---- Items ---- */

tp_rc tp_review_say(tp_reviewing *r, tp_review_item *item, tp_err *err, const char *fmt, ...)
{
    char text[TEXT_BYTES_MAX];
    tp_slice copy;
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    tp_rc rc = tp_arena_copy(r->arena, tp_slice_of(text, strlen(text) + 1), &copy, err);
    if (rc == TP_OK) {
        item->text = (const char *)copy.at;
    }
    return rc;
}

tp_rc tp_review_add(tp_reviewing *r, tp_review_item *item, tp_name about_change, tp_err *err)
{
    char record[TP_NAME_TEXT_BYTES];
    char change[TP_NAME_TEXT_BYTES] = "-";
    tp_err missing = {0};
    tp_rc rc = TP_OK;
    tp_name_print(item->record, record);
    if (!tp_name_is_none(about_change)) {
        tp_name_print(about_change, change);
    }
    snprintf(item->id, sizeof item->id, "%s:%s:%s:%s", tp_review_kind_name(item->kind), record,
             item->field == NULL ? "-" : item->field->name, change);
    if (item->entity == TP_PERSON) {
        item->about = item->of;
    } else if (!tp_name_is_none(item->person)) {
        rc = tp_shown_load(r->view, r->tx, item->person, r->arena, &item->about, &missing);
        if (rc != TP_OK && rc != TP_NOTFOUND) {
            *err = missing;
            return rc;
        }
    }
    return tp_buf_add(&r->items, item, sizeof *item, err);
}

/* ---- The list ---- */

static tp_rc is_dismissed(tp_tx *tx, const char *id, bool *is_out, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx, "SELECT 1 FROM dismissed WHERE item = ?", &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_str(s, 1, id);
        rc = tp_stmt_step(s, is_out, err);
        tp_stmt_done(s);
    }
    return rc;
}

static int by_rank(const void *a, const void *b)
{
    const tp_review_item *x = a;
    const tp_review_item *y = b;
    const int rank_x = row_of(x->kind)->rank;
    const int rank_y = row_of(y->kind)->rank;
    if (rank_x != rank_y) {
        return rank_x < rank_y ? -1 : 1;
    }
    if (x->at.ms != y->at.ms) {
        return x->at.ms > y->at.ms ? -1 : 1;
    }
    return strcmp(x->id, y->id);
}

static tp_rc keep(tp_reviewing *r, tp_review_list *list, tp_err *err)
{
    void *at = NULL;
    const size_t count = r->items.bytes / sizeof(tp_review_item);
    tp_rc rc = tp_arena_take(r->arena, r->items.bytes, &at, err);
    tp_review_item *items = at;
    for (size_t i = 0; rc == TP_OK && i < count; i++) {
        tp_review_item *item = &items[list->count];
        bool is_gone = false;
        memcpy(item, r->items.at + i * sizeof *item, sizeof *item);
        rc = item->can_dismiss ? is_dismissed(r->tx, item->id, &is_gone, err) : TP_OK;
        list->count += !is_gone;
        list->dismissed_count += is_gone;
    }
    if (list->count > 0) {
        qsort(items, list->count, sizeof *items, by_rank);
    }
    list->items = items;
    return rc;
}

/* ---- Reading on ---- */

void tp_review_place_of(const tp_review_item *item, char out[TP_REVIEW_PLACE_MAX])
{
    snprintf(out, TP_REVIEW_PLACE_MAX, "%d.%" PRId64 ".%s", row_of(item->kind)->rank, item->at.ms,
             item->id);
}

/* An item that stands there: rank, time and id are all that the order goes by. */
static bool read_place(const char *text, tp_review_item *item_out)
{
    char *end = NULL;
    const long rank = strtol(text, &end, 10);
    memset(item_out, 0, sizeof *item_out);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (kinds[i].rank == rank) {
            item_out->kind = kinds[i].kind;
        }
    }
    if (item_out->kind == 0 || *end != '.') {
        return false;
    }
    item_out->at.ms = strtoll(end + 1, &end, 10);
    if (*end != '.' || strlen(end + 1) >= sizeof item_out->id) {
        return false;
    }
    memcpy(item_out->id, end + 1, strlen(end + 1) + 1);
    return true;
}

tp_rc tp_review_behind(const tp_review_list *list, tp_slice place, uint32_t *first_out, tp_err *err)
{
    char text[TP_REVIEW_PLACE_MAX];
    tp_review_item at;
    uint32_t first = 0;
    snprintf(text, sizeof text, "%.*s", TP_SLICE_FMT(place));
    if (!read_place(text, &at)) {
        return tp_fail(err, TP_INVALID, "that is no place in the review list");
    }
    while (first < list->count && by_rank(&list->items[first], &at) <= 0) {
        first++;
    }
    *first_out = first;
    return TP_OK;
}

/* ---- Dismissing ---- */

static tp_rc put_dismissed(tp_view *view, tp_tx *tx, tp_slice id, tp_slice worker, tp_err *err)
{
    tp_estimate now;
    tp_stmt *s = NULL;
    tp_rc rc = tp_log_now(view->log, tx, &now, NULL, err);
    if (rc == TP_OK) {
        rc = tp_tx_prepare(
            tx, "INSERT OR IGNORE INTO dismissed (item, worker, at_ms) VALUES (?, ?, ?)", &s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_text(s, 1, id);
    tp_stmt_bind_text(s, 2, worker);
    tp_stmt_bind_int(s, 3, now.ms);
    return tp_stmt_run(s, err);
}

tp_rc tp_review_dismiss(tp_view *view, tp_tx *tx, tp_slice id, tp_slice worker, tp_err *err)
{
    const tp_name everybody = {0, 0};
    tp_review_list list;
    const tp_review_item *item = NULL;
    tp_rc rc = tp_review_read(view, tx, everybody, &list, err);
    if (rc != TP_OK) {
        return rc;
    }
    for (uint32_t i = 0; i < list.count; i++) {
        item = tp_slice_is(id, list.items[i].id) ? &list.items[i] : item;
    }
    if (item == NULL) {
        rc = tp_fail(err, TP_NOTFOUND, "there is no such item to review (any more)");
    } else if (!item->can_dismiss) {
        rc =
            tp_fail_mend(err, TP_DENIED, TP_MEND_SETTLE,
                         "values that stand against each other are settled, by taking one of them");
    } else {
        rc = put_dismissed(view, tx, id, worker, err);
    }
    tp_review_list_done(&list);
    return rc;
}

tp_rc tp_review_restore(tp_tx *tx, tp_slice id, tp_err *err)
{
    tp_stmt *s = NULL;
    bool is_row = false;
    tp_rc rc = tp_tx_prepare(tx, "DELETE FROM dismissed WHERE item = ? RETURNING 1", &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_text(s, 1, id);
    rc = tp_stmt_step(s, &is_row, err);
    tp_stmt_done(s);
    return rc == TP_OK && !is_row ? tp_fail(err, TP_NOTFOUND, "it was not dismissed here") : rc;
}
