/* Faults on demand, for what a test cannot cause.  Test builds (TP_TEST_HOOKS) read
 * TP_FAULT=alloc.nth:12,send.from:3 once: `nth` fails the call with that number, `from` fails it
 * and all that follow.  Other builds compile every point away. */
#ifndef TP_PLATFORM_BASE_FAULT_H
#define TP_PLATFORM_BASE_FAULT_H

#include <stdbool.h>

#ifdef TP_TEST_HOOKS
/* True if the call at this point must fail.  Counts the call. */
bool tp_fault(const char *point);
/* At a point that must fail, ends the process as a power cut would: nothing is cleaned up or
 * flushed. */
enum { TP_FAULT_CRASHED = 99 }; /* its exit code */
void tp_fault_crash(const char *point);
/* Replaces what TP_FAULT said and restarts all counts; NULL or "" for no faults. */
void tp_fault_set(const char *spec);
/* Asked as well at each point, in the thread that is there: must the call fail?  NULL: nobody. */
void tp_fault_judge_by(bool (*is_failing)(const char *point));
/* How often a point was passed since the last tp_fault_set. */
unsigned long tp_fault_passed(const char *point);
#else
static inline bool tp_fault(const char *point)
{
    (void)point;
    return false;
}
static inline void tp_fault_crash(const char *point)
{
    (void)point;
}
#endif

#endif
