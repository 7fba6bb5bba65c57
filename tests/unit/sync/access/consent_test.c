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

typedef struct row {
    const char *name;
    const char *events[EVENTS_MAX]; /* tests/support/consent_rows.h */
    const char *group;              /* NULL: p1 alone */
    const char *asked;              /* person agency kind purpose */
    int64_t now_ms;                 /* 0: 1000 */
    tp_decision decision;
    const char *by; /* the event that decides; NULL: none */
} row;

static const row rows[] = {
    {"nothing is consent by default",
     {NULL},
     NULL,
     "p1 friary housing support",
     0,
     TP_DECISION_NONE,
     NULL},
    {"a giving gives",
     {"k1 p1 given friary housing support"},
     NULL,
     "p1 friary housing support",
     0,
     TP_DECISION_GIVEN,
     "k1"},
    {"a giving gives no other kind",
     {"k1 p1 given friary housing support"},
     NULL,
     "p1 friary money support",
     0,
     TP_DECISION_NONE,
     NULL},
    {"a giving gives no other purpose",
     {"k1 p1 given friary housing support"},
     NULL,
     "p1 friary housing mdt_discussion",
     0,
     TP_DECISION_NONE,
     NULL},
    {"a giving for evaluation is none for support",
     {"k1 p1 given friary housing evaluation"},
     NULL,
     "p1 friary housing support",
     0,
     TP_DECISION_NONE,
     NULL},
    {"a giving gives no other agency",
     {"k1 p1 given friary housing support"},
     NULL,
     "p1 lead housing support",
     0,
     TP_DECISION_NONE,
     NULL},
    {"a giving about somebody else gives nothing",
     {"k1 p2 given friary housing support"},
     NULL,
     "p1 friary housing support",
     0,
     TP_DECISION_NONE,
     NULL},
    {"a refusal is shown as refused",
     {"k1 p1 refused friary housing support"},
     NULL,
     "p1 friary housing support",
     0,
     TP_DECISION_REFUSED,
     "k1"},

    {"a withdrawal in sight of the giving takes it away",
     {"k1 p1 given friary housing support", "k2 p1 withdrawn friary housing support sees=k1"},
     NULL,
     "p1 friary housing support",
     0,
     TP_DECISION_WITHDRAWN,
     "k2"},
    {"a giving in sight of the withdrawal counts",
     {"k1 p1 withdrawn friary housing support", "k2 p1 given friary housing support sees=k1"},
     NULL,
     "p1 friary housing support",
     0,
     TP_DECISION_GIVEN,
     "k2"},
    {"a giving in sight of a refusal counts",
     {"k1 p1 refused friary housing support", "k2 p1 given friary housing support sees=k1"},
     NULL,
     "p1 friary housing support",
     0,
     TP_DECISION_GIVEN,
     "k2"},
    {"of a giving and a withdrawal that had not seen each other the withdrawal counts",
     {"k1 p1 withdrawn friary housing support", "k2 p1 given friary housing support"},
     NULL,
     "p1 friary housing support",
     0,
     TP_DECISION_WITHDRAWN,
     "k1"},
    {"of a giving and a refusal that had not seen each other the refusal counts",
     {"k1 p1 refused friary housing support", "k2 p1 given friary housing support"},
     NULL,
     "p1 friary housing support",
     0,
     TP_DECISION_REFUSED,
     "k1"},
    {"of a refusal and a withdrawal side by side the withdrawal is named",
     {"k1 p1 refused friary housing support", "k2 p1 withdrawn friary housing support"},
     NULL,
     "p1 friary housing support",
     0,
     TP_DECISION_WITHDRAWN,
     "k2"},
    {"stamps play no part: an earlier withdrawal is not outlived by a later giving",
     {"k1 p1 withdrawn friary housing support at=100", "k2 p1 given friary housing support at=900"},
     NULL,
     "p1 friary housing support",
     0,
     TP_DECISION_WITHDRAWN,
     "k1"},
    {"stamps play no part: what was seen counts even with a later stamp",
     {"k1 p1 withdrawn friary housing support at=900",
      "k2 p1 given friary housing support sees=k1 at=100"},
     NULL,
     "p1 friary housing support",
     0,
     TP_DECISION_GIVEN,
     "k2"},
    {"a giving in sight of one withdrawal does not answer another",
     {"k1 p1 withdrawn friary housing support", "k2 p1 withdrawn friary housing support",
      "k3 p1 given friary housing support sees=k1"},
     NULL,
     "p1 friary housing support",
     0,
     TP_DECISION_WITHDRAWN,
     "k2"},
    {"what a concurrent withdrawal does not name stays given",
     {"k1 p1 withdrawn * money support", "k2 p1 given friary housing,money support"},
     NULL,
     "p1 friary housing support",
     0,
     TP_DECISION_GIVEN,
     "k2"},
    {"a withdrawal from one agency leaves another",
     {"k1 p1 given friary,lead housing support", "k2 p1 withdrawn friary housing support sees=k1"},
     NULL,
     "p1 lead housing support",
     0,
     TP_DECISION_GIVEN,
     "k1"},
    {"a withdrawal for one purpose leaves another",
     {"k1 p1 given friary housing support,mdt_discussion",
      "k2 p1 withdrawn friary housing mdt_discussion sees=k1"},
     NULL,
     "p1 friary housing support",
     0,
     TP_DECISION_GIVEN,
     "k1"},

    {"left out where another names it through others",
     {"k1 p1 withdrawn friary housing support", "k2 p1 given lead money support sees=k1",
      "k3 p1 given friary housing support sees=k2"},
     NULL,
     "p1 friary housing support",
     0,
     TP_DECISION_GIVEN,
     "k3"},
    {"left out where another names it through a stub",
     {"k1 p1 withdrawn friary housing support", "k2 stub sees=k1",
      "k3 p1 given friary housing support sees=k2"},
     NULL,
     "p1 friary housing support",
     0,
     TP_DECISION_GIVEN,
     "k3"},
    {"a stub covers nothing and so leaves nothing out",
     {"k1 p1 given friary housing support", "k2 stub sees=k1"},
     NULL,
     "p1 friary housing support",
     0,
     TP_DECISION_GIVEN,
     "k1"},
    {"not left out where only an event that does not cover it names it",
     {"k1 p1 withdrawn friary housing support", "k2 p1 given friary money support sees=k1"},
     NULL,
     "p1 friary housing support",
     0,
     TP_DECISION_WITHDRAWN,
     "k1"},
    {"what one writer had seen another had not",
     {"k1 p1 withdrawn friary housing support", "k2 p1 given friary money support sees=k1",
      "k3 p1 given friary housing support"},
     NULL,
     "p1 friary housing support",
     0,
     TP_DECISION_WITHDRAWN,
     "k1"},
    {"an event that is not held stands for no other",
     {"k2 p1 withdrawn friary housing support", "k3 p1 given friary housing support sees=k1"},
     NULL,
     "p1 friary housing support",
     0,
     TP_DECISION_WITHDRAWN,
     "k2"},
    {"an event that is not held is passed over",
     {"k1 p1 withdrawn friary housing support sees=k9",
      "k2 p1 given friary housing support sees=k8,k1"},
     NULL,
     "p1 friary housing support",
     0,
     TP_DECISION_GIVEN,
     "k2"},
    {"events that name each other do not leave each other out",
     {"k1 p1 withdrawn friary housing support sees=k2",
      "k2 p1 given friary housing support sees=k1"},
     NULL,
     "p1 friary housing support",
     0,
     TP_DECISION_WITHDRAWN,
     "k1"},
    {"an event that names itself is not left out",
     {"k1 p1 given friary housing support sees=k1"},
     NULL,
     "p1 friary housing support",
     0,
     TP_DECISION_GIVEN,
     "k1"},

    {"in force until the moment it ends",
     {"k1 p1 given friary housing support ends=1000"},
     NULL,
     "p1 friary housing support",
     999,
     TP_DECISION_GIVEN,
     "k1"},
    {"ended from that moment on",
     {"k1 p1 given friary housing support ends=1000"},
     NULL,
     "p1 friary housing support",
     1000,
     TP_DECISION_NONE,
     "k1"},
    {"of givings side by side the one that ends first counts",
     {"k1 p1 given friary housing support", "k2 p1 given friary housing support ends=500"},
     NULL,
     "p1 friary housing support",
     400,
     TP_DECISION_GIVEN,
     "k2"},
    {"and when it has ended, it has ended",
     {"k1 p1 given friary housing support", "k2 p1 given friary housing support ends=500"},
     NULL,
     "p1 friary housing support",
     500,
     TP_DECISION_NONE,
     "k2"},
    {"an ended giving revives no older giving",
     {"k1 p1 given friary housing support", "k2 p1 given friary housing support ends=500 sees=k1"},
     NULL,
     "p1 friary housing support",
     600,
     TP_DECISION_NONE,
     "k2"},
    {"an ended giving revives no older withdrawal",
     {"k1 p1 withdrawn friary housing support",
      "k2 p1 given friary housing support ends=500 sees=k1"},
     NULL,
     "p1 friary housing support",
     600,
     TP_DECISION_NONE,
     "k2"},
    {"a withdrawal does not end",
     {"k1 p1 withdrawn friary housing support ends=500"},
     NULL,
     "p1 friary housing support",
     600,
     TP_DECISION_WITHDRAWN,
     "k1"},

    {"without believed capacity nothing is granted",
     {"k1 p1 given friary housing support in_doubt"},
     NULL,
     "p1 friary housing support",
     0,
     TP_DECISION_NONE,
     "k1"},
    {"in doubt, it still answers the giving it named",
     {"k1 p1 given friary housing support", "k2 p1 given friary housing support in_doubt sees=k1"},
     NULL,
     "p1 friary housing support",
     0,
     TP_DECISION_NONE,
     "k2"},
    {"in doubt, it still answers the withdrawal it named",
     {"k1 p1 withdrawn friary housing support",
      "k2 p1 given friary housing support in_doubt sees=k1"},
     NULL,
     "p1 friary housing support",
     0,
     TP_DECISION_NONE,
     "k2"},
    {"in doubt beside a giving: the most protective counts",
     {"k1 p1 given friary housing support", "k2 p1 given friary housing support in_doubt"},
     NULL,
     "p1 friary housing support",
     0,
     TP_DECISION_NONE,
     "k2"},
    {"a refusal counts whatever the capacity",
     {"k1 p1 refused friary housing support in_doubt"},
     NULL,
     "p1 friary housing support",
     0,
     TP_DECISION_REFUSED,
     "k1"},

    {"* in a giving: an agency under agreement at its stamp",
     {"k1 p1 given * housing support at=100"},
     NULL,
     "p1 friary housing support",
     0,
     TP_DECISION_GIVEN,
     "k1"},
    {"* in a giving: not an agency that signed later",
     {"k1 p1 given * housing support at=100"},
     NULL,
     "p1 signed500 housing support",
     0,
     TP_DECISION_NONE,
     NULL},
    {"* in a giving: an agency that had signed by then",
     {"k1 p1 given * housing support at=500"},
     NULL,
     "p1 signed500 housing support",
     0,
     TP_DECISION_GIVEN,
     "k1"},
    {"* in a giving: not an agency whose agreement had ended",
     {"k1 p1 given * housing support at=500"},
     NULL,
     "p1 ended500 housing support",
     0,
     TP_DECISION_NONE,
     NULL},
    {"* in a giving: not an agency without agreement",
     {"k1 p1 given * housing support at=100"},
     NULL,
     "p1 unsigned housing support",
     0,
     TP_DECISION_NONE,
     NULL},
    {"* in a giving not stamped yet: the agencies under agreement now",
     {"k1 p1 given * housing support at=0"},
     NULL,
     "p1 signed500 housing support",
     600,
     TP_DECISION_GIVEN,
     "k1"},
    {"* in a giving not stamped yet: not the ones that are not",
     {"k1 p1 given * housing support at=0"},
     NULL,
     "p1 signed500 housing support",
     400,
     TP_DECISION_NONE,
     NULL},
    {"a giving may name an agency without agreement",
     {"k1 p1 given unsigned housing support"},
     NULL,
     "p1 unsigned housing support",
     0,
     TP_DECISION_GIVEN,
     "k1"},
    {"* in a withdrawal: all agencies, later ones too",
     {"k1 p1 given signed500 housing support", "k2 p1 withdrawn * housing support at=100"},
     NULL,
     "p1 signed500 housing support",
     0,
     TP_DECISION_WITHDRAWN,
     "k2"},
    {"* in a withdrawal: all kinds",
     {"k1 p1 given friary money support", "k2 p1 withdrawn friary * support sees=k1"},
     NULL,
     "p1 friary money support",
     0,
     TP_DECISION_WITHDRAWN,
     "k2"},
    {"* in a refusal: all purposes",
     {"k1 p1 given friary money support", "k2 p1 refused friary money * sees=k1"},
     NULL,
     "p1 friary money support",
     0,
     TP_DECISION_REFUSED,
     "k2"},
    {"* for kinds gives nothing",
     {"k1 p1 given friary * support"},
     NULL,
     "p1 friary housing support",
     0,
     TP_DECISION_NONE,
     NULL},
    {"* for purposes gives nothing",
     {"k1 p1 given friary housing *"},
     NULL,
     "p1 friary housing support",
     0,
     TP_DECISION_NONE,
     NULL},
    {"* for kinds in a giving answers no withdrawal",
     {"k1 p1 withdrawn friary housing support", "k2 p1 given friary * support sees=k1"},
     NULL,
     "p1 friary housing support",
     0,
     TP_DECISION_WITHDRAWN,
     "k1"},

    {"an unknown decision takes away what it covers",
     {"k1 p1 given friary housing,money support", "k2 p1 unknown friary housing support sees=k1"},
     NULL,
     "p1 friary housing support",
     0,
     TP_DECISION_WITHDRAWN,
     "k2"},
    {"an unknown decision leaves what it does not cover",
     {"k1 p1 given friary housing,money support", "k2 p1 unknown friary housing support sees=k1"},
     NULL,
     "p1 friary money support",
     0,
     TP_DECISION_GIVEN,
     "k1"},
    {"an unknown decision is answered by a giving that saw it",
     {"k1 p1 unknown friary housing support", "k2 p1 given friary housing support sees=k1"},
     NULL,
     "p1 friary housing support",
     0,
     TP_DECISION_GIVEN,
     "k2"},

    {"general is given where any kind is",
     {"k1 p1 given friary housing support"},
     NULL,
     "p1 friary general support",
     0,
     TP_DECISION_GIVEN,
     "k1"},
    {"general is given for that purpose only",
     {"k1 p1 given friary housing support"},
     NULL,
     "p1 friary general mdt_discussion",
     0,
     TP_DECISION_NONE,
     NULL},
    {"general is given while another kind still is",
     {"k1 p1 given friary housing,money support", "k2 p1 withdrawn friary money support sees=k1"},
     NULL,
     "p1 friary general support",
     0,
     TP_DECISION_GIVEN,
     "k1"},
    {"general is not given when all kinds are withdrawn",
     {"k1 p1 given friary housing support", "k2 p1 withdrawn friary * * sees=k1"},
     NULL,
     "p1 friary general support",
     0,
     TP_DECISION_WITHDRAWN,
     "k2"},
    {"general is not given by a giving that ended",
     {"k1 p1 given friary housing support ends=500"},
     NULL,
     "p1 friary general support",
     600,
     TP_DECISION_NONE,
     NULL},

    {"joined: a giving counts for the group",
     {"k1 p1 given friary housing support"},
     "p1,p2",
     "p2 friary housing support",
     0,
     TP_DECISION_GIVEN,
     "k1"},
    {"joined: a withdrawal counts for the group",
     {"k1 p1 given friary housing support", "k2 p2 withdrawn friary housing support"},
     "p1,p2",
     "p1 friary housing support",
     0,
     TP_DECISION_WITHDRAWN,
     "k2"},
    {"joined: a giving in sight of the other record's withdrawal counts for both",
     {"k1 p2 withdrawn friary housing support", "k2 p1 given friary housing support sees=k1"},
     "p1,p2",
     "p2 friary housing support",
     0,
     TP_DECISION_GIVEN,
     "k2"},
    {"a join never widens domestic abuse",
     {"k1 p1 given friary domestic_abuse support"},
     "p1,p2",
     "p2 friary domestic_abuse support",
     0,
     TP_DECISION_NONE,
     NULL},
    {"a join never widens safeguarding",
     {"k1 p1 given friary safeguarding support"},
     "p1,p2",
     "p2 friary safeguarding support",
     0,
     TP_DECISION_NONE,
     NULL},
    {"a join never widens immigration",
     {"k1 p1 given friary immigration support"},
     "p1,p2",
     "p2 friary immigration support",
     0,
     TP_DECISION_NONE,
     NULL},
    {"joined: domestic abuse stays given on the record it was written on",
     {"k1 p1 given friary domestic_abuse support"},
     "p1,p2",
     "p1 friary domestic_abuse support",
     0,
     TP_DECISION_GIVEN,
     "k1"},
    {"joined: domestic abuse is given by a giving written on the joined page",
     {"k1 p1 given friary domestic_abuse support with=p1,p2"},
     "p1,p2",
     "p2 friary domestic_abuse support",
     0,
     TP_DECISION_GIVEN,
     "k1"},
    {"joined: written before a third was joined, not for the third",
     {"k1 p1 given friary domestic_abuse support with=p1,p2"},
     "p1,p2,p3",
     "p3 friary domestic_abuse support",
     0,
     TP_DECISION_NONE,
     NULL},
    {"joined: domestic abuse is withdrawn for the group",
     {"k1 p1 given friary domestic_abuse support", "k2 p2 withdrawn friary domestic_abuse support"},
     "p1,p2",
     "p1 friary domestic_abuse support",
     0,
     TP_DECISION_WITHDRAWN,
     "k2"},
    {"unjoined: a withdrawal written on the joined page stays on its own record",
     {"k1 p1 withdrawn friary housing support with=p1,p2"},
     "p1",
     "p1 friary housing support",
     0,
     TP_DECISION_WITHDRAWN,
     "k1"},
    {"unjoined: a withdrawal written on the joined page stays on the other record",
     {"k1 p1 withdrawn friary housing support with=p1,p2", "k2 p2 given friary housing support"},
     "p2",
     "p2 friary housing support",
     0,
     TP_DECISION_WITHDRAWN,
     "k1"},
    {"unjoined: a refusal written on the joined page stays on the other record",
     {"k1 p1 refused friary housing support with=p1,p2"},
     "p2",
     "p2 friary housing support",
     0,
     TP_DECISION_REFUSED,
     "k1"},
    {"unjoined: a giving stays on the record it was written on",
     {"k1 p1 given friary housing support with=p1,p2"},
     "p1",
     "p1 friary housing support",
     0,
     TP_DECISION_GIVEN,
     "k1"},
    {"unjoined: a giving leaves the other record",
     {"k1 p1 given friary housing support with=p1,p2"},
     "p2",
     "p2 friary housing support",
     0,
     TP_DECISION_NONE,
     NULL},
    {"joined with a third: a withdrawal reaches them through a record it names",
     {"k1 p1 withdrawn friary housing support with=p1,p2"},
     "p2,p3",
     "p3 friary housing support",
     0,
     TP_DECISION_WITHDRAWN,
     "k1"},

    {"winter week: Sean's offending, withdrawn and given without having seen it",
     {"k2 p1 given * housing,substance_use,offending support,mdt_discussion ends=9000",
      "k3 p1 withdrawn * offending support,mdt_discussion sees=k2",
      "k4 p1 given * offending,housing support sees=k2"},
     NULL,
     "p1 lead offending support",
     0,
     TP_DECISION_WITHDRAWN,
     "k3"},
    {"winter week: Sean's housing, which the withdrawal does not name",
     {"k2 p1 given * housing,substance_use,offending support,mdt_discussion ends=9000",
      "k3 p1 withdrawn * offending support,mdt_discussion sees=k2",
      "k4 p1 given * offending,housing support sees=k2"},
     NULL,
     "p1 lead housing support",
     0,
     TP_DECISION_GIVEN,
     "k4"},
    {"winter week: Sean's second record has the first one's consent",
     {"k2 p1 given * housing,substance_use support ends=9000"},
     "p1,p2",
     "p2 lead substance_use support",
     0,
     TP_DECISION_GIVEN,
     "k2"},
    {"winter week: Baz's housing, given again in sight of the withdrawal",
     {"k1 p1 given friary,lead housing,physical_health support",
      "k6 p1 withdrawn friary physical_health support sees=k1",
      "k7 p1 withdrawn lead * * sees=k1,k6",
      "k8 p1 given lead housing,physical_health support sees=k1,k6,k7"},
     NULL,
     "p1 lead housing support",
     0,
     TP_DECISION_GIVEN,
     "k8"},
    {"winter week: Baz's money stays withdrawn",
     {"k1 p1 given friary,lead housing,physical_health support",
      "k6 p1 withdrawn friary physical_health support sees=k1",
      "k7 p1 withdrawn lead * * sees=k1,k6",
      "k8 p1 given lead housing,physical_health support sees=k1,k6,k7"},
     NULL,
     "p1 lead money support",
     0,
     TP_DECISION_WITHDRAWN,
     "k7"},
    {"winter week: the friary's physical health stays withdrawn",
     {"k1 p1 given friary,lead housing,physical_health support",
      "k6 p1 withdrawn friary physical_health support sees=k1",
      "k7 p1 withdrawn lead * * sees=k1,k6",
      "k8 p1 given lead housing,physical_health support sees=k1,k6,k7"},
     NULL,
     "p1 friary physical_health support",
     0,
     TP_DECISION_WITHDRAWN,
     "k6"},
};

