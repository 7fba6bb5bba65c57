/* What names a change whose number an older card has used again: it is displaced as that is, by
 * what is meant who shows it.
 *
 * Shows P13, P24, P26. */
#include "sync/hub/accept.h"

#include "sync/hub/back.h"
#include "sync/hub/erase.h"
#include "sync/wire/change_bytes.h"
#include "sync/wire/meant.h"
#include "sync/wire/wire.h"
#include "tests/support/hub_stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define CONSENT(what)                                                                              \
    " person=p2 agencies=friary kinds=housing,general purposes=support decision=" what             \
    " how=spoken capacity=believed_to_have"

static tp_err err;

static void must(tp_rc rc)
{
    if (rc != TP_OK) {
        fail_msg("%s: %s", tp_rc_name(rc), err.what);
    }
}

typedef struct lost {
    tp_hub_item item;
    tp_buf bytes;
} lost;

/* What the van wrote after the copy (PERSON, GIVEN, OTHER) and what the desk wrote of it.  Then the
 * hub is put back, and so is the van's card, which uses the number of PERSON for something else. */
enum { PERSON, GIVEN, OTHER, CONTACT, UPDATE, WITHDRAWN, RENAMED, PLACE, LOST };
enum {
    FIRST = 3,
    LAST = 6
}; /* the numbers of PERSON, and of PLACE, which the van wrote in the end */

typedef struct scene {
    hub_stage *stage;
    tp_hub *hub;
    lost lost[LOST];
    tp_buf meant;
    uint64_t van;
    uint64_t desk;
} scene;

static scene s;

static void read_lost(unsigned at, uint64_t device, uint64_t seq)
{
    tp_buf_init(&s.lost[at].bytes, TP_CHANGE_BYTES_MAX);
    must(tp_hub_look(s.hub, &err));
    const tp_name name = {device, seq};
    must(tp_hub_log_get(s.hub->store, name, &s.lost[at].item, &s.lost[at].bytes, &err));
    tp_hub_rollback(s.hub);
    s.lost[at].item.bytes = tp_buf_slice(&s.lost[at].bytes);
}

static int open_scene(void **state)
{
    static const char *const before[] = {"agency outreach",
                                         "sign outreach",
                                         "agency friary",
                                         "sign friary",
                                         "device van outreach",
                                         "device desk outreach",
                                         "device far friary",
                                         "van person p1 preferred_name=Sean",
                                         "van contact c0 person=p1 note=Bread",
                                         "desk contact d0 person=p1 note=Bread",
                                         "sync van",
                                         "sync desk",
                                         "sync far",
                                         NULL};
    static const char *const after[] = {"van person p2 preferred_name=Baz",
                                        "van consent k1" CONSENT("given"),
                                        "van person p3 preferred_name=Lou",
                                        "sync van",
                                        "sync desk",
                                        "desk contact d1 person=p2 note=Soup",
                                        "desk update d1 note=Stew",
                                        "desk consent k2" CONSENT("withdrawn") " in_sight=k1",
                                        "desk update p3 preferred_name=Louis",
                                        "sync desk",
                                        "sync van",
                                        "van update d1 place=Bridge",
                                        "sync van",
                                        NULL};
    (void)state;
    s.stage = hub_stage_open_in_memory();
    hub_stage_run_all(s.stage, before);
    hub_stage_keep(s.stage);
    hub_stage_run_all(s.stage, after);
    s.hub = hub_stage_hub(s.stage);
    s.van = hub_stage_name(s.stage, "p2").device;
    s.desk = hub_stage_name(s.stage, "d1").device;
    for (unsigned i = 0; i < PLACE; i++) {
        read_lost(i, i < CONTACT ? s.van : s.desk, i < CONTACT ? FIRST + i : 2 + i - CONTACT);
    }
    read_lost(PLACE, s.van, LAST);
    tp_buf_init(&s.meant, (size_t)TP_MEANT_MAX * TP_MEANT_BYTES);
    hub_stage_go_back(s.stage);
    s.hub = hub_stage_hub(s.stage);
    must(tp_hub_begin(s.hub, &err));
    return 0;
}

static int open_back(void **state)
{
    (void)open_scene(state);
    must(tp_hub_went_back(s.hub, false, &err));
    return 0;
}

