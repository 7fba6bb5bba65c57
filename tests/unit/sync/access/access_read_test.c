/* Decoded changes as the rules of access see them; what cannot be read counts protectively.
 *
 * Shows P9, P10, P17. */
#include "platform/base/alloc.h"
#include "sync/access/access_read.h"
#include "tests/support/record_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#define HOUSING TP_KIND_BIT(TP_KIND_HOUSING)
#define SUPPORT TP_PURPOSE_BIT(TP_PURPOSE_SUPPORT)

enum { ROOM = 8 };

typedef struct room {
    tp_slice slices[ROOM];
    tp_name names[ROOM];
    tp_access_room room;
} room;

static void room_init(room *r)
{
    r->room = (tp_access_room){r->slices, ROOM, 0, r->names, ROOM, 0};
}

/* The first change of a record of one line. */
static record_rows *read_one(const char *entity, const char *line)
{
    const char *lines[] = {line, NULL};
    return record_rows_read(entity, lines);
}

static tp_consent_event read_event(const record_rows *rows, room *r)
{
    tp_err err = {0};
    tp_consent_event event;
    const tp_record_change *in = &rows->changes[0];
    room_init(r);
    assert_int_equal(
        tp_consent_event_read(in->change, in->is_stub, in->stamp, &r->room, &event, &err), TP_OK);
    return event;
}

static void test_consent_event_read__takes_every_fact(void **state)
{
    (void)state;
    room r;
    record_rows *rows = read_one(
        "consent",
        "van5 new #3 @700 person=lead2 decision=given agencies=friary+womens-aid "
        "kinds=housing+money purposes=mdt_discussion+support how=spoken capacity=believed_to_have "
        "ends_on=2026-07-12");
    tp_consent_event e = read_event(rows, &r);
    assert_true(tp_name_eq(e.name, record_rows_name("van5")));
    assert_true(tp_name_eq(e.person, record_rows_name("lead2")));
    assert_int_equal(e.decision, TP_DECISION_GIVEN);
    assert_int_equal(e.agencies_count, 2);
    assert_true(tp_slice_is(e.agencies[0], "friary"));
    assert_true(tp_slice_is(e.agencies[1], "womens-aid"));
    assert_int_equal(e.kinds, TP_KIND_BIT(TP_KIND_HOUSING) | TP_KIND_BIT(TP_KIND_MONEY));
    assert_int_equal(e.purposes, SUPPORT | TP_PURPOSE_BIT(TP_PURPOSE_MDT_DISCUSSION));
    assert_true(e.has_capacity);
    assert_int_equal(e.stamp_ms, 700);
    assert_false(e.all_agencies || e.all_kinds || e.all_purposes);
    record_rows_free(rows);
    assert_int_equal(tp_alloc_live(), 0);
}

static void test_consent_event_read__takes_links_and_persons(void **state)
{
    (void)state;
    room r;
    record_rows *rows = read_one("consent", "van5 new person=van2 decision=withdrawn agencies=* "
                                            "kinds=* purposes=* in_sight=van3+desk7 "
                                            "persons=van2+lead1");
    tp_consent_event e = read_event(rows, &r);
    assert_int_equal(e.decision, TP_DECISION_WITHDRAWN);
    assert_true(e.all_agencies && e.all_kinds && e.all_purposes);
    assert_int_equal(e.agencies_count, 0);
    assert_int_equal(e.in_sight_count, 2);
    assert_true(tp_name_eq(e.in_sight[0], record_rows_name("van3")));
    assert_true(tp_name_eq(e.in_sight[1], record_rows_name("desk7")));
    assert_int_equal(e.persons_count, 2);
    assert_true(tp_name_eq(e.persons[1], record_rows_name("lead1")));
    assert_int_equal(e.stamp_ms, 0);
    record_rows_free(rows);
}

