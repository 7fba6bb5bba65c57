/* Agencies, agreements, and which device belongs to whom.  Shows P26. */
#include "platform/base/alloc.h"
#include "sync/log/directory.h"
#include "tests/support/node_log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

static tp_node_log node;
static tp_err err;

static int set_up(void **state)
{
    (void)state;
    tp_node_log_open(&node, "gateway", 7);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tp_node_log_close(&node);
    assert_int_equal(tp_alloc_live(), 0);
    return 0;
}

static tp_directory_agency agency_of(const char *id, const char *label)
{
    tp_directory_agency agency;
    memset(&agency, 0, sizeof agency);
    agency.id = tp_slice_str(id);
    agency.label = tp_slice_str(label);
    return agency;
}

static void put_directory(uint64_t version)
{
    tp_directory_agency gateway = agency_of("gateway", "Gateway Housing");
    tp_directory_agency harbour = agency_of("harbour", "");
    gateway.agreements_count = 2;
    gateway.agreements[0] = (tp_agreement){1000, 2000, false};
    gateway.agreements[1] = (tp_agreement){3000, 0, true};
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    assert_int_equal(tp_log_directory_begin(node.log, &tx, version, &err), TP_OK);
    assert_int_equal(tp_log_directory_put_agency(node.log, &tx, &gateway, &err), TP_OK);
    assert_int_equal(tp_log_directory_put_agency(node.log, &tx, &harbour, &err), TP_OK);
    tp_node_log_commit(&tx);
}

static const char *agency_at(uint64_t device)
{
    const char *agency = NULL;
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&node, &tx, TP_TX_READ);
    assert_int_equal(tp_log_agency_of(node.log, &tx, device, &agency, &err), TP_OK);
    tp_tx_rollback(&tx);
    return agency;
}

typedef struct roll {
    char text[200];
    size_t at;
} roll;

static tp_rc call_roll(void *context, const tp_directory_agency *agency, tp_err *roll_err)
{
    (void)roll_err;
    roll *r = context;
    r->at += (size_t)snprintf(r->text + r->at, sizeof r->text - r->at, "%.*s(%.*s)%u ",
                              TP_SLICE_FMT(agency->id), TP_SLICE_FMT(agency->label),
                              agency->agreements_count);
    return TP_OK;
}

static void test_log_directory__is_replaced_as_a_whole(void **state)
{
    (void)state;
    tp_tx tx = TP_TX_NONE;
    for (uint64_t version = 4; version < 6; version++) {
        roll r = {{0}, 0};
        uint64_t held = 0;
        put_directory(version);
        tp_node_log_begin(&node, &tx, TP_TX_READ);
        assert_int_equal(tp_log_agencies(node.log, &tx, call_roll, &r, &err), TP_OK);
        assert_int_equal(tp_log_directory_version(node.log, &tx, &held, &err), TP_OK);
        tp_tx_rollback(&tx);
        assert_string_equal(r.text, "gateway(Gateway Housing)2 harbour()0 ");
        assert_true(held == version);
    }
}

static void test_log_agency_label__falls_back_to_the_id(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"gateway", "Gateway Housing"}, {"harbour", "harbour"}, {"unheard_of", "unheard_of"}};
    put_directory(1);
    for (size_t i = 0; i < 3; i++) {
        const char *label = NULL;
        tp_tx tx = TP_TX_NONE;
        tp_node_log_begin(&node, &tx, TP_TX_READ);
        assert_int_equal(tp_log_agency_label(node.log, &tx, rows[i][0], &label, &err), TP_OK);
        tp_tx_rollback(&tx);
        assert_string_equal(label, rows[i][1]);
    }
}

static void test_log_is_under_agreement__by_its_dates(void **state)
{
    (void)state;
    static const struct {
        const char *agency;
        int64_t at_ms;
        bool is_under;
    } rows[] = {{"gateway", 999, false},  {"gateway", 1000, true},    {"gateway", 1999, true},
                {"gateway", 2000, false}, {"gateway", 3000, true},    {"gateway", INT64_MAX, true},
                {"harbour", 1500, false}, {"unheard_of", 1500, false}};
    put_directory(1);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool is_under = false;
        tp_tx tx = TP_TX_NONE;
        tp_node_log_begin(&node, &tx, TP_TX_READ);
        assert_int_equal(tp_log_is_under_agreement(node.log, &tx, tp_slice_str(rows[i].agency),
                                                   rows[i].at_ms, &is_under, &err),
                         TP_OK);
        tp_tx_rollback(&tx);
        if (is_under != rows[i].is_under) {
            fail_msg("%s at %lld", rows[i].agency, (long long)rows[i].at_ms);
        }
    }
}

static void test_log_agency_of__is_known_from_the_moment_the_directory_says_it(void **state)
{
    (void)state;
    tp_tx tx = TP_TX_NONE;
    tp_packed_name packed = 0;
    tp_node_log_begin(&node, &tx, TP_TX_WRITE); /* met in a change, before the directory */
    assert_int_equal(tp_log_pack(node.log, &tx, (tp_name){1001, 5}, &packed, &err), TP_OK);
    tp_node_log_commit(&tx);
    assert_string_equal(agency_at(1001), "");
    assert_string_equal(agency_at(2002), "");
    assert_string_equal(agency_at(tp_log_device(node.log)), "gateway");
    tp_node_log_introduce(&node, 1001, "harbour");
    tp_node_log_introduce(&node, 2002, "harbour");
    assert_string_equal(agency_at(1001), "harbour");
    assert_ptr_equal(agency_at(1001), agency_at(2002));
    tp_name name;
    tp_node_log_begin(&node, &tx, TP_TX_READ);
    assert_int_equal(tp_log_unpack(node.log, &tx, packed, &name, &err), TP_OK);
    tp_tx_rollback(&tx);
    assert_true(tp_name_eq(name, (tp_name){1001, 5}));
}

