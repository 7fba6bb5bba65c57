/* Consent.  Everything is a mask of kinds: for one agency and one purpose an event covers some
 * kinds, and stands for those that no other covering event reaches. */
#include "sync/access/consent.h"

#include "platform/base/limits.h"

/* What is asked of the book: the same for all its events. */
typedef struct question {
    const tp_consent_book *book;
    tp_name person;
    const tp_agency_terms *agency;
    tp_purpose purpose;
} question;

/* What the events that stand say, as masks of kinds. */
typedef struct verdict {
    uint32_t granted;   /* by a giving in force */
    uint32_t protected; /* refused, withdrawn, or unknown */
    uint32_t idle;      /* a giving that has ended, or was written without believed capacity */
} verdict;

static bool is_among(const tp_name *names, uint32_t count, tp_name name);
static uint32_t row_words(uint32_t events_count);
static void sort_order(const tp_consent_book *book, uint64_t *order);
static bool find_event(const tp_consent_book *book, const uint64_t *order, tp_name name,
                       uint32_t *at_out);
static void link_directly(const tp_consent_book *book, const uint64_t *order);
static void link_through(const tp_consent_book *book);
static bool replaces(const tp_consent_book *book, uint32_t later, uint32_t earlier);
static bool covers_agency(const question *q, const tp_consent_event *event);
static uint32_t applicable_kinds(const question *q, const tp_consent_event *event);
static uint32_t covered_kinds(const question *q, uint32_t event);
static uint32_t standing_kinds(const question *q, uint32_t event);
static verdict judge(const question *q);
static uint32_t granted_kinds(const question *q);
static bool is_idle(const tp_consent_event *event, int64_t now_ms);
static int protection(const tp_consent_event *event, int64_t now_ms);
static bool counts_before(const tp_consent_event *a, const tp_consent_event *b, int64_t now_ms);
static void take_earlier(int64_t candidate_ms, int64_t now_ms, int64_t *next_ms);

bool tp_agreement_in_force(const tp_agency_terms *terms, int64_t at_ms)
{
    for (uint32_t i = 0; i < terms->agreements_count; i++) {
        const tp_interval *agreement = &terms->agreements[i];
        if (at_ms >= agreement->from_ms &&
            (agreement->until_ms == 0 || at_ms < agreement->until_ms)) {
            return true;
        }
    }
    return false;
}

size_t tp_consent_reach_words(uint32_t events_count)
{
    return (size_t)events_count * row_words(events_count) + events_count;
}

tp_rc tp_consent_link(const tp_consent_book *book, tp_err *err)
{
    if (book->events_count > TP_CONSENT_EVENTS_MAX) {
        return tp_fail(err, TP_LIMIT, "more than %u consent events about one person",
                       TP_CONSENT_EVENTS_MAX);
    }
    /* Behind the matrix: the events in order of their names. */
    uint64_t *order = book->reach + (size_t)book->events_count * row_words(book->events_count);
    sort_order(book, order);
    link_directly(book, order);
    link_through(book);
    return TP_OK;
}

void tp_consent_grants(const tp_consent_book *book, tp_name person, const tp_agency_terms *agencies,
                       uint32_t agencies_count, tp_grant *grants_out, int64_t *next_ms_out)
{
    int64_t next_ms = 0;
    for (uint32_t i = 0; i < book->events_count; i++) {
        take_earlier(book->events[i].ends_ms, book->now_ms, &next_ms);
    }
    for (uint32_t a = 0; a < agencies_count; a++) {
        const tp_agency_terms *agency = &agencies[a];
        for (uint32_t p = 0; p < TP_PURPOSE_COUNT; p++) {
            question q = {book, person, agency, (tp_purpose)p};
            grants_out[a].kinds[p] = granted_kinds(&q);
        }
        grants_out[a].has_agreement = tp_agreement_in_force(agency, book->now_ms);
        for (uint32_t i = 0; i < agency->agreements_count; i++) {
            take_earlier(agency->agreements[i].from_ms, book->now_ms, &next_ms);
            take_earlier(agency->agreements[i].until_ms, book->now_ms, &next_ms);
        }
    }
    *next_ms_out = next_ms;
}

tp_consent_answer tp_consent_effective(const tp_consent_book *book, tp_name person,
                                       const tp_agency_terms *agency, tp_kind kind,
                                       tp_purpose purpose)
{
    question q = {book, person, agency, purpose};
    uint32_t asked = TP_KIND_BIT(kind);
    if (kind == TP_KIND_GENERAL && (granted_kinds(&q) & asked) != 0) {
        /* Given through whatever kind is given. */
        asked = judge(&q).granted & ~(judge(&q).protected | judge(&q).idle);
    }
    tp_consent_answer answer = {TP_DECISION_NONE, false, 0};
    for (uint32_t i = 0; i < book->events_count; i++) {
        const tp_consent_event *event = &book->events[i];
        if ((standing_kinds(&q, i) & asked) != 0 &&
            (!answer.has_event ||
             counts_before(event, &book->events[answer.event], book->now_ms))) {
            answer.has_event = true;
            answer.event = i;
        }
    }
    if (!answer.has_event) {
        return answer;
    }
    const tp_consent_event *event = &book->events[answer.event];
    if (event->decision == TP_DECISION_GIVEN) {
        answer.decision = is_idle(event, book->now_ms) ? TP_DECISION_NONE : TP_DECISION_GIVEN;
    } else {
        answer.decision =
            event->decision == TP_DECISION_REFUSED ? TP_DECISION_REFUSED : TP_DECISION_WITHDRAWN;
    }
    return answer;
}

