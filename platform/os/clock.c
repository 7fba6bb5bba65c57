/* The machine's clocks, and the clock of test builds. */
#include "platform/os/clock.h"

#include "platform/base/encode.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifdef TP_TEST_HOOKS
#include <stdio.h>
#endif

enum { MS_PER_S = 1000, US_PER_MS = 1000, NS_PER_US = 1000 };

static int64_t clock_us(clockid_t id)
{
    struct timespec t = {0, 0};
    clock_gettime(id, &t); /* fails only for an unknown clock */
    return (int64_t)t.tv_sec * MS_PER_S * US_PER_MS + t.tv_nsec / NS_PER_US;
}

static uint8_t boot_id[TP_BOOT_BYTES];
static pthread_once_t boot_once = PTHREAD_ONCE_INIT;

/* The kernel's 36 characters without the hyphens are the 16 bytes.  Where /proc is missing, the
 * second the machine started: stable while nobody moves the wall clock, and then another boot id is
 * the safe side, since it only begins a new era. */
static void read_boot_id(void)
{
    uint8_t text[36];
    uint8_t digits[32];
    size_t count = 0;
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof text);
    if (fd >= 0) {
        close(fd);
    }
    for (size_t i = 0; got == (ssize_t)sizeof text && i < sizeof text && count < sizeof digits;
         i++) {
        if (text[i] != '-') {
            digits[count++] = text[i];
        }
    }
    if (count == sizeof digits &&
        tp_hex_decode(tp_slice_of(digits, count), boot_id, sizeof boot_id)) {
        return;
    }
    int64_t started_s =
        (clock_us(CLOCK_REALTIME) - clock_us(CLOCK_BOOTTIME)) / (MS_PER_S * US_PER_MS);
    memset(boot_id, 0, sizeof boot_id);
    memcpy(boot_id, &started_s, sizeof started_s);
}

static tp_reading read_machine(void)
{
    tp_reading reading;
    pthread_once(&boot_once, read_boot_id);
    reading.wall_ms = clock_us(CLOCK_REALTIME) / US_PER_MS;
    reading.up_ms = clock_us(CLOCK_BOOTTIME) / US_PER_MS;
    memcpy(reading.boot, boot_id, sizeof reading.boot);
    return reading;
}

#ifdef TP_TEST_HOOKS

enum { TEST_LINE_BYTES = 128, TEST_TRIES_MAX = 10000 };

/* 128 bits of FNV-1a in two halves: distinct words give distinct boots, which is all a test needs.
 */
static void hash_boot(const char *word, uint8_t out[TP_BOOT_BYTES])
{
    uint64_t halves[2] = {UINT64_C(0xcbf29ce484222325), UINT64_C(0x84222325cbf29ce4)};
    for (; *word != '\0'; word++) {
        halves[0] = (halves[0] ^ (uint8_t)*word) * UINT64_C(0x100000001b3);
        halves[1] = (halves[1] ^ (uint8_t)*word) * UINT64_C(0x100000001b3);
    }
    memcpy(out, halves, TP_BOOT_BYTES);
}

static ssize_t read_test_line(const char *path, char line[TEST_LINE_BYTES])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : pread(fd, line, TEST_LINE_BYTES - 1, 0);
    if (fd >= 0) {
        close(fd);
    }
    line[got < 0 ? 0 : got] = '\0';
    return got;
}

/* True if two looks saw the same whole line: a line that is being written in place is looked at
 * again. */
static bool parse_test_line(const char *path, tp_reading *out)
{
    char line[TEST_LINE_BYTES];
    char again[TEST_LINE_BYTES];
    char word[TEST_LINE_BYTES];
    long long wall_ms = 0;
    long long up_ms = 0;
    ssize_t got = read_test_line(path, line);
    if (got <= 0 || line[got - 1] != '\n' || read_test_line(path, again) != got ||
        memcmp(line, again, (size_t)got) != 0 ||
        sscanf(line, "%lld %lld %127s", &wall_ms, &up_ms, word) != 3) {
        return false;
    }
    out->wall_ms = wall_ms;
    out->up_ms = up_ms;
    hash_boot(word, out->boot);
    return true;
}

static tp_reading read_system(const tp_clock *clock)
{
    (void)clock;
    const char *path = getenv("TP_TEST_CLOCK");
    tp_reading reading;
    for (int i = 0; path != NULL && i < TEST_TRIES_MAX; i++) {
        if (parse_test_line(path, &reading)) {
            return reading;
        }
        tp_sleep_ms(1);
    }
    if (path != NULL) {
        fprintf(stderr, "TP_TEST_CLOCK: no line \"WALL_MS UP_MS BOOTID\" in %s\n", path);
        abort(); /* a test that goes on with another clock than it set would tell nothing */
    }
    return read_machine();
}

#else

static tp_reading read_system(const tp_clock *clock)
{
    (void)clock;
    return read_machine();
}

#endif

const tp_clock *tp_clock_system(void)
{
    static const tp_clock system_clock = {read_system};
    return &system_clock;
}

static tp_reading read_fixed(const tp_clock *clock)
{
    return ((const tp_clock_fixed *)clock)->reading;
}

void tp_clock_fixed_init(tp_clock_fixed *fixed, int64_t wall_ms, int64_t up_ms, uint8_t boot)
{
    fixed->clock.read = read_fixed;
    fixed->reading.wall_ms = wall_ms;
    fixed->reading.up_ms = up_ms;
    memset(fixed->reading.boot, boot, sizeof fixed->reading.boot);
}

void tp_clock_fixed_advance(tp_clock_fixed *fixed, int64_t ms)
{
    fixed->reading.wall_ms += ms;
    fixed->reading.up_ms += ms;
}

int64_t tp_monotonic_us(void)
{
    return clock_us(CLOCK_MONOTONIC);
}

int64_t tp_monotonic_ms(void)
{
    return tp_monotonic_us() / US_PER_MS;
}

void tp_sleep_ms(int64_t ms)
{
    if (ms <= 0) {
        return;
    }
    int64_t until_us = tp_monotonic_us() + ms * US_PER_MS;
    struct timespec until = {(time_t)(until_us / (MS_PER_S * US_PER_MS)),
                             (long)(until_us % (MS_PER_S * US_PER_MS)) * NS_PER_US};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) {
    }
}