/* The end of the last day in London, in winter and in summer. */
static void test_consent_event_read__ends_with_the_day_in_london(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        int64_t ends_ms;
        bool has_capacity;
    } cases[] = {
        {"van5 new ends_on=2026-01-12 capacity=believed_to_have", 1768262400000, true},
        {"van5 new ends_on=2026-07-12 capacity=believed_to_have", 1783897200000, true},
        {"van5 new capacity=believed_to_have", 0, true},
        {"van5 new ends_on=- capacity=believed_to_have", 0, true},
        {"van5 new ends_on=2026-02-30 capacity=believed_to_have", 0, false},
        {"van5 new ends_on=soon capacity=believed_to_have", 0, false},
        {"van5 new ends_on=2029-09-19 capacity=believed_to_have", 1884553200000, true},
        {"van5 new ends_on=2026-07-1 capacity=believed_to_have", 0, false},
        {"van5 new ends_on=2026-07-123 capacity=believed_to_have", 0, false},
        {"van5 new ends_on=2026/07-12 capacity=believed_to_have", 0, false},
        {"van5 new ends_on=2026-07/12 capacity=believed_to_have", 0, false},
        {"van5 new ends_on=20a6-07-12 capacity=believed_to_have", 0, false},
        {"van5 new ends_on=2026-07-1/ capacity=believed_to_have", 0, false},
        {"van5 new ends_on=2026-07-1: capacity=believed_to_have", 0, false},
        {"van5 new capacity=in_doubt", 0, false},
        {"van5 new capacity=lacks", 0, false},
        {"van5 new kinds=housing", 0, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        room r;
        record_rows *rows = read_one("consent", cases[i].line);
        tp_consent_event e = read_event(rows, &r);
        if (e.ends_ms != cases[i].ends_ms || e.has_capacity != cases[i].has_capacity) {
            fail_msg("%s: %lld %d", cases[i].line, (long long)e.ends_ms, e.has_capacity);
        }
        record_rows_free(rows);
    }
}

static void test_consent_event_read__what_is_missing_protects(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        tp_decision decision;
        bool all_agencies, all_kinds, all_purposes;
        uint32_t kinds, purposes;
    } cases[] = {
        {"van5 new agencies=friary kinds=housing purposes=support", TP_DECISION_UNKNOWN, false,
         false, false, HOUSING, SUPPORT},
        {"van5 new decision=paused agencies=friary kinds=housing purposes=support",
         TP_DECISION_UNKNOWN, false, false, false, HOUSING, SUPPORT},
        {"van5 new decision=withdrawn", TP_DECISION_WITHDRAWN, true, true, true, 0, 0},
        /* "*" of kinds and purposes covers nothing in a giving. */
        {"van5 new decision=given", TP_DECISION_GIVEN, false, true, true, 0, 0},
        {"van5 new decision=given kinds=astrology+housing purposes=astrology+support",
         TP_DECISION_GIVEN, false, false, false, HOUSING, SUPPORT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        room r;
        record_rows *rows = read_one("consent", cases[i].line);
        tp_consent_event e = read_event(rows, &r);
        if (e.decision != cases[i].decision || e.all_agencies != cases[i].all_agencies ||
            e.all_kinds != cases[i].all_kinds || e.all_purposes != cases[i].all_purposes ||
            e.kinds != cases[i].kinds || e.purposes != cases[i].purposes) {
            fail_msg("%s", cases[i].line);
        }
        record_rows_free(rows);
    }
}

/* Bytes from somebody else's program: a field that is there and cannot be read. */
static void damage(record_rows *rows, uint32_t code)
{
    tp_change *change = &rows->decoded[0];
    uint32_t f = 0;
    while (f < change->fields_count && change->fields[f].code != code) {
        f++;
    }
    assert_true(f < change->fields_count);
    change->fields[f].value = tp_slice_of("\x81", 1); /* an array without its item */
}

