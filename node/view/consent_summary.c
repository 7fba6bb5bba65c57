/* Who may know what, in one line. */
#include "node/view/consent_summary.h"

#include "node/view/view_state.h"
#include "schema/code_list.h"
#include "schema/kind.h"
#include "schema/london_time.h"
#include "sync/log/directory.h"

#include <assert.h>

enum { LINE_BYTES_MAX = 2048, LAST_BYTES_MAX = 512, PURPOSES = TP_PURPOSE_EVALUATION };

/* Every kind that somebody can say yes or no to: `general` follows from them. */
#define KINDS_ASKED (TP_KINDS_KNOWN & ~TP_KIND_BIT(TP_KIND_GENERAL))

/* What consent says of one agency. */
typedef struct standing {
    const char *label;
    uint32_t given[PURPOSES]; /* by purpose; evaluation sends nothing to devices */
    uint32_t refused;         /* or withdrawn, and not given for any purpose */
    bool has_agreement;
    bool is_told; /* said already, together with an agency before it */
} standing;

typedef struct work {
    const tp_consent_summary *of;
    bool knows_agreements; /* the hub has told of them */
    standing *all; /* of each agency; and of those not known here, where agreements are not */
    uint32_t count;
    tp_buf *out;
} work;

static tp_rc find_standings(work *w, tp_arena *arena, tp_err *err);
static tp_rc say_consent(work *w, tp_err *err);
static tp_rc say_gateways(work *w, tp_err *err);
static tp_rc say_nothing(const work *w, tp_err *err);
static tp_rc say_limits(const work *w, tp_err *err);

tp_rc tp_consent_summarise(const tp_consent_summary *of, tp_arena *arena, tp_slice *text_out,
                           tp_err *err)
{
    uint64_t directory = 0;
    tp_buf out;
    tp_err is_full = {0};
    tp_buf_init(&out, LINE_BYTES_MAX);
    work w = {.of = of, .out = &out};
    tp_rc rc = tp_log_directory_version(of->view->log, of->tx, &directory, err);
    w.knows_agreements = directory > 0;
    if (rc == TP_OK) {
        rc = find_standings(&w, arena, err);
    }
    if (rc == TP_OK) {
        rc = say_consent(&w, &is_full);
        rc = rc == TP_OK ? say_gateways(&w, &is_full) : rc;
        if (rc == TP_LIMIT) { /* the line is as long as a line may be; the table says the rest */
            out.bytes_ceiling += LAST_BYTES_MAX;
            rc = tp_buf_add_str(&out, " ...", err);
        } else if (rc != TP_OK) {
            *err = is_full;
        }
    }
    out.bytes_ceiling = LINE_BYTES_MAX + LAST_BYTES_MAX;
    if (rc == TP_OK && out.bytes == 0) {
        rc = say_nothing(&w, err);
    }
    if (rc == TP_OK) {
        rc = say_limits(&w, err);
    }
    if (rc == TP_OK) {
        rc = tp_arena_copy(arena, tp_buf_slice(&out), text_out, err);
    }
    tp_buf_done(&out);
    return rc;
}

/* ---- What consent says ---- */

static const tp_interval always = {0, 0};

/* Before the agreements are known every agency is taken for one that has signed: the line says
 * so. */
static void find_standing(const work *w, const char *agency, standing *s)
{
    const tp_consent_summary *of = w->of;
    tp_agency_terms terms = tp_book_terms(of->book, tp_slice_str(agency));
    if (!w->knows_agreements) {
        terms.agreements = &always;
        terms.agreements_count = 1;
    }
    s->has_agreement = tp_agreement_in_force(&terms, of->book->rules.now_ms);
    for (int kind = TP_KIND_GENERAL + 1; kind < TP_KIND_COUNT; kind++) {
        for (int purpose = 0; purpose < PURPOSES; purpose++) {
            const tp_decision decision = tp_consent_effective(&of->book->rules, of->person, &terms,
                                                              (tp_kind)kind, (tp_purpose)purpose)
                                             .decision;
            s->given[purpose] |= decision == TP_DECISION_GIVEN ? TP_KIND_BIT(kind) : 0;
            s->refused |= decision == TP_DECISION_REFUSED || decision == TP_DECISION_WITHDRAWN
                              ? TP_KIND_BIT(kind)
                              : 0;
        }
    }
    s->refused &= ~(s->given[0] | s->given[1]);
    for (int purpose = 0; purpose < PURPOSES; purpose++) {
        /* Said where it is all there is: it follows from every other kind. */
        if (s->given[purpose] == 0 && tp_consent_effective(&of->book->rules, of->person, &terms,
                                                           TP_KIND_GENERAL, (tp_purpose)purpose)
                                              .decision == TP_DECISION_GIVEN) {
            s->given[purpose] = TP_KIND_BIT(TP_KIND_GENERAL);
        }
    }
}

