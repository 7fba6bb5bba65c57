/* Who is joined with whom, made from the joins and unjoins that are held. */
#include "platform/base/alloc.h"
#include "sync/access/access_read.h"
#include "sync/merge/merge_state.h"

#include <stdlib.h>

/* A person in a group, as the table has it. */
typedef struct member {
    tp_packed_name person;
    tp_packed_name lowest;
} member;

enum { JOINS_MAX = 65536 };

typedef struct regrouping {
    tp_merge *merge;
    tp_tx *tx;
    tp_buf joins;  /* tp_join */
    tp_buf undone; /* tp_name */
    tp_buf before; /* member, ascending by person */
    tp_buf after;
    tp_name names[TP_VALUE_NAMES_MAX];
} regrouping;

static tp_rc read_joins(regrouping *r, tp_err *err);
static tp_rc read_members(regrouping *r, tp_err *err);
static tp_rc find_groups(regrouping *r, tp_err *err);
static tp_rc write_difference(regrouping *r, tp_err *err);
static tp_rc tell_groups(regrouping *r, tp_err *err);

tp_rc tp_view_regroup(tp_merge *merge, tp_tx *tx, tp_err *err)
{
    regrouping *r = tp_alloc(sizeof *r);
    if (r == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory for the groups of persons");
    }
    r->merge = merge;
    r->tx = tx;
    tp_buf_init(&r->joins, JOINS_MAX * sizeof(tp_join));
    tp_buf_init(&r->undone, JOINS_MAX * sizeof(tp_name));
    tp_buf_init(&r->before, 2 * JOINS_MAX * sizeof(member));
    tp_buf_init(&r->after, 2 * JOINS_MAX * sizeof(member));
    tp_rc rc = read_joins(r, err);
    if (rc == TP_OK) {
        rc = read_members(r, err);
    }
    if (rc == TP_OK) {
        rc = find_groups(r, err);
    }
    if (rc == TP_OK) {
        rc = write_difference(r, err);
    }
    if (rc == TP_OK && merge->sink.regrouped != NULL) {
        rc = tell_groups(r, err);
    }
    tp_buf_done(&r->joins);
    tp_buf_done(&r->undone);
    tp_buf_done(&r->before);
    tp_buf_done(&r->after);
    tp_free(r);
    return rc;
}

static tp_rc take_join(void *context, const tp_log_row *row, tp_err *err)
{
    regrouping *r = context;
    tp_change *change = &r->merge->looked;
    tp_err unread = {0};
    tp_join join;
    if (row->is_stub || tp_log_decode(row, change, &unread) != TP_OK) {
        return TP_OK;
    }
    if (change->entity == TP_JOIN) {
        return tp_join_read(change, &join) ? tp_buf_add(&r->joins, &join, sizeof join, err) : TP_OK;
    }
    tp_access_room room = {NULL, 0, 0, r->names, TP_VALUE_NAMES_MAX, 0};
    const tp_name *names = NULL;
    uint32_t count = 0;
    tp_rc rc = tp_unjoin_read(change, &room, &names, &count, err);
    return rc == TP_OK ? tp_buf_add(&r->undone, names, count * sizeof *names, err) : rc;
}

static tp_rc read_joins(regrouping *r, tp_err *err)
{
    tp_stmt *s = NULL;
    bool is_row = false;
    tp_rc rc = tp_tx_prepare(r->tx,
                             "SELECT id FROM record WHERE entity IN (9, 10)" /* join, unjoin */
                             " AND entity <> 3",
                             &s, err);
    if (rc == TP_OK) {
        rc = tp_stmt_step(s, &is_row, err);
    }
    while (rc == TP_OK && is_row) {
        rc = tp_log_get(r->merge->log, r->tx, tp_stmt_int(s, 0), take_join, r, err);
        if (rc == TP_OK) {
            rc = tp_stmt_step(s, &is_row, err);
        }
    }
    tp_stmt_done(s);
    return rc;
}

