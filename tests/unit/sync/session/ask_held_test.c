/* A real node and a real hub: what is damaged, missing or too much at the node is found by the next
 * sync, and only that is sent again.
 *
 * So is what was erased at the hub.
 *
 * Shows P14, P21, P22, P24, P26. */
#include "sync/session/ask.h"

#include "sync/hub/erase.h"
#include "sync/log/fork.h"
#include "sync/log/held.h"
#include "sync/session/ask_state.h"
#include "tests/support/circle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* `van` writes, `desk` of the same agency receives and writes a little; `far` is another agency's,
 * which hears nothing of it. */
enum { VAN, DESK, FAR };

static circle s;
static tp_err err;

static void must(tp_rc rc)
{
    if (rc != TP_OK) {
        fail_msg("%s: %s", tp_rc_name(rc), err.what);
    }
}

static void synchronise(unsigned who)
{
    circle_sync(&s, who);
}

enum { CONTACTS = 600 }; /* more than one sum covers */

static int open_scene(void **state)
{
    static const char *const agencies[] = {"outreach", "outreach", "harbour", NULL};
    (void)state;
    circle_open(&s, agencies);
    tp_name person = tp_node_log_person(&s.at[VAN], "Baz");
    for (int i = 0; i < CONTACTS; i++) {
        (void)tp_node_log_contact(&s.at[VAN], person, "Soup by the bus station");
    }
    (void)tp_node_log_update_text(&s.at[VAN], person, TP_PERSON, TP_PERSON_PREFERRED_NAME, "Bas",
                                  person);
    synchronise(VAN);
    synchronise(DESK);
    (void)tp_node_log_contact(&s.at[DESK], person, "At the desk");
    (void)tp_node_log_contact(&s.at[DESK], person, "Once more");
    synchronise(DESK);
    assert_false(s.differs);
    synchronise(VAN);
    return 0;
}

static int close_scene(void **state)
{
    (void)state;
    circle_close(&s);
    return 0;
}

/* As `verify` does after a finding elsewhere; as when a day has gone by. */
static void doubt(unsigned who)
{
    tp_tx tx;
    tp_node_log_begin(&s.at[who], &tx, TP_TX_WRITE);
    must(tp_log_held_doubt(s.at[who].log, &tx, false, &err));
    tp_node_log_commit(&tx);
}

static void assert_whole(unsigned who)
{
    tp_tx tx;
    tp_log_held held;
    tp_node_log_begin(&s.at[who], &tx, TP_TX_READ);
    must(tp_log_held_get(s.at[who].log, &tx, &held, &err));
    tp_tx_rollback(&tx);
    assert_true(held.is_known);
    assert_int_equal(held.differs, TP_LOG_SAME);
    assert_int_equal(circle_findings(&s, who), 0);
    tp_node_log_assert_sound(&s.at[who]);
}

static void test_ask_held__a_sync_that_brings_nothing_asks_once(void **state)
{
    (void)state;
    synchronise(DESK);
    assert_int_equal(s.counts.requests, 1);
    assert_false(s.differs);
    assert_whole(DESK);
    synchronise(FAR); /* holds nothing, and nothing is what it may hold */
    assert_int_equal(s.counts.requests, 1);
    assert_whole(FAR);
}

/* Van's changes stand under device 1 at the desk, by packed name. */
#define OF_VAN(seq) "(1 << 40 | " #seq ")"
#define OWN(seq) "(4194304 << 40 | " #seq ")"

typedef struct damage {
    const char *name;
    const char *sql;
    uint64_t healed;     /* sent again */
    uint64_t given_back; /* too much here */
} damage;

/* In the order in which they came to the table. */
#define ALL_BUT_ID                                                                                 \
    "record, arrived, stamp, number, earliest, latest, position, verdict, given_back, person,"     \
    " tag, bytes, generation, digest, said"

