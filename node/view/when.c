/* Moments in words. */
#include "node/view/when.h"

#include <stdio.h>

enum {
    DAY_WORDS = 4,             /* of "Mon 2 Feb 2026 20:05" */
    ABOUT_MS = 2 * 3600 * 1000 /* bounds this close together read as one moment */
};

typedef enum sureness { SURE, ABOUT, BETWEEN, BEFORE } sureness;

static sureness sureness_of(const tp_estimate *at)
{
    if (at->is_certain) {
        return SURE;
    }
    /* A moment within the bounds is what a clock said that nobody has compared yet. */
    if (at->latest_ms - at->earliest_ms <= ABOUT_MS || at->ms < at->latest_ms) {
        return ABOUT;
    }
    return at->earliest_ms <= TP_STAMP_EARLIEST_MS ? BEFORE : BETWEEN;
}

static bool is_same_day(int64_t a_ms, int64_t b_ms)
{
    return tp_day_compare(tp_london_day_of(a_ms), tp_london_day_of(b_ms)) == 0;
}

/* Where the day ends: a day of the month has one digit or two. */
static size_t day_chars(const char *text)
{
    size_t at = 0;
    for (int words = 0; text[at] != '\0'; at++) {
        words += text[at] == ' ';
        if (words == DAY_WORDS) {
            break;
        }
    }
    return at;
}

void tp_when_day(int64_t ms, char out[TP_WHEN_DAY_MAX])
{
    char text[TP_LONDON_TEXT_MAX];
    tp_london_format(ms, text);
    snprintf(out, TP_WHEN_DAY_MAX, "%.*s", (int)day_chars(text), text);
}

void tp_when_time(int64_t ms, char out[TP_LONDON_TEXT_MAX])
{
    char text[TP_LONDON_TEXT_MAX];
    tp_london_format(ms, text);
    size_t chars = day_chars(text);
    snprintf(out, TP_LONDON_TEXT_MAX, "%s", text[chars] == ' ' ? text + chars + 1 : text);
}

void tp_when_near(int64_t ms, int64_t now_ms, char out[TP_LONDON_TEXT_MAX])
{
    if (is_same_day(ms, now_ms)) {
        tp_when_time(ms, out);
    } else {
        tp_london_format(ms, out);
    }
}

static void between(const tp_estimate *at, char out[TP_WHEN_TEXT_MAX])
{
    char from[TP_LONDON_TEXT_MAX];
    char until[TP_LONDON_TEXT_MAX];
    tp_london_format(at->earliest_ms, from);
    tp_when_near(at->latest_ms, at->earliest_ms, until);
    snprintf(out, TP_WHEN_TEXT_MAX, "between %s and %s", from, until);
}

void tp_when_text(const tp_estimate *at, char out[TP_WHEN_TEXT_MAX])
{
    char text[TP_LONDON_TEXT_MAX];
    tp_london_format(at->ms, text);
    switch (sureness_of(at)) {
    case SURE:
        snprintf(out, TP_WHEN_TEXT_MAX, "%s", text);
        return;
    case ABOUT:
        snprintf(out, TP_WHEN_TEXT_MAX, "about %s", text);
        return;
    case BETWEEN:
        between(at, out);
        return;
    case BEFORE:
        snprintf(out, TP_WHEN_TEXT_MAX, "before %s", text);
        return;
    }
}

void tp_when_text_below_day(const tp_estimate *at, char out[TP_WHEN_TEXT_MAX])
{
    char text[TP_LONDON_TEXT_MAX];
    tp_when_time(at->ms, text);
    switch (sureness_of(at)) {
    case SURE:
        snprintf(out, TP_WHEN_TEXT_MAX, "%s", text);
        return;
    case ABOUT:
        snprintf(out, TP_WHEN_TEXT_MAX, "about %s", text);
        return;
    case BETWEEN:
    case BEFORE:
        tp_when_text(at, out);
        return;
    }
}
