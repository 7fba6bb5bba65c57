/* How well a person fits what somebody typed.  Pure. */
#ifndef TP_NODE_VIEW_FIND_SCORE_H
#define TP_NODE_VIEW_FIND_SCORE_H

#include "node/view/view_state.h"
#include "schema/nhs_number.h"
#include "schema/partial_date.h"
#include "schema/phone.h"
#include "schema/sounds_alike.h"

enum { TP_QUERY_TOKENS_MAX = 8, TP_QUERY_BYTES_MAX = 256 };

typedef struct tp_query_token {
    tp_slice text; /* folded; in the query's own room */
    unsigned sounds_count;
    tp_sound_key sounds[TP_NAME_SOUND_KEYS_MAX];
} tp_query_token;

/* What was typed, taken apart. */
typedef struct tp_query {
    char folded[TP_QUERY_BYTES_MAX];
    uint32_t tokens_count;
    tp_query_token tokens[TP_QUERY_TOKENS_MAX];
    char nhs[TP_NHS_NUMBER_MAX]; /* "": none */
    char phone[TP_PHONE_KEY_MAX];
    tp_partial_date born;
} tp_query;

/* Splits free text: a number that is an NHS number or a phone's, a date, and words. */
void tp_query_parse(tp_slice typed, tp_query *query_out);
/* Adds the words of a name, whatever they look like. */
void tp_query_add_name(tp_query *query, tp_slice name);

typedef enum tp_fit_kind {
    TP_FIT_NONE = 0,
    TP_FIT_WORD,   /* of the description or place */
    TP_FIT_NEAR,   /* a name but for one slip */
    TP_FIT_SOUND,  /* a name that sounds alike, or is short for it */
    TP_FIT_PREFIX, /* the beginning of a name */
    TP_FIT_NAME
} tp_fit_kind;

enum { TP_FIT_TEXT_MAX = 48 };

typedef struct tp_fit_token {
    tp_fit_kind kind;
    bool is_alias;              /* found on an alias, not on the person's own record */
    char text[TP_FIT_TEXT_MAX]; /* the word it fits, folded; cut */
} tp_fit_token;

/* What fits of one person, over all their cards. */
typedef struct tp_fit {
    tp_packed_name person;
    bool has_own_card;
    bool is_nhs;
    bool is_phone;
    uint32_t names_count; /* words of the names on the cards */
    tp_fit_token tokens[TP_QUERY_TOKENS_MAX];
    bool is_born_known;
    bool is_born_fit;  /* one date on the cards may be the one asked for */
    bool is_born_same; /* to the day, or as vaguely as asked */
} tp_fit;

void tp_fit_init(tp_fit *fit, tp_packed_name person);
/* Adds a card of the person. */
void tp_fit_add(tp_fit *fit, const tp_query *query, const tp_card *card);

/* For what somebody typed: 0 unless every word, and the date where one is known, fits. */
uint32_t tp_fit_found(const tp_fit *fit, const tp_query *query);
/* For a person about to be recorded: 0 unless it may be the same one. */
uint32_t tp_fit_may_be(const tp_fit *fit, const tp_query *query);

#endif