static const damage damages[] = {
    {"a row that is gone", "DELETE FROM log WHERE id = " OF_VAN(300), 1, 0},
    {"the first", "DELETE FROM log WHERE id = " OF_VAN(1), 1, 0},
    {"the last", "DELETE FROM log WHERE id = " OF_VAN(602), 1, 0},
    {"a byte",
     "UPDATE log SET bytes = CAST(replace(bytes, 'Soup', 'Soap') AS BLOB) WHERE id = " OF_VAN(99),
     1, 0},
    {"bytes that cannot be read, and its record",
     "UPDATE log SET bytes = x'00', record = 0 WHERE id = " OF_VAN(602), 1, 0},
    {"three, far from each other",
     "DELETE FROM log WHERE id IN (" OF_VAN(2) ", " OF_VAN(301) ", " OF_VAN(601) ")", 3, 0},
    {"all of it", "DELETE FROM log WHERE id < " OWN(0), 602, 0},
    {"a name", "UPDATE log SET id = " OF_VAN(900) " WHERE id = " OF_VAN(7), 1, 0},
    {"a row nobody wrote",
     "INSERT INTO log SELECT " OF_VAN(900) ", " ALL_BUT_ID " FROM log WHERE id = " OF_VAN(7), 0, 0},
    {"a row of nothing, as zeros in the file read", "INSERT INTO log (id, bytes) VALUES (0, x'')",
     0, 0},
    {"more of them than go at once",
     "INSERT INTO log SELECT id + 1000, " ALL_BUT_ID " FROM log WHERE id < " OWN(0), 0, 0},
    {"a device that was never met", "UPDATE log SET id = (7 << 40 | 7) WHERE id = " OF_VAN(7), 1,
     0},
    {"what the hub said of one", "UPDATE log SET verdict = verdict + 1 WHERE id = " OF_VAN(8), 1,
     0},
    {"of an own one", "UPDATE log SET earliest = 7 WHERE id = " OWN(2), 1, 0},
    {"one said to be given back", "UPDATE log SET given_back = 1 WHERE id = " OF_VAN(50), 1, 0},
    {"an own one that was sent", "DELETE FROM log WHERE id = " OWN(1), 1, 0},
    {"a byte of an own one",
     "UPDATE log SET bytes = CAST(replace(bytes, 'At the', 'Ut the') AS BLOB) WHERE id = " OWN(1),
     1, 0},
    {"an own one said to be in quarantine",
     "INSERT INTO refused (id, code, text) VALUES (" OWN(2) ", 1, '')", 0, 0},
    {"the sum that is kept", "UPDATE log_state SET held = zeroblob(16)", 0, 0},
    {"no sum is kept", "UPDATE log_state SET held = NULL", 0, 0},
};

/* So that one damage leaves nothing for the next. */
static void forget_stubs(unsigned who)
{
    tp_tx tx;
    tp_node_log_begin(&s.at[who], &tx, TP_TX_WRITE);
    must(tp_tx_exec(&tx, "DELETE FROM log WHERE given_back IS NOT NULL", &err));
    must(tp_merge_rebuild(s.at[who].merge, &tx, NULL, &err));
    tp_node_log_commit(&tx);
}

static void test_ask_held__only_what_is_damaged_is_sent_again(void **state)
{
    (void)state;
    const int64_t records = tp_node_log_count(&s.at[DESK], "SELECT count(*) FROM record");
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        const damage *d = &damages[i];
        circle_execute(&s, DESK, d->sql);
        doubt(DESK);
        synchronise(DESK);
        if (s.counts.healed != d->healed || s.counts.received != d->healed ||
            s.counts.given_back != d->given_back || s.differs) {
            fail_msg("%s: %u healed, %u received, %u given back%s", d->name,
                     (unsigned)s.counts.healed, (unsigned)s.counts.received,
                     (unsigned)s.counts.given_back, s.differs ? ", and it differs" : "");
        }
        assert_whole(DESK);
        forget_stubs(DESK);
        assert_int_equal(tp_node_log_count(&s.at[DESK], "SELECT count(*) FROM record"), records);
        synchronise(DESK);
        assert_int_equal(s.counts.requests, 1);
    }
}