static void test_consent_event_read__what_cannot_be_read_protects(void **state)
{
    (void)state;
    static const struct {
        const char *decision;
        uint32_t code;
        tp_decision read_as;
        bool has_capacity, all_agencies, all_kinds, all_purposes;
        uint32_t agencies_count, in_sight_count;
    } cases[] = {
        {"given", TP_CONSENT_DECISION, TP_DECISION_UNKNOWN, true, false, false, false, 1, 1},
        {"given", TP_CONSENT_CAPACITY, TP_DECISION_GIVEN, false, false, false, false, 1, 1},
        {"given", TP_CONSENT_ENDS_ON, TP_DECISION_GIVEN, false, false, false, false, 1, 1},
        /* "*" of kinds and purposes covers nothing in a giving. */
        {"given", TP_CONSENT_KINDS, TP_DECISION_GIVEN, true, false, true, false, 1, 1},
        {"given", TP_CONSENT_PURPOSES, TP_DECISION_GIVEN, true, false, false, true, 1, 1},
        {"given", TP_CONSENT_AGENCIES, TP_DECISION_GIVEN, true, false, false, false, 0, 1},
        {"given", TP_CONSENT_IN_SIGHT, TP_DECISION_GIVEN, true, false, false, false, 1, 0},
        {"withdrawn", TP_CONSENT_KINDS, TP_DECISION_WITHDRAWN, true, false, true, false, 1, 1},
        {"withdrawn", TP_CONSENT_PURPOSES, TP_DECISION_WITHDRAWN, true, false, false, true, 1, 1},
        {"withdrawn", TP_CONSENT_AGENCIES, TP_DECISION_WITHDRAWN, true, true, false, false, 0, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char line[200];
        room r;
        (void)snprintf(line, sizeof line,
                       "van5 new decision=%s agencies=friary kinds=housing purposes=support "
                       "capacity=believed_to_have ends_on=2026-07-12 in_sight=van3",
                       cases[i].decision);
        record_rows *rows = read_one("consent", line);
        damage(rows, cases[i].code);
        tp_consent_event e = read_event(rows, &r);
        if (e.decision != cases[i].read_as || e.has_capacity != cases[i].has_capacity ||
            e.all_agencies != cases[i].all_agencies || e.all_kinds != cases[i].all_kinds ||
            e.all_purposes != cases[i].all_purposes ||
            e.agencies_count != cases[i].agencies_count ||
            e.in_sight_count != cases[i].in_sight_count) {
            fail_msg("%s, without field %u", cases[i].decision, (unsigned)cases[i].code);
        }
        record_rows_free(rows);
    }
}

static void test_consent_event_read__a_stub_has_name_and_links_alone(void **state)
{
    (void)state;
    room r;
    record_rows *rows = read_one("consent", "van5 stub person<lead1 in_sight<van3,desk7");
    tp_consent_event e = read_event(rows, &r);
    assert_true(e.is_stub);
    assert_true(tp_name_eq(e.name, record_rows_name("van5")));
    assert_int_equal(e.in_sight_count, 2);
    assert_true(tp_name_eq(e.in_sight[0], record_rows_name("van3")));
    assert_true(tp_name_eq(e.in_sight[1], record_rows_name("desk7")));
    assert_true(tp_name_is_none(e.person));
    assert_int_equal(e.decision, TP_DECISION_NONE);
    assert_false(e.all_agencies || e.all_kinds || e.all_purposes);
    record_rows_free(rows);
}

/* The lists of all events about a person share one room. */
static void test_consent_event_read__takes_room_behind_what_was_read(void **state)
{
    (void)state;
    room r;
    tp_err err = {0};
    tp_consent_event second;
    record_rows *rows =
        read_one("consent", "van5 new decision=withdrawn agencies=friary+womens-aid "
                            "kinds=* purposes=* in_sight=van3+desk7");
    const tp_record_change *in = &rows->changes[0];
    tp_consent_event first = read_event(rows, &r);
    r.room.slices_max = 4;
    r.room.names_max = 4;
    assert_int_equal(
        tp_consent_event_read(in->change, in->is_stub, in->stamp, &r.room, &second, &err), TP_OK);
    assert_int_equal(r.room.slices_count, 4);
    assert_int_equal(r.room.names_count, 4);
    assert_ptr_equal(second.agencies, first.agencies + 2);
    assert_ptr_equal(second.in_sight, first.in_sight + 2);
    assert_true(tp_slice_is(second.agencies[1], "womens-aid"));
    assert_int_equal(
        tp_consent_event_read(in->change, in->is_stub, in->stamp, &r.room, &second, &err),
        TP_LIMIT);
    r.room.names_max = 6;
    assert_int_equal(
        tp_consent_event_read(in->change, in->is_stub, in->stamp, &r.room, &second, &err),
        TP_LIMIT);
    assert_int_equal(r.room.slices_count, 4);
    assert_int_equal(r.room.names_count, 4);
    record_rows_free(rows);
}

static void test_consent_event_read__without_room_takes_nothing(void **state)
{
    (void)state;
    room r;
    tp_err err = {0};
    tp_consent_event event;
    record_rows *rows =
        read_one("consent", "van5 new decision=withdrawn agencies=friary+womens-aid kinds=* "
                            "purposes=* in_sight=van3+desk7 persons=van2+lead1");
    room_init(&r);
    r.room.slices_max = 1;
    assert_int_equal(tp_consent_event_read(rows->changes[0].change, false, rows->changes[0].stamp,
                                           &r.room, &event, &err),
                     TP_LIMIT);
    assert_int_equal(r.room.names_count, 0);
    assert_int_equal(r.room.slices_count, 0);
    r.room.slices_max = 2;
    for (uint32_t names_max = 1; names_max < 4; names_max++) {
        r.room.names_max = names_max;
        assert_int_equal(tp_consent_event_read(rows->changes[0].change, false,
                                               rows->changes[0].stamp, &r.room, &event, &err),
                         TP_LIMIT);
        assert_int_equal(r.room.names_count, 0);
    }
    record_rows_free(rows);
}

static void test_gateway_read__each_row(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        bool is_authorised;
        uint32_t kinds;
    } cases[] = {
        {"van5 new worker=Dee person=van2 agencies=friary kinds=safeguarding ends_on=2026-07-12 "
         "authoriser=Kay basis=law",
         true, TP_KIND_BIT(TP_KIND_SAFEGUARDING)},
        {"van5 new worker=Dee person=van2 agencies=friary kinds=astrology+safeguarding "
         "ends_on=2026-07-12 authoriser=Kay basis=law",
         true, TP_KIND_BIT(TP_KIND_SAFEGUARDING)},
        {"van5 new worker=Dee person=van2 agencies=friary kinds=* ends_on=2026-07-12 "
         "authoriser=Kay basis=law",
         true, 0},
        /* Its own writer, however spelled. */
        {"van5 new worker=Dee agencies=friary kinds=money ends_on=2026-07-12 authoriser=Dee", false,
         TP_KIND_BIT(TP_KIND_MONEY)},
        {"van5 new worker=Dee agencies=friary kinds=money ends_on=2026-07-12 authoriser=_DEE_",
         false, TP_KIND_BIT(TP_KIND_MONEY)},
        {"van5 new worker=Dee agencies=friary kinds=money ends_on=2026-07-12 authoriser=K", true,
         TP_KIND_BIT(TP_KIND_MONEY)},
        {"van5 new worker=Dee agencies=friary kinds=money ends_on=2026-07-12 authoriser=_", false,
         TP_KIND_BIT(TP_KIND_MONEY)},
        {"van5 new worker=Dee agencies=friary kinds=money ends_on=2026-07-12", false,
         TP_KIND_BIT(TP_KIND_MONEY)},
        /* Without an end it opens nothing. */
        {"van5 new worker=Dee agencies=friary kinds=money authoriser=Kay", false,
         TP_KIND_BIT(TP_KIND_MONEY)},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        room r;
        tp_err err = {0};
        tp_gateway gateway;
        record_rows *rows = read_one("legal_gateway", cases[i].line);
        room_init(&r);
        assert_int_equal(tp_gateway_read(rows->changes[0].change, &r.room, &gateway, &err), TP_OK);
        if (gateway.is_authorised != cases[i].is_authorised || gateway.kinds != cases[i].kinds ||
            gateway.agencies_count != 1) {
            fail_msg("%s", cases[i].line);
        }
        assert_true(!gateway.is_authorised || gateway.ends_ms == 1783897200000);
        record_rows_free(rows);
    }
}

