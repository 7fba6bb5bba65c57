/* Weeks of chance: random scripts on real nodes and a real hub, held against an oracle.
 *
 * With no option: a fixed number of seeds, as a test.  A seed that fails prints the script cut down
 * to what is needed, and how to see it again.
 *
 * Shows P1 to P17, P19, P21 to P24, P26. */
#include "tests/sim/jobs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SEEDS_AS_A_TEST = 240, SHRINK_SECONDS = 60 };

typedef struct options {
    sim_range range;
    const char *replay;
    bool tells_script;
} options;

static void usage(void)
{
    puts("--first N      the first seed (1)\n"
         "--seeds COUNT  how many (with --first one, else as many as the test plays)\n"
         "--jobs J       on so many processes (1)\n"
         "--seconds S    begin no new one after so long\n"
         "--stop         end after the first that fails\n"
         "--shrink S     how long to make one that fails smaller (60; 0: not at all)\n"
         "--failed DIR   where scripts of those that fail are written (failed)\n"
         "--replay FILE  play such a script\n"
         "--script       print the script of the first seed as it is drawn\n"
         "--quiet        no progress");
}

typedef struct option {
    const char *name;
    uint64_t *number;
    const char **text;
    bool *flag;
} option;

static bool read_option(const option *o, const char *value)
{
    char *end = NULL;
    if (o->flag != NULL) {
        *o->flag = true;
        return true;
    }
    if (value == NULL) {
        return false;
    }
    if (o->text != NULL) {
        *o->text = value;
        return true;
    }
    *o->number = strtoull(value, &end, 10);
    return *value != '\0' && *end == '\0';
}

static bool read_options(int argc, char **argv, options *o)
{
    uint64_t first = UINT64_MAX;
    uint64_t jobs = 1;
    uint64_t seconds = 0;
    uint64_t shrink = SHRINK_SECONDS;
    o->range = (sim_range){.failed = "failed"};
    const option known[] = {
        {"--first", &first, NULL, NULL},
        {"--seeds", &o->range.count, NULL, NULL},
        {"--jobs", &jobs, NULL, NULL},
        {"--seconds", &seconds, NULL, NULL},
        {"--shrink", &shrink, NULL, NULL},
        {"--failed", NULL, &o->range.failed, NULL},
        {"--replay", NULL, &o->replay, NULL},
        {"--stop", NULL, NULL, &o->range.stops},
        {"--script", NULL, NULL, &o->tells_script},
        {"--quiet", NULL, NULL, &o->range.is_quiet},
    };
    for (int i = 1; i < argc; i++) {
        size_t at = 0;
        while (at < sizeof known / sizeof known[0] && strcmp(known[at].name, argv[i]) != 0) {
            at++;
        }
        if (at == sizeof known / sizeof known[0] || !read_option(&known[at], argv[i + 1])) {
            return false;
        }
        i += known[at].flag == NULL;
    }
    if (o->range.count == 0) {
        o->range.count = first != UINT64_MAX ? 1 : seconds != 0 ? UINT32_MAX : SEEDS_AS_A_TEST;
    }
    o->range.first = first == UINT64_MAX ? 1 : first;
    o->range.jobs = (unsigned)jobs;
    o->range.seconds = (unsigned)seconds;
    o->range.shrink_seconds = (unsigned)shrink;
    return jobs >= 1 && jobs <= SIM_JOBS_MAX;
}

static bool replay(const char *path, const sim_stock *stock)
{
    static sim_script script;
    sim_played played;
    unsigned line = 0;
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        perror(path);
        return false;
    }
    bool is_read = sim_script_read(file, &script, &line);
    (void)fclose(file);
    if (!is_read) {
        fprintf(stderr, "%s, line %u: not a script\n", path, line);
        return false;
    }
    if (sim_play(&script, stock, &played)) {
        printf("%s: %u actions, all is well\n", path, script.count);
        return true;
    }
    printf("%s: %u actions: %s: %s\n", path, script.count, played.trouble.check,
           played.trouble.text);
    return false;
}

static bool tell_script(uint64_t seed, const sim_stock *stock)
{
    static sim_script script;
    sim_played played;
    sim_begin(&script, seed);
    bool is_good = sim_draw_and_play(&script, stock, &played);
    sim_script_print(stdout, &script);
    return is_good;
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
    options o = {.replay = NULL};
    sim_stock stock;
    if (!read_options(argc, argv, &o)) {
        usage();
        return 2;
    }
    tp_file_keep_private();
    use_memory();
    sim_stock_make(&stock);
    bool is_good = o.replay != NULL ? replay(o.replay, &stock)
                   : o.tells_script ? tell_script(o.range.first, &stock)
                                    : sim_run_range(&o.range, &stock);
    sim_stock_done(&stock);
    return is_good ? 0 : 1;
}
