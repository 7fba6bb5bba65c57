/* Who is sent what, and what goes back: situations as scripts over a real hub.
 *
 * Shows P7, P10, P11, P12, P15, P16, P17, P26. */
#include "tests/support/hub_stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define CITY                                                                                       \
    "agency outreach", "agency friary", "agency health", "agency refuge", "sign outreach",         \
        "sign friary", "sign health", "device van outreach", "device desk friary",                 \
        "device lead health", "device safe refuge"
#define GIVEN "decision=given how=spoken capacity=believed_to_have "
#define WITHDRAWN "decision=withdrawn how=spoken capacity=believed_to_have "
#define ALL(lines) ((const char *const[]){lines, NULL})

typedef struct situation {
    const char *name;
    const char *const lines[40];
} situation;

static const situation situations[] = {
    {"without consent nothing leaves the agency",
     {CITY, "van person p1 preferred_name=Sean", "van contact c1 person=p1 note=x", "sync van",
      "sync desk", "desk never_sent p1 c1"}},
    {"another device of the agency is sent everything of its own",
     {CITY, "device van2 outreach", "van person p1 preferred_name=Sean",
      "van contact c1 person=p1 note=x info=mental_health", "sync van", "sync van2",
      "van2 holds p1 c1"}},
    {"what a giving covers is sent, and what it does not cover is not",
     {CITY, "van person p1 preferred_name=Sean", "van contact c1 person=p1 note=x",
      "van contact c2 person=p1 note=x info=mental_health",
      "van contact c3 person=p1 note=x info=housing",
      "van consent k1 person=p1 agencies=friary kinds=housing purposes=support " GIVEN, "sync van",
      "sync desk", "desk holds p1 c1 c3 k1", "desk never_sent c2", "sync lead",
      "lead never_sent p1 c1 c3 k1"}},
    {"a giving that comes later brings what was there before",
     {CITY, "van person p1 preferred_name=Sean", "van contact c1 person=p1 note=x", "sync van",
      "sync desk", "desk lacks c1",
      "van consent k1 person=p1 agencies=friary kinds=housing purposes=support " GIVEN, "sync van",
      "sync desk", "desk holds p1 c1"}},
    {"evaluation sends nothing",
     {CITY, "van person p1 preferred_name=Sean",
      "van consent k1 person=p1 agencies=friary kinds=housing purposes=evaluation " GIVEN,
      "sync van", "sync desk", "desk never_sent p1"}},
    {"without an agreement nothing is sent, and with it all of it",
     {CITY, "van person p1 preferred_name=Amina",
      "van consent k1 person=p1 agencies=refuge kinds=housing purposes=support " GIVEN, "sync van",
      "sync safe", "safe never_sent p1", "sign refuge", "sync safe", "safe holds p1 k1"}},
    {"a star stands for the agencies under agreement when it was stamped",
     {CITY, "van person p1 preferred_name=Sean",
      "van consent k1 person=p1 agencies=* kinds=housing purposes=support " GIVEN, "sync van",
      "sign refuge", "sync safe", "safe never_sent p1", "sync desk", "desk holds p1"}},
    {"a withdrawal takes back what was sent, and not what the agency wrote",
     {CITY, "van person p1 preferred_name=Baz", "van contact c1 person=p1 note=x",
      "van consent k1 person=p1 agencies=health kinds=physical_health purposes=support " GIVEN,
      "sync van", "sync lead", "lead holds p1 c1", "lead contact c2 person=p1 note=y", "sync lead",
      "van consent k2 person=p1 agencies=health kinds=* purposes=* in_sight=k1 " WITHDRAWN,
      "sync van", "sync lead", "lead lacks p1 c1", "lead holds c2 k2"}},
    {"... but what it wrote on another agency's record",
     {CITY, "van person p1 preferred_name=Baz", "van contact c1 person=p1 note=x",
      "van consent k1 person=p1 agencies=health kinds=physical_health purposes=support " GIVEN,
      "sync van", "sync lead", "lead update c1 note=z", "lead contact c2 person=p1 note=y",
      "sync lead",
      "van consent k2 person=p1 agencies=health kinds=* purposes=* in_sight=k1 " WITHDRAWN,
      "sync van", "sync lead", "lead lacks p1 c1", "lead holds c2 k2"}},
    {"a new giving in sight of the withdrawal brings it back",
     {CITY, "van person p1 preferred_name=Baz", "van contact c1 person=p1 note=x",
      "van consent k1 person=p1 agencies=health kinds=housing purposes=support " GIVEN, "sync van",
      "sync lead",
      "van consent k2 person=p1 agencies=health kinds=* purposes=* in_sight=k1 " WITHDRAWN,
      "sync van", "sync lead", "lead lacks p1 c1",
      "van consent k3 person=p1 agencies=health kinds=housing purposes=support "
      "in_sight=k1,k2 " GIVEN,
      "sync van", "sync lead", "lead holds p1 c1 k3"}},
    {"an older giving that had not seen the withdrawal does not",
     {CITY, "van person p1 preferred_name=Baz", "van contact c1 person=p1 note=x",
      "van consent k1 person=p1 agencies=health kinds=housing purposes=support " GIVEN, "sync van",
      "sync lead",
      "lead consent k3 person=p1 agencies=health kinds=housing purposes=support in_sight=k1 " GIVEN,
      "van consent k2 person=p1 agencies=health kinds=housing purposes=support "
      "in_sight=k1 " WITHDRAWN,
      "sync van", "sync lead", "lead lacks p1 c1"}},
    {"what was withdrawn before a device ever synced is never sent to it",
     {CITY, "van person p1 preferred_name=Sean", "van contact c1 person=p1 note=x info=offending",
      "van consent k1 person=p1 agencies=health kinds=offending,housing purposes=support " GIVEN,
      "sync van",
      "van consent k2 person=p1 agencies=health kinds=offending purposes=* in_sight=k1 " WITHDRAWN,
      "sync van", "sync lead", "lead never_sent c1", "lead holds p1"}},
    {"a giving ends by its date without anybody writing",
     {CITY, "van person p1 preferred_name=Sean",
      "van consent k1 person=p1 agencies=health kinds=housing purposes=support "
      "ends_on=2026-01-20 " GIVEN,
      "sync van", "sync lead", "lead holds p1", "clock 7", "sync lead", "lead holds p1", "clock 2",
      "sync lead", "lead lacks p1"}},
    {"an agreement ends by its date",
     {CITY, "sign refuge until=3", "van person p1 preferred_name=Sean",
      "van consent k1 person=p1 agencies=refuge kinds=housing purposes=support " GIVEN, "sync van",
      "sync safe", "safe holds p1", "clock 4", "sync safe", "safe lacks p1"}},
    {"an agreement is ended, and signed again",
     {CITY, "van person p1 preferred_name=Sean",
      "van consent k1 person=p1 agencies=health kinds=housing purposes=support " GIVEN, "sync van",
      "sync lead", "lead holds p1", "end health", "sync lead", "lead lacks p1", "clock 1",
      "sign health", "sync lead", "lead holds p1"}},
    {"a join lets a giving count for both, and an unjoin takes it back",
     {CITY, "van person p1 preferred_name=Sean", "desk person p2 preferred_name=Shaun",
      "desk contact c2 person=p2 note=x",
      "van consent k1 person=p1 agencies=* kinds=housing purposes=support " GIVEN, "sync van",
      "sync desk", "sync lead", "lead holds p1", "lead lacks p2 c2",
      "desk join j1 person=p2 same_as=p1", "sync desk", "sync lead", "lead holds p1 p2 c2 j1",
      "desk unjoin u1 person=p2 joins=j1", "sync desk", "sync lead", "lead lacks p2 c2",
      "lead holds p1"}},
    {"an unjoin reaches who wrote the join, though nothing is given to them",
     {CITY, "van person p1 preferred_name=Sean", "van person p2 preferred_name=Shaun",
      "van join j1 person=p1 same_as=p2",
      "van consent k1 person=p1 agencies=friary kinds=housing purposes=support " GIVEN,
      "van consent k2 person=p2 agencies=friary kinds=housing purposes=support " GIVEN, "sync van",
      "sync desk", "desk holds p1 p2 j1", "desk unjoin u1 person=p1 joins=j1", "sync desk",
      "sync van", "van holds j1 u1"}},
    {"an unjoin of two joins between the same two reaches who holds one of them",
     {CITY, "van person p1 preferred_name=Sean", "van person p2 preferred_name=Shaun",
      "van join j1 person=p1 same_as=p2",
      "van consent k1 person=p1 agencies=friary kinds=housing purposes=support " GIVEN,
      "van consent k2 person=p2 agencies=friary kinds=housing purposes=support " GIVEN, "sync van",
      "sync desk", "desk join j2 person=p2 same_as=p1", "desk unjoin u1 person=p1 joins=j1,j2",
      "sync desk", "sync van", "van holds j1 u1", "van never_sent j2"}},
    {"an unjoin follows its join away and back, whatever it is of itself",
     {CITY, "van person p1 preferred_name=Sean", "van person p2 preferred_name=Shaun",
      "van join j1 person=p1 same_as=p2",
      "van consent k1 person=p1 agencies=friary kinds=housing purposes=support " GIVEN,
      "van consent k2 person=p2 agencies=friary kinds=housing purposes=support " GIVEN,
      "van unjoin u1 person=p1 joins=j1 info=domestic_abuse", "sync van", "sync desk",
      "desk holds j1 u1",
      "van consent k3 person=p2 agencies=friary kinds=* purposes=* in_sight=k2 " WITHDRAWN,
      "sync van", "sync desk", "desk lacks j1 u1", "desk holds p1",
      "van consent k4 person=p2 agencies=friary kinds=housing purposes=support "
      "in_sight=k2,k3 " GIVEN,
      "sync van", "sync desk", "desk holds j1 u1"}},
    {"a date that takes a join takes its unjoin too, about whomever that is",
     {CITY, "van person p1 preferred_name=Sean", "van person p2 preferred_name=Shaun",
      "van person p3 preferred_name=Baz", "van join j1 person=p1 same_as=p2",
      "van consent k1 person=p1 agencies=friary kinds=housing purposes=support " GIVEN,
      "van consent k2 person=p2 agencies=friary kinds=housing purposes=support "
      "ends_on=2026-01-20 " GIVEN,
      "van unjoin u1 person=p3 joins=j1", "sync van", "sync desk", "desk holds p1 p2 j1 u1",
      "clock 10", "sync desk", "desk lacks p2 j1 u1", "desk holds p1"}},
    {"a join never widens domestic abuse",
     {CITY, "van person p1 preferred_name=Sean", "desk person p2 preferred_name=Shaun",
      "desk contact c2 person=p2 note=x info=domestic_abuse",
      "van consent k1 person=p1 agencies=health kinds=domestic_abuse,housing "
      "purposes=support " GIVEN,
      "desk consent k2 person=p2 agencies=outreach kinds=housing purposes=support " GIVEN,
      "sync van", "sync desk", "desk join j1 person=p2 same_as=p1", "sync desk", "sync lead",
      "lead holds p1 p2", "lead never_sent c2"}},
    {"a withdrawal written on a joined page stays on each after the unjoin",
     {CITY, "van person p1 preferred_name=Sean", "van person p2 preferred_name=Shaun",
      "van consent k1 person=p1 agencies=health kinds=housing purposes=support " GIVEN,
      "van consent k2 person=p2 agencies=health kinds=housing purposes=support " GIVEN,
      "van join j1 person=p1 same_as=p2", "sync van", "sync lead", "lead holds p1 p2",
      "van consent k3 person=p1 persons=p1,p2 agencies=health kinds=* purposes=* "
      "in_sight=k1,k2 " WITHDRAWN,
      "sync van", "sync lead", "lead lacks p1 p2", "van unjoin u1 person=p1 joins=j1", "sync van",
      "sync lead", "lead lacks p1 p2"}},
    {"another kind said later takes a contact back, and clearing it brings it again",
     {CITY, "van person p1 preferred_name=Sean", "van contact c1 person=p1 note=x",
      "van consent k1 person=p1 agencies=health kinds=housing purposes=support " GIVEN, "sync van",
      "sync lead", "lead holds c1", "van update c1 info=mental_health", "sync van", "sync lead",
      "lead lacks c1", "lead holds p1", "van update c1 info=", "sync van", "sync lead",
      "lead holds c1"}},
    {"only the creating agency takes kinds away",
     {CITY, "van person p1 preferred_name=Sean",
      "van contact c1 person=p1 note=x info=mental_health",
      "van consent k1 person=p1 agencies=friary kinds=mental_health purposes=support " GIVEN,
      "van consent k2 person=p1 agencies=health kinds=housing purposes=support in_sight=k1 " GIVEN,
      "sync van", "sync desk", "desk holds c1", "desk update c1 info=housing", "sync desk",
      "sync lead", "lead never_sent c1"}},
    {"a need is of its own kind",
     {CITY, "van person p1 preferred_name=Sean", "van need n1 person=p1 kind=substance_use",
      "van consent k1 person=p1 agencies=health kinds=housing purposes=support " GIVEN,
      "van consent k2 person=p1 agencies=friary kinds=substance_use purposes=support "
      "in_sight=k1 " GIVEN,
      "sync van", "sync lead", "sync desk", "lead never_sent n1", "desk holds n1 p1"}},
    {"the kinds of the envelope count",
     {CITY, "van person p1 preferred_name=Sean", "van contact c1 person=p1 note=x kinds=money",
      "van consent k1 person=p1 agencies=health kinds=housing purposes=support " GIVEN, "sync van",
      "sync lead", "lead never_sent c1", "lead holds p1"}},
    {"a record of the wrong person is its own agency's alone",
     {CITY, "van person p1 preferred_name=Sean", "van contact c1 person=p1 note=x",
      "van consent k1 person=p1 agencies=health kinds=housing purposes=support " GIVEN, "sync van",
      "sync lead", "lead holds c1", "van retract c1 wrong_person", "sync van", "sync lead",
      "lead lacks c1", "van holds c1"}},
    {"... beside others that are given at once",
     {CITY, "van person p1 preferred_name=Sean", "van contact c1 person=p1 note=x",
      "van contact c2 person=p1 note=x", "van retract c2 wrong_person", "sync van",
      "van consent k1 person=p1 agencies=health kinds=housing purposes=support " GIVEN, "sync van",
      "sync lead", "lead holds p1 c1 k1", "lead never_sent c2"}},
    {"a gateway overrides a withdrawal until it ends",
     {CITY, "van person p1 preferred_name=Sean",
      "van contact c1 person=p1 note=x info=safeguarding",
      "van consent k1 person=p1 agencies=* kinds=* purposes=* " WITHDRAWN,
      "van legal_gateway g1 person=p1 agencies=health kinds=general,safeguarding "
      "ends_on=2026-01-20 authoriser=Kim basis=law",
      "sync van", "sync lead", "lead holds p1 c1 g1", "clock 10", "sync lead", "lead lacks p1 c1"}},
    {"a person filled in later brings the request under consent",
     {CITY, "van person p1 preferred_name=Sean", "van help_request h1 words=tea",
      "van consent k1 person=p1 agencies=health kinds=housing purposes=support " GIVEN, "sync van",
      "sync lead", "lead lacks h1", "van update h1 person=p1", "sync van", "sync lead",
      "lead holds h1"}},
    {"a kiosk is sent nothing and its request reaches its agency",
     {CITY, "device box friary kiosk", "box help_request h1 words=coat route=kiosk status=open",
      "sync box", "sync desk", "desk holds h1", "sync van", "van lacks h1"}},
    {"a holder who may no longer hold it has lost it",
     {CITY, "van person p1 preferred_name=Baz", "van help_request h1 person=p1 words=tea",
      "van consent k1 person=p1 agencies=health kinds=housing purposes=support " GIVEN, "sync van",
      "sync lead", "lead verdict h1 lost", "lead update h1 holder=health/Asha status=held",
      "sync lead", "sync van", "van verdict h1 held",
      "van consent k2 person=p1 agencies=health kinds=* purposes=* in_sight=k1 " WITHDRAWN,
      "sync van", "sync van", "van verdict h1 lost", "sync lead", "lead lacks h1"}},
    {"an offer ends no holding",
     {CITY, "van person p1 preferred_name=Baz",
      "van help_request h1 person=p1 words=tea holder=outreach/Dee status=held",
      "van consent k1 person=p1 agencies=health kinds=housing purposes=support " GIVEN, "sync van",
      "sync lead", "lead verdict h1 held", "van update h1 holder=health/Asha", "sync van",
      "sync lead", "lead verdict h1 held"}},
    {"an entity nobody knows is covered by no consent",
     {CITY, "van person p1 preferred_name=Sean", "van 77 x1 person=p1 note=x",
      "van consent k1 person=p1 agencies=health kinds=housing purposes=support " GIVEN, "sync van",
      "sync lead", "lead never_sent x1", "lead holds p1", "device van2 outreach", "sync van2",
      "van2 holds x1"}},
    {"what takes access away and is not understood stops what is new, and takes nothing back",
     {CITY, "van person p1 preferred_name=Sean", "van contact c1 person=p1 note=x",
      "van consent k1 person=p1 agencies=health kinds=housing purposes=support " GIVEN, "sync van",
      "sync lead", "lead holds p1 c1", "van 77 x1 person=p1 note=x restricts",
      "van contact c2 person=p1 note=y", "sync van", "sync lead", "lead holds p1 c1",
      "lead never_sent c2", "van person p2 preferred_name=Baz",
      "van consent k2 person=p2 agencies=health kinds=housing purposes=support " GIVEN, "sync van",
      "sync lead", "lead holds p2"}},
    {"of whom not all is understood, an unjoin reaches who holds the join, and nobody else",
     {CITY,
      "device van2 outreach",
      "van person p1 preferred_name=Sean",
      "van person p2 preferred_name=Shaun",
      "van join j1 person=p1 same_as=p2",
      "van consent k1 person=p1 agencies=friary kinds=housing purposes=support " GIVEN,
      "van consent k2 person=p2 agencies=friary kinds=housing purposes=support " GIVEN,
      "sync van",
      "sync van2",
      "sync desk",
      "desk holds p1 p2 j1",
      "van 77 x1 person=p1 note=x restricts",
      "van consent k3 person=p1 agencies=health kinds=housing purposes=support " GIVEN,
      "van consent k4 person=p2 agencies=health kinds=housing purposes=support " GIVEN,
      "sync van",
      "sync lead",
      "lead never_sent p1 p2 j1",
      "desk unjoin u1 person=p2 joins=j1",
      "sync desk",
      "sync van",
      "sync van2",
      "sync lead",
      "van holds j1 u1",
      "van2 holds j1 u1",
      "lead holds p2",
      "lead never_sent p1 j1 u1"}},
    {"of whom not all is understood, an unjoin reaches who wrote a join that went nowhere",
     {CITY,
      "device van2 outreach",
      "van person p1 preferred_name=Sean",
      "desk person p2 preferred_name=Shaun",
      "desk consent k2 person=p2 agencies=outreach kinds=housing purposes=support " GIVEN,
      "sync desk",
      "sync van",
      "sync van2",
      "van holds p2",
      "desk 77 x1 person=p2 note=x restricts",
      "sync desk",
      "van join j1 person=p1 same_as=p2",
      "sync van",
      "sync van2",
      "van2 never_sent j1",
      "van2 unjoin u1 person=p1 joins=j1",
      "sync van2",
      "sync van",
      "van holds j1 u1",
      "sync desk",
      "desk never_sent j1 u1"}},
    {"what is not understood stays on each record that it names after an unjoin",
     {CITY, "van person p1 preferred_name=Sean", "van person p2 preferred_name=Shaun",
      "van consent k1 person=p1 agencies=health kinds=housing purposes=support " GIVEN,
      "van consent k2 person=p2 agencies=health kinds=housing purposes=support " GIVEN,
      "van join j1 person=p1 same_as=p2", "sync van", "sync lead", "lead holds p1 p2 j1",
      "van consent k3 person=p1 persons=p1,p2 agencies=friary kinds=housing purposes=* "
      "decision=suspended how=spoken capacity=believed_to_have in_sight=k1,k2 restricts",
      "van unjoin u1 person=p1 joins=j1", "van contact c2 person=p2 note=x", "sync van",
      "sync lead", "lead holds p1 p2 j1 u1", "lead never_sent c2"}},
    {"an update nobody may see travels no further than its record",
     {CITY, "van person p1 preferred_name=Sean", "van contact c1 person=p1 note=x",
      "van consent k1 person=p1 agencies=outreach,friary kinds=housing purposes=support " GIVEN,
      "sync van", "sync desk", "desk update c1 note=y", "sync desk", "sync van", "van holds c1+3",
      "sync lead", "lead never_sent c1+3"}},
    {"a giving that leaves out the writer's agency leaves others' edits out of its reach",
     {CITY, "van person p1 preferred_name=Sean", "van contact c1 person=p1 note=x",
      "van consent k1 person=p1 agencies=friary kinds=housing purposes=support " GIVEN, "sync van",
      "sync desk", "desk update c1 note=y", "sync desk", "sync van", "van never_sent c1+3",
      "van holds c1"}},
    {"a join that comes before one of its persons",
     {CITY, "van person p1 preferred_name=Sean",
      "van consent k1 person=p1 agencies=* kinds=housing purposes=support " GIVEN,
      "desk person p2 preferred_name=Shaun", "van join j1 person=p1 same_as=p2", "sync van",
      "sync lead", "lead holds p1", "lead lacks j1", "sync desk", "sync lead",
      "lead holds p1 p2 j1"}},
    {"a join that comes before one of its persons stays with who wrote it",
     {CITY, "van person p1 preferred_name=Sean", "desk person p2 preferred_name=Shaun",
      "van join j1 person=p1 same_as=p2", "sync van", "van holds j1", "sync desk", "sync van",
      "van lacks j1", "van holds p1"}},
    {"an unjoin that comes before its join stays with who wrote it",
     {CITY, "device van2 outreach", "van person p1 preferred_name=Sean",
      "van person p2 preferred_name=Shaun", "sync van", "sync van2",
      "van join j1 person=p1 same_as=p2", "van2 unjoin u1 person=p1 joins=j1", "sync van2",
      "van2 holds u1", "sync van", "van holds j1 u1", "sync van2", "van2 holds j1 u1"}},
    {"an unjoin whose join turns out to be another agency's is given back then",
     {CITY, "desk person p1 preferred_name=Sean", "desk person p2 preferred_name=Shaun",
      "sync desk", "desk join j1 person=p1 same_as=p2", "van unjoin u1 person=p1 joins=j1",
      "sync van", "van holds u1", "sync desk", "sync van", "van lacks u1"}},
    {"an edit that comes before its record stays with who wrote it until it may not",
     {CITY, "van person p1 preferred_name=Sean", "van contact c1 person=p1 note=x",
      "desk update c1 note=y", "sync desk", "desk holds c1+2", "sync van", "sync desk",
      "desk lacks c1+2", "van never_sent c1+2"}},
    {"a new device of an agency is brought up to date and sent nothing to give back",
     {CITY, "van person p1 preferred_name=Sean", "van contact c1 person=p1 note=x",
      "van contact c2 person=p1 note=x info=housing",
      "van consent k1 person=p1 agencies=health kinds=housing purposes=support " GIVEN, "sync van",
      "sync lead",
      "van consent k2 person=p1 agencies=health kinds=housing purposes=support "
      "in_sight=k1 " WITHDRAWN,
      "sync van", "device lead2 health", "sync lead2", "lead2 never_sent p1 c1 c2"}},
};

