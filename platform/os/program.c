/* Finding the command, opening its data, and turning a result into an exit code. */
#include "platform/os/program.h"

#include "platform/os/clock.h"
#include "platform/os/file.h"
#include "platform/os/near_word.h"
#include "platform/os/process.h"

#include <inttypes.h>
#include <stdlib.h>

/* ---- Shared options ---- */

/* Takes one shared option at argv[at]; says how many words it was, 0 if it is none. */
static int take_option(tp_call *call, int argc, char **argv, int at)
{
    const char *word = argv[at];
    if (strcmp(word, "--json") == 0) {
        call->is_json = true;
        return 1;
    }
    if (strcmp(word, "--timing") == 0) {
        call->has_timing = true;
        return 1;
    }
    if (at + 1 < argc && strcmp(word, "--dir") == 0) {
        call->dir = argv[at + 1];
        return 2;
    }
    if (at + 1 < argc && call->program->worker_variable != NULL && strcmp(word, "--worker") == 0) {
        call->worker = argv[at + 1];
        return 2;
    }
    return 0;
}

/* Leaves the command's own words in call->argv, in order. */
static void take_options(tp_call *call, int argc, char **argv)
{
    int kept = 0;
    bool is_over = false; /* after "--" everything is an argument */
    for (int i = 0; i < argc;) {
        int words = is_over ? 0 : take_option(call, argc, argv, i);
        if (words == 0) {
            is_over = is_over || strcmp(argv[i], "--") == 0;
            argv[kept++] = argv[i];
            words = 1;
        }
        i += words;
    }
    call->argc = kept;
    call->argv = argv;
}

static const char *from_environment(const char *variable)
{
    const char *value = variable == NULL ? NULL : getenv(variable);
    return value == NULL || value[0] == '\0' ? NULL : value;
}

/* Where the data is: --dir, the program's variable, or the place the desktop's rules name. */
static tp_rc choose_dir(tp_call *call, tp_path *room, tp_err *err)
{
    const tp_program *p = call->program;
    if (call->dir == NULL) {
        call->dir = from_environment(p->dir_variable);
    }
    if (call->dir != NULL) {
        return TP_OK;
    }
    const char *data = from_environment("XDG_DATA_HOME");
    const char *home = from_environment("HOME");
    tp_path share;
    if (data == NULL && home == NULL) {
        return tp_fail(err, TP_INVALID, "no data directory: say --dir DIR or set %s",
                       p->dir_variable);
    }
    tp_rc rc = data != NULL ? TP_OK : tp_path_join(home, ".local/share", &share, err);
    if (rc == TP_OK) {
        rc = tp_path_join(data != NULL ? data : share.at, p->dir_below_home, room, err);
    }
    call->dir = room->at;
    return rc;
}

/* ---- Help ---- */

static const struct {
    int code;
    const char *means;
} exit_codes[] = {{TP_EXIT_DONE, "done"},
                  {TP_EXIT_FAILED, "failed (disk, damage)"},
                  {TP_EXIT_USAGE, "usage or bad input (nothing changed)"},
                  {TP_EXIT_NOTFOUND, "not found"},
                  {TP_EXIT_REFUSED, "refused by a rule or the other side"},
                  {TP_EXIT_BUSY, "busy (try again)"},
                  {TP_EXIT_OFFLINE, "offline (nothing is lost)"},
                  {TP_EXIT_CHOICE, "several fit: say which"}};

static void print_exit_codes(FILE *out, const tp_program *p)
{
    fputs("Exit codes:\n", out);
    for (size_t i = 0; i < sizeof exit_codes / sizeof exit_codes[0]; i++) {
        if (exit_codes[i].code != TP_EXIT_OFFLINE || p->calls_others) {
            fprintf(out, "  %d  %s\n", exit_codes[i].code, exit_codes[i].means);
        }
    }
}

static void print_shared_help(FILE *out, const tp_program *p)
{
    fprintf(out,
            "Options of every command:\n"
            "  --dir DIR      the data directory (else %s, else ~/.local/share/%s)\n",
            p->dir_variable, p->dir_below_home);
    if (p->worker_variable != NULL) {
        fprintf(out, "  --worker NAME  who writes (else %s)\n", p->worker_variable);
    }
    fputs("  --json         for programs: JSON on standard output\n"
          "  --timing       how long it took, on standard error\n"
          "  --help         what a command does, with an example\n\n",
          out);
    print_exit_codes(out, p);
}

