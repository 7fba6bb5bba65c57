/* tp_london_parse: what a worker types, against a now.
 *
 * Shows no promise: how words and numbers are read. */
#include "schema/london_time.h"

#include "tests/support/hostile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

/* Monday, in winter. */
#define MON "2026-01-12T20:30Z"
/* The Sunday in March and the one in October, in the morning after the change. */
#define MARCH "2026-03-29T07:00Z"
#define OCTOBER "2026-10-25T07:00Z"
#define JULY "2026-07-14T10:00Z" /* a Tuesday, 11:00 in London */

/* means: the instant in UTC.  refusal: part of the sentence. */
static const struct {
    const char *row, *now, *typed, *means, *refusal;
} rows[] = {
    {"time", MON, "20:02", "2026-01-12T20:02Z", NULL},
    {"one digit", MON, "9:15", "2026-01-12T09:15Z", NULL},
    {"dot", MON, "20.02", "2026-01-12T20:02Z", NULL},
    {"pm", MON, "8:02pm", "2026-01-12T20:02Z", NULL},
    {"hour and pm", MON, "8 PM", "2026-01-12T20:00Z", NULL},
    {"12am is midnight", MON, "12am", "2026-01-12T00:00Z", NULL},
    {"12pm is noon", MON, "12pm", "2026-01-12T12:00Z", NULL},
    {"noon", MON, "noon", "2026-01-12T12:00Z", NULL},
    {"seconds", MON, "20:02:03", "2026-01-12T20:02:03Z", NULL},
    {"at", MON, "at 20:02", "2026-01-12T20:02Z", NULL},
    {"later than now was yesterday", MON, "21:30", "2026-01-11T21:30Z", NULL},
    {"ten minutes ahead is a slow clock", MON, "20:40", "2026-01-12T20:40Z", NULL},
    {"eleven minutes ahead was yesterday", MON, "20:41", "2026-01-11T20:41Z", NULL},
    {"just after midnight", "2026-01-12T00:10Z", "23:50", "2026-01-11T23:50Z", NULL},
    {"summer", JULY, "9:15", "2026-07-14T08:15Z", NULL},
    {"summer, after midnight in London", "2026-07-13T23:30Z", "0:15", "2026-07-13T23:15Z", NULL},
    {"UTC in summer", JULY, "9:15 UTC", "2026-07-14T09:15Z", NULL},
    {"today may be ahead", MON, "today 23:00", "2026-01-12T23:00Z", NULL},
    {"today at", MON, "Today at 9am", "2026-01-12T09:00Z", NULL},
    {"yesterday", MON, "yesterday 21:30", "2026-01-11T21:30Z", NULL},
    {"time first", MON, "21:30 yesterday", "2026-01-11T21:30Z", NULL},
    {"weekday, today", MON, "mon 9:15", "2026-01-12T09:15Z", NULL},
    {"weekday, today but later", MON, "mon 21:15", "2026-01-05T21:15Z", NULL},
    {"weekday before", MON, "Thursday 9:15", "2026-01-08T09:15Z", NULL},
    {"weekday after means last week", MON, "tues 9:15", "2026-01-06T09:15Z", NULL},
    {"on a weekday, time first", MON, "9:15 on Monday", "2026-01-12T09:15Z", NULL},
    {"full", MON, "2026-01-12 20:02", "2026-01-12T20:02Z", NULL},
    {"full in summer", MON, "2025-07-12 20:02", "2025-07-12T19:02Z", NULL},
    {"full, ahead", MON, "2026-02-12 20:02", "2026-02-12T20:02Z", NULL},
    {"T", MON, "2026-01-12T20:02", "2026-01-12T20:02Z", NULL},
    {"T and Z", MON, "2025-07-12T20:02Z", "2025-07-12T20:02Z", NULL},
    {"T, seconds and fraction", MON, "2025-07-12T20:02:03.5Z", "2025-07-12T20:02:03.500Z", NULL},
    {"nine digits of fraction", MON, "2025-07-12T20:02:03.123999999Z", "2025-07-12T20:02:03.123Z",
     NULL},
    {"offset", MON, "2025-07-12T20:02+01:00", "2025-07-12T19:02Z", NULL},
    {"offset without a colon", MON, "2025-07-12T20:02-0530", "2025-07-13T01:32Z", NULL},
    {"day and month", MON, "12 Jan 20:02", "2026-01-12T20:02Z", NULL},
    {"day and month, later than now", MON, "13 Jan 20:02", "2025-01-13T20:02Z", NULL},
    {"day and month, numbers", MON, "12/1 20:02", "2026-01-12T20:02Z", NULL},
    {"day, month, year", MON, "12/01/2026 20:02", "2026-01-12T20:02Z", NULL},
    {"dots", MON, "12.01.2026 20.02", "2026-01-12T20:02Z", NULL},
    {"words with year", MON, "12th of January 2026 at 8pm", "2026-01-12T20:00Z", NULL},
    {"month first", MON, "Jan 12, 20:02", "2026-01-12T20:02Z", NULL},
    {"as shown", MON, "Mon 12 Jan 2026 20:05", "2026-01-12T20:05Z", NULL},
    {"weekday that fits the day", MON, "Sun 11 Jan 20:05", "2026-01-11T20:05Z", NULL},
    {"the last leap day", MON, "29 Feb 12:00", "2024-02-29T12:00Z", NULL},
    {"minutes ago", MON, "20 minutes ago", "2026-01-12T20:10Z", NULL},
    {"min ago", MON, "20min ago", "2026-01-12T20:10Z", NULL},
    {"about", MON, "about 20 mins ago", "2026-01-12T20:10Z", NULL},
    {"hours ago", MON, "2 hours ago", "2026-01-12T18:30Z", NULL},
    {"an hour ago", MON, "an hour ago", "2026-01-12T19:30Z", NULL},
    {"half an hour ago", MON, "half an hour ago", "2026-01-12T20:00Z", NULL},
    {"days ago", MON, "3 days ago", "2026-01-09T20:30Z", NULL},
    {"days ago over the change", "2026-03-30T20:30Z", "2 days ago", "2026-03-28T21:30Z", NULL},
    {"days ago into the skipped hour", "2026-03-30T00:30Z", "1 day ago", "2026-03-29T01:30Z", NULL},
    {"now", MON, "now", "2026-01-12T20:30Z", NULL},
    {"just now", MON, "Just now", "2026-01-12T20:30Z", NULL},

    {"March, before", MARCH, "0:59", "2026-03-29T00:59Z", NULL},
    {"March, skipped", MARCH, "1:30", NULL, "write 00:.. or 02:.."},
    {"March, skipped, full", MON, "2026-03-29 01:00", NULL, "clocks went forward"},
    {"March, skipped, day and month", MARCH, "29 Mar 01:59", NULL, "clocks went forward"},
    {"March, after", MARCH, "2:00", "2026-03-29T01:00Z", NULL},
    {"March, skipped but with a zone", MARCH, "1:30 GMT", "2026-03-29T01:30Z", NULL},
    {"March, still ahead: the night before", "2026-03-29T00:10Z", "1:30", "2026-03-28T01:30Z",
     NULL},
    {"October, twice: the later", OCTOBER, "1:30", "2026-10-25T01:30Z", NULL},
    {"October, twice: while only the first has been", "2026-10-25T00:40Z", "1:30",
     "2026-10-25T00:30Z", NULL},
    {"October, BST", OCTOBER, "1:30 BST", "2026-10-25T00:30Z", NULL},
    {"October, GMT", OCTOBER, "1:30 GMT", "2026-10-25T01:30Z", NULL},
    {"October, as shown", OCTOBER, "Sun 25 Oct 2026 01:30 BST", "2026-10-25T00:30Z", NULL},
    {"October, once", OCTOBER, "2:00", "2026-10-25T02:00Z", NULL},
    {"last year's October, full", MON, "2025-10-26 01:30", "2025-10-26T01:30Z", NULL},

    {"empty", MON, "", NULL, "not one that is known"},
    {"day without time", MON, "yesterday", NULL, "time of day is missing"},
    {"date without time", MON, "2026-01-12", NULL, "time of day is missing"},
    {"24:00", MON, "24:00", NULL, "no such time of day"},
    {"60 minutes", MON, "20:60", NULL, "no such time of day"},
    {"60 seconds", MON, "20:02:60", NULL, "no such time of day"},
    {"13 pm", MON, "13pm", NULL, "no such time of day"},
    {"0 am", MON, "0am", NULL, "no such time of day"},
    {"30 February", MON, "30 Feb 12:00", NULL, "no such day"},
    {"29 February of no leap year", MON, "29/02/2025 12:00", NULL, "no such day"},
    {"month first, numbers", MON, "01/13/2026 12:00", NULL, "day comes first"},
    {"wrong weekday", MON, "Tue 12 Jan 2026 20:05", NULL, "another day of the week"},
    {"weekday that did not meet lately", MON, "Wed 29 Feb 20:05", NULL, "did not meet lately"},
    {"before the rule", MON, "1995-07-01 12:00", NULL, "before 1996"},
    {"before the rule, in UTC", MON, "1995-07-01 12:00Z", "1995-07-01T12:00Z", NULL},
    {"year 1", MON, "0001-01-01 00:00 +14:00", NULL, "out of range"},
    {"digits alone", MON, "2002", NULL, "not one that is known"},
    {"hour alone", MON, "9", NULL, "not one that is known"},
    {"two times", MON, "9:15 9:20", NULL, "not one that is known"},
    {"two days", MON, "today yesterday 9:15", NULL, "not one that is known"},
    {"two zones", MON, "9:15 BST GMT", NULL, "not one that is known"},
    {"zone without time", MON, "BST", NULL, "not one that is known"},
    {"offset too large", MON, "9:15+15:00", NULL, "not one that is known"},
    {"ago in no unit", MON, "20 ago", NULL, "not one that is known"},
    {"half a day", MON, "half a day ago", NULL, "not one that is known"},
    {"too many days ago", MON, "999999 days ago", NULL, "not one that is known"},
    {"words", MON, "after the soup run", NULL, "not one that is known"},
};

