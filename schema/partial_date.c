/* Reading the dates that tired people type, and comparing dates of which only a part is known. */
#include "schema/partial_date.h"

#include "schema/date_words.h"

#include <stdio.h>

static tp_rc refuse_form(tp_err *err)
{
    return tp_fail(err, TP_INVALID,
                   "date: not one that is known here (write it as 1984, 1984-05, 1984-05-11 or "
                   "~1970; leave it out while it is not known)");
}

static bool is_said_to_be_unknown(const tp_date_words *w)
{
    const tp_date_word *at = w->at;
    switch (w->count) {
    case 0:
        return true;
    case 1:
        return tp_date_word_is(at, "unknown") || tp_date_word_is_mark(at, '?') ||
               tp_date_word_is_mark(at, '-');
    case 2:
        return tp_date_word_is(at, "not") && tp_date_word_is(at + 1, "known");
    default:
        return false;
    }
}

static bool says_about(const tp_date_word *word)
{
    static const char *const words[] = {"about", "around", "approx",  "approximately", "circa", "c",
                                        "ca",    "abt",    "roughly", "maybe",         "est"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (tp_date_word_is(word, words[i])) {
            return true;
        }
    }
    return tp_date_word_is_mark(word, '~') || tp_date_word_is_mark(word, '?');
}

/* Keeps what carries the date: numbers and months.  False where something else is among them. */
static bool drop_what_only_joins(tp_date_words *w, bool *about_out)
{
    unsigned kept = 0;
    bool about = false;
    for (unsigned i = 0; i < w->count; i++) {
        const tp_date_word *word = &w->at[i];
        if (says_about(word)) {
            about = true;
        } else if (word->kind == TP_DATE_WORD_NUMBER || tp_date_word_month(word) != 0) {
            w->at[kept++] = *word;
        } else if (!tp_date_word_is_ordinal(word) && !tp_date_word_is(word, "of") &&
                   !(word->kind == TP_DATE_WORD_MARK && strchr("-/.,", word->mark) != NULL)) {
            return false;
        }
    }
    w->count = kept;
    w->at[kept].kind = TP_DATE_WORD_END;
    *about_out = about;
    return true;
}

/* The date as numbers.  A part that was said may still be 0, which is refused. */
typedef struct parts {
    uint32_t year, month, day;
    unsigned said; /* 1: the year, 2: and the month, 3: and the day */
} parts;

static bool is_year(const tp_date_word *word)
{
    return tp_date_word_is_number(word, 4, 4);
}

static bool is_part(const tp_date_word *word)
{
    return tp_date_word_is_number(word, 1, 2) || tp_date_word_month(word) != 0;
}

static uint32_t month_or_number(const tp_date_word *word)
{
    unsigned month = tp_date_word_month(word);
    return month != 0 ? month : word->number;
}

/* Eight digits in a row.  A year begins with 18 or more, so that at most one reading is a date: as
 * DDMMYYYY the year of 19840511 would be 511, as YYYYMMDD the month of 11051984 would be 19. */
static parts parts_of_run(uint32_t run)
{
    parts p = {run / 10000, run / 100 % 100, run % 100, 3};
    if (p.month < 1 || p.month > 12 || p.year < 1800) {
        p = (parts){run % 10000, run / 10000 % 100, run / 1000000, 3};
    }
    return p;
}

/* Year first, or year last with the day before the month, unless the month is a word. */
static bool find_parts(const tp_date_word *w, unsigned count, parts *out)
{
    parts p = {0, 0, 0, 0};
    if (count == 1 && is_year(w)) {
        p = (parts){w[0].number, 0, 0, 1};
    } else if (count == 1 && tp_date_word_is_number(w, 8, 8)) {
        p = parts_of_run(w[0].number);
    } else if (count == 2 && is_year(w) && is_part(w + 1)) {
        p = (parts){w[0].number, month_or_number(w + 1), 0, 2};
    } else if (count == 2 && is_year(w + 1) && is_part(w)) {
        p = (parts){w[1].number, month_or_number(w), 0, 2};
    } else if (count == 3 && is_year(w) && is_part(w + 1) && tp_date_word_is_number(w + 2, 1, 2)) {
        p = (parts){w[0].number, month_or_number(w + 1), w[2].number, 3};
    } else if (count == 3 && is_year(w + 2) && tp_date_word_is_number(w, 1, 2) && is_part(w + 1)) {
        p = (parts){w[2].number, month_or_number(w + 1), w[0].number, 3};
    } else if (count == 3 && is_year(w + 2) && tp_date_word_month(w) != 0 &&
               tp_date_word_is_number(w + 1, 1, 2)) {
        p = (parts){w[2].number, tp_date_word_month(w), w[1].number, 3};
    } else {
        return false;
    }
    *out = p;
    return true;
}

