/* How well a person fits what somebody typed. */
#include "node/view/find_score.h"

#include "schema/name_fold.h"
#include "schema/utf8.h"

#include <stdio.h>

enum {
    SCORE_NHS = 1000,
    SCORE_PHONE = 500,
    SCORE_BORN_SAME = 40,
    SCORE_BORN_FIT = 15,
    NEAR_LETTERS_MIN = 5, /* a slip in a shorter word makes another name */
    PREFIX_LETTERS_MIN = 2
};

/* By tp_fit_kind. */
static const uint32_t scores[] = {0, 20, 40, 50, 60, 100};

static bool take_number(tp_slice part, tp_query *query);

/* ---- What was typed ---- */

static void add_token(tp_query *query, tp_slice text)
{
    if (query->tokens_count < TP_QUERY_TOKENS_MAX) {
        tp_query_token *token = &query->tokens[query->tokens_count++];
        token->text = text;
        token->sounds_count = tp_name_sound_keys(text, token->sounds);
    }
}

/* Folded text is kept behind what is there already. */
static size_t folded_bytes(const tp_query *query)
{
    if (query->tokens_count == 0) {
        return 0;
    }
    tp_slice last = query->tokens[query->tokens_count - 1].text;
    return (size_t)(last.at - (const uint8_t *)query->folded) + last.bytes;
}

static bool has_token(const tp_query *query, tp_slice text)
{
    for (uint32_t i = 0; i < query->tokens_count; i++) {
        if (tp_slice_eq(query->tokens[i].text, text)) {
            return true;
        }
    }
    return false;
}

void tp_query_add_name(tp_query *query, tp_slice name)
{
    const size_t used = folded_bytes(query);
    char *at = query->folded + used;
    tp_slice folded = tp_slice_of(at, tp_name_fold(name, at, sizeof query->folded - used));
    tp_slice token;
    while (tp_fold_next(&folded, &token)) {
        if (!has_token(query, token)) {
            add_token(query, token);
        }
    }
}

static bool is_number_sign(uint8_t c)
{
    return (c >= '0' && c <= '9') || strchr("~+()-/.", c) != NULL;
}

/* A word that could be a part of a number or date. */
static bool is_number_word(tp_slice word)
{
    bool has_digit = false;
    for (size_t i = 0; i < word.bytes; i++) {
        has_digit |= word.at[i] >= '0' && word.at[i] <= '9';
        if (word.at[i] == 0 || !is_number_sign(word.at[i])) {
            return false;
        }
    }
    return has_digit;
}

static bool next_word(tp_slice *text, tp_slice *word_out)
{
    while (text->bytes > 0 && (text->at[0] == ' ' || text->at[0] == '\t')) {
        text->at++;
        text->bytes--;
    }
    size_t bytes = 0;
    while (bytes < text->bytes && text->at[bytes] != ' ' && text->at[bytes] != '\t') {
        bytes++;
    }
    if (bytes == 0) { /* of nothing at all there is no address to go on from */
        return false;
    }
    *word_out = tp_slice_of(text->at, bytes);
    text->at += bytes;
    text->bytes -= bytes;
    return true;
}

void tp_query_parse(tp_slice typed, tp_query *query_out)
{
    memset(query_out, 0, sizeof *query_out);
    typed = tp_utf8_trim(typed);
    if (take_number(typed, query_out)) {
        return;
    }
    tp_slice word;
    tp_slice number = {NULL, 0};
    while (next_word(&typed, &word)) {
        if (is_number_word(word)) {
            /* Words of digits that follow each other are one number. */
            const uint8_t *end = word.at + word.bytes;
            number = number.bytes == 0 ? word : tp_slice_of(number.at, (size_t)(end - number.at));
            continue;
        }
        if (number.bytes > 0 && !take_number(number, query_out)) {
            tp_query_add_name(query_out, number);
        }
        number.bytes = 0;
        tp_query_add_name(query_out, word);
    }
    if (number.bytes > 0 && !take_number(number, query_out)) {
        tp_query_add_name(query_out, number);
    }
}