static tp_rc find_standings(work *w, tp_arena *arena, tp_err *err)
{
    const tp_consent_summary *of = w->of;
    void *at = NULL;
    tp_rc rc = tp_arena_take(arena, (of->agencies_count + 1) * sizeof(standing), &at, err);
    w->all = at;
    w->count = of->agencies_count;
    for (uint32_t i = 0; rc == TP_OK && i < of->agencies_count; i++) {
        standing *s = &w->all[i];
        memset(s, 0, sizeof *s);
        find_standing(w, of->agencies[i], s);
        rc = tp_log_agency_label(of->view->log, of->tx, of->agencies[i], &s->label, err);
    }
    if (rc == TP_OK && !w->knows_agreements) {
        standing *s = &w->all[w->count++];
        memset(s, 0, sizeof *s);
        s->label = "every other agency under agreement";
        find_standing(w, "", s);
    }
    return rc;
}

/* A label within a sentence: "physical health". */
static tp_rc say_label(tp_buf *out, tp_slice label, tp_err *err)
{
    assert(label.bytes > 0 && label.at[0] >= 'A' && label.at[0] <= 'Z');
    const tp_slice rest = {label.at + 1, label.bytes - 1};
    return tp_buf_addf(out, err, "%c%.*s", label.at[0] - 'A' + 'a', TP_SLICE_FMT(rest));
}

tp_rc tp_consent_say_kinds(tp_buf *out, uint32_t kinds, tp_err *err)
{
    const tp_code_list *list = tp_code_list_named(tp_slice_str("kind"));
    uint32_t left = kinds & TP_KINDS_KNOWN;
    tp_rc rc = TP_OK;
    if ((KINDS_ASKED & ~kinds) == 0) {
        return tp_buf_add_str(out, "everything", err);
    }
    for (int kind = 0; rc == TP_OK && left != 0; kind++) {
        if ((left & TP_KIND_BIT(kind)) == 0) {
            continue;
        }
        const bool is_first = left == (kinds & TP_KINDS_KNOWN);
        left &= ~TP_KIND_BIT(kind);
        rc = tp_buf_add_str(out, is_first ? "" : left == 0 ? " and " : ", ", err);
        if (rc == TP_OK) {
            rc =
                say_label(out, tp_code_label(list, tp_slice_str(tp_kind_name((tp_kind)kind))), err);
        }
    }
    return rc;
}

static tp_rc begin_sentence(const work *w, tp_err *err)
{
    return w->out->bytes > 0 ? tp_buf_add_str(w->out, " ", err) : TP_OK;
}

static tp_slice purpose_label(int purpose)
{
    return tp_code_label(tp_code_list_named(tp_slice_str("purpose")),
                         tp_slice_str(tp_purpose_name((tp_purpose)purpose)));
}

/* One purpose must cover every kind of a record, so two that differ are told apart. */
static tp_rc say_given(const work *w, const standing *s, tp_err *err)
{
    const bool is_same = s->given[0] == s->given[1];
    const char *before = ": yes to ";
    tp_rc rc = TP_OK;
    for (int purpose = 0; rc == TP_OK && purpose < (is_same ? 1 : PURPOSES); purpose++) {
        if (s->given[purpose] == 0) {
            continue;
        }
        rc = tp_buf_add_str(w->out, before, err);
        if (rc == TP_OK) {
            rc = tp_consent_say_kinds(w->out, s->given[purpose], err);
        }
        if (rc == TP_OK && !is_same) {
            rc = tp_buf_add_str(w->out, " for ", err);
            rc = rc == TP_OK ? say_label(w->out, purpose_label(purpose), err) : rc;
        }
        before = ", to ";
    }
    if (rc == TP_OK && !s->has_agreement) {
        rc = tp_buf_add_str(w->out, ", but no agreement is in force, so nothing is shared", err);
    }
    return rc;
}

static bool is_one_standing(const standing *a, const standing *b)
{
    const bool is_given = (a->given[0] | a->given[1]) != 0;
    return a->given[0] == b->given[0] && a->given[1] == b->given[1] && a->refused == b->refused &&
           (!is_given || a->has_agreement == b->has_agreement);
}

/* "offending", or "everything else" where one answer or the other was given to every kind. */
static tp_rc say_refused(const work *w, const standing *s, tp_err *err)
{
    const uint32_t given = s->given[0] | s->given[1];
    if (given != 0 && (KINDS_ASKED & ~(given | s->refused)) == 0) {
        return tp_buf_add_str(w->out, "everything else", err);
    }
    return tp_consent_say_kinds(w->out, s->refused, err);
}

/* "The Friary, Street Outreach Team: yes to housing and money; no to offending." */
static tp_rc say_group(work *w, uint32_t first, tp_err *err)
{
    const standing *s = &w->all[first];
    const bool is_given = (s->given[0] | s->given[1]) != 0;
    const char *comma = "";
    tp_rc rc = begin_sentence(w, err);
    for (uint32_t i = first; rc == TP_OK && i < w->count; i++) {
        if (is_one_standing(&w->all[i], s)) {
            w->all[i].is_told = true;
            rc = tp_buf_addf(w->out, err, "%s%s", comma, w->all[i].label);
            comma = ", ";
        }
    }
    if (rc == TP_OK && is_given) {
        rc = say_given(w, s, err);
    }
    if (rc == TP_OK && s->refused != 0) {
        rc = tp_buf_add_str(w->out, is_given ? "; no to " : ": no to ", err);
        rc = rc == TP_OK ? say_refused(w, s, err) : rc;
    }
    return rc == TP_OK ? tp_buf_add_str(w->out, ".", err) : rc;
}