static bool has_year_of_two_digits(const tp_date_word *w, unsigned count)
{
    return count >= 2 && count <= 3 && !is_year(w) && is_part(w) &&
           tp_date_word_is_number(&w[count - 1], 2, 2);
}

static tp_rc check_exists(const parts *p, tp_err *err)
{
    if (p->year == 0) {
        return refuse_form(err);
    }
    bool has_month = p->said >= 2;
    if (has_month && p->month > 12 && p->day >= 1 && p->day <= 12) {
        return tp_fail(err, TP_INVALID,
                       "date: there is no such month (the day comes first, then the month: "
                       "11/05/1984)");
    }
    if (has_month && (p->month < 1 || p->month > 12)) {
        return tp_fail(err, TP_INVALID,
                       "date: there is no such month (write 1 to 12, or its name)");
    }
    if (p->said == 3 && p->day == 0) {
        return tp_fail(
            err, TP_INVALID,
            "date: there is no day 0 (leave the day out while it is not known: 1984-05)");
    }
    if (has_month && p->day > tp_day_month_days((int)p->year, p->month)) {
        return tp_fail(err, TP_INVALID,
                       "date: that month has no such day (check the day, the month and, for 29 "
                       "February, the year)");
    }
    return TP_OK;
}

static tp_precision precision_of(const parts *p, bool about)
{
    static const tp_precision precisions[] = {TP_PRECISION_NONE, TP_PRECISION_YEAR,
                                              TP_PRECISION_MONTH, TP_PRECISION_DAY};
    return about ? TP_PRECISION_ABOUT : precisions[p->said];
}

/* Its first and last possible day, as numbers; days outside the calendar are moved to its ends. */
static void days_of(const tp_partial_date *d, int32_t *first_out, int32_t *last_out)
{
    if (d->precision == TP_PRECISION_NONE) {
        *first_out = TP_DAY_NUMBER_MIN;
        *last_out = TP_DAY_NUMBER_MAX;
        return;
    }
    int slack = d->precision == TP_PRECISION_ABOUT ? TP_PARTIAL_DATE_ABOUT_YEARS : 0;
    int first_year = d->year - slack < 1 ? 1 : d->year - slack;
    int last_year = d->year + slack > 9999 ? 9999 : d->year + slack;
    uint8_t last_month = d->month == 0 ? 12 : d->month;
    unsigned last_day = d->day == 0 ? tp_day_month_days(last_year, last_month) : d->day;
    tp_day first = {(int16_t)first_year, d->month == 0 ? 1 : d->month, d->day == 0 ? 1 : d->day};
    tp_day last = {(int16_t)last_year, last_month, (uint8_t)last_day};
    *first_out = tp_day_number(first);
    *last_out = tp_day_number(last);
}

/* About 2027, said in 2026, is no future yet: it may be earlier. */
static tp_rc check_is_past(const tp_partial_date *date, const tp_day *today, tp_err *err)
{
    int32_t first = 0, last = 0;
    days_of(date, &first, &last);
    if (first > tp_day_number(*today)) {
        return tp_fail(err, TP_INVALID, "date: it is in the future (check the year)");
    }
    if (date->year + (int)TP_PARTIAL_DATE_AGE_MAX < today->year) {
        return tp_fail(err, TP_INVALID, "date: more than %u years ago (check the century)",
                       TP_PARTIAL_DATE_AGE_MAX);
    }
    return TP_OK;
}

