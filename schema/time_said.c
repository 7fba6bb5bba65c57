/* Taking the parts of a typed time: each taker looks at the words from `w` on and answers how many
 * were its own.  The words end with an END, so that looking one word past a word that fits is
 * always safe. */
#include "schema/time_said.h"

#define HOUR_MS INT64_C(3600000)
#define MINUTE_MS INT64_C(60000)

static unsigned take_time(const tp_date_word *w, tp_time_said *s);
static unsigned take_date(const tp_date_word *w, tp_time_said *s);
static unsigned take_day_word(const tp_date_word *w, tp_time_said *s);
static unsigned take_zone(const tp_date_word *w, tp_time_said *s);

static bool only_joins(const tp_date_word *word)
{
    return tp_date_word_is(word, "at") || tp_date_word_is(word, "on") ||
           tp_date_word_is(word, "the") || tp_date_word_is_mark(word, ',');
}

/* Takes the parts one after the other; a part that comes twice fits nothing and is refused. */
bool tp_time_said_read(const tp_date_words *words, tp_time_said *said_out)
{
    tp_time_said said = {.day = TP_DAY_SAID_NONE};
    tp_time_said *s = &said;
    unsigned i = 0;
    while (i < words->count) {
        const tp_date_word *w = &words->at[i];
        unsigned taken = only_joins(w) ? 1 : 0;
        taken = taken > 0 || s->has_time ? taken : take_time(w, s);
        taken = taken > 0 ? taken : take_date(w, s);
        taken = taken > 0 ? taken : take_day_word(w, s);
        taken = taken > 0 || !s->has_time ? taken : take_zone(w, s);
        if (taken == 0) {
            return false;
        }
        i += taken;
    }
    *said_out = said;
    return words->count > 0;
}

/* am and pm: 12 am is midnight, 12 pm noon. */
static unsigned take_half(const tp_date_word *w, tp_time_said *s)
{
    bool am = tp_date_word_is(w, "am"), pm = tp_date_word_is(w, "pm");
    if (!am && !pm) {
        return 0;
    }
    /* An hour that no half of a day has becomes one that check_said refuses. */
    s->hour = s->hour < 1 || s->hour > 12 ? 99 : s->hour % 12 + (pm ? 12 : 0);
    return 1;
}

/* ":03" or ":03.5", after hour and minute. */
static unsigned take_seconds(const tp_date_word *w, tp_time_said *s)
{
    if (!tp_date_word_is_mark(w, ':') || !tp_date_word_is_number(w + 1, 2, 2)) {
        return 0;
    }
    s->second = w[1].number;
    if (!tp_date_word_is_mark(w + 2, '.') || !tp_date_word_is_number(w + 3, 1, 9)) {
        return 2;
    }
    uint32_t fraction = w[3].number;
    for (unsigned digits = w[3].digits; digits < 9; digits++) {
        fraction *= 10;
    }
    s->ms = fraction / 1000000;
    return 4;
}

/* 20:02 [:03[.5]] [am|pm], 20.02 unless a date with dots goes on, 9pm, noon. */
static unsigned take_time(const tp_date_word *w, tp_time_said *s)
{
    unsigned taken = 0;
    if (tp_date_word_is(w, "noon")) {
        s->hour = 12;
        s->has_time = true;
        return 1;
    }
    if (!tp_date_word_is_number(w, 1, 2)) {
        return 0;
    }
    bool colon = tp_date_word_is_mark(w + 1, ':');
    bool has_minute = w[1].kind == TP_DATE_WORD_MARK && tp_date_word_is_number(w + 2, 2, 2);
    bool dot = tp_date_word_is_mark(w + 1, '.') && has_minute && !tp_date_word_is_mark(w + 3, '.');
    s->hour = w[0].number;
    if ((colon && has_minute) || dot) {
        s->minute = w[2].number;
        taken = 3;
        taken += take_seconds(w + taken, s);
        taken += take_half(w + taken, s);
    } else if (take_half(w + 1, s) == 1) {
        taken = 2;
    }
    s->has_time = taken > 0;
    return taken;
}

static void set_date(tp_time_said *s, tp_day_said day, uint32_t year, uint32_t month,
                     uint32_t of_month)
{
    s->day = day;
    s->date = (tp_day){(int16_t)year, (uint8_t)month, (uint8_t)of_month};
}

/* 2026-01-12, 2026/1/12; a T between it and the time belongs to it. */
static unsigned take_year_first(const tp_date_word *w, tp_time_said *s)
{
    if (!tp_date_word_is_number(w, 4, 4) || w[1].kind != TP_DATE_WORD_MARK ||
        strchr("-/.", w[1].mark) == NULL || !tp_date_word_is_number(w + 2, 1, 2) ||
        !tp_date_word_is_mark(w + 3, w[1].mark) || !tp_date_word_is_number(w + 4, 1, 2)) {
        return 0;
    }
    set_date(s, TP_DAY_SAID_FULL, w[0].number, w[2].number, w[4].number);
    return tp_date_word_is(w + 5, "t") ? 6 : 5;
}