static void test_gateway_read__all_agencies_are_none(void **state)
{
    (void)state;
    room r;
    tp_err err = {0};
    tp_gateway gateway;
    record_rows *rows = read_one("legal_gateway", "van5 new worker=Dee agencies=* kinds=money "
                                                  "ends_on=2026-07-12 authoriser=Kay");
    room_init(&r);
    assert_int_equal(tp_gateway_read(rows->changes[0].change, &r.room, &gateway, &err), TP_OK);
    assert_int_equal(gateway.agencies_count, 0);
    record_rows_free(rows);
}

static void test_join_read__joins_two_different_records(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        bool is_join;
    } cases[] = {{"van5 new person=van2 same_as=desk1", true},
                 {"van5 new person=van2 same_as=van2", false},
                 {"van5 new person=van2", false},
                 {"van5 new same_as=van2", false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tp_join join;
        record_rows *rows = read_one("join", cases[i].line);
        bool is_join = tp_join_read(rows->changes[0].change, &join);
        assert_int_equal(is_join, cases[i].is_join);
        assert_true(!is_join || (tp_name_eq(join.name, record_rows_name("van5")) &&
                                 tp_name_eq(join.person, record_rows_name("van2")) &&
                                 tp_name_eq(join.same_as, record_rows_name("desk1"))));
        record_rows_free(rows);
    }
}

