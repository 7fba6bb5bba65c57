/* Weeks of chance: random scripts on real nodes and a real hub, held against an oracle.
 *
 * With no option: a fixed number of seeds, as a test.  A seed that fails prints itself, the script
 * cut down to what is needed, and how to see it again.
 *
 * Shows P1 to P17, P19, P21, P22. */
#include "tests/sim/draw.h"

#include "platform/base/alloc.h"
#include "tests/support/temp_dir.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { SEEDS_AS_A_TEST = 50, ACTIONS_MIN = 30 };

typedef struct options {
    uint64_t first;
    uint64_t count;
    unsigned seconds; /* 0: no limit */
    bool is_quiet;
    bool tells_script;
    bool stops; /* at the first seed that fails */
} options;

static const sim_keys *lent_keys;

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint64_t present_seed;

/* What aborts (an assertion, a sanitizer) still says which seed it was. */
static void on_abort(int signal_number)
{
    char text[64];
    int bytes = snprintf(text, sizeof text, "\nin seed %llu\n", (unsigned long long)present_seed);
    ssize_t ignored = write(STDERR_FILENO, text, (size_t)bytes);
    (void)ignored;
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

/* ---- Running ---- */

/* Runs a script; one of no actions is drawn on the way, `wanted` long. */
static bool run(sim_script *script, tp_rng *rng, unsigned wanted, sim_trouble *trouble)
{
    static sim_world world;
    tp_path dir = temp_dir_make();
    bool is_drawing = rng != NULL;
    bool is_good = sim_world_open(&world, script, lent_keys, &dir);
    for (unsigned i = 0; is_good && i < (is_drawing ? wanted : script->count); i++) {
        if (is_drawing) {
            sim_draw_action(rng, &world, i, &script->actions[i]);
            script->count = i + 1;
        }
        is_good = sim_world_act(&world, &script->actions[i]);
    }
    if (is_good) {
        is_good = sim_world_settle(&world);
    }
    sim_world_close(&world);
    temp_dir_remove(&dir);
    *trouble = world.trouble;
    return world.trouble.check == NULL;
}

/* ---- Shrinking ---- */

/* Leaves out `count` actions from `from` on, if the same check fails without them. */
static bool leave_out(sim_script *script, unsigned from, unsigned count, sim_trouble *trouble)
{
    static sim_script shorter;
    sim_trouble other;
    shorter = *script;
    memmove(&shorter.actions[from], &shorter.actions[from + count],
            (shorter.count - from - count) * sizeof shorter.actions[0]);
    shorter.count -= count;
    if (run(&shorter, NULL, 0, &other) || other.check != trouble->check) {
        return false;
    }
    *script = shorter;
    *trouble = other;
    return true;
}

static void shrink(sim_script *script, sim_trouble *trouble)
{
    bool has_shrunk = true;
    for (unsigned size = script->count / 2; size > 1; size /= 2) {
        for (unsigned from = 0; from + size <= script->count;) {
            from += leave_out(script, from, size, trouble) ? 0 : size;
        }
    }
    while (has_shrunk) {
        has_shrunk = false;
        for (unsigned from = script->count; from-- > 0;) {
            has_shrunk = leave_out(script, from, 1, trouble) || has_shrunk;
        }
    }
}

static void tell(const sim_script *script, const sim_trouble *trouble)
{
    printf("seed %llu: %s: %s\n", (unsigned long long)script->seed, trouble->check, trouble->text);
    sim_script_print(stdout, script);
    printf("again: week_of_chance --seed %llu\n\n", (unsigned long long)script->seed);
    fflush(stdout);
}

static bool run_seed(uint64_t seed, const options *o)
{
    static sim_script script;
    sim_trouble trouble;
    tp_rng_seeded rng;
    present_seed = seed;
    memset(&script, 0, sizeof script);
    script.seed = seed;
    tp_rng_seeded_init(&rng, seed);
    sim_draw_devices(&rng.rng, &script);
    unsigned wanted =
        ACTIONS_MIN + (unsigned)tp_rng_below(&rng.rng, SIM_ACTIONS_MAX - ACTIONS_MIN + 1);
    size_t live = tp_alloc_live();
    bool is_good = run(&script, &rng.rng, wanted, &trouble);
    if (is_good && tp_alloc_live() != live) {
        printf("seed %llu: %zu blocks are left\n", (unsigned long long)seed,
               tp_alloc_live() - live);
        return false;
    }
    if (o->tells_script) {
        sim_script_print(stdout, &script);
    }
    if (!is_good) {
        printf("seed %llu: %s: %s (%u actions; cutting down)\n", (unsigned long long)seed,
               trouble.check, trouble.text, script.count);
        fflush(stdout);
        shrink(&script, &trouble);
        tell(&script, &trouble);
    }
    return is_good;
}

/* ---- The command line ---- */

static void usage(void)
{
    puts("week_of_chance [--seed N] [--seeds COUNT] [--seconds S] [--stop] [--quiet] [--script]\n"
         "  --seed N       this one, or with --seeds the first\n"
         "  --seeds COUNT  how many (default: as many as the test runs)\n"
         "  --seconds S    stop after so long\n"
         "  --stop         end at the first one that fails\n"
         "  --script       print each script as it was drawn\n"
         "  --quiet        no progress");
}

static bool read_options(int argc, char **argv, options *o)
{
    *o = (options){.first = 1};
    bool has_seed = false;
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        if (strcmp(argv[i], "--quiet") == 0) {
            o->is_quiet = true;
        } else if (strcmp(argv[i], "--stop") == 0) {
            o->stops = true;
        } else if (strcmp(argv[i], "--script") == 0) {
            o->tells_script = true;
        } else if (value != NULL && strcmp(argv[i], "--seed") == 0) {
            o->first = strtoull(argv[++i], NULL, 10);
            has_seed = true;
        } else if (value != NULL && strcmp(argv[i], "--seeds") == 0) {
            o->count = strtoull(argv[++i], NULL, 10);
        } else if (value != NULL && strcmp(argv[i], "--seconds") == 0) {
            o->seconds = (unsigned)strtoul(argv[++i], NULL, 10);
        } else {
            return false;
        }
    }
    if (o->count == 0) {
        o->count = has_seed ? 1 : o->seconds != 0 ? UINT64_MAX / 2 : SEEDS_AS_A_TEST;
    }
    return true;
}

