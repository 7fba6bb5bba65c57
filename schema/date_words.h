/* Typed dates and times cut into words: what partial_date and london_time read. */
#ifndef TP_SCHEMA_DATE_WORDS_H
#define TP_SCHEMA_DATE_WORDS_H

#include "platform/base/slice.h"

#define TP_DATE_TYPED_BYTES_MAX 64u /* longer text is no date */
#define TP_DATE_WORDS_MAX 20u
#define TP_DATE_LETTERS_MAX 14u /* "approximately" and its end */

typedef enum tp_date_word_kind {
    TP_DATE_WORD_END,    /* stands after the last word, so that a reader may look ahead */
    TP_DATE_WORD_NUMBER, /* digits */
    TP_DATE_WORD_LETTERS,
    TP_DATE_WORD_MARK /* one of - / . , : ~ + ? ( ) */
} tp_date_word_kind;

typedef struct tp_date_word {
    tp_date_word_kind kind;
    uint32_t number;                   /* NUMBER: its value, of at most 9 digits */
    unsigned digits;                   /* NUMBER: how many were typed */
    char letters[TP_DATE_LETTERS_MAX]; /* LETTERS: lower case */
    char mark;                         /* MARK; any dash is '-' */
} tp_date_word;

typedef struct tp_date_words {
    tp_date_word at[TP_DATE_WORDS_MAX + 1];
    unsigned count; /* without the END */
} tp_date_words;

/* Cuts `typed`.  Letters and digits that touch become two words ("9pm", "11th").  False where it is
 * too long, has too many words, a longer word or number, or a character no date is written with. */
bool tp_date_words_split(tp_slice typed, tp_date_words *words_out);

bool tp_date_word_is(const tp_date_word *word, const char *letters);
bool tp_date_word_is_mark(const tp_date_word *word, char mark);
/* A number of at least and at most so many digits. */
bool tp_date_word_is_number(const tp_date_word *word, unsigned digits_min, unsigned digits_max);

/* 1..12 for the English name of a month or its first letters, three at least; else 0. */
unsigned tp_date_word_month(const tp_date_word *word);
/* 1 Monday .. 7 Sunday likewise; else 0. */
unsigned tp_date_word_weekday(const tp_date_word *word);
/* "st", "nd", "rd", "th": what may follow a day. */
bool tp_date_word_is_ordinal(const tp_date_word *word);

/* "Jan" of 1..12, "Mon" of 1..7 (Monday first).  Static. */
const char *tp_date_month_name(unsigned month);
const char *tp_date_weekday_name(unsigned weekday);

#endif