static unsigned next_random(unsigned *seed)
{
    *seed = *seed * 1103515245u + 12345u;
    return *seed >> 16;
}

static void shuffle(consent_rows *c, unsigned *seed)
{
    for (uint32_t i = c->book.events_count; i > 1; i--) {
        uint32_t j = next_random(seed) % i;
        tp_consent_event event = c->events[i - 1];
        c->events[i - 1] = c->events[j];
        c->events[j] = event;
    }
    tp_err err = {0};
    assert_int_equal(tp_consent_link(&c->book, &err), TP_OK);
}

static void check_row(const row *r, const consent_rows *c)
{
    tp_name person;
    const tp_agency_terms *agency;
    tp_kind kind;
    tp_purpose purpose;
    consent_rows_question(r->asked, &person, &agency, &kind, &purpose);
    tp_consent_answer answer = tp_consent_effective(&c->book, person, agency, kind, purpose);
    if (answer.decision != r->decision) {
        fail_msg("%s: decided %d, not %d", r->name, (int)answer.decision, (int)r->decision);
    }
    if (answer.has_event != (r->by != NULL)) {
        fail_msg("%s: %s an event that decides", r->name, answer.has_event ? "has" : "lacks");
    }
    if (r->by != NULL && !tp_name_eq(c->events[answer.event].name, consent_rows_name(r->by))) {
        fail_msg("%s: decided by k%u, not %s", r->name, (unsigned)c->events[answer.event].name.seq,
                 r->by);
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
        consent_rows *c = consent_rows_read(rows[i].events, rows[i].group,
                                            rows[i].now_ms == 0 ? 1000 : rows[i].now_ms);
        for (int order = 0; order < ORDERS; order++) {
            shuffle(c, &seed);
            check_row(&rows[i], c);
        }
        check_bulk(&rows[i], c);
        consent_rows_free(c);
    }
    assert_int_equal(tp_alloc_live(), 0);
}