/* Nobody doubts it, but a day goes by. */
static void test_ask_held__what_is_held_is_counted_once_a_day(void **state)
{
    (void)state;
    circle_execute(&s, DESK, "DELETE FROM log WHERE id = " OF_VAN(300));
    assert_true(circle_findings(&s, DESK) > 0);
    synchronise(DESK);
    assert_int_equal(s.counts.healed, 0);
    s.clock.reading.wall_ms += TP_HELD_BELIEVED_MS;
    s.clock.reading.up_ms += TP_HELD_BELIEVED_MS;
    synchronise(DESK);
    assert_int_equal(s.counts.healed, 1);
    assert_whole(DESK);
}

static bool is_differing(unsigned who)
{
    tp_tx tx;
    bool differs = false;
    tp_node_log_begin(&s.at[who], &tx, TP_TX_READ);
    must(tp_log_held_differs(s.at[who].log, &tx, &differs, &err));
    tp_tx_rollback(&tx);
    return differs;
}

/* Nobody has to doubt it, and a day need not go by. */
static void test_ask_held__damage_in_what_is_kept_of_it_is_told_and_mended(void **state)
{
    (void)state;
    static const char *const sqls[] = {"UPDATE log_state SET counted = counted + 4096",
                                       "UPDATE log_state SET differs = 7",
                                       "UPDATE log_state SET held = zeroblob(24)"};
    for (size_t i = 0; i < sizeof sqls / sizeof sqls[0]; i++) {
        circle_execute(&s, DESK, sqls[i]);
        assert_true(is_differing(DESK));
        assert_int_equal(circle_findings(&s, DESK), 1);
        synchronise(DESK);
        assert_int_equal(s.counts.healed, 0);
        assert_whole(DESK);
    }
}

/* A network may go in between: nothing says "all sent" from when it is found until it is healed. */
static void test_ask_held__that_it_differs_is_said_until_it_is_healed(void **state)
{
    (void)state;
    circle_execute(&s, DESK, "DELETE FROM log WHERE id = " OF_VAN(300));
    doubt(DESK);
    assert_false(is_differing(DESK));
    tp_ask *ask = circle_ask(&s, DESK);
    assert_true(circle_exchange(&s, DESK, ask));
    assert_false(tp_ask_is_done(ask));
    tp_ask_free(ask);
    assert_true(is_differing(DESK));
    synchronise(DESK);
    assert_int_equal(s.counts.healed, 1);
    assert_false(is_differing(DESK));
}

/* What `verify` found is said at once, and a network that brings nothing does not end that. */
static void test_ask_held__what_was_found_is_said_until_it_is_healed(void **state)
{
    (void)state;
    tp_tx tx;
    circle_execute(&s, DESK, "UPDATE log SET verdict = 1 WHERE id = " OF_VAN(300));
    tp_node_log_begin(&s.at[DESK], &tx, TP_TX_WRITE);
    must(tp_log_held_doubt(s.at[DESK].log, &tx, true, &err));
    tp_node_log_commit(&tx);
    assert_true(is_differing(DESK));
    tp_ask_free(circle_ask(&s, DESK)); /* it was lost on the way */
    assert_true(is_differing(DESK));
    synchronise(DESK);
    assert_int_equal(s.counts.healed, 1);
    assert_whole(DESK);
}

/* A power cut may come before the last of it is here: each part that is committed shows. */
static void test_ask_held__what_is_healed_shows_at_once(void **state)
{
    (void)state;
    enum { EXCHANGES_MAX = 64 };
    const int64_t records = tp_node_log_count(&s.at[DESK], "SELECT count(*) FROM record");
    unsigned parts = 0;
    circle_execute(&s, DESK, "DELETE FROM log WHERE id < " OWN(0));
    circle_execute(&s, DESK, "DELETE FROM record");
    doubt(DESK);
    tp_ask *ask = circle_ask(&s, DESK);
    for (int i = 0; i < EXCHANGES_MAX && circle_exchange(&s, DESK, ask); i++) {
        const int64_t creating = tp_node_log_count(
            &s.at[DESK], "SELECT count(*) FROM log WHERE record IS NULL AND id < " OWN(0));
        parts += creating > 0 && creating < CONTACTS;
        if (creating > 0) {
            const int64_t shown =
                tp_node_log_count(&s.at[DESK], "SELECT count(*) FROM record WHERE id < " OWN(0));
            assert_int_equal(shown, creating);
        }
    }
    tp_ask_free(ask);
    assert_in_range(parts, 1, EXCHANGES_MAX);
    assert_int_equal(tp_node_log_count(&s.at[DESK], "SELECT count(*) FROM record"), records);
    assert_whole(DESK);
}

