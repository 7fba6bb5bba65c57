/* Stamps as differences, as the response sends them: from the uptime in the change's own reading,
 * which is the same for all changes of one era, so that the difference of two differences is mostly
 * 0. */
#ifndef TP_SYNC_WIRE_STAMP_LESS_H
#define TP_SYNC_WIRE_STAMP_LESS_H

#include "sync/wire/response.h"

/* A run of one.  False if the stamp is out of range. */
bool tp_stamp_run_of(const tp_stamp *stamp, int64_t up_ms, tp_stamp_run *run_out);
/* May both stand in one run?  Says nothing of their numbers. */
bool tp_stamp_run_fits(const tp_stamp_run *a, const tp_stamp_run *b);

/* Reads [earliest - stamp, latest - stamp] without the array's head. */
void tp_stamp_run_read_bounds(tp_cbor_reader *reader, tp_stamp_run *run);

/* Writes the run that was growing, so that another may begin.  Errors: as the writer's. */
TP_MUST_USE tp_rc tp_response_writer_end_run(tp_response_writer *writer, tp_err *err);

/* The range of stamp - uptime. */
#define TP_SKEW_MS_MIN (TP_TIME_MS_MIN - TP_TIME_MS_MAX)
#define TP_SKEW_MS_MAX TP_TIME_MS_MAX
/* The range of a bound - stamp, and of one such difference less another. */
#define TP_LESS_MS_MIN (2 * TP_SKEW_MS_MIN)
#define TP_LESS_MS_MAX (-TP_LESS_MS_MIN)

#endif
