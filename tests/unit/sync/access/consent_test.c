/* Consent, case by case: each row is a sentence of the design (sections 4 and 5), its events in a
 * line each.  Every row is judged in many orders of arrival, alone and in bulk.
 *
 * Shows P9, P10, P15, P17. */
#include "platform/base/alloc.h"
#include "platform/base/limits.h"
#include "sync/access/consent.h"
#include "tests/support/consent_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

enum { EVENTS_MAX = 10, ORDERS = 30 };
#define NOW_MS 1000

typedef struct row {
    const char *name;
    const char *events[EVENTS_MAX]; /* tests/support/consent_rows.h */
    const char *asked;              /* person agency kind purpose */
    const char *said;               /* the decision, and the event that decides, if any does */
    const char *group;              /* NULL: p1 alone */
    int64_t now_ms;                 /* 0: NOW_MS */
} row;

static const row rows[] = {
    {"nothing is consent by default", {NULL}, "p1 friary housing support", .said = "none"},
    {"a giving gives",
     {"k1 p1 given friary housing support"},
     "p1 friary housing support",
     .said = "given k1"},
    {"a giving gives no other kind",
     {"k1 p1 given friary housing support"},
     "p1 friary money support",
     .said = "none"},
    {"a giving gives no other purpose",
     {"k1 p1 given friary housing support"},
     "p1 friary housing mdt_discussion",
     .said = "none"},
    {"a giving for evaluation is none for support",
     {"k1 p1 given friary housing evaluation"},
     "p1 friary housing support",
     .said = "none"},
    {"a giving gives no other agency",
     {"k1 p1 given friary housing support"},
     "p1 lead housing support",
     .said = "none"},
    {"a giving about somebody else gives nothing",
     {"k1 p2 given friary housing support"},
     "p1 friary housing support",
     .said = "none"},
    {"a refusal is shown as refused",
     {"k1 p1 refused friary housing support"},
     "p1 friary housing support",
     .said = "refused k1"},

    {"a withdrawal in sight of the giving takes it away",
     {"k1 p1 given friary housing support", "k2 p1 withdrawn friary housing support sees=k1"},
     "p1 friary housing support",
     .said = "withdrawn k2"},
    {"a giving in sight of the withdrawal counts",
     {"k1 p1 withdrawn friary housing support", "k2 p1 given friary housing support sees=k1"},
     "p1 friary housing support",
     .said = "given k2"},
    {"a giving in sight of a refusal counts",
     {"k1 p1 refused friary housing support", "k2 p1 given friary housing support sees=k1"},
     "p1 friary housing support",
     .said = "given k2"},
    {"of a giving and a withdrawal that had not seen each other the withdrawal counts",
     {"k1 p1 withdrawn friary housing support", "k2 p1 given friary housing support"},
     "p1 friary housing support",
     .said = "withdrawn k1"},
    {"of a giving and a refusal that had not seen each other the refusal counts",
     {"k1 p1 refused friary housing support", "k2 p1 given friary housing support"},
     "p1 friary housing support",
     .said = "refused k1"},
    {"of a refusal and a withdrawal side by side the withdrawal is named",
     {"k1 p1 refused friary housing support", "k2 p1 withdrawn friary housing support"},
     "p1 friary housing support",
     .said = "withdrawn k2"},
    {"stamps play no part: an earlier withdrawal is not outlived by a later giving",
     {"k1 p1 withdrawn friary housing support at=100", "k2 p1 given friary housing support at=900"},
     "p1 friary housing support",
     .said = "withdrawn k1"},
    {"stamps play no part: what was seen counts even with a later stamp",
     {"k1 p1 withdrawn friary housing support at=900",
      "k2 p1 given friary housing support sees=k1 at=100"},
     "p1 friary housing support",
     .said = "given k2"},
    {"a giving in sight of one withdrawal does not answer another",
     {"k1 p1 withdrawn friary housing support", "k2 p1 withdrawn friary housing support",
      "k3 p1 given friary housing support sees=k1"},
     "p1 friary housing support",
     .said = "withdrawn k2"},
    {"a giving in sight of two withdrawals answers both",
     {"k1 p1 withdrawn friary housing support", "k2 p1 withdrawn friary housing support",
      "k3 p1 given friary housing support sees=k1,k2"},
     "p1 friary housing support",
     .said = "given k3"},
    {"what a concurrent withdrawal does not name stays given",
     {"k1 p1 withdrawn * money support", "k2 p1 given friary housing,money support"},
     "p1 friary housing support",
     .said = "given k2"},
    {"a withdrawal from one agency leaves another",
     {"k1 p1 given friary,lead housing support", "k2 p1 withdrawn friary housing support sees=k1"},
     "p1 lead housing support",
     .said = "given k1"},
    {"a withdrawal for one purpose leaves another",
     {"k1 p1 given friary housing support,mdt_discussion",
      "k2 p1 withdrawn friary housing mdt_discussion sees=k1"},
     "p1 friary housing support",
     .said = "given k1"},

    {"left out where another names it through others",
     {"k1 p1 withdrawn friary housing support", "k2 p1 given lead money support sees=k1",
      "k3 p1 given friary housing support sees=k2"},
     "p1 friary housing support",
     .said = "given k3"},
    {"left out where another names it through a stub",
     {"k1 p1 withdrawn friary housing support", "k2 stub sees=k1",
      "k3 p1 given friary housing support sees=k2"},
     "p1 friary housing support",
     .said = "given k3"},
    {"a stub covers nothing and so leaves nothing out",
     {"k1 p1 given friary housing support", "k2 stub sees=k1"},
     "p1 friary housing support",
     .said = "given k1"},
    {"not left out where only an event that does not cover it names it",
     {"k1 p1 withdrawn friary housing support", "k2 p1 given friary money support sees=k1"},
     "p1 friary housing support",
     .said = "withdrawn k1"},
    {"what one writer had seen another had not",
     {"k1 p1 withdrawn friary housing support", "k2 p1 given friary money support sees=k1",
      "k3 p1 given friary housing support"},
     "p1 friary housing support",
     .said = "withdrawn k1"},
    {"an event that is not held stands for no other",
     {"k2 p1 withdrawn friary housing support", "k3 p1 given friary housing support sees=k1"},
     "p1 friary housing support",
     .said = "withdrawn k2"},
    {"an event that is not held is passed over",
     {"k1 p1 withdrawn friary housing support sees=k9",
      "k2 p1 given friary housing support sees=k8,k1"},
     "p1 friary housing support",
     .said = "given k2"},
    {"events that name each other do not leave each other out",
     {"k1 p1 withdrawn friary housing support sees=k2",
      "k2 p1 given friary housing support sees=k1"},
     "p1 friary housing support",
     .said = "withdrawn k1"},
    {"an event that names itself is not left out",
     {"k1 p1 given friary housing support sees=k1"},
     "p1 friary housing support",
     .said = "given k1"},

    {"in force until the moment it ends",
     {"k1 p1 given friary housing support ends=1000"},
     "p1 friary housing support",
     .said = "given k1",
     .now_ms = 999},
    {"ended from that moment on",
     {"k1 p1 given friary housing support ends=1000"},
     "p1 friary housing support",
     .said = "none k1",
     .now_ms = 1000},
    {"of givings side by side the one that ends first counts",
     {"k1 p1 given friary housing support", "k2 p1 given friary housing support ends=500"},
     "p1 friary housing support",
     .said = "given k2",
     .now_ms = 400},
    {"and when it has ended, it has ended",
     {"k1 p1 given friary housing support", "k2 p1 given friary housing support ends=500"},
     "p1 friary housing support",
     .said = "none k2",
     .now_ms = 500},
    {"of two that have ended the one that ended first is the reason",
     {"k1 p1 given friary housing support ends=600", "k2 p1 given friary housing support ends=500"},
     "p1 friary housing support",
     .said = "none k2",
     .now_ms = 700},
    {"of two kinds, each beside one of its own that has ended, none is given",
     {"k1 p1 given friary housing support ends=500", "k2 p1 given friary money support ends=500",
      "k3 p1 given friary housing,money support"},
     "p1 friary housing support",
     .said = "none k1",
     .now_ms = 600},
    {"an ended giving revives no older giving",
     {"k1 p1 given friary housing support", "k2 p1 given friary housing support ends=500 sees=k1"},
     "p1 friary housing support",
     .said = "none k2",
     .now_ms = 600},
    {"an ended giving revives no older withdrawal",
     {"k1 p1 withdrawn friary housing support",
      "k2 p1 given friary housing support ends=500 sees=k1"},
     "p1 friary housing support",
     .said = "none k2",
     .now_ms = 600},
    {"a withdrawal does not end",
     {"k1 p1 withdrawn friary housing support ends=500"},
     "p1 friary housing support",
     .said = "withdrawn k1",
     .now_ms = 600},

    {"without believed capacity nothing is granted",
     {"k1 p1 given friary housing support in_doubt"},
     "p1 friary housing support",
     .said = "none k1"},
    {"in doubt, it still answers the giving it named",
     {"k1 p1 given friary housing support", "k2 p1 given friary housing support in_doubt sees=k1"},
     "p1 friary housing support",
     .said = "none k2"},
    {"in doubt, it still answers the withdrawal it named",
     {"k1 p1 withdrawn friary housing support",
      "k2 p1 given friary housing support in_doubt sees=k1"},
     "p1 friary housing support",
     .said = "none k2"},
    {"in doubt beside a giving: the most protective counts",
     {"k1 p1 given friary housing support", "k2 p1 given friary housing support in_doubt"},
     "p1 friary housing support",
     .said = "none k2"},
    {"a refusal counts whatever the capacity",
     {"k1 p1 refused friary housing support in_doubt"},
     "p1 friary housing support",
     .said = "refused k1"},

    {"* in a giving: an agency under agreement at its stamp",
     {"k1 p1 given * housing support at=100"},
     "p1 friary housing support",
     .said = "given k1"},
    {"* in a giving: not an agency that signed later",
     {"k1 p1 given * housing support at=100"},
     "p1 signed500 housing support",
     .said = "none"},
    {"* in a giving: an agency that had signed by then",
     {"k1 p1 given * housing support at=500"},
     "p1 signed500 housing support",
     .said = "given k1"},
    {"* in a giving: not an agency whose agreement had ended",
     {"k1 p1 given * housing support at=500"},
     "p1 ended500 housing support",
     .said = "none"},
    {"* in a giving: not an agency without agreement",
     {"k1 p1 given * housing support at=100"},
     "p1 unsigned housing support",
     .said = "none"},
    {"* in a giving not stamped yet: the agencies under agreement now",
     {"k1 p1 given * housing support at=0"},
     "p1 signed500 housing support",
     .said = "given k1",
     .now_ms = 600},
    {"* in a giving not stamped yet: not the ones that are not",
     {"k1 p1 given * housing support at=0"},
     "p1 signed500 housing support",
     .said = "none",
     .now_ms = 400},
    {"a giving may name an agency without agreement",
     {"k1 p1 given unsigned housing support"},
     "p1 unsigned housing support",
     .said = "given k1"},
    {"* in a withdrawal: all agencies, later ones too",
     {"k1 p1 given signed500 housing support", "k2 p1 withdrawn * housing support at=100"},
     "p1 signed500 housing support",
     .said = "withdrawn k2"},
    {"* in a withdrawal: all kinds",
     {"k1 p1 given friary money support", "k2 p1 withdrawn friary * support sees=k1"},
     "p1 friary money support",
     .said = "withdrawn k2"},
    {"* in a refusal: all purposes",
     {"k1 p1 given friary money support", "k2 p1 refused friary money * sees=k1"},
     "p1 friary money support",
     .said = "refused k2"},
    {"* for kinds gives nothing",
     {"k1 p1 given friary * support"},
     "p1 friary housing support",
     .said = "none"},
    {"* for purposes gives nothing",
     {"k1 p1 given friary housing *"},
     "p1 friary housing support",
     .said = "none"},
    {"* for kinds in a giving answers no withdrawal",
     {"k1 p1 withdrawn friary housing support", "k2 p1 given friary * support sees=k1"},
     "p1 friary housing support",
     .said = "withdrawn k1"},

    {"an unknown decision takes away what it covers",
     {"k1 p1 given friary housing,money support", "k2 p1 unknown friary housing support sees=k1"},
     "p1 friary housing support",
     .said = "withdrawn k2"},
    {"an unknown decision leaves what it does not cover",
     {"k1 p1 given friary housing,money support", "k2 p1 unknown friary housing support sees=k1"},
     "p1 friary money support",
     .said = "given k1"},
    {"an unknown decision is answered by a giving that saw it",
     {"k1 p1 unknown friary housing support", "k2 p1 given friary housing support sees=k1"},
     "p1 friary housing support",
     .said = "given k2"},

    {"general is given where any kind is",
     {"k1 p1 given friary housing support"},
     "p1 friary general support",
     .said = "given k1"},
    {"general is given for that purpose only",
     {"k1 p1 given friary housing support"},
     "p1 friary general mdt_discussion",
     .said = "none"},
    {"general is given while another kind still is",
     {"k1 p1 given friary housing,money support", "k2 p1 withdrawn friary money support sees=k1"},
     "p1 friary general support",
     .said = "given k1"},
    {"general is not given when all kinds are withdrawn",
     {"k1 p1 given friary housing support", "k2 p1 withdrawn friary * * sees=k1"},
     "p1 friary general support",
     .said = "withdrawn k2"},
    {"general is not given by a giving that ended",
     {"k1 p1 given friary housing support ends=500"},
     "p1 friary general support",
     .said = "none",
     .now_ms = 600},

    {"joined: a giving counts for the group",
     {"k1 p1 given friary housing support"},
     "p2 friary housing support",
     .said = "given k1",
     .group = "p1,p2"},
    {"joined: a withdrawal counts for the group",
     {"k1 p1 given friary housing support", "k2 p2 withdrawn friary housing support"},
     "p1 friary housing support",
     .said = "withdrawn k2",
     .group = "p1,p2"},
    {"joined: a giving in sight of the other record's withdrawal counts for both",
     {"k1 p2 withdrawn friary housing support", "k2 p1 given friary housing support sees=k1"},
     "p2 friary housing support",
     .said = "given k2",
     .group = "p1,p2"},
    {"a join never widens domestic abuse",
     {"k1 p1 given friary domestic_abuse support"},
     "p2 friary domestic_abuse support",
     .said = "none",
     .group = "p1,p2"},
    {"a join never widens safeguarding",
     {"k1 p1 given friary safeguarding support"},
     "p2 friary safeguarding support",
     .said = "none",
     .group = "p1,p2"},
    {"a join never widens immigration",
     {"k1 p1 given friary immigration support"},
     "p2 friary immigration support",
     .said = "none",
     .group = "p1,p2"},
    {"joined: domestic abuse stays given on the record it was written on",
     {"k1 p1 given friary domestic_abuse support"},
     "p1 friary domestic_abuse support",
     .said = "given k1",
     .group = "p1,p2"},
    {"joined: domestic abuse is given by a giving written on the joined page",
     {"k1 p1 given friary domestic_abuse support with=p1,p2"},
     "p2 friary domestic_abuse support",
     .said = "given k1",
     .group = "p1,p2"},
    {"joined: written before a third was joined, not for the third",
     {"k1 p1 given friary domestic_abuse support with=p1,p2"},
     "p3 friary domestic_abuse support",
     .said = "none",
     .group = "p1,p2,p3"},
    {"joined: domestic abuse is withdrawn for the group",
     {"k1 p1 given friary domestic_abuse support", "k2 p2 withdrawn friary domestic_abuse support"},
     "p1 friary domestic_abuse support",
     .said = "withdrawn k2",
     .group = "p1,p2"},
    {"unjoined: a withdrawal written on the joined page stays on its own record",
     {"k1 p1 withdrawn friary housing support with=p1,p2"},
     "p1 friary housing support",
     .said = "withdrawn k1",
     .group = "p1"},
    {"unjoined: a withdrawal written on the joined page stays on the other record",
     {"k1 p1 withdrawn friary housing support with=p1,p2", "k2 p2 given friary housing support"},
     "p2 friary housing support",
     .said = "withdrawn k1",
     .group = "p2"},
    {"unjoined: a refusal written on the joined page stays on the other record",
     {"k1 p1 refused friary housing support with=p1,p2"},
     "p2 friary housing support",
     .said = "refused k1",
     .group = "p2"},
    {"unjoined: a giving stays on the record it was written on",
     {"k1 p1 given friary housing support with=p1,p2"},
     "p1 friary housing support",
     .said = "given k1",
     .group = "p1"},
    {"unjoined: a giving leaves the other record",
     {"k1 p1 given friary housing support with=p1,p2"},
     "p2 friary housing support",
     .said = "none",
     .group = "p2"},
    {"joined with a third: a withdrawal reaches them through a record it names",
     {"k1 p1 withdrawn friary housing support with=p1,p2"},
     "p3 friary housing support",
     .said = "withdrawn k1",
     .group = "p2,p3"},

    {"winter week: Sean's offending, withdrawn and given without having seen it",
     {"k2 p1 given * housing,substance_use,offending support,mdt_discussion ends=9000",
      "k3 p1 withdrawn * offending support,mdt_discussion sees=k2",
      "k4 p1 given * offending,housing support sees=k2"},
     "p1 lead offending support",
     .said = "withdrawn k3"},
    {"winter week: Sean's housing, which the withdrawal does not name",
     {"k2 p1 given * housing,substance_use,offending support,mdt_discussion ends=9000",
      "k3 p1 withdrawn * offending support,mdt_discussion sees=k2",
      "k4 p1 given * offending,housing support sees=k2"},
     "p1 lead housing support",
     .said = "given k4"},
    {"winter week: Sean's second record has the first one's consent",
     {"k2 p1 given * housing,substance_use support ends=9000"},
     "p2 lead substance_use support",
     .said = "given k2",
     .group = "p1,p2"},
    {"winter week: Baz's housing, given again in sight of the withdrawal",
     {"k1 p1 given friary,lead housing,physical_health support",
      "k6 p1 withdrawn friary physical_health support sees=k1",
      "k7 p1 withdrawn lead * * sees=k1,k6",
      "k8 p1 given lead housing,physical_health support sees=k1,k6,k7"},
     "p1 lead housing support",
     .said = "given k8"},
    {"winter week: Baz's money stays withdrawn",
     {"k1 p1 given friary,lead housing,physical_health support",
      "k6 p1 withdrawn friary physical_health support sees=k1",
      "k7 p1 withdrawn lead * * sees=k1,k6",
      "k8 p1 given lead housing,physical_health support sees=k1,k6,k7"},
     "p1 lead money support",
     .said = "withdrawn k7"},
    {"winter week: the friary's physical health stays withdrawn",
     {"k1 p1 given friary,lead housing,physical_health support",
      "k6 p1 withdrawn friary physical_health support sees=k1",
      "k7 p1 withdrawn lead * * sees=k1,k6",
      "k8 p1 given lead housing,physical_health support sees=k1,k6,k7"},
     "p1 friary physical_health support",
     .said = "withdrawn k6"},
};

