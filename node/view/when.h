/* Moments as people here read them, and how sure they are. */
#ifndef TP_NODE_VIEW_WHEN_H
#define TP_NODE_VIEW_WHEN_H

#include "schema/london_time.h"
#include "sync/merge/stamp.h"

/* "between Mon 12 Jan 2026 20:05 BST and Tue 13 Jan 2026 21:00 BST" and its end */
enum { TP_WHEN_TEXT_MAX = 80, TP_WHEN_DAY_MAX = 16 };

/* "Mon 12 Jan 2026 20:05", "about ...", "between ... and ...", "before ...". */
void tp_when_text(const tp_estimate *at, char out[TP_WHEN_TEXT_MAX]);

/* The same under a heading that says the day: "20:05", "about 20:05"; where it may have been
 * another day, as tp_when_text. */
void tp_when_text_below_day(const tp_estimate *at, char out[TP_WHEN_TEXT_MAX]);

/* "Mon 12 Jan 2026". */
void tp_when_day(int64_t ms, char out[TP_WHEN_DAY_MAX]);
/* "20:05", with BST or GMT in the hour that October has twice. */
void tp_when_time(int64_t ms, char out[TP_LONDON_TEXT_MAX]);
/* "20:05" if it is of the same day in London as now, else "Mon 12 Jan 2026 20:05". */
void tp_when_near(int64_t ms, int64_t now_ms, char out[TP_LONDON_TEXT_MAX]);

#endif