bool tp_consent_overruled(const tp_consent_book *book, tp_name person, uint32_t event,
                          const tp_agency_terms *agencies, uint32_t agencies_count,
                          uint32_t *by_out)
{
    bool is_overruled = false;
    if (book->events[event].is_stub || book->events[event].decision != TP_DECISION_GIVEN) {
        return false;
    }
    for (uint32_t cell = 0; cell < agencies_count * TP_PURPOSE_COUNT; cell++) {
        question q = {book, person, &agencies[cell / TP_PURPOSE_COUNT],
                      (tp_purpose)(cell % TP_PURPOSE_COUNT)};
        uint32_t given = standing_kinds(&q, event);
        for (uint32_t i = 0; given != 0 && i < book->events_count; i++) {
            if (book->events[i].decision == TP_DECISION_GIVEN ||
                (standing_kinds(&q, i) & given) == 0) {
                continue;
            }
            if (!is_overruled ||
                tp_name_cmp(book->events[i].name, book->events[*by_out].name) < 0) {
                *by_out = i;
            }
            is_overruled = true;
        }
    }
    return is_overruled;
}

static bool is_among(const tp_name *names, uint32_t count, tp_name name)
{
    for (uint32_t i = 0; i < count; i++) {
        if (tp_name_eq(names[i], name)) {
            return true;
        }
    }
    return false;
}

static uint32_t row_words(uint32_t events_count)
{
    return (events_count + 63) / 64;
}

static void sort_order(const tp_consent_book *book, uint64_t *order)
{
    for (uint32_t i = 0; i < book->events_count; i++) {
        uint32_t at = i;
        while (at > 0 && tp_name_cmp(book->events[order[at - 1]].name, book->events[i].name) > 0) {
            order[at] = order[at - 1];
            at--;
        }
        order[at] = i;
    }
}

