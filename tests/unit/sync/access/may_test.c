/* Who may hold what: each row is a sentence of the design (section 5) or of section 4, Joining.
 *
 * Shows P10, P15, P17. */
#include "sync/access/may.h"

#include "schema/entity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define GENERAL TP_KIND_BIT(TP_KIND_GENERAL)
#define HOUSING TP_KIND_BIT(TP_KIND_HOUSING)
#define MONEY TP_KIND_BIT(TP_KIND_MONEY)
#define ABUSE TP_KIND_BIT(TP_KIND_DOMESTIC_ABUSE)
#define SAFEGUARDING TP_KIND_BIT(TP_KIND_SAFEGUARDING)
#define UNKNOWN TP_KIND_BIT(TP_KIND_UNKNOWN)

enum {
    /* What is so in a row. */
    AGREED = 1,       /* the agency's agreement is in force */
    NOBODY = 2,       /* the record is about nobody known */
    FINAL = 4,        /* retracted as "wrong person" or "should not have travelled" */
    STOPPED = 8,      /* something restricting about the person is not understood */
    EVER_HELD = 16,   /* the agency ever held anything about the person */
    NAMED = 32,       /* the consent event names the agency */
    ALL = 64,         /* the consent event names all agencies */
    OTHER_HELD = 128, /* the agency ever held anything about the other record the event names */
    OTHER_GIVEN = 256 /* housing about the other record is given to the agency */
};

typedef struct row {
    const char *name;
    const char *asks; /* the agency that would hold it */
    const char *creator;
    const char *author;
    uint32_t entity;
    uint32_t kinds;
    uint32_t support; /* granted to the agency that asks */
    uint32_t mdt;
    uint32_t gateway; /* kinds a legal gateway opens for it until 2000; asked at 1000 */
    unsigned so;
    tp_decision decision; /* entity consent */
    const char *joined;   /* entities join, unjoin: an answer for each person record: h k n; of an
                           * unjoin, behind a colon, one for each join, H K where it is held */
    tp_may may;
} row;

enum { C = TP_CONTACT, K = TP_CONSENT, J = TP_JOIN, U = TP_UNJOIN };
#define HOLD TP_MAY_HOLD
#define KEEP TP_MAY_KEEP
#define NOT TP_MAY_NOT
#define GIVEN TP_DECISION_GIVEN
#define REFUSED TP_DECISION_REFUSED
#define WITHDRAWN TP_DECISION_WITHDRAWN