static int close_scene(void **state)
{
    (void)state;
    tp_hub_rollback(s.hub); /* nobody signed the push */
    tp_buf_done(&s.meant);
    for (unsigned i = 0; i < LOST; i++) {
        tp_buf_done(&s.lost[i].bytes);
    }
    hub_stage_close(s.stage);
    return 0;
}

static int compare_entries(const void *a, const void *b)
{
    return memcmp(a, b, 16);
}

static void mean(const tp_meant *meant)
{
    must(tp_meant_put(&s.meant, meant, &err));
    qsort(s.meant.at, s.meant.bytes / TP_MEANT_BYTES, TP_MEANT_BYTES, compare_entries);
    assert_true(tp_meant_is_list(tp_buf_slice(&s.meant)));
}

/* Whoever speaks next holds this one. */
static void mean_lost(unsigned at)
{
    tp_meant meant;
    assert_true(tp_meant_of(s.lost[at].item.name, s.lost[at].item.bytes, &meant));
    mean(&meant);
}

/* And says that it means what nobody ever wrote. */
static void lie_about(unsigned at)
{
    tp_meant meant;
    assert_true(tp_meant_of(s.lost[at].item.name, s.lost[at].item.bytes, &meant));
    meant.salt[0] ^= 1;
    meant.called[0] ^= 1;
    mean(&meant);
}

static tp_hub_device known(uint64_t id)
{
    tp_hub_device device;
    must(tp_hub_device_get(s.hub->store, id, &device, &err));
    return device;
}

/* The acceptor goes on with it. */
static tp_hub_device *hear(uint64_t id)
{
    static tp_hub_device device;
    device = known(id);
    const tp_hub_heard heard = {
        .pushes = true, .meant = tp_buf_slice(&s.meant), .hub_ms = s.hub->now_ms};
    must(tp_hub_accept_begin(s.hub->acceptor, &device, &heard, s.hub->now_ms, &err));
    return &device;
}

static tp_hub_accepted push(uint64_t id, uint64_t seq, tp_slice bytes, const tp_stamp *given)
{
    tp_hub_accepted accepted;
    tp_hub_device *device = hear(id);
    must(tp_hub_accept(s.hub->acceptor, seq, bytes, given, &accepted, &err));
    device->accepted = seq > device->accepted ? seq : device->accepted;
    device->last_sync_ms = s.hub->now_ms;
    must(tp_hub_device_put(s.hub->store, device, &err));
    return accepted;
}

static tp_hub_accepted push_lost(unsigned at)
{
    return push(s.lost[at].item.name.device, s.lost[at].item.name.seq, s.lost[at].item.bytes, NULL);
}

/* The van's card was put back as well, and it writes this as its next. */
static void use_again(unsigned at)
{
    assert_int_equal(push(s.van, FIRST, s.lost[at].item.bytes, NULL).code, 0);
    must(tp_hub_standing_put(s.hub->store, s.van, TP_HUB_HEARD, &err));
}

static tp_hub_handed hand(unsigned at, tp_name *as_out)
{
    const tp_hub_item *item = &s.lost[at].item;
    tp_hub_handed handed = TP_HUB_HANDED_NOT;
    must(tp_hub_accept_handed(s.hub->acceptor, item->name, item->bytes, &item->stamp, s.hub->now_ms,
                              &handed, as_out, &err));
    return handed;
}

static tp_hub_item item_of(tp_name name)
{
    tp_hub_item item;
    must(tp_hub_log_get(s.hub->store, name, &item, NULL, &err));
    return item;
}

static bool is_in_log(tp_name name)
{
    tp_hub_item item;
    return tp_hub_log_get(s.hub->store, name, &item, NULL, &err) == TP_OK;
}

static bool friary_holds(tp_name name)
{
    tp_hub_feed_row row;
    const uint16_t friary = tp_hub_agency_find(s.hub->store, tp_slice_str("friary"));
    must(tp_hub_feed_get(s.hub->store, friary, name, &row, &err));
    return row.position != 0 && row.is_held;
}

static tp_rc keep_entry(void *ctx, const tp_hub_quarantined *entry, tp_err *ignored)
{
    (void)ignored;
    *(tp_hub_quarantined *)ctx = *entry;
    return TP_OK;
}

