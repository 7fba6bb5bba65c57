/* Finding people: every card is looked at, since they are few and small; the best are loaded. */
#include "node/view/find.h"

#include "node/view/find_score.h"
#include "node/view/view_state.h"
#include "schema/utf8.h"

#include <stdlib.h>

enum { LIST_BYTES_MAX = 4 * 1024 * 1024, FOUND_MAX = 200 };

/* The best so far, the worst of them last. */
typedef struct ranked {
    uint32_t score;
    tp_fit fit;
} ranked;

typedef struct search {
    const tp_query *query;
    uint32_t (*score)(const tp_fit *fit, const tp_query *query);
    tp_fit fit; /* of the person whose cards pass by */
    bool has_fit;
    ranked *best;
    uint32_t best_count;
    uint32_t max;
} search;

static tp_rc run_search(tp_view *view, tp_tx *tx, search *s, tp_found_list *list, tp_err *err);
static tp_rc make_found(tp_view *view, tp_tx *tx, const search *s, tp_found_list *list,
                        tp_err *err);

tp_rc tp_find(tp_view *view, tp_tx *tx, tp_slice typed, uint32_t max, tp_found_list *list_out,
              tp_err *err)
{
    tp_query query;
    search s = {.query = &query, .score = tp_fit_found, .max = max};
    tp_query_parse(typed, &query);
    return run_search(view, tx, &s, list_out, err);
}

tp_rc tp_find_may_be(tp_view *view, tp_tx *tx, const tp_person_facts *facts, uint32_t max,
                     tp_found_list *list_out, tp_err *err)
{
    tp_query query = {.tokens_count = 0};
    search s = {.query = &query, .score = tp_fit_may_be, .max = max};
    tp_err other;
    for (uint32_t i = 0; i < facts->names_count; i++) {
        tp_query_add_name(&query, facts->names[i]);
    }
    if (facts->nhs_number.bytes == TP_NHS_NUMBER_DIGITS) {
        memcpy(query.nhs, facts->nhs_number.at, TP_NHS_NUMBER_DIGITS);
    }
    if (facts->phone.bytes > 0 && tp_phone_key(facts->phone, query.phone, &other) != TP_OK) {
        query.phone[0] = '\0';
    }
    if (tp_partial_date_parse(facts->born, NULL, &query.born, &other) != TP_OK) {
        query.born = (tp_partial_date){TP_PRECISION_NONE, 0, 0, 0};
    }
    return run_search(view, tx, &s, list_out, err);
}

void tp_found_list_done(tp_found_list *list)
{
    tp_arena_done(&list->arena);
    memset(list, 0, sizeof *list);
}

/* ---- The walk over the cards ---- */

/* Puts the person whose cards have passed by among the best. */
static void rank_one(search *s)
{
    const uint32_t score = s->has_fit ? s->score(&s->fit, s->query) : 0;
    if (score == 0 || (s->best_count == s->max && score <= s->best[s->max - 1].score)) {
        return;
    }
    uint32_t at = s->best_count < s->max ? s->best_count++ : s->max - 1;
    while (at > 0 && s->best[at - 1].score < score) {
        s->best[at] = s->best[at - 1];
        at--;
    }
    s->best[at] = (ranked){score, s->fit};
}

static tp_rc look_at_card(void *context, const tp_card *card, tp_err *err)
{
    search *s = context;
    (void)err;
    if (!s->has_fit || card->person != s->fit.person) {
        rank_one(s);
        tp_fit_init(&s->fit, card->person);
        s->has_fit = true;
    }
    tp_fit_add(&s->fit, s->query, card);
    return TP_OK;
}

static bool asks_nothing(const tp_query *query)
{
    return query->tokens_count == 0 && query->nhs[0] == '\0' && query->phone[0] == '\0' &&
           query->born.precision == TP_PRECISION_NONE;
}

static tp_rc run_search(tp_view *view, tp_tx *tx, search *s, tp_found_list *list, tp_err *err)
{
    void *at = NULL;
    memset(list, 0, sizeof *list);
    tp_arena_init(&list->arena, LIST_BYTES_MAX);
    s->max = s->max == 0 || s->max > FOUND_MAX ? FOUND_MAX : s->max;
    if (asks_nothing(s->query)) {
        return TP_OK;
    }
    tp_rc rc = tp_arena_take(&list->arena, s->max * sizeof(ranked), &at, err);
    s->best = at;
    if (rc == TP_OK) {
        rc = tp_card_all(tx, look_at_card, s, err);
    }
    if (rc == TP_OK) {
        rank_one(s);
        rc = make_found(view, tx, s, list, err);
    }
    if (rc != TP_OK) {
        tp_found_list_done(list);
    }
    return rc;
}

/* ---- What is shown of them ---- */