tp_rc tp_partial_date_parse(tp_slice typed, const tp_day *today, tp_partial_date *date_out,
                            tp_err *err)
{
    tp_date_words words;
    bool about = false;
    parts p = {0, 0, 0, 0};
    if (!tp_date_words_split(typed, &words)) {
        return refuse_form(err);
    }
    if (is_said_to_be_unknown(&words)) {
        *date_out = (tp_partial_date){TP_PRECISION_NONE, 0, 0, 0};
        return TP_OK;
    }
    if (!drop_what_only_joins(&words, &about)) {
        return refuse_form(err);
    }
    if (!find_parts(words.at, words.count, &p)) {
        return has_year_of_two_digits(words.at, words.count)
                   ? tp_fail(err, TP_INVALID, "date: write the year with four digits (1984)")
                   : refuse_form(err);
    }
    tp_rc rc = check_exists(&p, err);
    if (rc != TP_OK) {
        return rc;
    }
    if (about && p.said > 1) {
        return tp_fail(err, TP_INVALID,
                       "date: only a year can be about (write ~1984, or the month without about)");
    }
    tp_partial_date date = {precision_of(&p, about), (int16_t)p.year, (uint8_t)p.month,
                            (uint8_t)p.day};
    rc = today == NULL ? TP_OK : check_is_past(&date, today, err);
    if (rc == TP_OK) {
        *date_out = date;
    }
    return rc;
}

void tp_partial_date_format(const tp_partial_date *date, char text_out[TP_PARTIAL_DATE_TEXT_MAX])
{
    unsigned year = (unsigned)date->year % 10000u, month = date->month % 100u;
    text_out[0] = '\0';
    switch (date->precision) {
    case TP_PRECISION_NONE:
        break;
    case TP_PRECISION_ABOUT:
        snprintf(text_out, TP_PARTIAL_DATE_TEXT_MAX, "~%04u", year);
        break;
    case TP_PRECISION_YEAR:
        snprintf(text_out, TP_PARTIAL_DATE_TEXT_MAX, "%04u", year);
        break;
    case TP_PRECISION_MONTH:
        snprintf(text_out, TP_PARTIAL_DATE_TEXT_MAX, "%04u-%02u", year, month);
        break;
    case TP_PRECISION_DAY:
        snprintf(text_out, TP_PARTIAL_DATE_TEXT_MAX, "%04u-%02u-%02u", year, month,
                 date->day % 100u);
        break;
    }
}

/* Not known comes last; else by year, month, day and then precision, each absent part being 0. */
int tp_partial_date_compare(const tp_partial_date *a, const tp_partial_date *b)
{
    bool a_known = a->precision != TP_PRECISION_NONE, b_known = b->precision != TP_PRECISION_NONE;
    if (a_known != b_known) {
        return a_known ? -1 : 1;
    }
    int differences[] = {a->year - b->year, a->month - b->month, a->day - b->day,
                         (int)a->precision - (int)b->precision};
    for (size_t i = 0; i < sizeof differences / sizeof differences[0]; i++) {
        if (differences[i] != 0) {
            return differences[i];
        }
    }
    return 0;
}

bool tp_partial_date_may_be_same(const tp_partial_date *a, const tp_partial_date *b)
{
    int32_t a_first = 0, a_last = 0, b_first = 0, b_last = 0;
    days_of(a, &a_first, &a_last);
    days_of(b, &b_first, &b_last);
    return a_first <= b_last && b_first <= a_last;
}

/* Whole years from one day to a later one. */
static unsigned years_between(tp_day from, tp_day to)
{
    bool had_birthday = to.month > from.month || (to.month == from.month && to.day >= from.day);
    return (unsigned)(to.year - from.year - (had_birthday ? 0 : 1));
}

bool tp_partial_date_age(const tp_partial_date *born, tp_day at, tp_age_range *range_out)
{
    int32_t first = 0, last = 0, now = tp_day_number(at);
    days_of(born, &first, &last);
    if (born->precision == TP_PRECISION_NONE || first > now) {
        return false;
    }
    last = last > now ? now : last;
    range_out->years_min = years_between(tp_day_of_number(last), at);
    range_out->years_max = years_between(tp_day_of_number(first), at);
    return true;
}
