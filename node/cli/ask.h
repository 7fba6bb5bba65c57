/* Questions at a terminal.  Where nobody can be asked (tp_ask_can), commands refuse instead and say
 * what to add. */
#ifndef TP_NODE_CLI_ASK_H
#define TP_NODE_CLI_ASK_H

#include "platform/base/buf.h"
#include "platform/os/program.h"

/* A person sits there, and wants no JSON. */
static inline bool tp_ask_can(const tp_call *call)
{
    return call->is_terminal && !call->is_json;
}

/* Asks and appends the line that was typed, trimmed, to `out`; nothing for an empty one.
 * Errors: LIMIT the ceiling of `out`;  NOMEM;  IO. */
TP_MUST_USE tp_rc tp_ask_line(tp_call *call, const char *question, tp_buf *out, tp_err *err);

/* Asks until a number of 1 to `most` is typed, or the letter `other` ('\0': none).
 * Shape:  *number_out 0: `other`;  *is_given_out false: an empty line, the end of input, or three
 *         answers that were none. */
TP_MUST_USE tp_rc tp_ask_number(tp_call *call, const char *question, unsigned most, char other,
                                unsigned *number_out, bool *is_given_out, tp_err *err);

/* Yes only for an answer that begins with y. */
TP_MUST_USE tp_rc tp_ask_yes(tp_call *call, const char *question, bool *is_yes_out, tp_err *err);

/* Lines until an empty one or Ctrl-D.
 * Errors: IO broken off by Ctrl-C, or the terminal went away: `out` holds what was typed so far. */
TP_MUST_USE tp_rc tp_ask_text(tp_call *call, const char *question, tp_buf *out, tp_err *err);

#endif
