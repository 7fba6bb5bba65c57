/* Everything about one person, by when it happened. */
#include "node/view/timeline.h"

#include "node/view/view_state.h"
#include "sync/log/era.h"

#include <stdlib.h>

enum { TIMELINE_BYTES_MAX = 64 * 1024 * 1024, ENTRIES_MAX = 100 * 1000 };

typedef struct gathering {
    tp_view *view;
    tp_tx *tx;
    tp_timeline *timeline;
    tp_slice worker;
    const tp_log_mark *marks; /* what the reader has seen of each person of the group */
    tp_buf persons;           /* const tp_shown * */
    tp_buf entries;
} gathering;

static tp_rc read_group(gathering *g, tp_name person, tp_err *err);
static tp_rc gather(void *context, const tp_loaded *loaded, tp_err *err);
static tp_rc keep(gathering *g, tp_name person, tp_err *err);

tp_rc tp_timeline_read(tp_view *view, tp_tx *tx, tp_name person, tp_slice worker,
                       tp_timeline *timeline_out, tp_err *err)
{
    gathering g = {.view = view, .tx = tx, .timeline = timeline_out, .worker = worker};
    memset(timeline_out, 0, sizeof *timeline_out);
    tp_arena_init(&timeline_out->arena, TIMELINE_BYTES_MAX);
    tp_buf_init(&g.persons, TP_GROUP_PERSONS_MAX * sizeof(tp_shown *));
    tp_buf_init(&g.entries, ENTRIES_MAX * sizeof(tp_shown *));
    tp_rc rc = read_group(&g, person, err);
    if (rc == TP_OK) {
        rc = tp_merge_load_persons(view->merge, tx, timeline_out->joined,
                                   timeline_out->joined_count, NULL, gather, &g, err);
    }
    if (rc == TP_OK && g.persons.bytes == 0 && g.entries.bytes == 0 &&
        timeline_out->hidden_count == 0) {
        rc = tp_fail(err, TP_NOTFOUND, "nothing is held about this person");
    }
    if (rc == TP_OK) {
        rc = keep(&g, person, err);
    }
    tp_buf_done(&g.persons);
    tp_buf_done(&g.entries);
    if (rc != TP_OK) {
        tp_timeline_done(timeline_out);
    }
    return rc;
}

void tp_timeline_done(tp_timeline *timeline)
{
    tp_arena_done(&timeline->arena);
    memset(timeline, 0, sizeof *timeline);
}

/* ---- What the reader has seen ---- */

static tp_rc read_mark(gathering *g, tp_name person, tp_log_mark *mark_out, int64_t *at_ms_out,
                       tp_err *err)
{
    tp_packed_name packed = 0;
    tp_stmt *s = NULL;
    bool is_row = false;
    tp_err unmet = {0};
    tp_rc rc = tp_log_pack_known(g->view->log, g->tx, person, &packed, &unmet);
    if (rc != TP_OK) {
        return rc == TP_NOTFOUND ? TP_OK : (*err = unmet, rc);
    }
    rc = tp_tx_prepare(
        g->tx, "SELECT seq, arrived, at_ms FROM look WHERE worker = ? AND person = ?", &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_text(s, 1, g->worker);
    tp_stmt_bind_int(s, 2, packed);
    rc = tp_stmt_step(s, &is_row, err);
    if (rc == TP_OK && is_row) {
        *mark_out = (tp_log_mark){(uint64_t)tp_stmt_int(s, 0), tp_stmt_int(s, 1)};
        *at_ms_out = tp_stmt_int(s, 2);
    }
    tp_stmt_done(s);
    return rc;
}

static tp_rc read_group(gathering *g, tp_name person, tp_err *err)
{
    tp_timeline *timeline = g->timeline;
    void *group = NULL;
    void *marks = NULL;
    tp_rc rc = tp_arena_take(&timeline->arena, TP_GROUP_PERSONS_MAX * sizeof(tp_name), &group, err);
    if (rc == TP_OK) {
        rc = tp_merge_group(g->view->merge, g->tx, person, group, &timeline->joined_count, err);
    }
    if (rc == TP_OK) {
        rc = tp_arena_take(&timeline->arena, timeline->joined_count * sizeof(tp_log_mark), &marks,
                           err);
    }
    timeline->joined = group;
    g->marks = marks;
    for (uint32_t i = 0; rc == TP_OK && g->worker.bytes > 0 && i < timeline->joined_count; i++) {
        int64_t at_ms = 0;
        rc = read_mark(g, timeline->joined[i], (tp_log_mark *)marks + i, &at_ms, err);
        if (tp_name_eq(timeline->joined[i], person)) {
            timeline->looked_ms = at_ms;
        }
    }
    return rc;
}

static tp_rc put_mark(tp_tx *tx, tp_slice worker, tp_packed_name person, tp_log_mark mark,
                      int64_t at_ms, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx,
                             "INSERT OR REPLACE INTO look (worker, person, seq, arrived, at_ms) "
                             "VALUES (?, ?, ?, ?, ?)",
                             &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_text(s, 1, worker);
        tp_stmt_bind_int(s, 2, person);
        tp_stmt_bind_int(s, 3, (int64_t)mark.seq);
        tp_stmt_bind_int(s, 4, mark.arrived);
        tp_stmt_bind_int(s, 5, at_ms);
        rc = tp_stmt_run(s, err);
    }
    return rc;
}