static void test_unjoin_read__names_what_it_undoes(void **state)
{
    (void)state;
    room r;
    tp_err err = {0};
    const tp_name *joins = NULL;
    uint32_t count = 0;
    record_rows *rows = read_one("unjoin", "van5 new person=van2 joins=van3+desk4");
    room_init(&r);
    assert_int_equal(tp_unjoin_read(rows->changes[0].change, &r.room, &joins, &count, &err), TP_OK);
    assert_int_equal(count, 2);
    assert_true(tp_name_eq(joins[0], record_rows_name("van3")));
    assert_true(tp_name_eq(joins[1], record_rows_name("desk4")));
    record_rows_free(rows);
}

static void test_access_understands__each_row(void **state)
{
    (void)state;
    static const struct {
        const char *entity;
        const char *line;
        bool understands;
    } cases[] = {
        {"consent", "van5 new decision=withdrawn kinds=housing", true},
        {"consent", "van5 new decision=withdrawn kinds=astrology+housing", true},
        {"consent", "van5 new decision=paused kinds=housing", false},
        {"consent", "van5 new decision=withdrawn 99=a", false},
        {"consent", "van5 new kinds=housing", false},
        {"contact", "van5 new note=a", true},
        {"contact", "van5 new note=a 99=a", false},
        {"contact", "van5 new 99=a", false},
        {"contact", "van5 new note=a 99<van1", true},
        {"777", "van5 new 99=a", false},
        {"777", "van5 new", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        record_rows *rows = read_one(cases[i].entity, cases[i].line);
        if (tp_access_understands(rows->changes[0].change) != cases[i].understands) {
            fail_msg("%s %s", cases[i].entity, cases[i].line);
        }
        record_rows_free(rows);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_consent_event_read__takes_every_fact),
        cmocka_unit_test(test_consent_event_read__takes_links_and_persons),
        cmocka_unit_test(test_consent_event_read__ends_with_the_day_in_london),
        cmocka_unit_test(test_consent_event_read__what_is_missing_protects),
        cmocka_unit_test(test_consent_event_read__what_cannot_be_read_protects),
        cmocka_unit_test(test_consent_event_read__a_stub_has_name_and_links_alone),
        cmocka_unit_test(test_consent_event_read__takes_room_behind_what_was_read),
        cmocka_unit_test(test_consent_event_read__without_room_takes_nothing),
        cmocka_unit_test(test_gateway_read__each_row),
        cmocka_unit_test(test_gateway_read__all_agencies_are_none),
        cmocka_unit_test(test_join_read__joins_two_different_records),
        cmocka_unit_test(test_unjoin_read__names_what_it_undoes),
        cmocka_unit_test(test_access_understands__each_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
