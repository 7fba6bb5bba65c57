/* Joining and unjoining. */
#include "node/record/join.h"

#include "node/record/rule.h"
#include "sync/merge/record.h"

typedef tp_rc (*join_run)(tp_node *node, tp_tx *tx, const tp_join_act *act,
                          tp_write_result *result_out, tp_err *err);

static tp_rc is_joined(tp_node *node, tp_tx *tx, tp_name a, tp_name b, bool *is_joined_out,
                       tp_err *err)
{
    tp_name group[TP_GROUP_PERSONS_MAX];
    uint32_t count = 0;
    *is_joined_out = false;
    tp_rc rc = tp_merge_group(node->merge, tx, a, group, &count, err);
    for (uint32_t i = 0; rc == TP_OK && i < count; i++) {
        *is_joined_out |= tp_name_eq(group[i], b);
    }
    return rc;
}

tp_rc tp_join_in(tp_node *node, tp_tx *tx, const tp_join_act *act, tp_write_result *result_out,
                 tp_err *err)
{
    tp_write w;
    bool is_done = false;
    memset(result_out, 0, sizeof *result_out);
    tp_write_init(&w, node, TP_WRITE_CREATE, TP_JOIN, act->worker);
    tp_rc rc = tp_write_set_name(&w, "person", act->person, err);
    if (rc == TP_OK) {
        rc = tp_write_set_name(&w, "same_as", act->same_as, err);
    }
    if (rc == TP_OK) {
        rc = tp_write_set_text(&w, "why", act->why, err);
    }
    if (rc == TP_OK && !tp_name_eq(act->person, act->same_as)) {
        rc = is_joined(node, tx, act->person, act->same_as, &is_done, err);
    }
    if (rc == TP_OK && is_done) {
        *result_out = (tp_write_result){
            .record = act->person, .entity = TP_JOIN, .person = act->person, .is_unchanged = true};
    } else if (rc == TP_OK) {
        rc = tp_write_in(&w, tx, result_out, err);
    }
    tp_write_done(&w);
    return rc;
}

/* In a transaction of its own. */
static tp_rc run_alone(tp_node *node, const tp_join_act *act, join_run run,
                       tp_write_result *result_out, tp_err *err)
{
    tp_tx tx = TP_TX_NONE;
    memset(result_out, 0, sizeof *result_out);
    tp_rc rc = tp_tx_begin(node->store, &tx, TP_TX_WRITE, err);
    if (rc == TP_OK) {
        rc = run(node, &tx, act, result_out, err);
    }
    if (rc == TP_OK && !result_out->is_unchanged) {
        rc = tp_tx_commit(&tx, err);
    }
    tp_tx_rollback(&tx);
    if (rc == TP_OK && !result_out->is_unchanged) {
        tp_write_wake(node);
    }
    return rc;
}

tp_rc tp_join_write(tp_node *node, tp_slice worker, tp_name person, tp_name same_as, tp_slice why,
                    tp_write_result *result_out, tp_err *err)
{
    const tp_join_act act = {worker, person, same_as, why};
    return run_alone(node, &act, tp_join_in, result_out, err);
}

tp_rc tp_unjoin_write(tp_node *node, tp_slice worker, tp_name person, tp_name same_as, tp_slice why,
                      tp_write_result *result_out, tp_err *err)
{
    const tp_join_act act = {worker, person, same_as, why};
    return run_alone(node, &act, tp_unjoin_in, result_out, err);
}

/* ---- Undoing ---- */

/* The joins between two records that no held unjoin undoes. */
typedef struct join_walk {
    tp_name a;
    tp_name b;
    tp_value joins; /* names */
    tp_name undone[TP_CHANGE_NAMES_MAX];
    uint32_t undone_count;
} join_walk;

static void note_join(join_walk *walk, const tp_loaded *loaded, tp_name same_as)
{
    const bool is_between = (tp_name_eq(loaded->person, walk->a) && tp_name_eq(same_as, walk->b)) ||
                            (tp_name_eq(loaded->person, walk->b) && tp_name_eq(same_as, walk->a));
    if (is_between && walk->joins.names_count < TP_VALUE_NAMES_MAX) {
        walk->joins.names[walk->joins.names_count++] = loaded->record.name;
    }
}

