/* A command-line program: a table of commands, the options all of them share, help, and what a
 * result becomes as an exit code.  `teapot` and `teapot-hub` are one of these each. */
#ifndef TP_PLATFORM_OS_PROGRAM_H
#define TP_PLATFORM_OS_PROGRAM_H

#include "platform/base/err.h"
#include "platform/base/slice.h"

#include <stdio.h>

/* Exit codes, the same for every command; --help prints those the program can give. */
enum {
    TP_EXIT_DONE = 0,
    TP_EXIT_FAILED = 1,   /* disk, damage, memory */
    TP_EXIT_USAGE = 2,    /* usage or bad input; nothing changed */
    TP_EXIT_NOTFOUND = 3, /* no such thing */
    TP_EXIT_REFUSED = 4,  /* by a rule or by the other side */
    TP_EXIT_BUSY = 5,     /* try again */
    TP_EXIT_OFFLINE = 6,  /* nothing is lost; a program that calls others */
    TP_EXIT_CHOICE = 7    /* several fit: say which */
};

struct tp_command;
struct tp_program;

/* One run of a command. */
typedef struct tp_call {
    const struct tp_program *program;
    const struct tp_command *command;
    void *context;      /* what the program's `open` opened */
    const char *dir;    /* the data directory */
    const char *worker; /* --worker; NULL: not said */
    bool is_json;
    bool has_timing;
    bool is_terminal; /* questions can be asked */
    int argc;         /* the command's own arguments, without its name and the shared options */
    char **argv;
    FILE *out;
    int exit_code; /* set by a command whose result says too little; 0: as the result says */
} tp_call;

enum {
    TP_COMMAND_UNOPENED = 1u, /* runs without the program's data */
    TP_COMMAND_HIDDEN = 2u    /* not listed by --help */
};

typedef struct tp_command {
    const char *name; /* one word, or two: "agency add" */
    tp_rc (*run)(tp_call *call, tp_err *err);
    unsigned flags;      /* TP_COMMAND_... */
    const char *group;   /* heading in --help */
    const char *line;    /* what it does, in a line */
    const char *usage;   /* its arguments */
    const char *details; /* its options and an example; lines end with \n */
} tp_command;

typedef struct tp_program {
    const char *name;
    const char *about;           /* a sentence */
    const tp_command *commands;  /* in the order of --help; ends with a row without a name */
    const char *dir_variable;    /* environment variable that names the data directory */
    const char *dir_below_home;  /* else this, below XDG_DATA_HOME or ~/.local/share */
    const char *worker_variable; /* NULL: the program knows no --worker */
    bool calls_others;           /* over the network, and may find nobody there */
    /* Prints what follows from tables behind a command's details; NULL: nothing does. */
    void (*more_help)(const tp_command *command, FILE *out);
    tp_rc (*open)(tp_call *call, tp_err *err); /* sets call->context */
    void (*close)(tp_call *call);              /* harmless where open failed */
    /* What follows the words of an error that has a mend; NULL: its errors have none. */
    const char *(*mend)(const tp_err *err);
} tp_program;

/* The whole of main.  Returns the exit code. */
int tp_program_main(const tp_program *program, int argc, char **argv);

/* Bad usage: the problem, with the usage line after it.  Always TP_INVALID. */
tp_rc tp_call_usage(const tp_call *call, const char *problem, tp_err *err);

/* A line of what the command is asked for.  Errors: IO standard output cannot be written. */
TP_MUST_USE tp_rc tp_call_print_line(const tp_call *call, tp_slice text, tp_err *err);

#endif