/* What was never sent is nobody's to take, whatever the hub says of what it holds. */
static void test_ask_held__what_is_not_sent_is_never_touched(void **state)
{
    (void)state;
    tp_tx tx;
    tp_log_push push;
    tp_name person = {tp_log_device(s.at[VAN].log), 1};
    tp_name unsent = tp_node_log_contact(&s.at[DESK], person, "Not sent");
    tp_entry entry = {.name = unsent, .bytes = tp_slice_str("other"), .stamp = {.number = 7}};
    size_t healed = 1;
    tp_held_sum sum = {0, 0};
    tp_held_sum with = {0, 0};
    uint64_t damaged = 0;
    tp_node_log_begin(&s.at[DESK], &tx, TP_TX_WRITE);
    must(tp_log_held_count(s.at[DESK].log, &tx, &sum, &damaged, &err));
    must(tp_merge_heal(s.at[DESK].merge, &tx, &entry, 1, &healed, &err));
    assert_int_equal(healed, 0);
    must(tp_merge_give_back(s.at[DESK].merge, &tx, &unsent, 1, TP_NODE_LOG_NOW_MS, &err));
    must(tp_log_push_get(s.at[DESK].log, &tx, &push, &err));
    assert_int_equal(push.last_seq, push.accepted_seq + 1);
    tp_node_log_commit(&tx);
    assert_int_equal(
        tp_node_log_count(&s.at[DESK], "SELECT count(*) FROM log WHERE given_back IS NOT NULL"), 0);
    circle_execute(&s, DESK, "DELETE FROM log WHERE id < " OWN(0));
    doubt(DESK);
    synchronise(DESK);
    assert_int_equal(s.counts.sent, 1);
    assert_int_equal(s.counts.healed, 602);
    tp_node_log_begin(&s.at[DESK], &tx, TP_TX_READ);
    must(tp_log_held_count(s.at[DESK].log, &tx, &with, &damaged, &err));
    tp_tx_rollback(&tx);
    assert_false(tp_held_eq(&sum, &with));
    assert_whole(DESK);
}

/* Syncs what cannot be sent as a whole: all else is done, and then another id is to be taken that
 * leaves out this change. */
static tp_ask_counts sync_with_damage(unsigned who, uint64_t seq)
{
    enum { EXCHANGES_MAX = 9 };
    tp_ask *ask = circle_ask(&s, who);
    for (int n = 0; n < EXCHANGES_MAX && !tp_ask_is_forked(ask); n++) {
        assert_false(tp_ask_is_done(ask));
        (void)circle_exchange(&s, who, ask);
    }
    assert_true(tp_ask_is_forked(ask));
    assert_true(tp_ask_leaves_out(ask));
    assert_int_equal(ask->unsendable, seq);
    assert_int_equal(tp_node_log_push(&s.at[who]).accepted_seq, seq - 1);
    const tp_ask_counts counts = tp_ask_counted(ask);
    tp_ask_free(ask);
    return counts;
}

/* *kept_out: the last that is not written again. */
static void leave_out(unsigned who, uint64_t id, uint64_t *kept_out)
{
    tp_tx tx;
    tp_renaming renaming;
    const uint64_t accepted = tp_node_log_push(&s.at[who]).accepted_seq;
    tp_node_log_begin(&s.at[who], &tx, TP_TX_WRITE);
    must(tp_log_unsent_lost(s.at[who].log, &tx, accepted, kept_out, &err));
    must(tp_log_fork(s.at[who].log, &tx, id, *kept_out, TP_NODE_LOG_NOW_MS, &renaming, &err));
    must(tp_merge_rebuild(s.at[who].merge, &tx, NULL, &err));
    tp_node_log_commit(&tx);
    circle_enrol(&s, who, false);
}