static void note_undone(join_walk *walk, const tp_value *joins)
{
    for (uint32_t i = 0; i < joins->names_count && walk->undone_count < TP_CHANGE_NAMES_MAX; i++) {
        walk->undone[walk->undone_count++] = joins->names[i];
    }
}

static tp_rc note_either(void *context, const tp_loaded *loaded, tp_err *err)
{
    join_walk *walk = context;
    tp_value value;
    bool has_value = false;
    const bool is_join = loaded->record.entity == TP_JOIN;
    tp_rc rc = tp_loaded_shown(loaded, is_join ? TP_JOIN_SAME_AS : TP_UNJOIN_JOINS, &value,
                               &has_value, err);
    if (rc == TP_OK && has_value && is_join) {
        note_join(walk, loaded, value.names[0]);
    } else if (rc == TP_OK && has_value) {
        note_undone(walk, &value);
    }
    return rc;
}

static void leave_out_undone(join_walk *walk)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < walk->joins.names_count; i++) {
        bool is_undone = false;
        for (uint32_t u = 0; u < walk->undone_count; u++) {
            is_undone |= tp_name_eq(walk->undone[u], walk->joins.names[i]);
        }
        if (!is_undone) {
            walk->joins.names[kept++] = walk->joins.names[i];
        }
    }
    walk->joins.names_count = kept;
}

static tp_rc find_joins(tp_node *node, tp_tx *tx, join_walk *walk, tp_err *err)
{
    static const uint32_t entities[] = {TP_JOIN, TP_UNJOIN};
    const tp_merge_filter filter = {entities, 2};
    const tp_name persons[] = {walk->a, walk->b};
    tp_rc rc = tp_merge_load_persons(node->merge, tx, persons, 2, &filter, note_either, walk, err);
    if (rc != TP_OK) {
        return rc;
    }
    leave_out_undone(walk);
    if (walk->joins.names_count > 0) {
        return TP_OK;
    }
    bool is_group = false;
    rc = is_joined(node, tx, walk->a, walk->b, &is_group, err);
    if (rc != TP_OK) {
        return rc;
    }
    return is_group ? tp_fail(err, TP_NOTFOUND,
                              "they are joined through another record: undo the join with that one")
                    : tp_fail(err, TP_NOTFOUND, "these two are not joined");
}

/* It is filed under one who is still here: about somebody erased nothing is written any more, and
 * who stays is not to be one with them for ever. */
static tp_rc choose_filed(tp_node *node, tp_tx *tx, const tp_join_act *act, tp_name *person_out,
                          tp_err *err)
{
    bool is_erased = false;
    tp_rc rc = tp_rule_is_erased(node, tx, act->person, &is_erased, err);
    *person_out = is_erased ? act->same_as : act->person;
    return rc;
}

tp_rc tp_unjoin_in(tp_node *node, tp_tx *tx, const tp_join_act *act, tp_write_result *result_out,
                   tp_err *err)
{
    tp_write w;
    join_walk walk;
    tp_name filed = {0, 0};
    memset(result_out, 0, sizeof *result_out);
    walk.a = act->person;
    walk.b = act->same_as;
    walk.undone_count = 0;
    walk.joins = (tp_value){.type = TP_TYPE_RECORDS};
    tp_write_init(&w, node, TP_WRITE_CREATE, TP_UNJOIN, act->worker);
    tp_rc rc = choose_filed(node, tx, act, &filed, err);
    if (rc == TP_OK) {
        rc = tp_write_set_name(&w, "person", filed, err);
    }
    if (rc == TP_OK) {
        rc = tp_write_set_text(&w, "why", act->why, err);
    }
    if (rc == TP_OK) {
        rc = find_joins(node, tx, &walk, err);
    }
    if (rc == TP_OK) {
        rc = tp_write_set(&w, tp_slice_str("joins"), &walk.joins, err);
    }
    if (rc == TP_OK) {
        rc = tp_write_in(&w, tx, result_out, err);
    }
    tp_write_done(&w);
    return rc;
}