static consent_rows *read_row(const row *r)
{
    return consent_rows_read(r->events, r->group, r->now_ms == 0 ? NOW_MS : r->now_ms);
}

static void check_said(const char *name, const consent_rows *c, const char *asked,
                       const char *expected)
{
    char said[CONSENT_ROWS_SAID_BYTES];
    consent_rows_say(c, asked, said);
    if (strcmp(said, expected) != 0) {
        fail_msg("%s: %s, not %s", name, said, expected);
    }
}

/* The masks for all agencies say the same as the answers one by one. */
static void check_bulk(const row *r, const consent_rows *c)
{
    for (uint32_t g = 0; g < c->book.group_count; g++) {
        tp_grant grants[CONSENT_ROWS_AGENCIES];
        int64_t next_ms = 0;
        tp_consent_grants(&c->book, c->group[g], consent_rows_agencies, CONSENT_ROWS_AGENCIES,
                          grants, &next_ms);
        for (uint32_t cell = 0; cell < CONSENT_ROWS_AGENCIES * TP_PURPOSE_COUNT * TP_KIND_COUNT;
             cell++) {
            tp_kind kind = (tp_kind)(cell % TP_KIND_COUNT);
            tp_purpose purpose = (tp_purpose)(cell / TP_KIND_COUNT % TP_PURPOSE_COUNT);
            uint32_t a = cell / TP_KIND_COUNT / TP_PURPOSE_COUNT;
            bool is_given = tp_consent_effective(&c->book, c->group[g], &consent_rows_agencies[a],
                                                 kind, purpose)
                                .decision == TP_DECISION_GIVEN;
            if (is_given != ((grants[a].kinds[purpose] & TP_KIND_BIT(kind)) != 0)) {
                fail_msg("%s: in bulk another answer for agency %u, kind %d, purpose %d", r->name,
                         (unsigned)a, (int)kind, (int)purpose);
            }
        }
    }
}