/* Whose giving is overruled, and by what. */
static const struct {
    const char *name;
    const char *events[EVENTS_MAX];
    const char *group;
    const char *giving;
    const char *by; /* NULL: it is not overruled */
} told[] = {
    {"a giving that a concurrent withdrawal overrules",
     {"k1 p1 given friary housing support", "k2 p1 withdrawn friary housing support"},
     NULL,
     "k1",
     "k2"},
    {"a giving that a concurrent refusal overrules",
     {"k1 p1 given friary housing support", "k2 p1 refused friary housing support"},
     NULL,
     "k1",
     "k2"},
    {"a giving that an unknown decision overrules",
     {"k1 p1 given friary housing support", "k2 p1 unknown friary housing support"},
     NULL,
     "k1",
     "k2"},
    {"overruled for one of its kinds is overruled",
     {"k1 p1 given friary housing,money support", "k2 p1 withdrawn friary money support"},
     NULL,
     "k1",
     "k2"},
    {"of several, the lowest name is told",
     {"k1 p1 given friary housing support", "k3 p1 withdrawn friary housing support",
      "k2 p1 withdrawn friary housing support"},
     NULL,
     "k1",
     "k2"},
    {"a giving that was seen when it was withdrawn is not overruled",
     {"k1 p1 given friary housing support", "k2 p1 withdrawn friary housing support sees=k1"},
     NULL,
     "k1",
     NULL},
    {"a giving in sight of the withdrawal is not overruled",
     {"k1 p1 withdrawn friary housing support", "k2 p1 given friary housing support sees=k1"},
     NULL,
     "k2",
     NULL},
    {"a withdrawal of something else overrules nothing",
     {"k1 p1 given friary housing support", "k2 p1 withdrawn friary money support"},
     NULL,
     "k1",
     NULL},
    {"a withdrawal from somebody else overrules nothing",
     {"k1 p1 given friary housing support", "k2 p1 withdrawn lead housing support"},
     NULL,
     "k1",
     NULL},
    {"a withdrawal that somebody answered overrules no more",
     {"k1 p1 given friary housing support", "k2 p1 withdrawn friary housing support",
      "k3 p1 given friary housing support sees=k2"},
     NULL,
     "k1",
     NULL},
    {"joined: a withdrawal on the other record overrules",
     {"k1 p1 given friary housing support", "k2 p2 withdrawn friary housing support"},
     "p1,p2",
     "k1",
     "k2"},
    {"a giving that ends first beside it overrules nothing",
     {"k1 p1 given friary housing support", "k2 p1 given friary housing support ends=500"},
     NULL,
     "k1",
     NULL},
    {"a withdrawal is never overruled",
     {"k1 p1 withdrawn friary housing support", "k2 p1 refused friary housing support"},
     NULL,
     "k1",
     NULL},
    {"winter week: k-004 by k-003",
     {"k2 p1 given * housing,offending support,mdt_discussion",
      "k3 p1 withdrawn * offending support,mdt_discussion sees=k2",
      "k4 p1 given * offending,housing support sees=k2"},
     NULL,
     "k4",
     "k3"},
};