/* It counts as received by its own name, and is by the other in the log. */
static void assert_displaced(unsigned at, const tp_hub_accepted *accepted)
{
    const tp_name name = s.lost[at].item.name;
    tp_hub_quarantined entry = {.code = 0};
    assert_int_equal(accepted->code, TP_QUARANTINE_MEANT);
    assert_true(accepted->as.device != name.device && accepted->as.seq == name.seq);
    must(tp_hub_quarantine_get(s.hub->store, name, keep_entry, &entry, &err));
    assert_int_equal(entry.code, TP_QUARANTINE_MEANT);
    assert_true(entry.is_dismissed); /* nobody has to look at it */
    assert_false(is_in_log(name));
    assert_true(is_in_log(accepted->as));
    const tp_hub_device device = known(accepted->as.device);
    assert_true(device.came_from == name.device && device.revoked_ms != 0);
}

/* ---- By its author ---- */

static void
test_accept_meant__what_its_author_pushes_is_displaced_before_what_it_names(void **state)
{
    (void)state;
    tp_name person;
    use_again(OTHER);
    mean_lost(PERSON);
    const tp_hub_accepted accepted = push_lost(CONTACT);
    assert_displaced(CONTACT, &accepted);
    assert_int_equal(accepted.stamp.earliest_ms, 0);
    assert_int_equal(hand(PERSON, &person), TP_HUB_HANDED_DISPLACED);
    assert_true(tp_name_eq(item_of(accepted.as).person, person));
    assert_true(tp_name_eq(item_of(accepted.as).record, accepted.as));
}

/* With a proof it has the stamp that it had. */
static void test_accept_meant__what_is_proven_keeps_its_stamp(void **state)
{
    (void)state;
    tp_name person;
    use_again(OTHER);
    assert_int_equal(hand(PERSON, &person), TP_HUB_HANDED_DISPLACED);
    mean_lost(PERSON);
    const tp_hub_item *was = &s.lost[CONTACT].item;
    const tp_hub_accepted accepted = push(s.desk, was->name.seq, was->bytes, &was->stamp);
    assert_displaced(CONTACT, &accepted);
    assert_true(item_of(accepted.as).stamp.number == was->stamp.number);
    assert_true(item_of(accepted.as).stamp.ms == was->stamp.ms);
    assert_true(tp_name_eq(item_of(accepted.as).person, person));
}

/* What names one that is displaced for what it names is so too; its own names nobody tells. */
static void test_accept_meant__what_names_it_in_turn_goes_with_it(void **state)
{
    (void)state;
    use_again(OTHER);
    mean_lost(PERSON);
    const tp_hub_accepted contact = push_lost(CONTACT);
    assert_displaced(CONTACT, &contact);
    tp_buf_clear(&s.meant);
    const tp_hub_accepted update = push_lost(UPDATE);
    assert_displaced(UPDATE, &update);
    assert_true(tp_name_eq(item_of(update.as).record, contact.as));
    assert_true(update.as.device == contact.as.device);
}

/* Though the giving that it answers is not here yet, and comes by its other name. */
static void
test_accept_meant__a_withdrawal_that_is_pushed_protects_before_what_was_given(void **state)
{
    (void)state;
    tp_name person;
    tp_name given;
    use_again(OTHER);
    mean_lost(PERSON);
    mean_lost(GIVEN);
    const tp_hub_accepted withdrawn = push_lost(WITHDRAWN);
    assert_displaced(WITHDRAWN, &withdrawn);
    assert_int_equal(hand(PERSON, &person), TP_HUB_HANDED_DISPLACED);
    assert_int_equal(hand(GIVEN, &given), TP_HUB_HANDED_DISPLACED);
    assert_true(tp_name_eq(item_of(withdrawn.as).person, person));
    assert_true(tp_name_eq(item_of(given).person, person));
    assert_false(friary_holds(person));
}

/* Found by sim.week_of_chance: nobody noticed that the hub was put back, so what the card wrote
 * with those numbers was accepted by lower ones than what was lost. */
static void test_accept_meant__what_follows_in_its_own_history_names_that(void **state)
{
    (void)state;
    tp_name person;
    tp_name given;
    use_again(OTHER);
    assert_int_equal(push(s.van, FIRST + 1, s.lost[OTHER].item.bytes, NULL).code, 0);
    must(tp_hub_went_back(s.hub, false, &err));
    assert_true(item_of(s.lost[PERSON].item.name).stamp.number < s.lost[GIVEN].item.stamp.number);
    mean_lost(PERSON);
    (void)hear(s.desk);
    assert_int_equal(hand(PERSON, &person), TP_HUB_HANDED_DISPLACED);
    assert_int_equal(hand(GIVEN, &given), TP_HUB_HANDED_DISPLACED);
    assert_true(tp_name_eq(item_of(given).person, person));
}