static void test_consent__each_row_in_any_order(void **state)
{
    (void)state;
    unsigned seed = 1;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        consent_rows *c = read_row(&rows[i]);
        for (int order = 0; order < ORDERS; order++) {
            consent_rows_shuffle(c, &seed);
            check_said(rows[i].name, c, rows[i].asked, rows[i].said);
        }
        check_bulk(&rows[i], c);
        consent_rows_free(c);
    }
    assert_int_equal(tp_alloc_live(), 0);
}

/* When a date alone could change an answer.  The fixture's agreements begin and end at 500. */
static void test_consent_grants__tell_the_next_moment_a_date_matters(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *event;
        int64_t now_ms;
        int64_t next_ms;
    } cases[] = {
        {"the end of a giving", "k1 p1 given friary housing support ends=300", 100, 300},
        {"an agreement, where it comes first", "k1 p1 given friary housing support ends=700", 100,
         500},
        {"not the moment that is now", "k1 p1 given friary housing support ends=300", 300, 500},
        {"nothing any more", "k1 p1 given friary housing support ends=300", 500, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *events[] = {cases[i].event, NULL};
        consent_rows *c = consent_rows_read(events, NULL, cases[i].now_ms);
        tp_grant grants[CONSENT_ROWS_AGENCIES];
        int64_t next_ms = -1;
        tp_consent_grants(&c->book, consent_rows_name("p1"), consent_rows_agencies,
                          CONSENT_ROWS_AGENCIES, grants, &next_ms);
        if (next_ms != cases[i].next_ms) {
            fail_msg("%s: %lld", cases[i].name, (long long)next_ms);
        }
        consent_rows_free(c);
    }
}