static void print_help(FILE *out, const tp_program *p)
{
    fprintf(out, "%s\n\nUsage: %s COMMAND [ARGUMENTS] [OPTIONS]\n", p->about, p->name);
    const char *group = "";
    for (const tp_command *c = p->commands; c->name != NULL; c++) {
        if ((c->flags & TP_COMMAND_HIDDEN) != 0) {
            continue;
        }
        if (strcmp(group, c->group) != 0) {
            group = c->group;
            fprintf(out, "\n%s\n", group);
        }
        fprintf(out, "  %-18s %s\n", c->name, c->line);
    }
    fputc('\n', out);
    print_shared_help(out, p);
}

static void print_command_help(FILE *out, const tp_program *p, const tp_command *c)
{
    fprintf(out, "%s\n\nUsage: %s %s %s\n\n%s\n", c->line, p->name, c->name, c->usage, c->details);
    if (p->more_help != NULL) {
        p->more_help(c, out);
    }
    print_shared_help(out, p);
}

static bool asks_for_help(const tp_call *call)
{
    for (int i = 0; i < call->argc && strcmp(call->argv[i], "--") != 0; i++) {
        if (strcmp(call->argv[i], "--help") == 0 || strcmp(call->argv[i], "-h") == 0) {
            return true;
        }
    }
    return false;
}

/* ---- Finding ---- */

/* How many words of argv the name is; 0: another command. */
static int match_name(const char *name, int argc, char **argv)
{
    const char *space = strchr(name, ' ');
    size_t bytes = space == NULL ? strlen(name) : (size_t)(space - name);
    if (argc == 0 || strlen(argv[0]) != bytes || memcmp(argv[0], name, bytes) != 0) {
        return 0;
    }
    if (space == NULL) {
        return 1;
    }
    return argc > 1 && strcmp(argv[1], space + 1) == 0 ? 2 : 0;
}

/* Sets the command and takes its name off the arguments.  Of "request" and "request offer" the
 * longer that fits. */
static bool find_command(tp_call *call)
{
    int words_most = 0;
    for (const tp_command *c = call->program->commands; c->name != NULL; c++) {
        int words = match_name(c->name, call->argc, call->argv);
        if (words > words_most) {
            call->command = c;
            words_most = words;
        }
    }
    call->argc -= words_most;
    call->argv += words_most;
    return words_most > 0;
}

/* The command somebody may have meant; NULL: none is near. */
static const char *near_command(const tp_call *call)
{
    tp_near_word near = tp_near_word_begin(tp_slice_str(call->argv[0]));
    for (const tp_command *c = call->program->commands; c->name != NULL; c++) {
        if ((c->flags & TP_COMMAND_HIDDEN) == 0) {
            tp_near_word_offer(&near, c->name);
        }
    }
    return near.best;
}

/* "teapot-hub agency" alone: the commands that begin so. */
static bool print_family(const tp_call *call, FILE *out)
{
    bool is_any = false;
    for (const tp_command *c = call->program->commands; c->name != NULL; c++) {
        const char *space = strchr(c->name, ' ');
        size_t bytes = space == NULL ? 0 : (size_t)(space - c->name);
        if (bytes > 0 && strlen(call->argv[0]) == bytes &&
            memcmp(call->argv[0], c->name, bytes) == 0) {
            fprintf(out, "  %s %s %s\n", call->program->name, c->name, c->usage);
            is_any = true;
        }
    }
    return is_any;
}

/* ---- Results ---- */

static int exit_code_of(tp_rc rc)
{
    switch (rc) {
    case TP_OK:
        return TP_EXIT_DONE;
    case TP_INVALID:
    case TP_LIMIT:
        return TP_EXIT_USAGE;
    case TP_NOTFOUND:
        return TP_EXIT_NOTFOUND;
    case TP_DENIED:
    case TP_EXISTS:
        return TP_EXIT_REFUSED;
    case TP_BUSY:
        return TP_EXIT_BUSY;
    case TP_OFFLINE:
        return TP_EXIT_OFFLINE;
    case TP_NOMEM:
    case TP_CORRUPT:
    case TP_IO:
        return TP_EXIT_FAILED;
    }
    return TP_EXIT_FAILED;
}