static void test_consent_overruled__each_row_in_any_order(void **state)
{
    (void)state;
    unsigned seed = 2;
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
        consent_rows *c = consent_rows_read(told[i].events, told[i].group, 1000);
        for (int order = 0; order < ORDERS; order++) {
            shuffle(c, &seed);
            uint32_t giving = 0;
            uint32_t by = 0;
            while (!tp_name_eq(c->events[giving].name, consent_rows_name(told[i].giving))) {
                giving++;
            }
            bool is_overruled =
                tp_consent_overruled(&c->book, consent_rows_name("p1"), giving,
                                     consent_rows_agencies, CONSENT_ROWS_AGENCIES, &by);
            if (is_overruled != (told[i].by != NULL)) {
                fail_msg("%s: %s", told[i].name, is_overruled ? "is overruled" : "is not");
            }
            if (is_overruled && !tp_name_eq(c->events[by].name, consent_rows_name(told[i].by))) {
                fail_msg("%s: by another", told[i].name);
            }
        }
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

/* The same history without one of its events: what is asked at 1000. */
static const struct {
    const char *name;
    const char *events[EVENTS_MAX];
    const char *asked;
    const char *lacks;
    tp_decision decision;
    tp_decision without;
} lacking[] = {
    {"a withdrawal from another agency: who lacks it thinks that what they hold still counts",
     {"k1 p2 given friary housing support",
      "k2 p1 withdrawn friary housing,domestic_abuse support with=p1,p2 sees=k1"},
     "p2 friary housing support",
     "k2",
     TP_DECISION_WITHDRAWN,
     TP_DECISION_GIVEN},
    {"also where it is of domestic abuse alone",
     {"k1 p2 given friary domestic_abuse support",
      "k2 p1 withdrawn friary domestic_abuse support with=p1,p2 sees=k1"},
     "p2 friary domestic_abuse support",
     "k2",
     TP_DECISION_WITHDRAWN,
     TP_DECISION_GIVEN},
    {"a giving that has ended takes the place of one that would not have",
     {"k1 p2 given friary housing support",
      "k2 p1 given friary housing,domestic_abuse support sees=k1 ends=500"},
     "p2 friary housing support",
     "k2",
     TP_DECISION_NONE,
     TP_DECISION_GIVEN},
    {"and so does one without believed capacity",
     {"k1 p2 given friary housing support",
      "k2 p1 given friary housing,domestic_abuse support sees=k1 in_doubt"},
     "p2 friary housing support",
     "k2",
     TP_DECISION_NONE,
     TP_DECISION_GIVEN},
    {"without an open giving a withdrawal that it answered stands",
     {"k1 p2 withdrawn friary housing support",
      "k2 p1 given friary housing,domestic_abuse support sees=k1"},
     "p2 friary housing support",
     "k2",
     TP_DECISION_GIVEN,
     TP_DECISION_WITHDRAWN},
};

/* The book without this event, which is put last. */
static void leave_out(consent_rows *c, uint32_t at)
{
    tp_err err = {0};
    tp_consent_event left_out = c->events[at];
    c->events[at] = c->events[c->book.events_count - 1];
    c->events[c->book.events_count - 1] = left_out;
    c->book.events_count--;
    assert_int_equal(tp_consent_link(&c->book, &err), TP_OK);
}

static tp_decision decide(const consent_rows *c, const char *asked)
{
    tp_name person;
    const tp_agency_terms *agency;
    tp_kind kind;
    tp_purpose purpose;
    consent_rows_question(asked, &person, &agency, &kind, &purpose);
    return tp_consent_effective(&c->book, person, agency, kind, purpose).decision;
}

static void test_consent__who_lacks_what_restricts_concludes_more(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof lacking / sizeof lacking[0]; i++) {
        consent_rows *c = consent_rows_read(lacking[i].events, "p1,p2", 1000);
        tp_decision decision = decide(c, lacking[i].asked);
        uint32_t at = 0;
        while (!tp_name_eq(c->events[at].name, consent_rows_name(lacking[i].lacks))) {
            at++;
        }
        leave_out(c, at);
        tp_decision without = decide(c, lacking[i].asked);
        if (decision != lacking[i].decision || without != lacking[i].without) {
            fail_msg("%s: %d and without %d", lacking[i].name, (int)decision, (int)without);
        }
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
    leave_out(c, at);
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
            consent_rows *c = consent_rows_read(rows[i].events, rows[i].group,
                                                rows[i].now_ms == 0 ? 1000 : rows[i].now_ms);
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
        cmocka_unit_test(test_consent_overruled__each_row_in_any_order),
        cmocka_unit_test(test_consent_grants__tell_the_next_moment_a_date_matters),
        cmocka_unit_test(test_consent_grants__tell_who_is_under_agreement),
        cmocka_unit_test(test_consent__who_lacks_what_restricts_concludes_more),
        cmocka_unit_test(test_consent__who_lacks_an_open_giving_concludes_no_more),
        cmocka_unit_test(test_consent_link__above_the_limit_is_refused),
        cmocka_unit_test(test_consent_link__follows_a_chain_as_long_as_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
