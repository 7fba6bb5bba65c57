/* Workers take one seed after another from a common count; the parent hears what came of it. */
#include "tests/sim/jobs.h"

#include "tests/sim/shrink.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A week may be long under sanitizers, on a machine with much else to do. */
enum { WEEK_SECONDS_MAX = 900 };

/* What a worker and the parent both see: the parent still has it when the worker has died. */
typedef struct slot {
    sim_script script;
    sim_played played;
    bool is_playing;
} slot;

typedef struct board {
    atomic_ullong next; /* the next seed, from the first on */
    atomic_bool is_over;
    slot slots[SIM_JOBS_MAX];
} board;

typedef struct worker {
    pid_t pid;
    int fd; /* one sim_played after each seed */
} worker;

typedef struct running {
    const sim_range *range;
    const sim_stock *stock;
    board *board;
    worker workers[SIM_JOBS_MAX];
    double began_s;
    uint64_t done;
    uint64_t failed;
    sim_totals totals;
} running;

static board *present;

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void on_end(int signal_number)
{
    (void)signal_number;
    atomic_store(&present->is_over, true);
}

/* ---- What a worker does ---- */

/* Writes a script that fails where --replay finds it, and what is to be known about it. */
static void keep(const running *r, const sim_script *script, const sim_trouble *trouble)
{
    char path[512];
    snprintf(path, sizeof path, "%s/seed-%" PRIu64 ".sim", r->range->failed, script->seed);
    (void)mkdir(r->range->failed, 0700);
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        perror(path);
        return;
    }
    fprintf(file, "# seed %" PRIu64 ": %s: %s\n", script->seed, trouble->check, trouble->text);
    fprintf(file, "# as drawn: tests/sim/run --first %" PRIu64 "\n", script->seed);
    fprintf(file, "# this file: tests/sim/run --replay %s\n", path);
    sim_script_print(file, script);
    (void)fclose(file);
}

static void note_failure(const running *r, slot *s)
{
    if (r->range->shrink_seconds > 0) {
        sim_shrink(&s->script, r->stock, r->range->shrink_seconds, &s->played.trouble);
    }
    keep(r, &s->script, &s->played.trouble);
}

static void send(int fd, const sim_played *played)
{
    if (write(fd, played, sizeof *played) != (ssize_t)sizeof *played) {
        _exit(1);
    }
}

/* `has_died`: the one before this died over what stands in the slot. */
static void work(const running *r, unsigned at, int fd, bool has_died)
{
    slot *s = &r->board->slots[at];
    if (has_died) {
        s->is_playing = false;
        note_failure(r, s);
        send(fd, &s->played);
    }
    while (!atomic_load(&r->board->is_over)) {
        uint64_t next = atomic_fetch_add(&r->board->next, 1);
        if (next >= r->range->count) {
            break;
        }
        sim_begin(&s->script, r->range->first + next);
        s->is_playing = true;
        alarm(WEEK_SECONDS_MAX);
        bool is_good = sim_draw_and_play(&s->script, r->stock, &s->played);
        alarm(0);
        s->is_playing = false;
        if (!is_good) {
            note_failure(r, s);
        }
        send(fd, &s->played);
    }
}

static void start(running *r, unsigned at, bool has_died)
{
    int ends[2];
    fflush(NULL);
    if (pipe(ends) != 0) {
        perror("a pipe");
        exit(1);
    }
    r->workers[at].pid = fork();
    if (r->workers[at].pid == 0) {
        signal(SIGINT, SIG_IGN); /* the parent says when it is over */
        signal(SIGTERM, SIG_IGN);
        close(ends[0]);
        work(r, at, ends[1], has_died);
        exit(0); /* a leak is told then */
    }
    if (r->workers[at].pid < 0) {
        perror("a worker");
        exit(1);
    }
    close(ends[1]);
    r->workers[at].fd = ends[0];
}

/* ---- What the parent hears ---- */

static void show_file(const char *dir, uint64_t seed)
{
    char path[512];
    char line[1024];
    snprintf(path, sizeof path, "%s/seed-%" PRIu64 ".sim", dir, seed);
    FILE *file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        fputs(line, stdout);
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    fflush(stdout);
}

static void show_progress(const running *r)
{
    double passed_s = now_s() - r->began_s;
    if (!r->range->is_quiet && isatty(STDERR_FILENO) != 0) {
        fprintf(stderr, "\r%" PRIu64 " of %" PRIu64 " seeds, %" PRIu64 " failed, %.1f a second ",
                r->done, r->range->count, r->failed, (double)r->done / (passed_s + 1e-9));
    }
}

