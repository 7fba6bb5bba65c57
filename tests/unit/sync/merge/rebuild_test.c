/* Views made anew from the log are what they were.
 *
 * Shows P14, P17. */
#include "sync/merge/merge.h"

#include "tests/support/two_logs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static tp_err err;

static void test_merge_verify__a_planted_difference_is_found(void **state)
{
    (void)state;
    static const char *const plants[] = {
        "DELETE FROM record WHERE entity = 1",
        "UPDATE record SET flags = 1",
        "INSERT INTO record VALUES (5, 6, 7, 0)",
        "INSERT INTO person_group VALUES (5, 6)",
    };
    (void)tp_node_log_person(&here, "Baz");
    for (size_t i = 0; i < sizeof plants / sizeof plants[0]; i++) {
        bool is_equal = true;
        tp_tx tx = TP_TX_NONE;
        tp_node_log_begin(&here, &tx, TP_TX_WRITE);
        assert_int_equal(tp_tx_exec(&tx, plants[i], &err), TP_OK);
        assert_int_equal(tp_merge_verify(here.merge, &tx, &is_equal, &err), TP_OK);
        assert_false(is_equal);
        tp_tx_rollback(&tx);
    }
}

static void test_merge_is_stale__until_the_views_are_made_by_this_program(void **state)
{
    (void)state;
    bool is_stale = false;
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&here, &tx, TP_TX_WRITE);
    assert_int_equal(tp_merge_is_stale(here.merge, &tx, &is_stale, &err), TP_OK);
    assert_true(is_stale);
    assert_int_equal(tp_merge_rebuild(here.merge, &tx, NULL, &err), TP_OK);
    assert_int_equal(tp_merge_is_stale(here.merge, &tx, &is_stale, &err), TP_OK);
    assert_false(is_stale);
    assert_int_equal(tp_tx_exec(&tx, "UPDATE merge_state SET views = x'00'", &err), TP_OK);
    assert_int_equal(tp_merge_is_stale(here.merge, &tx, &is_stale, &err), TP_OK);
    assert_true(is_stale);
    tp_tx_rollback(&tx);
}

/* An older program kept it as unreadable: its row has no record. */
static void test_merge_rebuild__finds_a_place_for_what_became_readable(void **state)
{
    (void)state;
    tp_name request = tp_node_log_create(&there, TP_HELP_REQUEST, nobody, TP_REQUEST_WORDS, "tea");
    tp_name person = tp_node_log_person(&there, "Sean");
    tp_value about = tp_node_log_name(TP_TYPE_RECORD, person);
    tp_name fill =
        tp_node_log_update(&there, request, TP_HELP_REQUEST, TP_FIELD_PERSON, &about, nobody);
    tp_entry entries[] = {tp_node_log_hub_take(&hub, &there, request),
                          tp_node_log_hub_take(&hub, &there, person),
                          tp_node_log_hub_take(&hub, &there, fill)};
    (void)tp_node_log_apply(&here, entries, 3);
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&here, &tx, TP_TX_WRITE);
    assert_int_equal(tp_tx_exec(&tx, "UPDATE log SET record = 0; DELETE FROM record;", &err),
                     TP_OK);
    assert_int_equal(tp_merge_rebuild(here.merge, &tx, NULL, &err), TP_OK);
    tp_node_log_commit(&tx);
    assert_int_equal(listing_of_person(&here, person).count, 2);
    assert_string_equal(shown_text(&here, request, TP_REQUEST_WORDS), "tea");
}

/* Random scripts: whatever is written, applied in any order, given back and brought back, the views
 * are those of a rebuild. */
enum { SCRIPTS = 30, STEPS = 40 };

static tp_name any_of(const tp_name *names, uint32_t count, tp_rng *rng)
{
    return count == 0 ? nobody : names[tp_rng_below(rng, count)];
}

static void run_script(uint64_t seed)
{
    tp_rng_seeded dice;
    tp_name persons[STEPS] = {{0, 0}};
    tp_name changes[2 * STEPS] = {{0, 0}};
    tp_name joins[STEPS] = {{0, 0}};
    tp_name requests[STEPS] = {{0, 0}};
    uint32_t persons_count = 0;
    uint32_t count = 0;
    uint32_t joins_count = 0;
    uint32_t requests_count = 0;
    tp_rng_seeded_init(&dice, seed);
    tp_rng *rng = &dice.rng;
    persons[persons_count++] = tp_node_log_person(&there, "Sean");
    changes[count++] = persons[0];
    for (int step = 1; step < STEPS; step++) {
        tp_node_log *writer = tp_rng_below(rng, 2) == 0 ? &here : &there;
        tp_name person = any_of(persons, persons_count, rng);
        tp_name request = any_of(requests, requests_count, rng);
        tp_value about = tp_node_log_name(TP_TYPE_RECORD, person);
        tp_name change = nobody;
        switch (tp_rng_below(rng, 7)) {
        case 0:
            change = tp_node_log_person(writer, "Baz");
            persons[persons_count++] = change;
            break;
        case 1:
            change = tp_node_log_contact(writer, person, "seen");
            break;
        case 2:
            change = tp_node_log_join(writer, person, any_of(persons, persons_count, rng));
            joins[joins_count++] = change;
            break;
        case 3:
            change = joins_count == 0
                         ? tp_node_log_contact(writer, person, "no join yet")
                         : tp_node_log_unjoin(writer, person, any_of(joins, joins_count, rng));
            break;
        case 4:
            change = tp_node_log_create(writer, TP_HELP_REQUEST, nobody, TP_REQUEST_WORDS, "tea");
            requests[requests_count++] = change;
            break;
        case 5:
            change = requests_count == 0 ? tp_node_log_contact(writer, person, "no request yet")
                                         : tp_node_log_update(writer, request, TP_HELP_REQUEST,
                                                              TP_FIELD_PERSON, &about, nobody);
            break;
        default:
            change =
                tp_node_log_update_text(writer, person, TP_PERSON, TP_PERSON_PLACE, "park", nobody);
            break;
        }
        changes[count++] = change;
    }
    tp_node_log_accept(&hub, &here);
    uint64_t first_number = hub.number;
    for (int step = 0; step < STEPS; step++) {
        tp_name name = any_of(changes, count, rng);
        if (tp_rng_below(rng, 3) == 0) {
            tp_node_log_give_back(&here, &name, 1);
        } else {
            bool is_theirs = name.device == tp_log_device(there.log);
            if (is_theirs) {
                tp_entry entry = tp_node_log_hub_take(&hub, &there, name);
                entry.stamp.number = first_number + name.seq; /* one number for one change */
                (void)tp_node_log_apply(&here, &entry, 1);
            }
        }
        if (step % 8 == 0) {
            tp_node_log_assert_sound(&here);
        }
    }
}

static void test_merge_rebuild__is_what_the_views_were_after_any_script(void **state)
{
    for (uint64_t seed = 1; seed <= SCRIPTS; seed++) {
        run_script(seed);
        assert_int_equal(two_logs_tear_down(state), 0);
        assert_int_equal(two_logs_set_up(state), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_TWO_LOGS(test_merge_verify__a_planted_difference_is_found),
        WITH_TWO_LOGS(test_merge_is_stale__until_the_views_are_made_by_this_program),
        WITH_TWO_LOGS(test_merge_rebuild__finds_a_place_for_what_became_readable),
        WITH_TWO_LOGS(test_merge_rebuild__is_what_the_views_were_after_any_script),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
