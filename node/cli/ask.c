/* Asking and reading lines. */
#include "node/cli/ask.h"

#include "platform/os/typing.h"
#include "schema/utf8.h"

enum { PIECE_BYTES = 1024, ANSWER_BYTES_MAX = 1024, TRIES = 3 };

/* Appends one line without its end.  *is_over_out: there was none. */
static tp_rc read_line(tp_buf *out, bool *is_over_out, tp_err *err)
{
    char piece[PIECE_BYTES];
    *is_over_out = true;
    while (fgets(piece, sizeof piece, stdin) != NULL) {
        size_t bytes = strlen(piece);
        bool is_whole = bytes > 0 && piece[bytes - 1] == '\n';
        *is_over_out = false;
        tp_rc rc = tp_buf_add(out, piece, is_whole ? bytes - 1 : bytes, err);
        if (rc != TP_OK || is_whole) {
            return rc;
        }
    }
    return ferror(stdin) != 0 ? tp_fail(err, TP_IO, "standard input cannot be read") : TP_OK;
}

tp_rc tp_ask_line(tp_call *call, const char *question, tp_buf *out, tp_err *err)
{
    bool is_over = false;
    tp_buf line;
    tp_buf_init(&line, out->bytes_ceiling);
    fputs(question, call->out);
    fflush(call->out);
    tp_rc rc = read_line(&line, &is_over, err);
    if (rc == TP_OK) {
        rc = tp_buf_add_slice(out, tp_utf8_trim(tp_buf_slice(&line)), err);
    }
    if (is_over) {
        fputc('\n', call->out);
    }
    tp_buf_done(&line);
    return rc;
}

/* The number a line says; 0: none of 1 to `most`. */
static unsigned number_of(tp_slice line, unsigned most)
{
    unsigned n = 0;
    for (size_t i = 0; i < line.bytes; i++) {
        if (line.at[i] < '0' || line.at[i] > '9' || n > most) {
            return 0;
        }
        n = n * 10 + (unsigned)(line.at[i] - '0');
    }
    return n <= most ? n : 0;
}

tp_rc tp_ask_number(tp_call *call, const char *question, unsigned most, char other,
                    unsigned *number_out, bool *is_given_out, tp_err *err)
{
    tp_buf answer;
    tp_rc rc = TP_OK;
    *number_out = 0;
    *is_given_out = false;
    tp_buf_init(&answer, ANSWER_BYTES_MAX);
    for (int i = 0; rc == TP_OK && i < TRIES && !*is_given_out; i++) {
        tp_buf_clear(&answer);
        rc = tp_ask_line(call, question, &answer, err);
        tp_slice line = tp_buf_slice(&answer);
        if (rc != TP_OK || line.bytes == 0) {
            break;
        }
        *number_out = number_of(line, most);
        *is_given_out = *number_out > 0 || (other != '\0' && (line.at[0] | 0x20) == other);
    }
    tp_buf_done(&answer);
    return rc;
}

tp_rc tp_ask_yes(tp_call *call, const char *question, bool *is_yes_out, tp_err *err)
{
    tp_buf answer;
    tp_buf_init(&answer, ANSWER_BYTES_MAX);
    tp_rc rc = tp_ask_line(call, question, &answer, err);
    *is_yes_out = rc == TP_OK && answer.bytes > 0 && (answer.at[0] | 0x20) == 'y';
    tp_buf_done(&answer);
    return rc;
}

/* Lines until an empty one, with a line end between two. */
static tp_rc read_lines(tp_buf *out, tp_err *err)
{
    tp_rc rc = TP_OK;
    bool is_over = false;
    while (rc == TP_OK && !is_over && !tp_typing_is_broken_off()) {
        size_t before = out->bytes;
        if (before > 0) {
            rc = tp_buf_add(out, "\n", 1, err);
        }
        size_t begin = out->bytes;
        if (rc == TP_OK) {
            rc = read_line(out, &is_over, err);
        }
        if (rc == TP_OK && out->bytes == begin) {
            out->bytes = before;
            is_over = true;
        }
    }
    return rc;
}

/* Ctrl-C, or the terminal went away: nothing is recorded, and the caller keeps what is in `out`. */
static tp_rc break_off(tp_buf *out, tp_err *err)
{
    char rest[PIECE_BYTES];
    tp_err is_full;
    tp_rc added = TP_OK; /* where there is no room, what came before is kept in any case */
    size_t bytes = tp_typing_rest(rest, sizeof rest);
    if (out->bytes > 0 && out->at[out->bytes - 1] != '\n') {
        added = tp_buf_add(out, "\n", 1, &is_full); /* it broke off between two lines */
    }
    if (added == TP_OK) {
        added = tp_buf_add(out, rest, bytes, &is_full);
    }
    (void)added;
    return tp_fail(err, TP_IO, "broken off: nothing was recorded");
}

tp_rc tp_ask_text(tp_call *call, const char *question, tp_buf *out, tp_err *err)
{
    tp_typing_begin();
    fprintf(call->out, "%s (an empty line ends it)\n", question);
    fflush(call->out);
    tp_rc rc = read_lines(out, err);
    if (tp_typing_is_broken_off()) {
        rc = break_off(out, err);
        fputc('\n', call->out);
    }
    tp_typing_end();
    return rc;
}