static int64_t instant_of(const char *utc)
{
    int64_t ms = 0;
    tp_err err = {0};
    if (tp_london_parse(tp_slice_str(utc), 0, &ms, &err) != TP_OK) {
        fail_msg("%s: %s", utc, err.what);
    }
    return ms;
}

static void test_london_parse__each_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t ms = -1;
        tp_err err = {0};
        tp_rc rc = tp_london_parse(tp_slice_str(rows[i].typed), instant_of(rows[i].now), &ms, &err);
        char utc[TP_UTC_TEXT_MAX];
        tp_utc_format(ms, utc);
        bool held = rows[i].refusal == NULL
                        ? rc == TP_OK && strcmp(utc, rows[i].means) == 0
                        : rc == TP_INVALID && strstr(err.what, rows[i].refusal) != NULL &&
                              strchr(err.what, '(') != NULL && ms == -1;
        if (!held) {
            fail_msg("%s: \"%s\" means %s; %s", rows[i].row, rows[i].typed, utc, err.what);
        }
    }
}

/* What is shown can be typed again, every hour of two years, whatever now is. */
static void test_london_parse__reads_what_is_shown(void **state)
{
    (void)state;
    for (int64_t ms = INT64_C(1767225600000); ms < INT64_C(1830384000000); ms += 1800000) {
        char shown[TP_LONDON_TEXT_MAX], utc[TP_UTC_TEXT_MAX];
        int64_t back = 0;
        tp_err err = {0};
        tp_london_format(ms, shown);
        tp_utc_format(ms + 7, utc);
        if (tp_london_parse(tp_slice_str(shown), 0, &back, &err) != TP_OK || back != ms) {
            fail_msg("%s: %s", shown, err.what);
        }
        if (tp_london_parse(tp_slice_str(utc), 0, &back, &err) != TP_OK || back != ms + 7) {
            fail_msg("%s: %s", utc, err.what);
        }
    }
}

