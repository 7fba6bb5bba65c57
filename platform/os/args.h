/* A command's own words: options with values, flags, and the rest in order. */
#ifndef TP_PLATFORM_OS_ARGS_H
#define TP_PLATFORM_OS_ARGS_H

#include "platform/os/program.h"

/* One option a command takes.  A table of these ends with a row without a name.  Dashes and
 * underscores are one: --own-words is --own_words. */
typedef struct tp_option {
    const char *name;   /* without the dashes */
    const char **value; /* gets the word after it; "" for a flag that is given; else untouched */
    bool is_flag;
} tp_option;

/* Takes the options out of call->argv; the arguments stay, in order, in call->argc and argv, and
 * they must be `least` to `most`.
 * Errors: INVALID an option that is not in the table (the text names a near one), one without its
 *         value, too few or many arguments (it has the usage line). */
TP_MUST_USE tp_rc tp_args_take(tp_call *call, const tp_option *options, int least, int most,
                               tp_err *err);

#endif