static void test_consent_grants__tell_who_is_under_agreement(void **state)
{
    (void)state;
    const char *events[] = {NULL};
    static const struct {
        int64_t now_ms;
        bool friary, signed500, ended500, unsigned_;
    } cases[] = {{0, true, false, true, false},
                 {499, true, false, true, false},
                 {500, true, true, false, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        consent_rows *c = consent_rows_read(events, NULL, cases[i].now_ms);
        tp_grant grants[CONSENT_ROWS_AGENCIES];
        int64_t next_ms = 0;
        tp_consent_grants(&c->book, consent_rows_name("p1"), consent_rows_agencies,
                          CONSENT_ROWS_AGENCIES, grants, &next_ms);
        assert_int_equal(grants[0].has_agreement, cases[i].friary);
        assert_int_equal(grants[2].has_agreement, cases[i].signed500);
        assert_int_equal(grants[3].has_agreement, cases[i].ended500);
        assert_int_equal(grants[4].has_agreement, cases[i].unsigned_);
        consent_rows_free(c);
    }
}

/* ---- Who lacks an event (sync/access/README.md) ---- */

/* The same history, and without one of its events. */
static const struct {
    const char *name;
    const char *events[EVENTS_MAX];
    const char *asked;
    const char *said;
    const char *lacks;
    const char *without; /* what is said then */
} lacking[] = {
    {"a withdrawal from another agency: who lacks it thinks that what they hold still counts",
     {"k1 p2 given friary housing support",
      "k2 p1 withdrawn friary housing,domestic_abuse support with=p1,p2 sees=k1"},
     "p2 friary housing support",
     "withdrawn k2",
     "k2",
     "given k1"},
    {"also where it is of domestic abuse alone",
     {"k1 p2 given friary domestic_abuse support",
      "k2 p1 withdrawn friary domestic_abuse support with=p1,p2 sees=k1"},
     "p2 friary domestic_abuse support",
     "withdrawn k2",
     "k2",
     "given k1"},
    {"a giving that has ended takes the place of one that would not have",
     {"k1 p2 given friary housing support",
      "k2 p1 given friary housing,domestic_abuse support sees=k1 ends=500"},
     "p2 friary housing support",
     "none k2",
     "k2",
     "given k1"},
    {"and so does one without believed capacity",
     {"k1 p2 given friary housing support",
      "k2 p1 given friary housing,domestic_abuse support sees=k1 in_doubt"},
     "p2 friary housing support",
     "none k2",
     "k2",
     "given k1"},
    {"without an open giving a withdrawal that it answered stands",
     {"k1 p2 withdrawn friary housing support",
      "k2 p1 given friary housing,domestic_abuse support sees=k1"},
     "p2 friary housing support",
     "given k2",
     "k2",
     "withdrawn k1"},
};

static void test_consent__who_lacks_what_restricts_concludes_more(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof lacking / sizeof lacking[0]; i++) {
        consent_rows *c = consent_rows_read(lacking[i].events, "p1,p2", NOW_MS);
        check_said(lacking[i].name, c, lacking[i].asked, lacking[i].said);
        consent_rows_leave_out(c, consent_rows_find(c, lacking[i].lacks));
        check_said(lacking[i].name, c, lacking[i].asked, lacking[i].without);
        consent_rows_free(c);
    }
}