static tp_rc read_members(regrouping *r, tp_err *err)
{
    tp_stmt *s = NULL;
    bool is_row = false;
    tp_rc rc =
        tp_tx_prepare(r->tx, "SELECT person, lowest FROM person_group ORDER BY person", &s, err);
    if (rc == TP_OK) {
        rc = tp_stmt_step(s, &is_row, err);
    }
    while (rc == TP_OK && is_row) {
        member m = {tp_stmt_int(s, 0), tp_stmt_int(s, 1)};
        rc = tp_buf_add(&r->before, &m, sizeof m, err);
        if (rc == TP_OK) {
            rc = tp_stmt_step(s, &is_row, err);
        }
    }
    tp_stmt_done(s);
    return rc;
}

static member member_at(const tp_buf *members, size_t index)
{
    member m = {0, 0};
    if (index * sizeof m < members->bytes) {
        memcpy(&m, members->at + index * sizeof m, sizeof m);
    }
    return m;
}

static bool is_member(const tp_buf *members, tp_packed_name person)
{
    for (size_t i = 0; i * sizeof(member) < members->bytes; i++) {
        if (member_at(members, i).person == person) {
            return true;
        }
    }
    return false;
}

/* Adds everybody of this person's group, unless they are there. */
static tp_rc add_group(regrouping *r, tp_name person, tp_err *err)
{
    tp_name persons[TP_GROUP_PERSONS_MAX];
    tp_packed_name packed = 0;
    tp_packed_name lowest = 0;
    uint32_t count = 0;
    tp_err large = {0};
    tp_log *log = r->merge->log;
    tp_rc rc = tp_log_pack(log, r->tx, person, &packed, err);
    if (rc != TP_OK || is_member(&r->after, packed)) {
        return rc;
    }
    rc = tp_group_of(person, (const tp_join *)(const void *)r->joins.at,
                     (uint32_t)(r->joins.bytes / sizeof(tp_join)),
                     (const tp_name *)(const void *)r->undone.at,
                     (uint32_t)(r->undone.bytes / sizeof(tp_name)), persons, &count, &large);
    if (rc == TP_LIMIT) {
        return TP_OK; /* nobody is so many: shown one by one, so that somebody looks */
    }
    if (rc != TP_OK) {
        *err = large;
        return rc;
    }
    for (uint32_t i = 0; rc == TP_OK && count > 1 && i < count; i++) {
        rc = tp_log_pack(log, r->tx, persons[i], &packed, err);
        lowest = i == 0 ? packed : lowest;
        member m = {packed, lowest};
        if (rc == TP_OK) {
            rc = tp_buf_add(&r->after, &m, sizeof m, err);
        }
    }
    return rc;
}

static int compare_members(const void *a, const void *b)
{
    const member *one = a;
    const member *two = b;
    return one->person < two->person ? -1 : one->person > two->person;
}

static tp_rc find_groups(regrouping *r, tp_err *err)
{
    tp_rc rc = TP_OK;
    for (size_t at = 0; rc == TP_OK && at < r->joins.bytes; at += sizeof(tp_join)) {
        tp_join join;
        memcpy(&join, r->joins.at + at, sizeof join);
        rc = add_group(r, join.person, err);
        if (rc == TP_OK) {
            rc = add_group(r, join.same_as, err);
        }
    }
    if (rc == TP_OK && r->after.bytes > 0) {
        qsort(r->after.at, r->after.bytes / sizeof(member), sizeof(member), compare_members);
    }
    return rc;
}

static tp_rc write_member(regrouping *r, const member *m, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(
        r->tx, "INSERT OR REPLACE INTO person_group (person, lowest) VALUES (?, ?)", &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, m->person);
    tp_stmt_bind_int(s, 2, m->lowest);
    return tp_stmt_run(s, err);
}

static tp_rc remove_member(regrouping *r, const member *m, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(r->tx, "DELETE FROM person_group WHERE person = ?", &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, m->person);
    return tp_stmt_run(s, err);
}