static void test_log_directory__what_cannot_be_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *row;
        uint64_t device;
        const char *agency;
    } rows[] = {{"moved to another agency", 1001, "gateway"},
                {"this very device moved", 0, "harbour"},
                {"no agency", 3003, ""},
                {"an id too long", 3003,
                 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}};
    tp_node_log_introduce(&node, 1001, "harbour");
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&node, &tx, TP_TX_WRITE);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t id = rows[i].device == 0 ? tp_log_device(node.log) : rows[i].device;
        tp_directory_device device = {id, tp_slice_str(rows[i].agency)};
        if (tp_log_directory_put_device(node.log, &tx, &device, &err) != TP_INVALID) {
            fail_msg("row \"%s\"", rows[i].row);
        }
    }
    tp_directory_agency nameless = agency_of("", "Nobody");
    assert_int_equal(tp_log_directory_put_agency(node.log, &tx, &nameless, &err), TP_INVALID);
    char id[16];
    tp_rc rc = TP_OK;
    for (unsigned i = 0; rc == TP_OK && i <= TP_AGENCIES_MAX; i++) {
        (void)snprintf(id, sizeof id, "a%u", i);
        tp_directory_agency agency = agency_of(id, "");
        rc = tp_log_directory_put_agency(node.log, &tx, &agency, &err);
    }
    assert_int_equal(rc, TP_LIMIT);
    tp_tx_rollback(&tx);
}

static bool is_of_own_agency(tp_name name)
{
    bool is_own = false;
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&node, &tx, TP_TX_READ);
    assert_int_equal(tp_log_is_of_own_agency(node.log, &tx, name, &is_own, &err), TP_OK);
    tp_tx_rollback(&tx);
    return is_own;
}

/* Its writer's and its record's. */
static void test_log_is_of_own_agency__by_both_devices(void **state)
{
    (void)state;
    tp_node_log_hub hub;
    tp_node_log colleague;
    tp_node_log stranger;
    tp_node_log_hub_init(&hub);
    tp_node_log_open(&colleague, "gateway", 8);
    tp_node_log_open(&stranger, "harbour", 9);
    const tp_name own = tp_node_log_person(&node, "Baz");
    const tp_name theirs = tp_node_log_person(&colleague, "Baz");
    const tp_name other = tp_node_log_person(&stranger, "Baz");
    const tp_name on_other = tp_node_log_update_text(&colleague, other, TP_PERSON,
                                                     TP_PERSON_PREFERRED_NAME, "Bazza", other);
    const tp_name by_other = tp_node_log_update_text(&stranger, theirs, TP_PERSON,
                                                     TP_PERSON_PREFERRED_NAME, "Bazza", theirs);
    const tp_entry entries[] = {tp_node_log_hub_take(&hub, &colleague, theirs),
                                tp_node_log_hub_take(&hub, &stranger, other),
                                tp_node_log_hub_take(&hub, &colleague, on_other),
                                tp_node_log_hub_take(&hub, &stranger, by_other)};
    (void)tp_node_log_apply(&node, entries, sizeof entries / sizeof entries[0]);
    assert_true(is_of_own_agency(own));
    assert_false(is_of_own_agency(theirs)); /* nobody has said so yet */
    tp_node_log_introduce(&node, tp_log_device(colleague.log), "gateway");
    tp_node_log_introduce(&node, tp_log_device(stranger.log), "harbour");
    assert_true(is_of_own_agency(theirs));
    assert_false(is_of_own_agency(other));
    assert_false(is_of_own_agency(on_other));
    assert_false(is_of_own_agency(by_other));
    assert_false(is_of_own_agency((tp_name){1001, 1})); /* never met */
    put_directory(9);                                   /* which leaves both out */
    assert_true(is_of_own_agency(theirs));
    tp_node_log_hub_done(&hub);
    tp_node_log_close(&colleague);
    tp_node_log_close(&stranger);
}

static tp_rc add_device(void *context, uint64_t device, tp_err *add_err)
{
    (void)add_err;
    *(uint64_t *)context += device;
    return TP_OK;
}

static void test_log_devices__are_all_that_were_ever_met(void **state)
{
    (void)state;
    uint64_t sum = 0;
    tp_node_log_introduce(&node, 1001, "harbour");
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&node, &tx, TP_TX_READ);
    assert_int_equal(tp_log_devices(node.log, &tx, add_device, &sum, &err), TP_OK);
    tp_tx_rollback(&tx);
    assert_true(sum == tp_log_device(node.log) + 1001);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_log_directory__is_replaced_as_a_whole),
        TEST(test_log_agency_label__falls_back_to_the_id),
        TEST(test_log_is_under_agreement__by_its_dates),
        TEST(test_log_agency_of__is_known_from_the_moment_the_directory_says_it),
        TEST(test_log_is_of_own_agency__by_both_devices),
        TEST(test_log_directory__what_cannot_be_is_refused),
        TEST(test_log_devices__are_all_that_were_ever_met),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