static void test_accept_meant__what_means_what_is_here_stays(void **state)
{
    (void)state;
    tp_name as;
    mean_lost(PERSON);
    assert_int_equal(hand(PERSON, &as), TP_HUB_HANDED_STORED);
    assert_int_equal(push_lost(CONTACT).code, 0);
    assert_true(tp_name_eq(item_of(s.lost[CONTACT].item.name).person, s.lost[PERSON].item.name));
}

/* Its author has called anew what it names: it is the same, and so is its salt. */
static void test_accept_meant__what_its_author_wrote_anew_is_what_is_meant(void **state)
{
    (void)state;
    tp_buf *bytes = &s.lost[PERSON].bytes;
    mean_lost(PERSON);
    bytes->at[bytes->bytes - 1] ^= 1;
    use_again(PERSON);
    bytes->at[bytes->bytes - 1] ^= 1;
    assert_int_equal(push_lost(CONTACT).code, 0);
    assert_true(is_in_log(s.lost[CONTACT].item.name));
}

/* What has the number now could not be applied: it is another all the same. */
static void test_accept_meant__another_in_quarantine_has_the_name_too(void **state)
{
    (void)state;
    tp_name person;
    assert_int_equal(push(s.van, FIRST, tp_slice_str("no change"), NULL).code, TP_QUARANTINE_BYTES);
    mean_lost(PERSON);
    const tp_hub_accepted accepted = push_lost(CONTACT);
    assert_displaced(CONTACT, &accepted);
    assert_int_equal(hand(PERSON, &person), TP_HUB_HANDED_DISPLACED);
    assert_true(tp_name_eq(item_of(accepted.as).person, person));
}

/* A number that three changes had: what is meant is found by the salt that it is called by, or goes
 * where there is room. */
static void test_accept_meant__it_is_found_where_it_had_to_go_on(void **state)
{
    (void)state;
    tp_name other;
    tp_name person;
    const tp_name name = {s.van, FIRST};
    tp_hub_handed handed = TP_HUB_HANDED_NOT;
    tp_buf bread; /* another contact: as if it had had this number */
    tp_hub_item item;
    use_again(OTHER);
    tp_buf_init(&bread, TP_CHANGE_BYTES_MAX);
    must(tp_hub_log_get(s.hub->store, (tp_name){s.van, FIRST - 1}, &item, &bread, &err));
    must(tp_hub_accept_handed(s.hub->acceptor, name, tp_buf_slice(&bread),
                              &s.lost[PERSON].item.stamp, s.hub->now_ms, &handed, &other, &err));
    tp_buf_done(&bread);
    assert_int_equal(handed, TP_HUB_HANDED_DISPLACED);
    mean_lost(PERSON);
    const tp_hub_accepted before = push_lost(CONTACT);
    assert_displaced(CONTACT, &before);
    assert_int_equal(hand(PERSON, &person), TP_HUB_HANDED_DISPLACED);
    assert_true(person.seq == other.seq && person.device != other.device);
    assert_true(tp_name_eq(item_of(before.as).person, person));
    mean_lost(GIVEN);
    const tp_hub_accepted after = push_lost(WITHDRAWN);
    assert_displaced(WITHDRAWN, &after);
    assert_true(tp_name_eq(item_of(after.as).person, person));
}

static void test_accept_meant__a_hub_that_never_fell_is_told_nothing(void **state)
{
    (void)state;
    use_again(OTHER);
    mean_lost(PERSON);
    assert_int_equal(push_lost(CONTACT).code, 0);
    assert_true(is_in_log(s.lost[CONTACT].item.name));
}

/* ---- Its number is another's ---- */

/* It is told by the time that it has by its other name, in the log or in quarantine; the number and
 * the time of the change that has its number are not its own. */