/* Walks both lists side by side. */
static tp_rc write_difference(regrouping *r, tp_err *err)
{
    size_t i = 0;
    size_t j = 0;
    tp_rc rc = TP_OK;
    for (;;) {
        member before = member_at(&r->before, i);
        member after = member_at(&r->after, j);
        if (rc != TP_OK || (before.person == 0 && after.person == 0)) {
            return rc;
        }
        bool is_gone = after.person == 0 || (before.person != 0 && before.person < after.person);
        bool is_new = before.person == 0 || (after.person != 0 && after.person < before.person);
        if (is_gone) {
            rc = remove_member(r, &before, err);
        } else if (is_new || before.lowest != after.lowest) {
            rc = write_member(r, &after, err);
        }
        i += !is_new;
        j += !is_gone;
    }
}

/* How many of `members` stand in the group of this one, and a sum that tells two groups apart. */
static uint64_t group_mark(const tp_buf *members, tp_packed_name lowest)
{
    uint64_t mark = 0;
    for (size_t i = 0; lowest != 0 && i * sizeof(member) < members->bytes; i++) {
        member m = member_at(members, i);
        if (m.lowest == lowest) {
            mark = (mark ^ (uint64_t)m.person) * UINT64_C(0x9E3779B97F4A7C15) + 1;
        }
    }
    return mark;
}

static tp_packed_name lowest_of(const tp_buf *members, tp_packed_name person)
{
    for (size_t i = 0; i * sizeof(member) < members->bytes; i++) {
        member m = member_at(members, i);
        if (m.person == person) {
            return m.lowest;
        }
    }
    return 0;
}

/* Everybody whose group has other members than before. */
static tp_rc tell_one(regrouping *r, tp_packed_name person, tp_err *err)
{
    tp_name name = {0, 0};
    tp_packed_name before = lowest_of(&r->before, person);
    tp_packed_name after = lowest_of(&r->after, person);
    if (group_mark(&r->before, before) == group_mark(&r->after, after)) {
        return TP_OK;
    }
    tp_rc rc = tp_log_unpack(r->merge->log, r->tx, person, &name, err);
    return rc == TP_OK ? r->merge->sink.regrouped(r->merge->sink.context, r->tx, name, err) : rc;
}

static tp_rc tell_groups(regrouping *r, tp_err *err)
{
    tp_rc rc = TP_OK;
    for (size_t i = 0; rc == TP_OK && i * sizeof(member) < r->after.bytes; i++) {
        rc = tell_one(r, member_at(&r->after, i).person, err);
    }
    for (size_t i = 0; rc == TP_OK && i * sizeof(member) < r->before.bytes; i++) {
        tp_packed_name person = member_at(&r->before, i).person;
        if (!is_member(&r->after, person)) {
            rc = tell_one(r, person, err);
        }
    }
    return rc;
}

/* ---- Asking ---- */

tp_rc tp_merge_group(tp_merge *merge, tp_tx *tx, tp_name person, tp_name *persons_out,
                     uint32_t *count_out, tp_err *err)
{
    tp_packed_name packed = 0;
    tp_stmt *s = NULL;
    bool is_row = false;
    uint32_t count = 0;
    tp_err unknown = {0};
    tp_rc rc = tp_log_pack_known(merge->log, tx, person, &packed, &unknown);
    if (rc == TP_OK) {
        rc = tp_tx_prepare(tx,
                           "SELECT person FROM person_group WHERE lowest ="
                           " (SELECT lowest FROM person_group WHERE person = ?)"
                           " ORDER BY person = lowest DESC, person LIMIT ?",
                           &s, err);
    } else if (rc != TP_NOTFOUND) {
        *err = unknown;
    }
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, packed);
        tp_stmt_bind_int(s, 2, TP_GROUP_PERSONS_MAX);
        rc = tp_stmt_step(s, &is_row, err);
    }
    while (rc == TP_OK && is_row) {
        rc = tp_log_unpack(merge->log, tx, tp_stmt_int(s, 0), &persons_out[count++], err);
        if (rc == TP_OK) {
            rc = tp_stmt_step(s, &is_row, err);
        }
    }
    tp_stmt_done(s);
    if (rc != TP_OK && rc != TP_NOTFOUND) {
        return rc;
    }
    if (count == 0) {
        persons_out[count++] = person;
    }
    *count_out = count;
    return TP_OK;
}