static const row rows[] = {
    {"its own: the agency created the record and wrote the change", "a", "a", "a", C, HOUSING, 0, 0,
     0, 0, 0, "", HOLD},
    {"its own needs neither agreement nor consent, whatever its kinds", "a", "a", "a", C,
     ABUSE | UNKNOWN, 0, 0, 0, 0, 0, "", HOLD},
    {"what another agency wrote on its record is not its own", "a", "a", "b", C, GENERAL, 0, 0, 0,
     AGREED, 0, "", NOT},
    {"what another agency wrote on its record, with consent", "a", "a", "b", C, GENERAL,
     GENERAL | HOUSING, 0, 0, AGREED, 0, "", HOLD},
    {"what it wrote on another agency's record is not its own", "b", "a", "b", C, GENERAL, 0, 0, 0,
     AGREED, 0, "", NOT},

    {"nothing is shared by default", "b", "a", "a", C, GENERAL, 0, 0, 0, AGREED, 0, "", NOT},
    {"given for support", "b", "a", "a", C, HOUSING, GENERAL | HOUSING, 0, 0, AGREED, 0, "", HOLD},
    {"given for the MDT's discussion", "b", "a", "a", C, HOUSING, 0, GENERAL | HOUSING, 0, AGREED,
     0, "", HOLD},
    {"given, but no agreement in force", "b", "a", "a", C, HOUSING, GENERAL | HOUSING, 0, 0, 0, 0,
     "", NOT},
    {"another kind is given", "b", "a", "a", C, HOUSING, GENERAL | MONEY, 0, 0, AGREED, 0, "", NOT},
    {"general: any kind", "b", "a", "a", C, GENERAL, GENERAL | MONEY, 0, 0, AGREED, 0, "", HOLD},
    {"every kind must be given: one is missing", "b", "a", "a", C, HOUSING | MONEY,
     GENERAL | HOUSING, 0, 0, AGREED, 0, "", NOT},
    {"every kind is given for one purpose", "b", "a", "a", C, HOUSING | MONEY,
     GENERAL | HOUSING | MONEY, 0, 0, AGREED, 0, "", HOLD},
    {"two purposes with half of the kinds each are no whole", "b", "a", "a", C, HOUSING | MONEY,
     GENERAL | HOUSING, GENERAL | MONEY, 0, AGREED, 0, "", NOT},
    {"an unknown kind is covered by no consent", "b", "a", "a", C, HOUSING | UNKNOWN,
     TP_KINDS_KNOWN, TP_KINDS_KNOWN, 0, AGREED, 0, "", NOT},
    {"an unknown entity is covered by no consent", "b", "a", "a", 999, UNKNOWN, TP_KINDS_KNOWN,
     TP_KINDS_KNOWN, 0, AGREED, 0, "", NOT},
    {"an unknown entity is its own agency's all the same", "a", "a", "a", 999, UNKNOWN, 0, 0, 0, 0,
     0, "", HOLD},

    {"a legal gateway covers it without agreement or consent", "b", "a", "a", C, SAFEGUARDING, 0, 0,
     SAFEGUARDING, 0, 0, "", HOLD},
    {"a legal gateway lists every kind, or it does not cover", "b", "a", "a", C,
     SAFEGUARDING | HOUSING, 0, 0, SAFEGUARDING, AGREED, 0, "", NOT},
    {"a gateway and a consent with half of the kinds each are no whole", "b", "a", "a", C,
     SAFEGUARDING | HOUSING, GENERAL | HOUSING, 0, SAFEGUARDING, AGREED, 0, "", NOT},
    {"an unknown kind is covered by no gateway", "b", "a", "a", C, UNKNOWN, 0, 0,
     TP_KINDS_KNOWN | UNKNOWN, 0, 0, "", NOT},
    {"a gateway's own record is of kind safeguarding", "b", "a", "a", TP_LEGAL_GATEWAY,
     SAFEGUARDING, GENERAL | HOUSING, 0, 0, AGREED, 0, "", NOT},

    {"final: the creating agency alone", "b", "a", "a", C, HOUSING, GENERAL | HOUSING, 0, 0,
     AGREED | FINAL, 0, "", NOT},
    {"final: not whoever wrote on it", "b", "a", "b", C, HOUSING, GENERAL | HOUSING, 0, 0,
     AGREED | FINAL, 0, "", NOT},
    {"final: not by a gateway either", "b", "a", "a", C, SAFEGUARDING, 0, 0, SAFEGUARDING, FINAL, 0,
     "", NOT},
    {"final: the creating agency keeps what it wrote", "a", "a", "a", C, HOUSING, 0, 0, 0, FINAL, 0,
     "", HOLD},
    {"final: the creating agency holds what others wrote, with consent", "a", "a", "b", C, HOUSING,
     GENERAL | HOUSING, 0, 0, AGREED | FINAL, 0, "", HOLD},

    {"about nobody known: the creating agency", "a", "a", "a", TP_HELP_REQUEST, GENERAL, 0, 0, 0,
     NOBODY, 0, "", HOLD},
    {"about nobody known: no other, whatever it is given", "b", "a", "a", TP_HELP_REQUEST, GENERAL,
     TP_KINDS_KNOWN, TP_KINDS_KNOWN, TP_KINDS_KNOWN, AGREED | NOBODY, 0, "", NOT},

    {"stopped: nothing new travels", "b", "a", "a", C, HOUSING, GENERAL | HOUSING, 0, 0,
     AGREED | STOPPED, 0, "", KEEP},
    {"stopped: what may not be held is not kept", "b", "a", "a", C, MONEY, GENERAL | HOUSING, 0, 0,
     AGREED | STOPPED, 0, "", NOT},
    {"stopped: a gateway stops as well", "b", "a", "a", C, SAFEGUARDING, 0, 0, SAFEGUARDING,
     STOPPED, 0, "", KEEP},
    {"stopped: its own crosses no border", "a", "a", "a", C, HOUSING, 0, 0, 0, STOPPED, 0, "",
     HOLD},
    {"stopped: a giving waits", "b", "a", "a", K, GENERAL, GENERAL | HOUSING, 0, 0,
     AGREED | STOPPED, GIVEN, "", KEEP},
    {"stopped: a withdrawal travels", "b", "a", "a", K, GENERAL, GENERAL | HOUSING, 0, 0,
     AGREED | STOPPED, WITHDRAWN, "", HOLD},

    {"consent: its writer's agency", "b", "b", "b", K, GENERAL, 0, 0, 0, 0, GIVEN, "", HOLD},
    {"consent: whoever may hold general about the person", "b", "a", "a", K, GENERAL,
     GENERAL | HOUSING, 0, 0, AGREED, GIVEN, "", HOLD},
    {"consent: not by consent without an agreement", "b", "a", "a", K, GENERAL, GENERAL | HOUSING,
     0, 0, 0, GIVEN, "", NOT},
    {"consent: its kinds play no part, so that a withdrawal arrives", "b", "a", "a", K, UNKNOWN,
     GENERAL | HOUSING, 0, 0, AGREED, WITHDRAWN, "", HOLD},
    {"consent: by a gateway that lists general", "b", "a", "a", K, GENERAL, 0, 0, GENERAL, 0, GIVEN,
     "", HOLD},
    {"consent: not by a gateway that does not", "b", "a", "a", K, GENERAL, 0, 0, SAFEGUARDING, 0,
     GIVEN, "", NOT},
    {"consent: a giving that names an agency does not reach it by that", "b", "a", "a", K, GENERAL,
     0, 0, 0, AGREED | NAMED | EVER_HELD, GIVEN, "", NOT},
    {"consent: a withdrawal reaches an agency it names that ever held anything", "b", "a", "a", K,
     GENERAL, 0, 0, 0, NAMED | EVER_HELD, WITHDRAWN, "", HOLD},
    {"consent: a refusal reaches an agency it names that ever held anything", "b", "a", "a", K,
     GENERAL, 0, 0, 0, NAMED | EVER_HELD, REFUSED, "", HOLD},
    {"consent: an unknown decision too", "b", "a", "a", K, GENERAL, 0, 0, 0, NAMED | EVER_HELD,
     TP_DECISION_UNKNOWN, "", HOLD},
    {"consent: a withdrawal for * names every agency", "b", "a", "a", K, GENERAL, 0, 0, 0,
     ALL | EVER_HELD, WITHDRAWN, "", HOLD},
    {"consent: not an agency that never held anything", "b", "a", "a", K, GENERAL, 0, 0, 0, NAMED,
     WITHDRAWN, "", NOT},
    {"consent: not an agency it does not name", "b", "a", "a", K, GENERAL, 0, 0, 0, EVER_HELD,
     WITHDRAWN, "", NOT},
    {"consent: a withdrawal from a joined page reaches who held the other record", "b", "a", "a", K,
     GENERAL, 0, 0, 0, NAMED | OTHER_HELD, WITHDRAWN, "", HOLD},
    {"consent: and whoever may hold general about the other record", "b", "a", "a", K, GENERAL, 0,
     0, 0, AGREED | OTHER_GIVEN, WITHDRAWN, "", HOLD},
    {"consent: a giving from a joined page stays with its own record", "b", "a", "a", K, GENERAL, 0,
     0, 0, AGREED | OTHER_GIVEN, GIVEN, "", NOT},
    {"consent about nobody is held by nobody else", "b", "a", "a", K, GENERAL, 0, 0, 0,
     NOBODY | NAMED, WITHDRAWN, "", NOT},

    {"a join where both records may be held", "b", "a", "a", J, GENERAL, GENERAL | HOUSING, 0, 0,
     AGREED, 0, "hh", HOLD},
    {"a join where one record may not be held", "b", "a", "a", J, GENERAL, GENERAL | HOUSING, 0, 0,
     AGREED, 0, "hn", NOT},
    {"a join of one's own where one record may not be held", "a", "a", "a", J, GENERAL, 0, 0, 0, 0,
     0, "nh", NOT},
    {"a join of one's own where both may", "a", "a", "a", J, GENERAL, 0, 0, 0, 0, 0, "hh", HOLD},
    {"a join of records nobody knows", "a", "a", "a", J, GENERAL, 0, 0, 0, 0, 0, "", NOT},
    {"a join needs consent as well", "b", "a", "a", J, GENERAL, 0, 0, 0, AGREED, 0, "hh", NOT},
    {"stopped: a join waits", "b", "a", "a", J, GENERAL, GENERAL | HOUSING, 0, 0, AGREED | STOPPED,
     0, "hh", KEEP},
    {"stopped: a join where one record may not be held is not kept", "b", "a", "a", J, GENERAL,
     GENERAL | HOUSING, 0, 0, AGREED | STOPPED, 0, "hn", NOT},
    {"a join where one record is kept only", "b", "a", "a", J, GENERAL, GENERAL | HOUSING, 0, 0,
     AGREED, 0, "hk", KEEP},
    {"a join of one's own where one record is kept only", "a", "a", "a", J, GENERAL, 0, 0, 0, 0, 0,
     "kh", KEEP},
    {"an unjoin goes where its joins go, whatever is given for its own person and kinds", "b", "a",
     "a", U, ABUSE | UNKNOWN, 0, 0, 0, 0, 0, "hh:h", HOLD},
    {"an unjoin does not go where one of the records does not", "b", "a", "a", U, GENERAL,
     GENERAL | HOUSING, 0, 0, AGREED, 0, "hhhn:hn", NOT},
    {"an unjoin of several joins between the same two goes where one of them is", "b", "a", "a", U,
     GENERAL, 0, 0, 0, 0, 0, "hhhh:nh", HOLD},
    {"... whichever of them it is", "b", "a", "a", U, GENERAL, 0, 0, 0, 0, 0, "hhhh:hn", HOLD},
    {"an unjoin does not go where none of its joins is", "b", "a", "a", U, GENERAL,
     GENERAL | HOUSING, 0, 0, AGREED, 0, "hhhh:nn", NOT},
    {"an unjoin whose joins are not known", "b", "a", "a", U, GENERAL, GENERAL | HOUSING, 0, 0,
     AGREED, 0, "", NOT},
    {"an unjoin of one's own where both records may be held", "a", "a", "a", U, GENERAL, 0, 0, 0, 0,
     0, "hh:n", HOLD},
    {"an unjoin of one's own where one record may not be held", "a", "a", "a", U, GENERAL, 0, 0, 0,
     0, 0, "hn:n", NOT},
    {"an unjoin where the joins are kept only", "b", "a", "a", U, GENERAL, 0, 0, 0, 0, 0, "hh:k",
     KEEP},
    {"an unjoin where one of the records is kept only", "b", "a", "a", U, GENERAL, 0, 0, 0, 0, 0,
     "hk:h", KEEP},
    {"an unjoin where the joins are kept, and one is held", "b", "a", "a", U, GENERAL, 0, 0, 0, 0,
     0, "kk:kK", HOLD},
    {"an unjoin of one's own where one record is kept only", "a", "a", "a", U, GENERAL, 0, 0, 0, 0,
     0, "hk:n", KEEP},
    {"an unjoin of one's own where one record is kept, and a join is held", "a", "a", "a", U,
     GENERAL, 0, 0, 0, 0, 0, "hk:K", HOLD},
    {"an unjoin about nobody", "b", "a", "a", U, GENERAL, 0, 0, 0, NOBODY, 0, "hh:H", NOT},
    {"stopped: an unjoin waits where no join is held", "b", "a", "a", U, GENERAL, 0, 0, 0, STOPPED,
     0, "hh:h", KEEP},
    {"stopped: an unjoin reaches who holds a join", "b", "a", "a", U, GENERAL, 0, 0, 0, STOPPED, 0,
     "kk:K", HOLD},
    {"stopped: an unjoin does not reach who may hold a record no more", "b", "a", "a", U, GENERAL,
     0, 0, 0, STOPPED, 0, "kn:K", NOT},
    {"of other entities the joined records say nothing", "b", "a", "a", C, GENERAL,
     GENERAL | HOUSING, 0, 0, AGREED, 0, "n", HOLD},
};