tp_rc tp_timeline_looked(tp_view *view, tp_tx *tx, tp_name person, tp_slice worker, tp_err *err)
{
    tp_name group[TP_GROUP_PERSONS_MAX];
    uint32_t count = 0;
    tp_log_mark mark;
    tp_estimate now;
    tp_rc rc = tp_merge_group(view->merge, tx, person, group, &count, err);
    if (rc == TP_OK) {
        rc = tp_log_mark_now(view->log, tx, &mark, err);
    }
    if (rc == TP_OK) {
        rc = tp_log_now(view->log, tx, &now, NULL, err);
    }
    for (uint32_t i = 0; rc == TP_OK && i < count; i++) {
        tp_packed_name packed = 0;
        rc = tp_log_pack(view->log, tx, group[i], &packed, err);
        if (rc == TP_OK) {
            rc = put_mark(tx, worker, packed, mark, now.ms, err);
        }
    }
    return rc;
}

tp_rc tp_timeline_looked_last(tp_view *view, tp_tx *tx, tp_slice worker, uint32_t max,
                              tp_looked *people_out, uint32_t *count_out, tp_err *err)
{
    tp_stmt *s = NULL;
    bool is_row = false;
    *count_out = 0;
    tp_rc rc = tp_tx_prepare(tx,
                             "SELECT person, at_ms FROM look WHERE worker = ? AND at_ms > 0 "
                             "ORDER BY at_ms DESC LIMIT ?",
                             &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_text(s, 1, worker);
    tp_stmt_bind_int(s, 2, max);
    rc = tp_stmt_step(s, &is_row, err);
    while (rc == TP_OK && is_row) {
        tp_looked *one = &people_out[(*count_out)++];
        one->at_ms = tp_stmt_int(s, 1);
        rc = tp_log_unpack(view->log, tx, tp_stmt_int(s, 0), &one->person, err);
        if (rc == TP_OK) {
            rc = tp_stmt_step(s, &is_row, err);
        }
    }
    tp_stmt_done(s);
    return rc;
}

/* ---- The walk ---- */

/* What the reader wrote is not news to them. */
static bool is_new(const gathering *g, const tp_loaded *loaded)
{
    const tp_timeline *timeline = g->timeline;
    tp_log_mark mark = {0, 0};
    if (g->worker.bytes == 0) {
        return false;
    }
    for (uint32_t i = 0; i < timeline->joined_count; i++) {
        if (tp_name_eq(timeline->joined[i], loaded->person)) {
            mark = g->marks[i];
        }
    }
    for (uint32_t i = 0; i < loaded->record.count; i++) {
        const tp_loaded_change *change = &loaded->changes[i];
        const bool is_theirs =
            change->is_own && tp_slice_eq(loaded->record.changes[i].change->worker, g->worker);
        if (!is_theirs && tp_loaded_change_is_after(change, mark)) {
            return true;
        }
    }
    return false;
}

/* FNV-1a. */
static uint64_t add_bytes(uint64_t version, const void *bytes, size_t count)
{
    const uint8_t *at = bytes;
    for (size_t i = 0; i < count; i++) {
        version = (version ^ at[i]) * UINT64_C(0x100000001b3);
    }
    return version;
}

/* What an entry's document is made from, other than the bytes of changes, which never change. */
static uint64_t version_of(const tp_loaded *loaded)
{
    uint64_t version = UINT64_C(0xcbf29ce484222325);
    const int64_t facts[] = {loaded->verdict, loaded->flags};
    version = add_bytes(version, facts, sizeof facts);
    for (uint32_t i = 0; i < loaded->record.count; i++) {
        const tp_record_change *change = &loaded->record.changes[i];
        const tp_loaded_change *known = &loaded->changes[i];
        const int64_t of_change[] = {(int64_t)change->change->name.device,
                                     (int64_t)change->change->name.seq,
                                     (int64_t)change->stamp.number,
                                     change->is_stub,
                                     known->time.ms,
                                     known->time.earliest_ms,
                                     known->time.latest_ms,
                                     known->time.is_certain,
                                     known->given_back_ms,
                                     known->erased_ms};
        version = add_bytes(version, of_change, sizeof of_change);
        version = add_bytes(version, change->agency.at, change->agency.bytes);
    }
    return version;
}

static tp_rc gather(void *context, const tp_loaded *loaded, tp_err *err)
{
    gathering *g = context;
    tp_timeline *timeline = g->timeline;
    tp_shown *shown = NULL;
    timeline->version += version_of(loaded); /* in whatever order they are met */
    if (loaded->retraction.is_hidden && loaded->record.entity != TP_PERSON) {
        timeline->hidden_count++;
        return TP_OK;
    }
    tp_rc rc = tp_shown_make(g->view, g->tx, loaded, &timeline->arena, &shown, err);
    if (rc != TP_OK) {
        return rc;
    }
    if (shown->is_bare && loaded->record.entity != TP_PERSON) {
        /* No time, no writer, nothing to read. */
        timeline->erased_count += shown->erased_ms != 0;
        timeline->given_back_count += shown->erased_ms == 0;
        return TP_OK;
    }
    shown->is_new = is_new(g, loaded);
    timeline->new_count += shown->is_new;
    timeline->unsent_count += shown->is_unsent;
    return tp_buf_add(loaded->record.entity == TP_PERSON ? &g->persons : &g->entries, &shown,
                      sizeof shown, err);
}

static int by_time(const void *a, const void *b)
{
    const tp_shown *x = *(const tp_shown *const *)a;
    const tp_shown *y = *(const tp_shown *const *)b;
    if (x->happened.ms != y->happened.ms) {
        return x->happened.ms < y->happened.ms ? -1 : 1;
    }
    if (x->written.ms != y->written.ms) {
        return x->written.ms < y->written.ms ? -1 : 1;
    }
    return tp_name_cmp(x->name, y->name);
}

/* The person who was asked for comes first; the others as they were met. */
static void put_first(const tp_shown **persons, uint32_t count, tp_name person)
{
    for (uint32_t i = 0; i < count; i++) {
        if (tp_name_eq(persons[i]->name, person)) {
            const tp_shown *first = persons[i];
            memmove(persons + 1, persons, i * sizeof *persons);
            persons[0] = first;
            return;
        }
    }
}

static tp_rc keep(gathering *g, tp_name person, tp_err *err)
{
    tp_timeline *timeline = g->timeline;
    void *persons = NULL;
    void *entries = NULL;
    tp_rc rc = tp_arena_take(&timeline->arena, g->persons.bytes, &persons, err);
    if (rc == TP_OK) {
        rc = tp_arena_take(&timeline->arena, g->entries.bytes, &entries, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    timeline->persons_count = (uint32_t)(g->persons.bytes / sizeof(tp_shown *));
    timeline->entries_count = (uint32_t)(g->entries.bytes / sizeof(tp_shown *));
    if (timeline->persons_count > 0) {
        memcpy(persons, g->persons.at, g->persons.bytes);
        put_first(persons, timeline->persons_count, person);
    }
    if (timeline->entries_count > 0) {
        memcpy(entries, g->entries.at, g->entries.bytes);
        qsort(entries, timeline->entries_count, sizeof(tp_shown *), by_time);
    }
    timeline->persons = persons;
    timeline->entries = entries;
    if (timeline->persons_count > 0 && tp_name_eq(timeline->persons[0]->name, person)) {
        timeline->person = timeline->persons[0];
    }
    return TP_OK;
}

tp_slice tp_timeline_last_words(const tp_timeline *timeline, const tp_shown **entry_out)
{
    static const struct {
        uint32_t entity;
        uint32_t code;
    } said[] = {{TP_CONTACT, TP_CONTACT_OWN_WORDS},
                {TP_HELP_REQUEST, TP_REQUEST_WORDS},
                {TP_NEED, TP_NEED_OWN_VIEW}};
    *entry_out = NULL;
    for (uint32_t at = timeline->entries_count; at > 0; at--) {
        const tp_shown *entry = timeline->entries[at - 1];
        for (size_t i = 0; i < sizeof said / sizeof said[0]; i++) {
            const tp_slice words = entry->entity == said[i].entity
                                       ? tp_shown_text(entry, said[i].code)
                                       : tp_slice_of(NULL, 0);
            if (words.bytes > 0) {
                *entry_out = entry;
                return words;
            }
        }
    }
    return tp_slice_of(NULL, 0);
}