static void test_accept_meant__what_has_another_name_is_told_with_its_own_stamp(void **state)
{
    (void)state;
    tp_name as;
    assert_int_equal(hand(PERSON, &as), TP_HUB_HANDED_STORED);
    for (unsigned i = 0; i < 2; i++) {
        bool is_here = false;
        tp_hub_accepted accepted;
        tp_hub_accepted recalled;
        const tp_slice bytes = s.lost[i == 0 ? OTHER : RENAMED].item.bytes;
        tp_stamp given = s.lost[OTHER].item.stamp;
        given.number += i;
        given.earliest_ms = given.ms - 1000;
        given.latest_ms = given.ms;
        tp_hub_device device = known(s.van);
        device.is_kiosk = i == 1; /* which may not write such */
        must(tp_hub_device_put(s.hub->store, &device, &err));
        const tp_hub_heard heard = {.pushes = true, .is_again = true, .hub_ms = s.hub->now_ms};
        must(tp_hub_accept_begin(s.hub->acceptor, &device, &heard, s.hub->now_ms, &err));
        must(tp_hub_accept(s.hub->acceptor, FIRST, bytes, &given, &accepted, &err));
        assert_int_equal(accepted.code, TP_QUARANTINE_OTHER);
        assert_int_equal(is_in_log(accepted.as), i == 0);
        assert_memory_equal(&accepted.stamp, &given, sizeof given);
        must(tp_hub_recall(s.hub->acceptor, s.lost[PERSON].item.name, bytes, &recalled, &is_here,
                           &err));
        must(tp_hub_recall_other(s.hub->acceptor, s.lost[PERSON].item.name, bytes, &recalled,
                                 &is_here, &err));
        assert_true(is_here);
        assert_memory_equal(&recalled.stamp, &given, sizeof given);
    }
}

/* ---- Once more ---- */

/* By its own name it would be said of another, however often that is tried. */
static void test_accept_meant__it_is_not_tried_again_by_its_own_name(void **state)
{
    (void)state;
    tp_hub_accepted again;
    use_again(OTHER);
    mean_lost(PERSON);
    const tp_hub_accepted accepted = push_lost(CONTACT);
    const tp_hub_quarantined entry = {.name = s.lost[CONTACT].item.name,
                                      .stamp = accepted.stamp,
                                      .code = TP_QUARANTINE_MEANT,
                                      .text = accepted.text,
                                      .bytes = s.lost[CONTACT].item.bytes};
    must(tp_hub_accept_again(s.hub->acceptor, &entry, s.hub->now_ms, &again, &err));
    assert_int_equal(again.code, TP_QUARANTINE_MEANT);
    assert_displaced(CONTACT, &accepted);
}

/* An answer got lost: it is answered as it was. */
static void test_accept_meant__it_is_recalled_with_its_other_name(void **state)
{
    (void)state;
    tp_hub_accepted again;
    bool is_same = false;
    use_again(OTHER);
    mean_lost(PERSON);
    const tp_hub_accepted accepted = push_lost(CONTACT);
    must(tp_hub_recall(s.hub->acceptor, s.lost[CONTACT].item.name, s.lost[CONTACT].item.bytes,
                       &again, &is_same, &err));
    assert_true(is_same && again.code == TP_QUARANTINE_MEANT);
    assert_true(tp_name_eq(again.as, accepted.as));
    assert_true(again.stamp.number == accepted.stamp.number);
}

/* ---- Where nothing is here by the name ---- */

/* Found by sim.week_of_chance: the card went on without it, and has not come to its number yet. */
static void test_accept_meant__what_was_left_behind_is_named_as_it_will_be_here(void **state)
{
    (void)state;
    tp_name other;
    const tp_hub_item *was = &s.lost[RENAMED].item;
    use_again(OTHER);
    mean_lost(OTHER);
    const tp_hub_accepted accepted = push(s.desk, was->name.seq, was->bytes, &was->stamp);
    assert_displaced(RENAMED, &accepted);
    assert_int_equal(hand(OTHER, &other), TP_HUB_HANDED_DISPLACED);
    assert_true(tp_name_eq(item_of(accepted.as).record, other));
}

static void test_accept_meant__others_wait_for_what_was_left_behind(void **state)
{
    (void)state;
    tp_name other;
    tp_name as;
    use_again(OTHER);
    mean_lost(OTHER);
    (void)hear(s.desk);
    assert_int_equal(hand(RENAMED, &as), TP_HUB_HANDED_WAITS);
    assert_int_equal(hand(OTHER, &other), TP_HUB_HANDED_DISPLACED);
    assert_int_equal(hand(RENAMED, &as), TP_HUB_HANDED_DISPLACED);
    assert_true(tp_name_eq(item_of(as).record, other));
}