static bool is_open_giving(const tp_consent_event *event)
{
    return event->decision == TP_DECISION_GIVEN && event->has_capacity && event->ends_ms == 0;
}

/* Every cell of everybody: nothing is given without the event that is not given with it. */
static void check_gives_no_more(const char *name, consent_rows *c, uint32_t at)
{
    enum { PERSONS = CONSENT_ROWS_LIST };
    tp_grant with[PERSONS][CONSENT_ROWS_AGENCIES];
    tp_grant without[CONSENT_ROWS_AGENCIES];
    int64_t next_ms = 0;
    for (uint32_t g = 0; g < c->book.group_count; g++) {
        tp_consent_grants(&c->book, c->group[g], consent_rows_agencies, CONSENT_ROWS_AGENCIES,
                          with[g], &next_ms);
    }
    consent_rows_leave_out(c, at);
    for (uint32_t g = 0; g < c->book.group_count; g++) {
        tp_consent_grants(&c->book, c->group[g], consent_rows_agencies, CONSENT_ROWS_AGENCIES,
                          without, &next_ms);
        for (uint32_t cell = 0; cell < CONSENT_ROWS_AGENCIES * TP_PURPOSE_COUNT; cell++) {
            uint32_t a = cell / TP_PURPOSE_COUNT;
            uint32_t p = cell % TP_PURPOSE_COUNT;
            if ((without[a].kinds[p] & ~with[g][a].kinds[p]) != 0) {
                fail_msg("%s: agency %u is given more without event %u", name, (unsigned)a,
                         (unsigned)at);
            }
        }
    }
}