static void add_totals(sim_totals *to, const sim_totals *from)
{
    to->nodes += from->nodes;
    to->actions += from->actions;
    to->changes += from->changes;
    to->syncs += from->syncs;
    to->whole += from->whole;
    to->requests += from->requests;
    to->lost += from->lost;
    to->crashes += from->crashes;
    to->cuts += from->cuts;
    to->full += from->full;
    to->copies += from->copies;
    to->forks += from->forks;
    to->revoked += from->revoked;
    to->put_back += from->put_back;
    to->falls += from->falls;
    to->flips += from->flips;
    to->harmless += from->harmless;
    to->healed += from->healed;
    to->replaced += from->replaced;
    to->erased += from->erased;
}

static void hear(running *r, const sim_played *played)
{
    r->done++;
    add_totals(&r->totals, &played->totals);
    if (played->trouble.check != NULL) {
        r->failed++;
        fputs("\n", stdout);
        show_file(r->range->failed, played->seed);
        if (r->range->stops) {
            atomic_store(&r->board->is_over, true);
        }
    }
    show_progress(r);
}

/* The worker has said all it will: it is done, or died over a week, and another goes on. */
static void bury(running *r, unsigned at)
{
    slot *s = &r->board->slots[at];
    int status = 0;
    close(r->workers[at].fd);
    r->workers[at].fd = -1;
    (void)waitpid(r->workers[at].pid, &status, 0);
    if (status == 0) {
        return;
    }
    sim_play_clear(r->stock, r->workers[at].pid);
    if (!s->is_playing) {
        fprintf(stderr, "a worker ended with status %d after its last week\n", status);
        r->failed++;
        return;
    }
    bool hangs = WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM;
    memset(&s->played, 0, sizeof s->played);
    s->played.seed = s->script.seed;
    s->played.trouble.check = hangs ? sim_hangs : sim_dies;
    snprintf(s->played.trouble.text, sizeof s->played.trouble.text, "status %d", status);
    start(r, at, true);
}

static bool listen_once(running *r)
{
    struct pollfd polled[SIM_JOBS_MAX];
    bool is_any = false;
    for (unsigned i = 0; i < r->range->jobs; i++) {
        polled[i] = (struct pollfd){.fd = r->workers[i].fd, .events = POLLIN};
        is_any = is_any || r->workers[i].fd >= 0;
    }
    if (!is_any) {
        return false;
    }
    if (poll(polled, r->range->jobs, 1000) < 0 && errno != EINTR) {
        perror("waiting for workers");
        exit(1);
    }
    for (unsigned i = 0; i < r->range->jobs; i++) {
        sim_played played;
        if (polled[i].fd < 0 || polled[i].revents == 0) {
            continue;
        }
        if (read(polled[i].fd, &played, sizeof played) == (ssize_t)sizeof played) {
            hear(r, &played);
        } else {
            bury(r, i);
        }
    }
    if (r->range->seconds > 0 && now_s() - r->began_s >= r->range->seconds) {
        atomic_store(&r->board->is_over, true);
    }
    return true;
}

static void say(const running *r)
{
    const sim_totals *t = &r->totals;
    double passed_s = now_s() - r->began_s;
    if (!r->range->is_quiet && isatty(STDERR_FILENO) != 0) {
        fputs("\r\033[K", stderr);
    }
    printf("seeds %" PRIu64 "..%" PRIu64 ": %" PRIu64
           " played on %u jobs in %.1f s, %.1f a second, "
           "%" PRIu64 " failed",
           r->range->first, r->range->first + (r->done == 0 ? 0 : r->done - 1), r->done,
           r->range->jobs, passed_s, (double)r->done / (passed_s + 1e-9), r->failed);
    const struct {
        uint64_t count;
        const char *what;
    } said[] = {
        {t->nodes, "nodes"},        {t->actions, "actions"},   {t->changes, "changes"},
        {t->syncs, "syncs"},        {t->whole, "whole"},       {t->requests, "requests"},
        {t->lost, "lost or twice"}, {t->crashes, "crashes"},   {t->cuts, "power cuts"},
        {t->full, "full disks"},    {t->copies, "copies"},     {t->forks, "forks"},
        {t->revoked, "revoked"},    {t->put_back, "put back"}, {t->falls, "falls of the hub"},
        {t->flips, "flips"},        {t->harmless, "harmless"}, {t->healed, "healed"},
        {t->replaced, "replaced"},  {t->erased, "erased"},
    };
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++) {
        printf("%s %" PRIu64 " %s", i == 0 ? ";" : ",", said[i].count, said[i].what);
    }
    puts("");
}

bool sim_run_range(const sim_range *range, const sim_stock *stock)
{
    static running r;
    r.range = range;
    r.stock = stock;
    r.began_s = now_s();
    r.board =
        mmap(NULL, sizeof *r.board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (r.board == MAP_FAILED) {
        perror("shared memory");
        exit(1);
    }
    present = r.board;
    signal(SIGINT, on_end);
    signal(SIGTERM, on_end);
    for (unsigned i = 0; i < range->jobs; i++) {
        start(&r, i, false);
    }
    while (listen_once(&r)) {
    }
    say(&r);
    (void)munmap(r.board, sizeof *r.board);
    return r.failed == 0;
}