static bool take_number(tp_slice part, tp_query *query)
{
    tp_err other;
    tp_partial_date date;
    if (tp_nhs_number_normalise(part, query->nhs, &other) == TP_OK) {
        return true;
    }
    if (tp_partial_date_parse(part, NULL, &date, &other) == TP_OK &&
        date.precision != TP_PRECISION_NONE) {
        query->born = date;
        return true;
    }
    if (part.bytes >= 7 && tp_phone_key(part, query->phone, &other) == TP_OK) {
        return true;
    }
    query->nhs[0] = '\0';
    query->phone[0] = '\0';
    return false;
}

/* ---- One card ---- */

void tp_fit_init(tp_fit *fit, tp_packed_name person)
{
    memset(fit, 0, sizeof *fit);
    fit->person = person;
}

static bool has_word(tp_slice list, tp_slice word)
{
    tp_slice token;
    while (tp_fold_next(&list, &token)) {
        if (tp_slice_eq(token, word)) {
            return true;
        }
    }
    return false;
}

static bool begins_with(tp_slice word, tp_slice prefix)
{
    return prefix.bytes >= PREFIX_LETTERS_MIN && word.bytes >= prefix.bytes &&
           memcmp(word.at, prefix.at, prefix.bytes) == 0;
}

/* The same but for one letter that is wrong, missing or too many, or two that changed places. */
static bool is_near(tp_slice a, tp_slice b)
{
    if (a.bytes > b.bytes) {
        tp_slice shorter = b;
        b = a;
        a = shorter;
    }
    if (a.bytes < NEAR_LETTERS_MIN || b.bytes - a.bytes > 1) {
        return false;
    }
    size_t front = 0;
    while (front < a.bytes && a.at[front] == b.at[front]) {
        front++;
    }
    size_t back = 0;
    while (back < a.bytes - front && a.at[a.bytes - 1 - back] == b.at[b.bytes - 1 - back]) {
        back++;
    }
    const size_t left = a.bytes - front - back;
    if (a.bytes != b.bytes) {
        return left == 0;
    }
    return left <= 1 ||
           (left == 2 && a.at[front] == b.at[front + 1] && a.at[front + 1] == b.at[front]);
}

static bool sounds_alike(const tp_query_token *token, tp_slice word)
{
    tp_sound_key keys[TP_NAME_SOUND_KEYS_MAX];
    unsigned count = tp_name_sound_keys(word, keys);
    for (unsigned i = 0; i < token->sounds_count; i++) {
        for (unsigned k = 0; k < count; k++) {
            if (strcmp(token->sounds[i].text, keys[k].text) == 0) {
                return true;
            }
        }
    }
    return false;
}

/* Do the card's sounds hold one of the token's?  Then one of its names does. */
static bool may_sound_alike(const tp_query_token *token, tp_slice sounds)
{
    for (unsigned i = 0; i < token->sounds_count; i++) {
        if (has_word(sounds, tp_slice_str(token->sounds[i].text))) {
            return true;
        }
    }
    return false;
}

static void take(tp_fit_token *fit, tp_fit_kind kind, tp_slice word, bool is_alias)
{
    if (kind > fit->kind) {
        while (word.bytes >= sizeof fit->text ||
               (word.bytes > 0 && word.bytes == sizeof fit->text - 1 &&
                (word.at[word.bytes] & 0xc0) == 0x80)) {
            word.bytes--;
        }
        fit->kind = kind;
        fit->is_alias = is_alias;
        snprintf(fit->text, sizeof fit->text, "%.*s", TP_SLICE_FMT(word));
    }
}