/* What is before it is sent, what others wrote comes, and then what is behind it goes. */
static void test_ask_held__damage_in_what_is_not_sent_holds_up_nothing(void **state)
{
    enum { ANOTHER = 4711, WRITTEN = 4 };
    (void)state;
    static const struct {
        const char *sql;
        uint64_t seq;  /* of the first that is damaged */
        uint64_t lost; /* up to there */
    } rows[] = {
        {"UPDATE log SET bytes = x'00' WHERE id = " OWN(5), 5, 5},
        {"DELETE FROM log WHERE id = " OWN(3), 3, 3},
        {"UPDATE log SET bytes = x'00' WHERE id IN (" OWN(3) ", " OWN(4) ")", 3, 4},
        {"UPDATE log SET digest = digest + 1 WHERE id = " OWN(4), 4, 4},
        {"UPDATE log SET bytes = x'00' WHERE id = " OWN(6), 6, 6}, /* it has a reading, too */
        {"DELETE FROM log WHERE id = " OWN(6), 6, 6},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t kept = 0;
        if (i > 0) {
            (void)open_scene(NULL);
        }
        const tp_name person = {tp_log_device(s.at[VAN].log), 1};
        for (int n = 0; n < WRITTEN; n++) {
            (void)tp_node_log_contact(&s.at[DESK], person, "Not sent yet");
        }
        (void)tp_node_log_contact(&s.at[VAN], person, "Seen since");
        synchronise(VAN);
        circle_execute(&s, DESK, rows[i].sql);
        const tp_ask_counts counts = sync_with_damage(DESK, rows[i].seq);
        assert_int_equal(counts.sent, rows[i].seq - 3);
        assert_int_equal(counts.received, 1);
        leave_out(DESK, ANOTHER, &kept);
        assert_int_equal(kept, rows[i].lost);
        synchronise(DESK);
        assert_int_equal(s.counts.sent, 2 + WRITTEN - rows[i].lost);
        assert_whole(DESK);
        assert_int_equal(
            tp_node_log_count(&s.at[DESK], "SELECT count(*) FROM refused WHERE code = 1000"),
            rows[i].lost - rows[i].seq + 1);
        synchronise(VAN);
        assert_int_equal(s.counts.received, WRITTEN - (rows[i].lost - rows[i].seq + 1));
        assert_whole(VAN);
        if (i + 1 < sizeof rows / sizeof rows[0]) {
            (void)close_scene(NULL);
        }
    }
}

/* One new id after the other: nothing is waited for, and nobody else's number is used. */
static void test_ask_held__damage_in_two_places_takes_two_ids(void **state)
{
    uint64_t kept = 0;
    (void)state;
    const tp_name person = {tp_log_device(s.at[VAN].log), 1};
    for (int n = 0; n < 5; n++) {
        (void)tp_node_log_contact(&s.at[DESK], person, "Not sent yet");
    }
    circle_execute(&s, DESK, "UPDATE log SET bytes = x'00' WHERE id = " OWN(3));
    circle_execute(&s, DESK, "DELETE FROM log WHERE id = " OWN(5));
    (void)sync_with_damage(DESK, 3);
    leave_out(DESK, 4711, &kept);
    assert_int_equal(kept, 3);
    const tp_ask_counts counts = sync_with_damage(DESK, 2);
    assert_int_equal(counts.sent, 1);
    leave_out(DESK, 4712, &kept);
    assert_int_equal(kept, 2);
    synchronise(DESK);
    assert_int_equal(s.counts.sent, 2);
    assert_whole(DESK);
    synchronise(VAN);
    assert_int_equal(s.counts.received, 3);
    assert_whole(VAN);
}