static void test_london_parse__refuses_hostile_bytes_without_repeating_them(void **state)
{
    (void)state;
    int64_t ms = 0, now = instant_of(MON);
    for (size_t i = 0; i < TP_HOSTILES; i++) {
        tp_err err = {0};
        assert_int_equal(tp_london_parse(tp_hostile_slice(&tp_hostiles[i]), now, &ms, &err),
                         TP_INVALID);
        assert_null(strpbrk(err.what, "\x1B\n%\""));
    }
    for (const char *c = TP_HOSTILE_FILLERS; *c != '\0'; c++) {
        tp_err err = {0};
        assert_int_equal(tp_london_parse(tp_hostile_long(*c), now, &ms, &err), TP_INVALID);
    }
}

static void test_london_parse__refuses_a_clock_out_of_range(void **state)
{
    (void)state;
    static const int64_t nows[] = {INT64_MIN, TP_LONDON_MS_MIN, TP_LONDON_MS_MAX, INT64_MAX};
    for (size_t i = 0; i < 4; i++) {
        int64_t ms = 0;
        tp_err err = {0};
        assert_int_equal(tp_london_parse(tp_slice_str("3000 days ago"), nows[i], &ms, &err),
                         TP_INVALID);
        assert_non_null(strstr(err.what, "clock"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_london_parse__each_row),
        cmocka_unit_test(test_london_parse__reads_what_is_shown),
        cmocka_unit_test(test_london_parse__refuses_hostile_bytes_without_repeating_them),
        cmocka_unit_test(test_london_parse__refuses_a_clock_out_of_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