static void fit_token(tp_fit_token *fit, const tp_query_token *token, const tp_card *card)
{
    const bool is_alias = card->record != card->person;
    const bool may_sound = may_sound_alike(token, card->sounds);
    tp_slice names = card->names;
    tp_slice words = card->words;
    tp_slice word;
    while (tp_fold_next(&names, &word)) {
        if (tp_slice_eq(word, token->text)) {
            take(fit, TP_FIT_NAME, word, is_alias);
        } else if (begins_with(word, token->text)) {
            take(fit, TP_FIT_PREFIX, word, is_alias);
        } else if (may_sound && sounds_alike(token, word)) {
            take(fit, TP_FIT_SOUND, word, is_alias);
        } else if (is_near(word, token->text)) {
            take(fit, TP_FIT_NEAR, word, is_alias);
        }
    }
    while (fit->kind == TP_FIT_NONE && tp_fold_next(&words, &word)) {
        if (tp_slice_eq(word, token->text) ||
            (token->text.bytes >= 4 && begins_with(word, token->text))) {
            take(fit, TP_FIT_WORD, word, is_alias);
        }
    }
}

static void fit_born(tp_fit *fit, const tp_query *query, tp_slice born)
{
    tp_slice text;
    while (query->born.precision != TP_PRECISION_NONE && tp_fold_next(&born, &text)) {
        tp_partial_date date;
        tp_err other;
        if (tp_partial_date_parse(text, NULL, &date, &other) != TP_OK) {
            continue;
        }
        fit->is_born_known = true;
        fit->is_born_fit |= tp_partial_date_may_be_same(&date, &query->born);
        fit->is_born_same |= tp_partial_date_compare(&date, &query->born) == 0;
    }
}

void tp_fit_add(tp_fit *fit, const tp_query *query, const tp_card *card)
{
    tp_slice names = card->names;
    tp_slice word;
    fit->has_own_card |= card->record == card->person;
    fit->is_nhs |= query->nhs[0] != '\0' && has_word(card->nhs, tp_slice_str(query->nhs));
    fit->is_phone |= query->phone[0] != '\0' && has_word(card->phones, tp_slice_str(query->phone));
    while (tp_fold_next(&names, &word)) {
        fit->names_count++;
    }
    for (uint32_t i = 0; i < query->tokens_count; i++) {
        fit_token(&fit->tokens[i], &query->tokens[i], card);
    }
    fit_born(fit, query, card->born);
}

/* ---- The whole person ---- */

static uint32_t score_numbers(const tp_fit *fit)
{
    return (fit->is_nhs ? SCORE_NHS : 0u) + (fit->is_phone ? SCORE_PHONE : 0u) +
           (fit->is_born_same  ? SCORE_BORN_SAME
            : fit->is_born_fit ? SCORE_BORN_FIT
                               : 0u);
}

uint32_t tp_fit_found(const tp_fit *fit, const tp_query *query)
{
    const bool has_number = query->nhs[0] != '\0' || query->phone[0] != '\0';
    const bool asks_born = query->born.precision != TP_PRECISION_NONE;
    uint32_t score = score_numbers(fit);
    if (has_number && !fit->is_nhs && !fit->is_phone) {
        return 0;
    }
    if (asks_born && fit->is_born_known && !fit->is_born_fit) {
        return 0;
    }
    for (uint32_t i = 0; i < query->tokens_count; i++) {
        if (fit->tokens[i].kind == TP_FIT_NONE) {
            return 0;
        }
        score += scores[fit->tokens[i].kind];
    }
    return score;
}

uint32_t tp_fit_may_be(const tp_fit *fit, const tp_query *query)
{
    uint32_t names = 0;
    uint32_t score = score_numbers(fit);
    for (uint32_t i = 0; i < query->tokens_count; i++) {
        const tp_fit_kind kind = fit->tokens[i].kind;
        if (kind == TP_FIT_NAME || kind == TP_FIT_SOUND || kind == TP_FIT_NEAR) {
            names++;
            score += scores[kind];
        }
    }
    if (fit->is_nhs || fit->is_phone) {
        return score;
    }
    if (names == 0 || (fit->is_born_known && !fit->is_born_fit)) {
        return 0;
    }
    /* One name of two is not enough, unless they were born on the same day. */
    const bool are_two = query->tokens_count > 1 && fit->names_count > 1;
    return are_two && names < 2 && !fit->is_born_same ? 0 : score;
}
