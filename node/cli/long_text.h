/* Long text: from standard input, an editor or a question, since a command's arguments show in the
 * process list.  Whatever was typed is never lost: if it cannot be recorded it is kept, and the
 * worker is told where. */
#ifndef TP_NODE_CLI_LONG_TEXT_H
#define TP_NODE_CLI_LONG_TEXT_H

#include "node/cli/cli.h"

/* What a text option says in place of text. */
#define TP_LONG_TEXT_STDIN "-"
#define TP_LONG_TEXT_EDIT "--edit"

/* More than any field holds, so that a text that is too long is refused and kept, not cut. */
enum { TP_LONG_TEXT_BYTES_MAX = 4 * 1024 * 1024 };

static inline bool tp_long_text_is(const char *typed)
{
    return typed != NULL &&
           (strcmp(typed, TP_LONG_TEXT_STDIN) == 0 || strcmp(typed, TP_LONG_TEXT_EDIT) == 0);
}

/* Reads what "-" or "--edit" stands for; any other text is copied.
 * Units:  before = what the editor begins with.
 * Errors: as tp_editor_run and tp_file_read_fd. */
TP_MUST_USE tp_rc tp_long_text_read(const tp_call *call, const char *typed, tp_slice before,
                                    tp_buf *out, tp_err *err);

/* Keeps a text that could not be recorded: in a file of the data directory, or, where that fails
 * too, on standard output.  Says so on standard error. */
void tp_long_text_keep(const tp_call *call, tp_slice text);

/* What a worker typed for an act that has no form ("request answer"): words of the command line
 * joined by spaces, "-", or --edit.  `is_edit`: --edit was given.
 * Shape:  the last arguments from argv[first] on. */
TP_MUST_USE tp_rc tp_long_text_words(const tp_call *call, int first, bool is_edit, tp_buf *out,
                                     tp_err *err);

#endif