/* 12/01[/2026], 12.01.2026. */
static unsigned take_numbers(const tp_date_word *w, tp_time_said *s)
{
    if (!tp_date_word_is_number(w, 1, 2) || w[1].kind != TP_DATE_WORD_MARK ||
        strchr("-/.", w[1].mark) == NULL || !tp_date_word_is_number(w + 2, 1, 2)) {
        return 0;
    }
    if (tp_date_word_is_mark(w + 3, w[1].mark) && tp_date_word_is_number(w + 4, 4, 4)) {
        set_date(s, TP_DAY_SAID_FULL, w[4].number, w[2].number, w[0].number);
        return 5;
    }
    if (w[1].mark != '/' || tp_date_word_is_mark(w + 3, '/')) {
        return 0;
    }
    set_date(s, TP_DAY_SAID_OF_MONTH, 0, w[2].number, w[0].number);
    return 3;
}

/* 12[th] [of] Jan[uary] [2026], Jan 12[th] [2026], with dots, hyphens and commas between. */
static unsigned take_month_word(const tp_date_word *w, tp_time_said *s)
{
    uint32_t of_month = 0, month = 0;
    unsigned i = 0;
    while (i < 5 && (of_month == 0 || month == 0)) {
        if (of_month == 0 && tp_date_word_is_number(&w[i], 1, 2) && w[i].number > 0) {
            of_month = w[i].number;
        } else if (month == 0 && tp_date_word_month(&w[i]) != 0) {
            month = tp_date_word_month(&w[i]);
        } else if (i == 0 ||
                   (!tp_date_word_is_ordinal(&w[i]) && !tp_date_word_is(&w[i], "of") &&
                    !tp_date_word_is_mark(&w[i], '-') && !tp_date_word_is_mark(&w[i], '.'))) {
            return 0;
        }
        i++;
    }
    if (of_month == 0 || month == 0) {
        return 0;
    }
    while (tp_date_word_is_ordinal(&w[i]) || tp_date_word_is_mark(&w[i], '-') ||
           tp_date_word_is_mark(&w[i], ',')) {
        i++;
    }
    if (tp_date_word_is_number(&w[i], 4, 4)) {
        set_date(s, TP_DAY_SAID_FULL, w[i].number, month, of_month);
        return i + 1;
    }
    set_date(s, TP_DAY_SAID_OF_MONTH, 0, month, of_month);
    return i;
}

/* A weekday said before is kept, to be held against the date. */
static unsigned take_date(const tp_date_word *w, tp_time_said *s)
{
    if (s->day != TP_DAY_SAID_NONE && s->day != TP_DAY_SAID_WEEKDAY) {
        return 0;
    }
    unsigned taken = take_year_first(w, s);
    taken = taken > 0 ? taken : take_numbers(w, s);
    return taken > 0 ? taken : take_month_word(w, s);
}

static unsigned take_day_word(const tp_date_word *w, tp_time_said *s)
{
    unsigned weekday = tp_date_word_weekday(w);
    if (weekday != 0 && s->weekday == 0 && s->day != TP_DAY_SAID_TODAY &&
        s->day != TP_DAY_SAID_YESTERDAY) {
        s->weekday = weekday;
        s->day = s->day == TP_DAY_SAID_NONE ? TP_DAY_SAID_WEEKDAY : s->day;
        return 1;
    }
    if (s->day != TP_DAY_SAID_NONE) {
        return 0;
    }
    if (tp_date_word_is(w, "today")) {
        s->day = TP_DAY_SAID_TODAY;
        return 1;
    }
    if (tp_date_word_is(w, "yesterday")) {
        s->day = TP_DAY_SAID_YESTERDAY;
        return 1;
    }
    return 0;
}

/* Z, UTC, GMT, BST, +01:00, -0500. */
static unsigned take_zone(const tp_date_word *w, tp_time_said *s)
{
    if (s->has_zone) {
        return 0;
    }
    bool summer = tp_date_word_is(w, "bst");
    if (summer || tp_date_word_is(w, "gmt") || tp_date_word_is(w, "utc") ||
        tp_date_word_is(w, "z")) {
        s->has_zone = true;
        s->offset_ms = summer ? HOUR_MS : 0;
        return 1;
    }
    bool ahead = tp_date_word_is_mark(w, '+');
    if (!ahead && !tp_date_word_is_mark(w, '-')) {
        return 0;
    }
    uint32_t hours = 0, minutes = 0;
    unsigned taken = 0;
    if (tp_date_word_is_number(w + 1, 2, 2) && tp_date_word_is_mark(w + 2, ':') &&
        tp_date_word_is_number(w + 3, 2, 2)) {
        hours = w[1].number;
        minutes = w[3].number;
        taken = 4;
    } else if (tp_date_word_is_number(w + 1, 4, 4)) {
        hours = w[1].number / 100;
        minutes = w[1].number % 100;
        taken = 2;
    }
    if (taken == 0 || hours > 14 || minutes > 59) {
        return 0;
    }
    s->has_zone = true;
    s->offset_ms = (ahead ? 1 : -1) * (hours * HOUR_MS + minutes * MINUTE_MS);
    return taken;
}