/* The hub has it, and what told so was lost: nothing is, and nobody is asked to write it again. */
static void test_ask_held__what_is_damaged_and_at_the_hub_comes_from_there(void **state)
{
    uint64_t kept = 0;
    (void)state;
    const tp_name person = {tp_log_device(s.at[VAN].log), 1};
    (void)tp_node_log_contact(&s.at[DESK], person, "The answer was lost");
    circle_lose_answer(&s, DESK);
    (void)tp_node_log_contact(&s.at[DESK], person, "And then");
    circle_execute(&s, DESK, "UPDATE log SET bytes = x'00' WHERE id = " OWN(3));
    (void)sync_with_damage(DESK, 3);
    leave_out(DESK, 4711, &kept);
    assert_int_equal(tp_node_log_count(&s.at[DESK], "SELECT count(*) FROM refused"), 1);
    synchronise(DESK);
    assert_int_equal(s.counts.sent, 1);
    assert_int_equal(tp_node_log_count(&s.at[DESK], "SELECT count(*) FROM refused"), 0);
    assert_whole(DESK);
    synchronise(VAN);
    assert_int_equal(s.counts.received, 2);
    assert_whole(VAN);
}

/* Somebody may be about to hand it. */
static void test_ask_held__while_the_hub_collects_nothing_is_left_out(void **state)
{
    enum { EXCHANGES_MAX = 20 };
    tp_tx tx;
    tp_buf body;
    (void)state;
    const tp_name person = {tp_log_device(s.at[VAN].log), 1};
    (void)tp_node_log_contact(&s.at[DESK], person, "Not sent yet");
    (void)tp_node_log_contact(&s.at[DESK], person, "And behind it");
    circle_execute(&s, DESK, "UPDATE log SET bytes = x'00' WHERE id = " OWN(3));
    circle_say_it_went_back(&s);
    tp_ask *ask = circle_ask(&s, DESK);
    for (int n = 0; n < EXCHANGES_MAX && !ask->is_rest_done; n++) {
        assert_false(tp_ask_is_done(ask) || tp_ask_is_forked(ask));
        (void)circle_exchange(&s, DESK, ask);
    }
    assert_true(ask->is_rest_done);
    tp_buf_init(&body, TP_MESSAGE_BYTES_MAX);
    tp_node_log_begin(&s.at[DESK], &tx, TP_TX_WRITE);
    assert_int_equal(tp_ask_make_request(ask, &tx, &body, &err), TP_CORRUPT);
    tp_tx_rollback(&tx);
    assert_non_null(strstr(err.what, "change 3 is damaged, not sent, and holds up 1 more"));
    tp_buf_done(&body);
    tp_ask_free(ask);
}

/* It may be the last copy of what somebody wrote. */
static void test_ask_held__what_may_be_an_unsent_change_under_another_name_stays(void **state)
{
    (void)state;
    const char *rows = "SELECT count(*) FROM log WHERE id = " OF_VAN(900);
    const tp_name person = {tp_log_device(s.at[VAN].log), 1};
    (void)tp_node_log_contact(&s.at[DESK], person, "Not sent yet");
    circle_execute(&s, DESK, "UPDATE log SET id = " OF_VAN(900) " WHERE id = " OWN(3));
    doubt(DESK);
    for (int i = 0; i < 2; i++) {
        (void)sync_with_damage(DESK, 3);
        assert_int_equal(tp_node_log_count(&s.at[DESK], rows), 1);
        assert_true(is_differing(DESK));
        assert_true(circle_findings(&s, DESK) > 0);
    }
    circle_execute(&s, DESK, "UPDATE log SET id = " OWN(3) " WHERE id = " OF_VAN(900));
    synchronise(DESK);
    assert_int_equal(s.counts.sent, 1);
    assert_whole(DESK);
}

/* The hub does not say so itself: a device whose change it took out of quarantine finds it held. */
static void test_ask_held__what_was_in_quarantine_and_is_held_now_is_refused_no_more(void **state)
{
    (void)state;
    circle_execute(&s, DESK, "INSERT INTO refused (id, code, text) VALUES (" OWN(2) ", 1, '')");
    doubt(DESK);
    synchronise(DESK);
    assert_int_equal(tp_node_log_count(&s.at[DESK], "SELECT count(*) FROM refused"), 0);
    assert_int_equal(s.counts.received, 0);
    assert_whole(DESK);
}

/* ---- Erased ---- */

