/* Cutting typed dates into words: ASCII, but for the spaces and dashes that a paste brings
 * along. */
#include "schema/date_words.h"

#include "schema/utf8.h"

#include <assert.h>

static const char *const months[] = {"january",   "february", "march",    "april",
                                     "may",       "june",     "july",     "august",
                                     "september", "october",  "november", "december"};
static const char *const weekdays[] = {"monday", "tuesday",  "wednesday", "thursday",
                                       "friday", "saturday", "sunday"};

static bool is_digit(uint32_t code)
{
    return code >= '0' && code <= '9';
}

static bool is_letter(uint32_t code)
{
    return (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z');
}

static bool take_number(tp_slice *text, tp_date_word *word)
{
    word->kind = TP_DATE_WORD_NUMBER;
    while (text->bytes > 0 && is_digit(text->at[0])) {
        if (word->digits == 9) {
            return false;
        }
        word->number = word->number * 10 + (uint32_t)(text->at[0] - '0');
        word->digits++;
        *text = tp_slice_of(text->at + 1, text->bytes - 1);
    }
    return true;
}

static bool take_letters(tp_slice *text, tp_date_word *word)
{
    size_t used = 0;
    word->kind = TP_DATE_WORD_LETTERS;
    while (text->bytes > 0 && is_letter(text->at[0])) {
        if (used + 1 == TP_DATE_LETTERS_MAX) {
            return false;
        }
        word->letters[used++] = (char)(text->at[0] | 0x20);
        *text = tp_slice_of(text->at + 1, text->bytes - 1);
    }
    return true;
}

static bool take_mark(uint32_t code, tp_date_word *word)
{
    word->kind = TP_DATE_WORD_MARK;
    word->mark = tp_utf8_is_dash(code) ? '-' : (char)code;
    return tp_utf8_is_dash(code) || (code > 0 && code < 0x80 && strchr("/.,:~+?()", (int)code));
}

bool tp_date_words_split(tp_slice typed, tp_date_words *words_out)
{
    tp_date_words words = {.count = 0};
    if (typed.bytes > TP_DATE_TYPED_BYTES_MAX) {
        return false;
    }
    while (typed.bytes > 0) {
        tp_slice rest = typed;
        uint32_t code = 0;
        if (!tp_utf8_next(&rest, &code)) {
            return false;
        }
        if (tp_utf8_is_space(code)) {
            typed = rest;
            continue;
        }
        if (words.count == TP_DATE_WORDS_MAX) {
            return false;
        }
        tp_date_word *word = &words.at[words.count++];
        bool taken = false;
        if (is_digit(code)) {
            taken = take_number(&typed, word);
        } else if (is_letter(code)) {
            taken = take_letters(&typed, word);
        } else {
            taken = take_mark(code, word);
            typed = rest;
        }
        if (!taken) {
            return false;
        }
    }
    *words_out = words;
    return true;
}

bool tp_date_word_is(const tp_date_word *word, const char *letters)
{
    return word->kind == TP_DATE_WORD_LETTERS && strcmp(word->letters, letters) == 0;
}

bool tp_date_word_is_mark(const tp_date_word *word, char mark)
{
    return word->kind == TP_DATE_WORD_MARK && word->mark == mark;
}

bool tp_date_word_is_number(const tp_date_word *word, unsigned digits_min, unsigned digits_max)
{
    return word->kind == TP_DATE_WORD_NUMBER && word->digits >= digits_min &&
           word->digits <= digits_max;
}

static unsigned begins_one_of(const tp_date_word *word, const char *const *names, unsigned count)
{
    size_t bytes = strlen(word->letters);
    if (word->kind != TP_DATE_WORD_LETTERS || bytes < 3) {
        return 0;
    }
    for (unsigned i = 0; i < count; i++) {
        if (strncmp(names[i], word->letters, bytes) == 0) {
            return i + 1;
        }
    }
    return 0;
}

unsigned tp_date_word_month(const tp_date_word *word)
{
    return begins_one_of(word, months, 12);
}

unsigned tp_date_word_weekday(const tp_date_word *word)
{
    return begins_one_of(word, weekdays, 7);
}

bool tp_date_word_is_ordinal(const tp_date_word *word)
{
    return tp_date_word_is(word, "st") || tp_date_word_is(word, "nd") ||
           tp_date_word_is(word, "rd") || tp_date_word_is(word, "th");
}

const char *tp_date_month_name(unsigned month)
{
    static const char *const names[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    assert(month >= 1 && month <= 12);
    return names[month - 1];
}

const char *tp_date_weekday_name(unsigned weekday)
{
    static const char *const names[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    assert(weekday >= 1 && weekday <= 7);
    return names[weekday - 1];
}