/* Its author is not done: it may push again what is meant, of which it has the number. */
static void test_accept_meant__what_its_author_may_still_push_keeps_its_name(void **state)
{
    (void)state;
    tp_name other;
    const tp_hub_item *was = &s.lost[RENAMED].item;
    assert_int_equal(push(s.van, FIRST, s.lost[PERSON].item.bytes, NULL).code, 0);
    mean_lost(OTHER);
    assert_int_equal(push(s.desk, was->name.seq, was->bytes, &was->stamp).code, 0);
    assert_int_equal(hand(OTHER, &other), TP_HUB_HANDED_STORED);
    assert_true(tp_name_eq(item_of(was->name).record, other));
}

/* By its number it may be of what its author went on with, whatever the two clocks said. */
static void test_accept_meant__what_was_accepted_later_keeps_the_name(void **state)
{
    (void)state;
    const tp_hub_item *was = &s.lost[RENAMED].item;
    use_again(OTHER);
    mean_lost(OTHER);
    const tp_stamp given = {.ms = item_of(s.lost[PERSON].item.name).stamp.ms - 1,
                            .number = tp_hub_store_state(s.hub->store)->number + 1};
    assert_int_equal(push(s.desk, was->name.seq, was->bytes, &given).code, 0);
    assert_true(is_in_log(was->name));
}

/* ---- By others ---- */

static void test_accept_meant__what_others_hand_waits_for_what_they_mean(void **state)
{
    (void)state;
    tp_name as;
    tp_name person;
    use_again(OTHER);
    mean_lost(PERSON);
    (void)hear(s.desk);
    assert_int_equal(hand(CONTACT, &as), TP_HUB_HANDED_WAITS);
    assert_false(is_in_log(s.lost[CONTACT].item.name));
    assert_int_equal(hand(PERSON, &person), TP_HUB_HANDED_DISPLACED);
    assert_int_equal(hand(CONTACT, &as), TP_HUB_HANDED_DISPLACED);
    assert_true(as.device != s.desk && tp_name_eq(item_of(as).person, person));
    assert_true(item_of(as).stamp.number == s.lost[CONTACT].item.stamp.number);
    assert_int_equal(hand(CONTACT, &as), TP_HUB_HANDED_DISPLACED_BEFORE);
}

/* Its author comes later, and holds no more what it meant. */
static void test_accept_meant__its_author_hears_what_others_showed(void **state)
{
    (void)state;
    tp_name as;
    tp_name person;
    use_again(OTHER);
    mean_lost(PERSON);
    (void)hear(s.desk);
    (void)hand(PERSON, &person);
    assert_int_equal(hand(CONTACT, &as), TP_HUB_HANDED_DISPLACED);
    tp_buf_clear(&s.meant);
    const tp_hub_accepted accepted = push_lost(CONTACT);
    assert_displaced(CONTACT, &accepted);
    assert_true(tp_name_eq(accepted.as, as));
}

/* Its author could not prove the stamp that it had. */
static void test_accept_meant__the_lower_of_its_stamps_counts(void **state)
{
    (void)state;
    tp_name as;
    use_again(OTHER);
    mean_lost(PERSON);
    const tp_hub_accepted accepted = push_lost(CONTACT);
    assert_true(item_of(accepted.as).stamp.number > s.lost[CONTACT].item.stamp.number);
    assert_int_equal(hand(CONTACT, &as), TP_HUB_HANDED_DISPLACED_BEFORE);
    assert_true(tp_name_eq(as, accepted.as));
    assert_true(item_of(as).stamp.number == s.lost[CONTACT].item.stamp.number);
    s.lost[CONTACT].item.stamp.number += 1;
    assert_int_equal(hand(CONTACT, &as), TP_HUB_HANDED_DISPLACED_BEFORE);
    assert_true(item_of(as).stamp.number == s.lost[CONTACT].item.stamp.number - 1);
}

static void test_accept_meant__a_withdrawal_that_is_handed_protects_at_once(void **state)
{
    (void)state;
    tp_name person;
    tp_name given;
    tp_name as;
    use_again(OTHER);
    mean_lost(PERSON);
    mean_lost(GIVEN);
    (void)hear(s.desk);
    assert_int_equal(hand(PERSON, &person), TP_HUB_HANDED_DISPLACED);
    assert_int_equal(hand(GIVEN, &given), TP_HUB_HANDED_DISPLACED);
    assert_true(friary_holds(person));
    assert_int_equal(hand(WITHDRAWN, &as), TP_HUB_HANDED_DISPLACED);
    assert_false(friary_holds(person));
}

/* ---- Who lies ---- */