static tp_rc say_consent(work *w, tp_err *err)
{
    tp_rc rc = TP_OK;
    for (uint32_t i = 0; rc == TP_OK && i < w->count; i++) {
        const standing *s = &w->all[i];
        if (!s->is_told && (s->given[0] | s->given[1] | s->refused) != 0) {
            rc = say_group(w, i, err);
        }
    }
    return rc;
}

/* ---- What the law says ---- */

static bool is_in_force(const tp_gateway *gateway, int64_t now_ms)
{
    return gateway->is_authorised && now_ms < gateway->ends_ms && gateway->agencies_count > 0;
}

/* "Until the end of Wed 31 Mar 2027 a legal gateway lets The Friary know safeguarding, whatever was
 * said." */
static tp_rc say_gateway(work *w, const tp_gateway *gateway, uint32_t kinds, tp_err *err)
{
    char day[TP_LONDON_TEXT_MAX];
    const char *comma = "";
    tp_london_format(gateway->ends_ms - 1, day);
    *strrchr(day, ' ') = '\0'; /* the time of day */
    tp_rc rc = begin_sentence(w, err);
    if (rc == TP_OK) {
        rc = tp_buf_addf(w->out, err, "Until the end of %s a legal gateway lets ", day);
    }
    for (uint32_t i = 0; rc == TP_OK && i < gateway->agencies_count; i++) {
        char id[TP_AGENCY_BYTES_MAX + 1];
        const char *label = id;
        if (gateway->agencies[i].bytes > TP_AGENCY_BYTES_MAX) {
            continue;
        }
        memcpy(id, gateway->agencies[i].at, gateway->agencies[i].bytes);
        id[gateway->agencies[i].bytes] = '\0';
        rc = tp_log_agency_label(w->of->view->log, w->of->tx, id, &label, err);
        if (rc == TP_OK) {
            rc = tp_buf_addf(w->out, err, "%s%s", comma, label);
            comma = ", ";
        }
    }
    if (rc == TP_OK) {
        rc = tp_buf_add_str(w->out, " know ", err);
    }
    if (rc == TP_OK) {
        rc = tp_consent_say_kinds(w->out, kinds, err);
    }
    return rc == TP_OK ? tp_buf_add_str(w->out, ", whatever was said.", err) : rc;
}

static tp_rc say_gateways(work *w, tp_err *err)
{
    const tp_book *book = w->of->book;
    tp_rc rc = TP_OK;
    for (uint32_t i = 0; rc == TP_OK && i < book->gateways_count; i++) {
        const tp_gateway *gateway = &book->gateways[i];
        const uint32_t kinds =
            tp_gateway_opens(gateway, book->rules.group, book->rules.group_count, w->of->person);
        if (is_in_force(gateway, book->rules.now_ms) && kinds != 0) {
            rc = say_gateway(w, gateway, kinds, err);
        }
    }
    return rc;
}

/* ---- What is not in force, and what is not known here ---- */

static tp_rc say_nothing(const work *w, tp_err *err)
{
    if (w->of->is_given_back) {
        return TP_OK;
    }
    return tp_buf_add_str(w->out,
                          w->of->book->page_count == 0
                              ? "Nobody has asked yet: nothing is shared."
                              : "Nothing that was said is in force: nothing is shared.",
                          err);
}

static tp_rc say_limits(const work *w, tp_err *err)
{
    const tp_book *book = w->of->book;
    bool is_any_unsent = false;
    bool is_any_lost = false;
    for (uint32_t i = 0; i < book->page_count; i++) {
        is_any_unsent = is_any_unsent || (book->shown[i] != NULL && book->shown[i]->is_unsent);
        is_any_lost = is_any_lost || book->shown[i] == NULL;
    }
    tp_rc rc = TP_OK;
    if (w->of->is_given_back) {
        rc = begin_sentence(w, err);
        rc = rc == TP_OK ? tp_buf_add_str(w->out,
                                          "What else was said is not held here; somebody of your "
                                          "agency may ask again.",
                                          err)
                         : rc;
    } else if (is_any_lost) {
        rc = tp_buf_add_str(w->out, " Some of what was said is not held here any more.", err);
    }
    if (rc != TP_OK || book->page_count + book->gateways_count == 0) {
        return rc;
    }
    if (!w->knows_agreements) {
        return tp_buf_add_str(w->out,
                              " Who has signed an agreement is not known here before the first "
                              "sync; until then nothing leaves this device.",
                              err);
    }
    return is_any_unsent ? tp_buf_add_str(w->out, " Not all of it is at the hub yet.", err) : rc;
}