static void test_hub_judge__situations(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof situations / sizeof situations[0]; i++) {
        print_message("    %s\n", situations[i].name);
        hub_stage_play(situations[i].name, situations[i].lines);
    }
}

/* Where a record's first change stands in friary's feed; 0: nowhere. */
static uint64_t position(hub_stage *stage, const char *ref)
{
    tp_hub *hub = hub_stage_hub(stage);
    tp_hub_feed_row rows[TP_AGENCIES_MAX];
    tp_err err;
    assert_int_equal(tp_hub_look(hub, &err), TP_OK);
    uint16_t friary = tp_hub_agency_find(hub->store, tp_slice_str("friary"));
    assert_int_equal(tp_hub_feed_of(hub->store, hub_stage_name(stage, ref), rows, &err), TP_OK);
    tp_hub_rollback(hub);
    return rows[friary - 1].position;
}

/* So that a sync that is cut short leaves somebody to ask, and what they allowed, before anything
 * that was said of them. */
static void test_hub_judge__one_grant_in_order(void **state)
{
    (void)state;
    static const char *const lines[] = {CITY,
                                        "van help_request h1 words=x",
                                        "van person p1 preferred_name=Sean",
                                        "van contact c1 person=p1 note=x",
                                        "van update h1 person=p1",
                                        "van consent k1 person=p1 agencies=friary kinds=housing "
                                        "purposes=support " GIVEN,
                                        "sync van",
                                        NULL};
    hub_stage *stage = hub_stage_open();
    hub_stage_run_all(stage, lines);
    assert_true(position(stage, "p1") > 0);
    assert_true(position(stage, "p1") < position(stage, "k1"));
    assert_true(position(stage, "k1") < position(stage, "h1"));
    assert_true(position(stage, "k1") < position(stage, "c1"));
    hub_stage_close(stage);
}