/* Up to the colon, or the end. */
static uint32_t read_answers(const char *letters, tp_may *joined)
{
    uint32_t count = 0;
    for (; letters[count] != '\0' && letters[count] != ':'; count++) {
        char letter = (char)(letters[count] | 0x20);
        joined[count] = letter == 'h' ? TP_MAY_HOLD : letter == 'k' ? TP_MAY_KEEP : TP_MAY_NOT;
    }
    return count;
}

static tp_may ask(const row *r)
{
    tp_slice asks = tp_slice_str(r->asks);
    tp_name group[] = {{1, 1}};
    tp_name other_group[] = {{1, 2}};
    tp_name third_group[] = {{1, 3}};
    tp_grant grant = {{r->support, r->mdt, TP_KINDS_KNOWN}, (r->so & AGREED) != 0};
    tp_grant other_grant = {{(r->so & OTHER_GIVEN) != 0 ? GENERAL | HOUSING : 0, 0, 0},
                            (r->so & AGREED) != 0};
    tp_gateway gateway = {{2, 1}, group[0], r->gateway, true, &asks, 1, 2000};
    tp_may_person person = {group[0],
                            group,
                            1,
                            &grant,
                            &gateway,
                            r->gateway != 0,
                            (r->so & STOPPED) != 0,
                            (r->so & EVER_HELD) != 0};
    tp_grant no_grant = {{0, 0, 0}, (r->so & AGREED) != 0};
    tp_may_person others[] = {
        {other_group[0], other_group, 1, &other_grant, NULL, 0, false, (r->so & OTHER_HELD) != 0},
        {third_group[0], third_group, 1, &no_grant, NULL, 0, false, false}};
    /* Somebody else is always named first, and a third record without anything last. */
    tp_slice named[] = {tp_slice_str("z"), asks};
    tp_consent_event event = {.decision = r->decision,
                              .all_agencies = (r->so & ALL) != 0,
                              .agencies = named,
                              .agencies_count = (r->so & NAMED) != 0 ? 2 : 1};
    tp_may joined[4];
    tp_may joins[2];
    const char *colon = strchr(r->joined, ':');
    tp_may_question q = {.agency = asks,
                         .now_ms = 1000,
                         .entity = r->entity,
                         .creator = tp_slice_str(r->creator),
                         .author = tp_slice_str(r->author),
                         .kinds = r->kinds,
                         .is_final_retracted = (r->so & FINAL) != 0,
                         .person = (r->so & NOBODY) != 0 ? NULL : &person,
                         .consent = r->entity == TP_CONSENT ? &event : NULL,
                         .others = others,
                         .others_count = 2,
                         .joined = joined,
                         .joined_count = read_answers(r->joined, joined),
                         .joins = joins,
                         .joins_count = colon == NULL ? 0 : read_answers(colon + 1, joins),
                         .holds_join = colon != NULL && strpbrk(colon, "HK") != NULL};
    return tp_may_hold(&q);
}

static void test_may_hold__each_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tp_may may = ask(&rows[i]);
        if (may != rows[i].may) {
            fail_msg("%s: %d, not %d", rows[i].name, (int)may, (int)rows[i].may);
        }
    }
}

/* Nobody else's agreement, grant or gateway can open what evaluation alone is given for: the third
 * mask of every row's grant is full, and yet no row turns by it.  And whoever holds by consent
 * holds no more once the consent, the agreement or the gateway is gone. */
static void test_may_hold__without_a_basis_only_its_own_is_left(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        row r = rows[i];
        r.support = 0;
        r.mdt = 0;
        r.gateway = 0;
        r.so &= ~(unsigned)(AGREED | EVER_HELD | OTHER_HELD | OTHER_GIVEN);
        r.joined = r.entity == U ? "hh:n" : r.joined; /* of an unjoin the joins are the basis */
        bool is_own = r.author[0] == r.asks[0] && (r.creator[0] == r.asks[0] || r.entity == K);
        if (!is_own && ask(&r) != TP_MAY_NOT) {
            fail_msg("%s: held without a basis", r.name);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_may_hold__each_row),
        cmocka_unit_test(test_may_hold__without_a_basis_only_its_own_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