static void erase(tp_name name, bool has_everything)
{
    tp_hub_erase_plan plan;
    tp_hub_erase_plan_init(&plan);
    must(tp_hub_begin(&s.hub, &err));
    must(tp_hub_erase_find(&s.hub, name, has_everything, &plan, &err));
    must(tp_hub_erase(&s.hub, &plan, "Olu", "asked for", &err));
    must(tp_hub_commit(&s.hub, &err));
    tp_hub_erase_plan_done(&plan);
}

static int64_t erased(unsigned who)
{
    return tp_node_log_count(&s.at[who], "SELECT count(*) FROM erased");
}

/* Who wrote it, who was sent it, and who wrote on before it knew: all of them go on in step. */
static void test_ask__what_was_erased_is_given_back_by_all_who_had_it(void **state)
{
    (void)state;
    tp_name person = {tp_log_device(s.at[VAN].log), 1};
    tp_name contact = {person.device, 7};
    (void)tp_node_log_update_text(&s.at[DESK], contact, TP_CONTACT, TP_CONTACT_NOTE, "Unsent",
                                  contact);
    erase(contact, false);
    synchronise(VAN);
    assert_int_equal(s.counts.given_back, 1);
    assert_int_equal(s.counts.erased, 1);
    assert_int_equal(erased(VAN), 1);
    assert_whole(VAN);
    synchronise(DESK);
    assert_int_equal(s.counts.sent, 1);
    assert_int_equal(s.counts.erased, 2);
    assert_int_equal(erased(DESK), 2);
    assert_whole(DESK);
    assert_int_equal(tp_node_log_count(&s.at[DESK],
                                       "SELECT count(*) FROM log"
                                       " WHERE instr(bytes, CAST('Unsent' AS BLOB)) > 0"),
                     0);
    (void)tp_node_log_contact(&s.at[DESK], person, "The chain goes on");
    synchronise(DESK);
    assert_int_equal(s.counts.erased, 0);
    synchronise(VAN);
    assert_int_equal(s.counts.received, 1);
    assert_whole(VAN);
    assert_whole(DESK);
}

/* It gives back what it can, and says what it could not send. */
static void test_ask__what_was_erased_goes_where_something_else_cannot_be_sent(void **state)
{
    (void)state;
    const tp_name person = {tp_log_device(s.at[VAN].log), 1};
    (void)tp_node_log_contact(&s.at[DESK], person, "Not sent yet");
    circle_execute(&s, DESK, "UPDATE log SET bytes = x'00' WHERE id = " OWN(3));
    erase((tp_name){person.device, 7}, false);
    const tp_ask_counts counts = sync_with_damage(DESK, 3);
    assert_int_equal(counts.erased, 1);
    assert_int_equal(erased(DESK), 1);
}

/* A bit of its name turned round: under that it is not there to be given back, and nothing can be
 * kept of what it named.  What it said goes all the same, with the answer that asks it back, and
 * before the hub is told that it is gone. */
static void test_ask__what_was_erased_goes_from_under_another_name_too(void **state)
{
    (void)state;
    const tp_name contact = {tp_log_device(s.at[VAN].log), 7};
    circle_execute(&s, DESK, "UPDATE log SET id = " OF_VAN(900) " WHERE id = " OF_VAN(7));
    erase(contact, false);
    tp_ask *ask = circle_ask(&s, DESK);
    assert_true(circle_exchange(&s, DESK, ask));
    tp_ask_free(ask);
    assert_int_equal(tp_node_log_count(&s.at[DESK],
                                       "SELECT count(*) FROM log"
                                       " WHERE id IN (" OF_VAN(7) ", " OF_VAN(900) ")"),
                     0);
    synchronise(DESK); /* with the receipt */
    assert_int_equal(s.counts.healed + s.counts.given_back, 0);
    assert_int_equal(erased(DESK), 0);
    assert_whole(DESK);
}

/* The hub has it and asks it back at each request; here it is not known to be there, and never
 * will be. */