/* Nobody can hand what the hub never sent, so what they say they mean never comes. */
static void test_accept_meant__who_lies_of_what_others_wrote_moves_nothing(void **state)
{
    (void)state;
    tp_name person;
    tp_name given;
    tp_name as;
    assert_int_equal(hand(PERSON, &person), TP_HUB_HANDED_STORED);
    assert_int_equal(hand(GIVEN, &given), TP_HUB_HANDED_STORED);
    assert_true(friary_holds(person));
    lie_about(PERSON);
    (void)hear(s.van);
    assert_int_equal(hand(WITHDRAWN, &as), TP_HUB_HANDED_WAITS);
    tp_buf_clear(&s.meant);
    assert_int_equal(push_lost(WITHDRAWN).code, 0);
    assert_true(is_in_log(s.lost[WITHDRAWN].item.name));
    assert_false(friary_holds(person));
}

/* What it wrote itself it may lose: it could have written something else. */
static void test_accept_meant__who_lies_of_what_it_wrote_moves_that_alone(void **state)
{
    (void)state;
    tp_name person;
    tp_name given;
    tp_name other;
    assert_int_equal(hand(PERSON, &person), TP_HUB_HANDED_STORED);
    assert_int_equal(hand(GIVEN, &given), TP_HUB_HANDED_STORED);
    assert_int_equal(hand(OTHER, &other), TP_HUB_HANDED_STORED);
    const tp_hub_item was = item_of(person);
    lie_about(PERSON);
    const tp_hub_accepted accepted = push_lost(CONTACT);
    assert_displaced(CONTACT, &accepted);
    assert_false(tp_name_eq(item_of(accepted.as).person, person));
    assert_true(tp_name_eq(item_of(accepted.as).person,
                           (tp_name){item_of(accepted.as).person.device, FIRST}));
    assert_false(is_in_log(item_of(accepted.as).person));
    assert_true(item_of(person).stamp.number == was.stamp.number);
    assert_true(friary_holds(person) && friary_holds(given));
    tp_buf_clear(&s.meant);
    assert_int_equal(push(s.van, FIRST, s.lost[PERSON].item.bytes, NULL).code, 0);
}

/* ---- Erasing ---- */

static void erase(tp_name name, bool has_everything, size_t changes)
{
    tp_hub_erase_plan plan;
    tp_hub_erase_plan_init(&plan);
    must(tp_hub_erase_find(s.hub, name, has_everything, &plan, &err));
    assert_int_equal(plan.changes.bytes / sizeof(tp_hub_erase_item), changes);
    must(tp_hub_erase(s.hub, &plan, "op", "asked", &err));
    tp_hub_erase_plan_done(&plan);
}

static bool is_in_quarantine(tp_name name)
{
    tp_hub_quarantined entry = {.code = 0};
    must(tp_hub_quarantine_get(s.hub->store, name, keep_entry, &entry, &err));
    return entry.code != 0;
}

/* By either of its names it is erased by both. */
static void test_accept_meant__erasing_takes_it_by_both_names(void **state)
{
    (void)state;
    for (int by_old = 0; by_old < 2; by_old++) {
        tp_hub_accepted accepted;
        must(tp_hub_mark(s.hub, &err));
        use_again(OTHER);
        mean_lost(PERSON);
        accepted = push_lost(CONTACT);
        (void)push_lost(UPDATE);
        assert_true(is_in_quarantine(s.lost[CONTACT].item.name));
        erase(by_old != 0 ? s.lost[CONTACT].item.name : accepted.as, false, 4);
        assert_false(is_in_log(accepted.as));
        assert_false(is_in_quarantine(s.lost[CONTACT].item.name));
        assert_false(is_in_quarantine(s.lost[UPDATE].item.name));
        tp_buf_clear(&s.meant);
        tp_hub_undo(s.hub);
    }
}

/* Another person's record by the name that it has: it is not about them. */
static void test_accept_meant__erasing_the_other_leaves_it(void **state)
{
    bool is_erased = true;
    (void)state;
    use_again(OTHER); /* a person */
    mean_lost(PERSON);
    const tp_hub_accepted accepted = push_lost(CONTACT);
    erase(s.lost[PERSON].item.name, true, 1);
    must(tp_hub_erased_has(s.hub->store, s.lost[CONTACT].item.name, &is_erased, &err));
    assert_false(is_erased);
    assert_true(is_in_log(accepted.as));
    assert_true(is_in_quarantine(s.lost[CONTACT].item.name));
}