static void show_progress(const options *o, uint64_t done, uint64_t failed, double began_s)
{
    double passed_s = now_s() - began_s;
    if (!o->is_quiet && isatty(STDERR_FILENO) != 0) {
        fprintf(stderr, "\r%llu seeds, %llu failed, %.1f a second ", (unsigned long long)done,
                (unsigned long long)failed, (double)done / (passed_s + 1e-9));
    }
}

static bool make_keys(tp_rng *rng, sim_keys *keys)
{
    tp_err err;
    memset(keys, 0, sizeof *keys);
    for (unsigned d = 0; d < SIM_DEVICES; d++) {
        if (tp_key_generate(rng, &keys->keys[d], &err) != TP_OK) {
            return false;
        }
    }
    return true;
}

/* Nothing here needs to outlive the machine: memory is quicker than a disk. */
static void use_memory(void)
{
    if (getenv("TMPDIR") == NULL && access("/dev/shm", W_OK) == 0) {
        setenv("TMPDIR", "/dev/shm", 0);
    }
}

int main(int argc, char **argv)
{
    options o;
    sim_keys keys;
    tp_rng_seeded rng;
    uint64_t failed = 0;
    uint64_t done = 0;
    if (!read_options(argc, argv, &o)) {
        usage();
        return 2;
    }
    tp_file_keep_private();
    use_memory();
    signal(SIGABRT, on_abort);
    tp_rng_seeded_init(&rng, 1);
    if (!make_keys(&rng.rng, &keys)) {
        fputs("no keys\n", stderr);
        return 1;
    }
    lent_keys = &keys;
    double began_s = now_s();
    for (; done < o.count && (o.seconds == 0 || now_s() - began_s < o.seconds) &&
           !(o.stops && failed > 0);
         done++) {
        failed += run_seed(o.first + done, &o) ? 0 : 1;
        show_progress(&o, done + 1, failed, began_s);
    }
    double passed_s = now_s() - began_s;
    printf("%llu seeds, %llu failed, %.1f s, %.1f seeds a second\n", (unsigned long long)done,
           (unsigned long long)failed, passed_s, (double)done / (passed_s + 1e-9));
    for (unsigned d = 0; d < SIM_DEVICES; d++) {
        tp_key_free(keys.keys[d]);
    }
    return failed == 0 ? 0 : 1;
}
