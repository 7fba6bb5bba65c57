/* Getting long text, and keeping what could not be recorded. */
#include "node/cli/long_text.h"

#include "platform/os/editor.h"
#include "platform/os/file.h"
#include "schema/utf8.h"

enum { KEPT_FILES_MAX = 99 };

tp_rc tp_long_text_read(const tp_call *call, const char *typed, tp_slice before, tp_buf *out,
                        tp_err *err)
{
    tp_rc rc = TP_OK;
    if (strcmp(typed, TP_LONG_TEXT_STDIN) == 0) {
        rc = tp_file_read_fd(0, out, err);
    } else if (strcmp(typed, TP_LONG_TEXT_EDIT) == 0) {
        rc = tp_editor_run(call->dir, before, out, err);
    } else {
        return tp_buf_add_str(out, typed, err);
    }
    if (rc == TP_OK) { /* an editor and a pipe end a text with a line end that nobody meant */
        tp_slice trimmed = tp_utf8_trim(tp_buf_slice(out));
        if (trimmed.bytes > 0) {
            memmove(out->at, trimmed.at, trimmed.bytes);
        }
        out->bytes = trimmed.bytes;
    }
    return rc;
}

tp_rc tp_long_text_words(const tp_call *call, int first, bool is_edit, tp_buf *out, tp_err *err)
{
    tp_rc rc = TP_OK;
    if (call->argc == first + 1 && strcmp(call->argv[first], TP_LONG_TEXT_STDIN) == 0) {
        return tp_long_text_read(call, TP_LONG_TEXT_STDIN, tp_slice_str(""), out, err);
    }
    for (int i = first; rc == TP_OK && i < call->argc; i++) {
        rc = i == first ? TP_OK : tp_buf_add(out, " ", 1, err);
        if (rc == TP_OK) {
            rc = tp_buf_add_str(out, call->argv[i], err);
        }
    }
    if (rc == TP_OK && is_edit) {
        tp_buf edited;
        tp_buf_init(&edited, TP_LONG_TEXT_BYTES_MAX);
        rc = tp_long_text_read(call, TP_LONG_TEXT_EDIT, tp_buf_slice(out), &edited, err);
        if (rc == TP_OK) {
            tp_buf_clear(out);
            rc = tp_buf_add_slice(out, tp_buf_slice(&edited), err);
        }
        tp_buf_done(&edited);
    }
    return rc;
}

void tp_long_text_keep(const tp_call *call, tp_slice text)
{
    char name[32];
    tp_path path;
    tp_err err;
    tp_rc rc = TP_EXISTS;
    if (text.bytes == 0) {
        return;
    }
    for (int i = 1; rc == TP_EXISTS && i <= KEPT_FILES_MAX; i++) {
        snprintf(name, sizeof name, "not-recorded-%d.txt", i);
        rc = tp_path_join(call->dir, name, &path, &err);
        if (rc == TP_OK) {
            rc = tp_file_create(path.at, text, &err);
        }
    }
    if (rc == TP_OK) {
        fprintf(stderr,
                "What was typed is kept in %s: give it with `-` and `< FILE`, then remove it.\n",
                path.at);
        return;
    }
    fputs("What was typed cannot be kept in a file either; it is on standard output:\n", stderr);
    fwrite(text.at, 1, text.bytes, call->out);
    fputc('\n', call->out);
}