/* What is pushed of a record that is erased by its other name is kept nowhere. */
static void test_accept_meant__what_comes_of_an_erased_record_is_not_kept(void **state)
{
    (void)state;
    use_again(OTHER);
    mean_lost(PERSON);
    const tp_hub_accepted contact = push_lost(CONTACT);
    erase(contact.as, false, 2);
    mean_lost(CONTACT);
    const tp_hub_accepted update = push_lost(UPDATE);
    assert_true(update.is_erased && update.code == 0);
    assert_false(is_in_quarantine(s.lost[UPDATE].item.name));
    assert_false(is_in_log((tp_name){contact.as.device, s.lost[UPDATE].item.name.seq}));
}

/* Nor where that had its number used again itself, so that it is erased by the other name alone. */
static void test_accept_meant__what_means_what_is_erased_is_not_kept(void **state)
{
    (void)state;
    tp_name as;
    tp_buf bread;
    tp_hub_item item;
    tp_buf_init(&bread, TP_CHANGE_BYTES_MAX);
    must(tp_hub_log_get(s.hub->store, (tp_name){s.van, FIRST - 1}, &item, &bread, &err));
    assert_int_equal(push(s.van, FIRST, s.lost[OTHER].item.bytes, NULL).code, 0);
    for (uint64_t seq = FIRST + 1; seq < LAST; seq++) {
        assert_int_equal(push(s.van, seq, tp_buf_slice(&bread), NULL).code, 0);
    }
    assert_int_equal(push(s.desk, 2, s.lost[OTHER].item.bytes, NULL).code, 0);
    tp_buf_done(&bread);
    assert_int_equal(hand(CONTACT, &as), TP_HUB_HANDED_DISPLACED);
    erase(as, false, 1);
    mean_lost(CONTACT);
    const tp_hub_accepted accepted = push_lost(PLACE);
    assert_true(accepted.is_erased && accepted.code == 0);
    assert_false(is_in_quarantine(s.lost[PLACE].item.name));
    assert_false(is_in_log(s.lost[PLACE].item.name));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_back, close_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_accept_meant__what_its_author_pushes_is_displaced_before_what_it_names),
        TEST(test_accept_meant__what_is_proven_keeps_its_stamp),
        TEST(test_accept_meant__what_names_it_in_turn_goes_with_it),
        TEST(test_accept_meant__a_withdrawal_that_is_pushed_protects_before_what_was_given),
        cmocka_unit_test_setup_teardown(
            test_accept_meant__what_follows_in_its_own_history_names_that, open_scene, close_scene),
        TEST(test_accept_meant__what_means_what_is_here_stays),
        TEST(test_accept_meant__what_its_author_wrote_anew_is_what_is_meant),
        TEST(test_accept_meant__another_in_quarantine_has_the_name_too),
        TEST(test_accept_meant__it_is_found_where_it_had_to_go_on),
        cmocka_unit_test_setup_teardown(test_accept_meant__a_hub_that_never_fell_is_told_nothing,
                                        open_scene, close_scene),
        TEST(test_accept_meant__what_has_another_name_is_told_with_its_own_stamp),
        TEST(test_accept_meant__it_is_not_tried_again_by_its_own_name),
        TEST(test_accept_meant__it_is_recalled_with_its_other_name),
        TEST(test_accept_meant__what_was_left_behind_is_named_as_it_will_be_here),
        TEST(test_accept_meant__others_wait_for_what_was_left_behind),
        TEST(test_accept_meant__what_its_author_may_still_push_keeps_its_name),
        TEST(test_accept_meant__what_was_accepted_later_keeps_the_name),
        TEST(test_accept_meant__what_others_hand_waits_for_what_they_mean),
        TEST(test_accept_meant__its_author_hears_what_others_showed),
        TEST(test_accept_meant__the_lower_of_its_stamps_counts),
        TEST(test_accept_meant__a_withdrawal_that_is_handed_protects_at_once),
        TEST(test_accept_meant__who_lies_of_what_others_wrote_moves_nothing),
        TEST(test_accept_meant__who_lies_of_what_it_wrote_moves_that_alone),
        TEST(test_accept_meant__erasing_takes_it_by_both_names),
        TEST(test_accept_meant__erasing_the_other_leaves_it),
        TEST(test_accept_meant__what_comes_of_an_erased_record_is_not_kept),
        TEST(test_accept_meant__what_means_what_is_erased_is_not_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