static void test_consent__who_lacks_an_open_giving_concludes_no_more(void **state)
{
    (void)state;
    unsigned looked_at = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (uint32_t at = 0; rows[i].events[at] != NULL; at++) {
            consent_rows *c = read_row(&rows[i]);
            if (is_open_giving(&c->events[at])) {
                check_gives_no_more(rows[i].name, c, at);
                looked_at++;
            }
            consent_rows_free(c);
        }
    }
    assert_true(looked_at > 20);
}

static void test_consent_link__above_the_limit_is_refused(void **state)
{
    (void)state;
    tp_err err = {0};
    tp_consent_book book = {.events_count = TP_CONSENT_EVENTS_MAX + 1};
    assert_int_equal(tp_consent_link(&book, &err), TP_LIMIT);
}

/* A long history in which each event names the one before it only: the links are followed to the
 * end, and the last one counts. */
static void test_consent_link__follows_a_chain_as_long_as_the_limit(void **state)
{
    (void)state;
    enum { COUNT = TP_CONSENT_EVENTS_MAX };
    tp_consent_event *events = tp_alloc(COUNT * sizeof *events);
    tp_name *before = tp_alloc(COUNT * sizeof *before);
    tp_slice friary = tp_slice_str("friary");
    tp_name person = consent_rows_name("p1");
    for (uint32_t i = 0; i < COUNT; i++) {
        before[i] = (tp_name){7, i == 0 ? 9999 : i};
        bool is_edge = i == 0 || i == COUNT - 1;
        events[i] =
            (tp_consent_event){.name = {7, i + 1},
                               .person = person,
                               .decision = i == 0 ? TP_DECISION_WITHDRAWN : TP_DECISION_GIVEN,
                               .has_capacity = true,
                               .kinds = TP_KIND_BIT(is_edge ? TP_KIND_HOUSING : TP_KIND_MONEY),
                               .purposes = TP_PURPOSE_BIT(TP_PURPOSE_SUPPORT),
                               .agencies = &friary,
                               .agencies_count = 1,
                               .in_sight = &before[i],
                               .in_sight_count = 1};
    }
    tp_consent_book book = {events,  COUNT,
                            &person, 1,
                            1000,    tp_alloc(tp_consent_reach_words(COUNT) * sizeof(uint64_t))};
    tp_err err = {0};
    assert_int_equal(tp_consent_link(&book, &err), TP_OK);
    tp_consent_answer answer = tp_consent_effective(&book, person, &consent_rows_agencies[0],
                                                    TP_KIND_HOUSING, TP_PURPOSE_SUPPORT);
    assert_int_equal(answer.decision, TP_DECISION_GIVEN);
    assert_int_equal(answer.event, COUNT - 1);
    tp_free(book.reach);
    tp_free(before);
    tp_free(events);
    assert_int_equal(tp_alloc_live(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_consent__each_row_in_any_order),
        cmocka_unit_test(test_consent_grants__tell_the_next_moment_a_date_matters),
        cmocka_unit_test(test_consent_grants__tell_who_is_under_agreement),
        cmocka_unit_test(test_consent__who_lacks_what_restricts_concludes_more),
        cmocka_unit_test(test_consent__who_lacks_an_open_giving_concludes_no_more),
        cmocka_unit_test(test_consent_link__above_the_limit_is_refused),
        cmocka_unit_test(test_consent_link__follows_a_chain_as_long_as_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
