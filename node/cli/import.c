/* import: the machine channel.  One line of JSON in, one durable transaction, one line out, in
 * order. */
#include "node/cli/commands.h"
#include "node/view/json_print.h"
#include "node/cli/json_read.h"
#include "node/record/json.h"
#include "platform/os/line_reader.h"

const char tp_help_import[] =
    "Reads JSON lines from FILE or standard input; each is one durable transaction and answered by "
    "one\n"
    "line, in order.  What is wrong with one line is in its answer; the others are recorded (exit "
    "code\n"
    "2 then).\n\n"
    "  {\"op\": \"create\", \"entity\": \"contact\", \"worker\": \"Dee\", \"set\": {\"person\": "
    "NAME, \"note\":\n"
    "  ...}}\n"
    "  op       create, update, join, unjoin, retract\n"
    "  record   update, join, unjoin, retract: of which record\n"
    "  set      fields by their schema names; times as 2026-01-12T20:02Z; join and unjoin:\n"
    "           same_as; retract: reason\n\n"
    "Answers: {\"n\", \"name\"}, {\"n\", \"unchanged\": true} or {\"n\", \"error\": {\"code\", "
    "\"field\",\n"
    "\"text\"}}; n is the line's own \"n\", else its number.\n\n"
    "Example:\n"
    "  echo '{\"op\": \"create\", \"entity\": \"person\", \"worker\": \"Dee\",' \\\n"
    "    '\"set\": {\"preferred_name\": \"Baz\"}}' | teapot import -\n";

/* Which line an answer is for. */
static int64_t number_of(const json_t *line, int64_t count)
{
    const json_t *n = json_object_get(line, "n");
    return json_is_integer(n) ? (int64_t)json_integer_value(n) : count;
}

static void put_error(tp_json_print *p, const tp_err *err, const char *field)
{
    tp_json_key(p, "error");
    tp_json_begin(p, '{');
    tp_json_put_str(p, "code", tp_rc_name(err->rc));
    if (field[0] != '\0') {
        tp_json_put_str(p, "field", field);
    }
    tp_json_put_str(p, "text", err->what);
    tp_json_end(p, '}');
}

static void put_result(tp_json_print *p, const tp_import_result *result)
{
    if (result->written.is_unchanged) {
        tp_json_put_bool(p, "unchanged", true);
    } else {
        tp_json_put_name(p, "name", result->written.name);
    }
    if (result->may_be_count > 0) {
        tp_json_key(p, "may_be");
        tp_json_begin(p, '[');
        for (uint32_t i = 0; i < result->may_be_count; i++) {
            tp_json_name(p, result->may_be[i]);
        }
        tp_json_end(p, ']');
    }
    if (result->written.warnings_count > 0) {
        tp_json_key(p, "warnings");
        tp_json_begin(p, '[');
        for (uint32_t i = 0; i < result->written.warnings_count; i++) {
            tp_json_str(p, result->written.warnings[i]);
        }
        tp_json_end(p, ']');
    }
}

/* Carries out one line and answers it. */
static tp_rc import_line(tp_call *call, tp_slice text, int64_t count, tp_err *err)
{
    tp_import_result result = {.may_be_count = 0};
    json_t *line = NULL;
    tp_rc rc = tp_json_read(text, &line, err);
    if (rc == TP_OK) {
        rc = tp_import_line(tp_cli_node(call), line, &result, err);
    }
    tp_json_print p;
    tp_json_print_begin(&p, call->out);
    tp_json_begin(&p, '{');
    tp_json_put_int(&p, "n", number_of(line, count));
    if (rc == TP_OK) {
        put_result(&p, &result);
    } else {
        put_error(&p, err, result.trouble);
    }
    tp_json_end(&p, '}');
    tp_json_print_line(&p);
    json_decref(line);
    return rc;
}

static void refuse_line(tp_call *call, int64_t count, const tp_err *err)
{
    tp_json_print p;
    tp_json_print_begin(&p, call->out);
    tp_json_begin(&p, '{');
    tp_json_put_int(&p, "n", count);
    put_error(&p, err, "");
    tp_json_end(&p, '}');
    tp_json_print_line(&p);
}

/* After these the lines that follow cannot be recorded either. */
static bool ends_all(tp_rc rc)
{
    return rc == TP_IO || rc == TP_CORRUPT || rc == TP_NOMEM;
}

static bool is_blank(tp_slice line)
{
    for (size_t i = 0; i < line.bytes; i++) {
        if (line.at[i] != ' ' && line.at[i] != '\t' && line.at[i] != '\r') {
            return false;
        }
    }
    return true;
}

/* At the end, and when nothing more is there yet: what was recorded so far travels in one go. */
static void wake(tp_node *node)
{
    node->wakes_late = false;
    tp_write_wake(node);
    node->wakes_late = true;
}

static tp_rc import_all(tp_call *call, tp_line_reader *reader, tp_err *err)
{
    bool has_line = true;
    bool has_failed = false;
    int64_t count = 0;
    while (has_line) {
        tp_slice line = {0};
        if (tp_line_reader_would_wait(reader)) {
            wake(tp_cli_node(call));
            if (fflush(call->out) != 0) {
                return tp_fail(err, TP_IO, "standard output cannot be written");
            }
        }
        tp_rc rc = tp_line_reader_next(reader, &line, &has_line, err);
        count++;
        if (rc == TP_LIMIT) {
            refuse_line(call, count, err);
            has_line = true;
        } else if (rc != TP_OK) {
            return rc;
        } else if (has_line && !is_blank(line)) {
            rc = import_line(call, line, count, err);
        }
        if (ends_all(rc)) {
            return rc;
        }
        has_failed = has_failed || rc != TP_OK;
    }
    if (has_failed) {
        call->exit_code = TP_EXIT_USAGE;
    }
    return TP_OK;
}

tp_rc tp_command_import(tp_call *call, tp_err *err)
{
    const tp_option options[] = {{NULL, NULL, false}};
    tp_line_reader reader;
    tp_rc rc = tp_args_take(call, options, 0, 1, err);
    if (rc != TP_OK) {
        return rc;
    }
    rc = tp_line_reader_open(&reader, call->argc == 1 ? call->argv[0] : NULL,
                             TP_IMPORT_LINE_BYTES_MAX, err);
    if (rc == TP_OK) {
        tp_cli_node(call)->wakes_late = true;
        rc = import_all(call, &reader, err);
        wake(tp_cli_node(call));
    }
    tp_line_reader_close(&reader);
    return rc;
}