static void run_of(hub_stage *stage, const char *format, unsigned one, unsigned other)
{
    char line[200];
    snprintf(line, sizeof line, format, one, other);
    hub_stage_run(stage, line);
}

/* Whoever joins that many joins by mistake.  What they allowed cannot be reckoned, so it is not
 * taken to allow anything, until one of the joins is undone. */
static void test_hub_judge__a_group_too_large_to_follow_grants_nothing(void **state)
{
    (void)state;
    static const char *const before[] = {CITY, "van person p0 preferred_name=Sean",
                                         "van consent k0 person=p0 agencies=friary kinds=housing "
                                         "purposes=support " GIVEN,
                                         NULL};
    hub_stage *stage = hub_stage_open();
    hub_stage_run_all(stage, before);
    for (unsigned i = 1; i < TP_GROUP_PERSONS_MAX; i++) {
        run_of(stage, "van person p%u preferred_name=Sean", i, 0);
        run_of(stage, "van join j%u person=p%u same_as=p0", i, i);
    }
    hub_stage_run(stage, "sync van");
    hub_stage_run(stage, "sync desk");
    run_of(stage, "desk holds p0 k0 p%u", TP_GROUP_PERSONS_MAX - 1, 0);
    run_of(stage, "van person p%u preferred_name=Sean", TP_GROUP_PERSONS_MAX, 0);
    run_of(stage, "van join j%u person=p%u same_as=p0", TP_GROUP_PERSONS_MAX, TP_GROUP_PERSONS_MAX);
    hub_stage_run(stage, "sync van");
    hub_stage_run(stage, "sync desk");
    run_of(stage, "desk lacks p1 p%u", TP_GROUP_PERSONS_MAX, 0);
    hub_stage_run(stage, "desk lacks p0");
    hub_stage_run(stage, "van holds p0");
    run_of(stage, "van unjoin u1 person=p%u joins=j%u", TP_GROUP_PERSONS_MAX, TP_GROUP_PERSONS_MAX);
    hub_stage_run(stage, "sync van");
    hub_stage_run(stage, "sync desk");
    run_of(stage, "desk holds p0 k0 p%u", TP_GROUP_PERSONS_MAX - 1, 0);
    run_of(stage, "desk lacks p%u", TP_GROUP_PERSONS_MAX, 0);
    hub_stage_close(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hub_judge__situations),
        cmocka_unit_test(test_hub_judge__one_grant_in_order),
        cmocka_unit_test(test_hub_judge__a_group_too_large_to_follow_grants_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
