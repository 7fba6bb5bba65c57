/* Leaves out actions by halves, quarters and so on, then one by one, then what is left of faults
 * and devices (delta debugging: Zeller and Hildebrandt, 2002). */
#include "tests/sim/shrink.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TRY_SECONDS_MAX = 120 };

const char sim_dies[] = "the program goes on";
const char sim_hangs[] = "a week ends";

static void *share(size_t bytes)
{
    void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) {
        perror("shared memory");
        exit(1);
    }
    return at;
}

static void be_silent(void)
{
    int fd = open("/dev/null", O_WRONLY);
    (void)dup2(fd, STDOUT_FILENO);
    (void)dup2(fd, STDERR_FILENO);
}

bool sim_try(const sim_script *script, const sim_stock *stock, sim_trouble *trouble)
{
    static sim_played *played;
    int status = 0;
    if (played == NULL) {
        played = share(sizeof *played);
    }
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        be_silent();
        alarm(TRY_SECONDS_MAX);
        _exit(sim_play(script, stock, played) ? 0 : 1);
    }
    if (child < 0 || waitpid(child, &status, 0) != child) {
        perror("a try");
        exit(1);
    }
    memset(trouble, 0, sizeof *trouble);
    if (WIFEXITED(status) && WEXITSTATUS(status) <= 1) {
        *trouble = played->trouble;
    } else {
        bool hangs = WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM;
        sim_play_clear(stock, child);
        trouble->check = hangs ? sim_hangs : sim_dies;
        snprintf(trouble->text, sizeof trouble->text, "status %d", status);
    }
    return trouble->check == NULL;
}

/* A script on its way down. */
typedef struct shrinking {
    const sim_stock *stock;
    sim_script *script;
    sim_script *shorter;
    sim_trouble *trouble;
    time_t until;
} shrinking;

/* Takes `shorter` where it fails in the same way. */
static bool take(shrinking *s)
{
    sim_trouble other;
    if (time(NULL) >= s->until || sim_try(s->shorter, s->stock, &other) ||
        other.check != s->trouble->check) {
        return false;
    }
    *s->script = *s->shorter;
    *s->trouble = other;
    return true;
}

static bool leave_out(shrinking *s, unsigned from, unsigned count)
{
    sim_script *shorter = s->shorter;
    *shorter = *s->script;
    memmove(&shorter->actions[from], &shorter->actions[from + count],
            (shorter->count - from - count) * sizeof shorter->actions[0]);
    shorter->count -= count;
    return take(s);
}

static void leave_out_actions(shrinking *s)
{
    bool has_shrunk = true;
    for (unsigned size = s->script->count / 2; size > 1; size /= 2) {
        for (unsigned from = 0; from + size <= s->script->count;) {
            from += leave_out(s, from, size) ? 0 : size;
        }
    }
    while (has_shrunk) {
        has_shrunk = false;
        for (unsigned from = s->script->count; from-- > 0;) {
            has_shrunk = leave_out(s, from, 1) || has_shrunk;
        }
    }
}

/* Syncs as they mostly are. */
static void leave_out_fates(shrinking *s)
{
    for (unsigned i = 0; i < s->script->count; i++) {
        if (s->script->actions[i].act == SIM_ACT_SYNC) {
            *s->shorter = *s->script;
            memset(&s->shorter->actions[i].sync, 0, sizeof s->shorter->actions[i].sync);
            sim_seams_whole(&s->shorter->actions[i].sync.seams);
            (void)take(s);
        }
    }
    *s->shorter = *s->script;
    sim_seams_whole(&s->shorter->seams);
    (void)take(s);
}

/* A device that nobody enrols takes no part. */
static void leave_out_devices(shrinking *s)
{
    for (unsigned d = 0; d < s->script->devices; d++) {
        *s->shorter = *s->script;
        s->shorter->is_late[d] = true;
        if (!s->script->is_late[d]) {
            (void)take(s);
        }
    }
    for (bool was_taken = true; was_taken && s->script->devices > 1;) {
        unsigned last = s->script->devices - 1;
        bool is_used = false;
        for (unsigned i = 0; i < s->script->count; i++) {
            is_used = is_used || s->script->actions[i].device == last;
        }
        *s->shorter = *s->script;
        s->shorter->devices--;
        was_taken = !is_used && take(s);
    }
}

void sim_shrink(sim_script *script, const sim_stock *stock, unsigned seconds, sim_trouble *trouble)
{
    static sim_script shorter;
    shrinking s = {stock, script, &shorter, trouble, time(NULL) + (time_t)seconds};
    leave_out_actions(&s);
    leave_out_devices(&s);
    leave_out_fates(&s);
    leave_out_actions(&s);
}
