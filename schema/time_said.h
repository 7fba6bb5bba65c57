/* A typed time, part by part, before anybody knows when now is: what london_parse resolves. */
#ifndef TP_SCHEMA_TIME_SAID_H
#define TP_SCHEMA_TIME_SAID_H

#include "schema/date_words.h"
#include "schema/day.h"

typedef enum tp_day_said {
    TP_DAY_SAID_NONE, /* a time alone */
    TP_DAY_SAID_TODAY,
    TP_DAY_SAID_YESTERDAY,
    TP_DAY_SAID_WEEKDAY,  /* weekday */
    TP_DAY_SAID_OF_MONTH, /* day and month, without a year */
    TP_DAY_SAID_FULL      /* day, month and year; perhaps the weekday too */
} tp_day_said;

typedef struct tp_time_said {
    tp_day_said day;
    unsigned weekday; /* 1..7, 0: not said */
    tp_day date;      /* year 0: not said */
    bool has_time;
    unsigned hour, minute, second, ms;
    bool has_zone;     /* false: whatever the clocks of London showed */
    int64_t offset_ms; /* has_zone: how far ahead of UTC */
} tp_time_said;

/* Takes the words of a time in any order, each part once.  False where a word is none of them.
 * Numbers are as typed: 99:99 on the 45th is for the caller to refuse. */
bool tp_time_said_read(const tp_date_words *words, tp_time_said *said_out);

#endif
