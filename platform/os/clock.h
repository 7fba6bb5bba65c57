/* Time as a parameter.  Records need a reading (wall clock, uptime, boot); deadlines need a clock
 * that never jumps.  Only what takes a `tp_clock *` may know what time it is, so that a test can
 * own it. */
#ifndef TP_PLATFORM_OS_CLOCK_H
#define TP_PLATFORM_OS_CLOCK_H

#include <stdint.h>

enum { TP_BOOT_BYTES = 16 };

/* What the machine says at one moment.  The wall clock may be wrong or jump; the uptime only grows
 * while `boot` stays the same. */
typedef struct tp_reading {
    int64_t wall_ms;             /* UTC, milliseconds since 1970 */
    int64_t up_ms;               /* since this boot, counting sleep (CLOCK_BOOTTIME) */
    uint8_t boot[TP_BOOT_BYTES]; /* one value for each boot of the machine */
} tp_reading;

typedef struct tp_clock tp_clock;
struct tp_clock {
    /* Never fails: a machine without a clock cannot run the program. */
    tp_reading (*read)(const tp_clock *clock);
};

static inline tp_reading tp_clock_read(const tp_clock *clock)
{
    return clock->read(clock);
}

/* The machine's own clock.  In test builds, where TP_TEST_CLOCK names a file, each reading is read
 * afresh from its one line "WALL_MS UP_MS BOOTID\n"; BOOTID is a short word without spaces. */
const tp_clock *tp_clock_system(void);

/* A clock that stands still until its owner sets `reading`.  For tests. */
typedef struct tp_clock_fixed {
    tp_clock clock; /* first, so that its address is the clock's */
    tp_reading reading;
} tp_clock_fixed;

/* `boot` fills every byte of the boot id. */
void tp_clock_fixed_init(tp_clock_fixed *fixed, int64_t wall_ms, int64_t up_ms, uint8_t boot);
/* Both hands go on together. */
void tp_clock_fixed_advance(tp_clock_fixed *fixed, int64_t ms);

/* For deadlines and measuring only: from an unknown beginning, never jumps, not under
 * TP_TEST_CLOCK. */
int64_t tp_monotonic_ms(void);
int64_t tp_monotonic_us(void);

/* Waits at least `ms`, whatever signals arrive.  0 or less returns at once. */
void tp_sleep_ms(int64_t ms);

#endif