static tp_rc say(tp_arena *arena, tp_found *found, tp_err *err, const char *what, const char *word)
{
    tp_buf text;
    tp_slice copy;
    if (found->why_count == TP_FOUND_WHY_MAX) {
        return TP_OK;
    }
    tp_buf_init(&text, 128);
    tp_rc rc = tp_buf_addf(&text, err, "%s%s%s", what, word[0] == '\0' ? "" : " ", word);
    if (rc == TP_OK) {
        rc = tp_buf_add(&text, "", 1, err);
    }
    if (rc == TP_OK) {
        rc = tp_arena_copy(arena, tp_buf_slice(&text), &copy, err);
    }
    if (rc == TP_OK) {
        found->why[found->why_count++] = (const char *)copy.at;
    }
    tp_buf_done(&text);
    return rc;
}

static tp_rc say_token(tp_arena *arena, tp_found *found, const tp_fit_token *token, tp_err *err)
{
    if (token->is_alias && token->kind > TP_FIT_WORD) {
        return say(arena, found, err, "also known as", token->text);
    }
    switch (token->kind) {
    case TP_FIT_NONE:
        return TP_OK;
    case TP_FIT_WORD:
        return say(arena, found, err, "description or place:", token->text);
    case TP_FIT_NEAR:
        return say(arena, found, err, "nearly", token->text);
    case TP_FIT_SOUND:
        return say(arena, found, err, "sounds like", token->text);
    case TP_FIT_PREFIX:
        return say(arena, found, err, "begins like", token->text);
    case TP_FIT_NAME:
        return say(arena, found, err, "name", "");
    }
    return TP_OK;
}

static tp_rc say_why(tp_arena *arena, const tp_query *query, const tp_fit *fit, tp_found *found,
                     tp_err *err)
{
    tp_rc rc = TP_OK;
    if (fit->is_nhs) {
        rc = say(arena, found, err, "NHS number", "");
    }
    if (rc == TP_OK && fit->is_phone) {
        rc = say(arena, found, err, "phone", "");
    }
    for (uint32_t i = 0; rc == TP_OK && i < query->tokens_count; i++) {
        rc = say_token(arena, found, &fit->tokens[i], err);
    }
    if (rc == TP_OK && fit->is_born_fit) {
        rc = say(arena, found, err, fit->is_born_same ? "date of birth" : "date of birth may fit",
                 "");
    }
    return rc;
}

/* A better one of the list that is joined with this one. */
static tp_rc find_joined(tp_view *view, tp_tx *tx, const tp_found *people, uint32_t count,
                         tp_name person, tp_name *same_as_out, tp_err *err)
{
    tp_name group[TP_GROUP_PERSONS_MAX];
    uint32_t group_count = 0;
    tp_rc rc = tp_merge_group(view->merge, tx, person, group, &group_count, err);
    for (uint32_t g = 0; rc == TP_OK && g < group_count; g++) {
        for (uint32_t i = 0; i < count; i++) {
            if (tp_name_eq(people[i].person, group[g]) && tp_name_is_none(*same_as_out)) {
                *same_as_out = people[i].person;
            }
        }
    }
    return rc;
}

/* Every word typed is a name they have, or fits their date of birth; or one number says it all. */
static bool is_named(const tp_query *query, const tp_fit *fit)
{
    uint32_t names = 0;
    for (uint32_t i = 0; i < query->tokens_count; i++) {
        const tp_fit_kind kind = fit->tokens[i].kind;
        if (kind != TP_FIT_NAME && !(kind == TP_FIT_NONE && fit->is_born_fit)) {
            return fit->is_nhs || fit->is_phone;
        }
        names += kind == TP_FIT_NAME;
    }
    return names > 0 || fit->is_nhs || fit->is_phone;
}

static tp_rc make_one(tp_view *view, tp_tx *tx, const search *s, const ranked *from,
                      tp_found_list *list, tp_found *people, tp_err *err)
{
    tp_found *found = &people[list->count];
    tp_err missing = {0};
    tp_rc rc = tp_log_unpack(view->log, tx, from->fit.person, &found->person, err);
    if (rc != TP_OK) {
        return rc;
    }
    rc = tp_shown_load(view, tx, found->person, &list->arena, &found->shown, &missing);
    if (rc == TP_NOTFOUND || (rc == TP_OK && found->shown->is_hidden)) {
        memset(found, 0, sizeof *found);
        return TP_OK; /* an alias of somebody who is not shown */
    }
    if (rc != TP_OK) {
        *err = missing;
        return rc;
    }
    found->score = from->score;
    found->is_named = is_named(s->query, &from->fit);
    rc = say_why(&list->arena, s->query, &from->fit, found, err);
    if (rc == TP_OK) {
        rc = find_joined(view, tx, people, list->count, found->person, &found->same_as, err);
    }
    list->count += rc == TP_OK;
    return rc;
}

static tp_rc make_found(tp_view *view, tp_tx *tx, const search *s, tp_found_list *list, tp_err *err)
{
    void *at = NULL;
    tp_rc rc = tp_arena_take(&list->arena, s->best_count * sizeof(tp_found), &at, err);
    list->people = at;
    for (uint32_t i = 0; rc == TP_OK && i < s->best_count; i++) {
        rc = make_one(view, tx, s, &s->best[i], list, at, err);
    }
    return rc;
}