/* Errors go to standard error in words, with --json too: a program has the exit code. */
static int finish(const tp_call *call, tp_rc rc, const tp_err *err)
{
    if (rc != TP_OK) {
        fprintf(stderr, "%s: %s%s\n", call->program->name, err->what,
                call->program->mend == NULL ? "" : call->program->mend(err));
    }
    return call->exit_code != 0 ? call->exit_code : exit_code_of(rc);
}

tp_rc tp_call_usage(const tp_call *call, const char *problem, tp_err *err)
{
    const char *end = problem[strlen(problem) - 1] == '?' ? "" : ";";
    return tp_fail(err, TP_INVALID, "%s%s usage: %s %s %s", problem, end, call->program->name,
                   call->command->name, call->command->usage);
}

tp_rc tp_call_print_line(const tp_call *call, tp_slice text, tp_err *err)
{
    if (fwrite(text.at, 1, text.bytes, call->out) != text.bytes || fputc('\n', call->out) == EOF) {
        return tp_fail(err, TP_IO, "standard output cannot be written");
    }
    return TP_OK;
}

/* ---- Running ---- */

typedef struct timing {
    int64_t began_us;
    int64_t opened_us;
} timing;

static void print_timing(const timing *t)
{
    int64_t now_us = tp_monotonic_us();
    fprintf(stderr, "{\"open_ms\":%.3f,\"command_ms\":%.3f,\"peak_kb\":%" PRId64 "}\n",
            (double)(t->opened_us - t->began_us) / 1000.0, (double)(now_us - t->opened_us) / 1000.0,
            tp_process_peak_kb());
}

static tp_rc run_command(tp_call *call, timing *t, tp_err *err)
{
    tp_rc rc = TP_OK;
    bool is_opened = (call->command->flags & TP_COMMAND_UNOPENED) == 0;
    if (is_opened) {
        rc = call->program->open(call, err);
    }
    t->opened_us = tp_monotonic_us();
    if (rc == TP_OK) {
        rc = call->command->run(call, err);
    }
    /* A write that failed earlier took its bytes along: then there is nothing left to flush. */
    bool is_lost = fflush(call->out) != 0 || ferror(call->out) != 0;
    if (is_lost && rc == TP_OK) {
        rc = tp_fail(err, TP_IO, "standard output cannot be written");
    }
    if (call->has_timing) {
        print_timing(t);
    }
    if (is_opened) {
        call->program->close(call);
    }
    return rc;
}

/* Words that are no command: help, version, or a mistake. */
static int answer_without_command(const tp_call *call)
{
    const char *word = call->argc == 0 ? "" : call->argv[0];
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0) {
        print_help(call->out, call->program);
        return TP_EXIT_DONE;
    }
    if (strcmp(word, "--version") == 0) {
        fprintf(call->out, "%s %s\n", call->program->name, TP_VERSION);
        return TP_EXIT_DONE;
    }
    if (call->argc == 0) {
        print_help(stderr, call->program);
        return TP_EXIT_USAGE;
    }
    const char *program = call->program->name;
    const char *near = near_command(call);
    if (near != NULL) {
        fprintf(stderr, "%s: there is no such command: did you mean `%s %s`?\n", program, program,
                near);
    } else if (!print_family(call, stderr)) {
        fprintf(stderr, "%s: there is no command like that; `%s --help` lists them\n", program,
                program);
    }
    return TP_EXIT_USAGE;
}

int tp_program_main(const tp_program *program, int argc, char **argv)
{
    tp_process_give_memory_back();
    tp_file_keep_private();
    tp_call call = {.program = program, .out = stdout};
    timing t = {.began_us = tp_monotonic_us()};
    tp_path dir;
    tp_err err;
    call.worker = from_environment(program->worker_variable);
    call.is_terminal = tp_process_has_terminal();
    take_options(&call, argc - 1, argv + 1);
    if (!find_command(&call)) {
        return answer_without_command(&call);
    }
    if (asks_for_help(&call)) {
        print_command_help(call.out, program, call.command);
        return TP_EXIT_DONE;
    }
    tp_rc rc = choose_dir(&call, &dir, &err);
    if (rc == TP_OK) {
        rc = run_command(&call, &t, &err);
    }
    return finish(&call, rc, &err);
}