/* False for an event that is not held: it is passed over. */
static bool find_event(const tp_consent_book *book, const uint64_t *order, tp_name name,
                       uint32_t *at_out)
{
    uint32_t low = 0;
    uint32_t high = book->events_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (tp_name_cmp(book->events[order[middle]].name, name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == book->events_count || !tp_name_eq(book->events[order[low]].name, name)) {
        return false;
    }
    *at_out = (uint32_t)order[low];
    return true;
}

static void link_directly(const tp_consent_book *book, const uint64_t *order)
{
    uint32_t words = row_words(book->events_count);
    for (uint32_t i = 0; i < book->events_count; i++) {
        uint64_t *row = book->reach + (size_t)i * words;
        memset(row, 0, words * sizeof *row);
        const tp_consent_event *event = &book->events[i];
        for (uint32_t n = 0; n < event->in_sight_count; n++) {
            uint32_t at = 0;
            if (find_event(book, order, event->in_sight[n], &at)) {
                row[at / 64] |= UINT64_C(1) << at % 64;
            }
        }
    }
}

/* Whoever reaches an event reaches what it reaches (Warshall, a row at a time). */
static void link_through(const tp_consent_book *book)
{
    uint32_t words = row_words(book->events_count);
    for (uint32_t via = 0; via < book->events_count; via++) {
        const uint64_t *from = book->reach + (size_t)via * words;
        for (uint32_t i = 0; i < book->events_count; i++) {
            uint64_t *row = book->reach + (size_t)i * words;
            bool is_reached = (row[via / 64] >> via % 64 & 1) != 0;
            for (uint32_t w = 0; is_reached && w < words; w++) {
                row[w] |= from[w];
            }
        }
    }
}

/* True if `later` was written in sight of `earlier`.  Events that reach each other name each
 * other out of malice or error: then neither replaces the other, and the more protective counts. */
static bool replaces(const tp_consent_book *book, uint32_t later, uint32_t earlier)
{
    uint32_t words = row_words(book->events_count);
    const uint64_t *of_later = book->reach + (size_t)later * words;
    const uint64_t *of_earlier = book->reach + (size_t)earlier * words;
    return (of_later[earlier / 64] >> earlier % 64 & 1) != 0 &&
           (of_earlier[later / 64] >> later % 64 & 1) == 0;
}

static bool covers_agency(const question *q, const tp_consent_event *event)
{
    if (event->all_agencies) {
        if (event->decision != TP_DECISION_GIVEN) {
            return true;
        }
        int64_t at_ms = event->stamp_ms != 0 ? event->stamp_ms : q->book->now_ms;
        if (tp_agreement_in_force(q->agency, at_ms)) {
            return true;
        }
    }
    for (uint32_t i = 0; i < event->agencies_count; i++) {
        if (tp_slice_eq(event->agencies[i], q->agency->agency)) {
            return true;
        }
    }
    return false;
}

/* The kinds for which the event says something about this person, by whose record it was written
 * on. */
static uint32_t applicable_kinds(const question *q, const tp_consent_event *event)
{
    const tp_consent_book *book = q->book;
    bool names_person = tp_name_eq(event->person, q->person) ||
                        is_among(event->persons, event->persons_count, q->person);
    bool is_in_group = is_among(book->group, book->group_count, event->person);
    if (event->decision == TP_DECISION_GIVEN) {
        uint32_t widened = names_person ? 0 : TP_KINDS_JOIN_NEVER_WIDENS;
        return is_in_group ? ~widened : 0;
    }
    for (uint32_t i = 0; !is_in_group && i < event->persons_count; i++) {
        is_in_group = is_among(book->group, book->group_count, event->persons[i]);
    }
    return is_in_group || names_person ? UINT32_MAX : 0;
}

/* The kinds an event covers for the agency and purpose that are asked about. */
static uint32_t covered_kinds(const question *q, uint32_t event_at)
{
    const tp_consent_event *event = &q->book->events[event_at];
    bool is_giving = event->decision == TP_DECISION_GIVEN;
    bool covers_purpose =
        (event->purposes & TP_PURPOSE_BIT(q->purpose)) != 0 || (event->all_purposes && !is_giving);
    if (event->is_stub || !covers_purpose || !covers_agency(q, event)) {
        return 0;
    }
    uint32_t kinds = event->all_kinds && !is_giving ? TP_KINDS_KNOWN : event->kinds;
    return kinds & TP_KINDS_KNOWN & applicable_kinds(q, event);
}

/* The kinds for which an event is left over. */
static uint32_t standing_kinds(const question *q, uint32_t event_at)
{
    uint32_t kinds = covered_kinds(q, event_at);
    for (uint32_t i = 0; kinds != 0 && i < q->book->events_count; i++) {
        if (replaces(q->book, i, event_at)) {
            kinds &= ~covered_kinds(q, i);
        }
    }
    return kinds;
}

static verdict judge(const question *q)
{
    verdict v = {0, 0, 0};
    for (uint32_t i = 0; i < q->book->events_count; i++) {
        const tp_consent_event *event = &q->book->events[i];
        uint32_t kinds = standing_kinds(q, i);
        if (event->decision != TP_DECISION_GIVEN) {
            v.protected |= kinds;
        } else if (is_idle(event, q->book->now_ms)) {
            v.idle |= kinds;
        } else {
            v.granted |= kinds;
        }
    }
    return v;
}

/* Of givings that stand side by side the one that ends first counts, so that one which has ended
 * ends them all. */
static uint32_t granted_kinds(const question *q)
{
    verdict v = judge(q);
    uint32_t kinds = v.granted & ~(v.protected | v.idle);
    return kinds == 0 ? 0 : kinds | TP_KIND_BIT(TP_KIND_GENERAL);
}

static bool is_idle(const tp_consent_event *event, int64_t now_ms)
{
    return !event->has_capacity || (event->ends_ms != 0 && now_ms >= event->ends_ms);
}

/* Higher: more protective. */
static int protection(const tp_consent_event *event, int64_t now_ms)
{
    switch (event->decision) {
    case TP_DECISION_WITHDRAWN:
    case TP_DECISION_UNKNOWN:
        return 3;
    case TP_DECISION_REFUSED:
        return 2;
    case TP_DECISION_GIVEN:
    case TP_DECISION_NONE:
        break;
    }
    return is_idle(event, now_ms) ? 1 : 0;
}

/* Among events that stand: which one is named as the reason. */
static bool counts_before(const tp_consent_event *a, const tp_consent_event *b, int64_t now_ms)
{
    int more = protection(a, now_ms) - protection(b, now_ms);
    if (more != 0) {
        return more > 0;
    }
    bool is_giving = a->decision == TP_DECISION_GIVEN && b->decision == TP_DECISION_GIVEN;
    if (is_giving && a->ends_ms != b->ends_ms) {
        return a->ends_ms != 0 && (b->ends_ms == 0 || a->ends_ms < b->ends_ms);
    }
    return tp_name_cmp(a->name, b->name) < 0;
}

static void take_earlier(int64_t candidate_ms, int64_t now_ms, int64_t *next_ms)
{
    if (candidate_ms > now_ms && (*next_ms == 0 || candidate_ms < *next_ms)) {
        *next_ms = candidate_ms;
    }
}