static void test_ask__what_cannot_be_sent_and_is_asked_back_ends_the_sync(void **state)
{
    (void)state;
    const tp_name person = {tp_log_device(s.at[VAN].log), 1};
    const tp_name contact = tp_node_log_contact(&s.at[DESK], person, "The answer was lost");
    circle_lose_answer(&s, DESK);
    circle_execute(&s, DESK, "UPDATE log SET bytes = x'00' WHERE id = " OWN(3));
    erase(contact, false);
    (void)tp_node_log_contact(&s.at[VAN], person, "Comes all the same");
    synchronise(VAN);
    const tp_ask_counts counts = sync_with_damage(DESK, 3);
    assert_int_equal(counts.received, 1);
    assert_int_equal(erased(DESK), 0);
}

static void test_ask__everything_about_somebody_goes(void **state)
{
    (void)state;
    tp_name person = {tp_log_device(s.at[VAN].log), 1};
    erase(person, true);
    synchronise(DESK);
    assert_int_equal(s.counts.erased, CONTACTS + 4);
    synchronise(VAN);
    assert_int_equal(erased(VAN), CONTACTS + 4);
    for (unsigned who = VAN; who <= DESK; who++) {
        assert_int_equal(
            tp_node_log_count(&s.at[who], "SELECT count(*) FROM log WHERE given_back IS NULL"), 0);
        assert_whole(who);
    }
    /* What is written meanwhile about a name that is left stays with who wrote it. */
    (void)tp_node_log_contact(&s.at[DESK], person, "Met again");
    synchronise(DESK);
    assert_int_equal(s.counts.erased, 0);
    assert_whole(DESK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_ask_held__a_sync_that_brings_nothing_asks_once,
                                        open_scene, close_scene),
        cmocka_unit_test_setup_teardown(test_ask_held__only_what_is_damaged_is_sent_again,
                                        open_scene, close_scene),
        cmocka_unit_test_setup_teardown(test_ask_held__what_is_held_is_counted_once_a_day,
                                        open_scene, close_scene),
        cmocka_unit_test_setup_teardown(
            test_ask_held__damage_in_what_is_kept_of_it_is_told_and_mended, open_scene,
            close_scene),
        cmocka_unit_test_setup_teardown(test_ask_held__that_it_differs_is_said_until_it_is_healed,
                                        open_scene, close_scene),
        cmocka_unit_test_setup_teardown(test_ask_held__what_was_found_is_said_until_it_is_healed,
                                        open_scene, close_scene),
        cmocka_unit_test_setup_teardown(test_ask_held__what_is_healed_shows_at_once, open_scene,
                                        close_scene),
        cmocka_unit_test_setup_teardown(test_ask_held__what_is_not_sent_is_never_touched,
                                        open_scene, close_scene),
        cmocka_unit_test_setup_teardown(test_ask_held__damage_in_what_is_not_sent_holds_up_nothing,
                                        open_scene, close_scene),
        cmocka_unit_test_setup_teardown(test_ask_held__damage_in_two_places_takes_two_ids,
                                        open_scene, close_scene),
        cmocka_unit_test_setup_teardown(
            test_ask_held__what_is_damaged_and_at_the_hub_comes_from_there, open_scene,
            close_scene),
        cmocka_unit_test_setup_teardown(test_ask_held__while_the_hub_collects_nothing_is_left_out,
                                        open_scene, close_scene),
        cmocka_unit_test_setup_teardown(
            test_ask_held__what_may_be_an_unsent_change_under_another_name_stays, open_scene,
            close_scene),
        cmocka_unit_test_setup_teardown(
            test_ask_held__what_was_in_quarantine_and_is_held_now_is_refused_no_more, open_scene,
            close_scene),
        cmocka_unit_test_setup_teardown(test_ask__what_was_erased_is_given_back_by_all_who_had_it,
                                        open_scene, close_scene),
        cmocka_unit_test_setup_teardown(
            test_ask__what_was_erased_goes_where_something_else_cannot_be_sent, open_scene,
            close_scene),
        cmocka_unit_test_setup_teardown(test_ask__what_was_erased_goes_from_under_another_name_too,
                                        open_scene, close_scene),
        cmocka_unit_test_setup_teardown(
            test_ask__what_cannot_be_sent_and_is_asked_back_ends_the_sync, open_scene, close_scene),
        cmocka_unit_test_setup_teardown(test_ask__everything_about_somebody_goes, open_scene,
                                        close_scene),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
