/* From options and words to a write. */
#include "node/cli/form.h"

#include "node/cli/ask.h"
#include "node/view/json_print.h"
#include "node/cli/long_text.h"
#include "node/cli/screen.h"
#include "platform/os/near_word.h"

/* ---- Options ---- */

/* Not typed: they follow from the page a record is written from, or are what the command is
 * about. */
static bool is_typed(const tp_field_row *row)
{
    return row->type != TP_TYPE_RECORDS && row->code != TP_FIELD_RETRACTED &&
           row->code != TP_FIELD_PERSON && (row->flags & TP_FIELD_MADE) == 0;
}

static void add_field(tp_form *form, const tp_field_row *row)
{
    if (row == NULL || !is_typed(row) || form->fields_count == TP_FORM_FIELDS_MAX) {
        return;
    }
    tp_form_field *field = &form->fields[form->fields_count++];
    field->row = row;
    tp_form_option(form, row->name, &field->typed, false);
}

void tp_form_init(tp_form *form, tp_call *call, tp_write_op op, uint32_t entity, const char *main)
{
    memset(form, 0, sizeof *form);
    form->call = call;
    form->main = main;
    tp_write_init(&form->write, tp_cli_node(call), op, entity, tp_slice_str(""));
    const tp_entity_row *row = tp_entity_of(entity);
    for (const tp_field_row *f = row == NULL ? NULL : row->fields; f != NULL && f->code != 0; f++) {
        add_field(form, f);
    }
    add_field(form, tp_field_of(entity, TP_FIELD_INFO));
    tp_form_option(form, "edit", &form->edit, true);
}

void tp_form_option(tp_form *form, const char *name, const char **value, bool is_flag)
{
    if (form->options_count < TP_FORM_FIELDS_MAX + TP_FORM_OWN_MAX) {
        form->options[form->options_count++] = (tp_option){name, value, is_flag};
    }
}

static tp_form_field *field_named(const tp_form *form, const char *name)
{
    for (uint32_t i = 0; name != NULL && i < form->fields_count; i++) {
        if (strcmp(form->fields[i].row->name, name) == 0) {
            return (tp_form_field *)&form->fields[i];
        }
    }
    return NULL;
}

void tp_form_alias(tp_form *form, const char *name, const char *field)
{
    tp_form_field *f = field_named(form, field);
    if (f != NULL) {
        tp_form_option(form, name, &f->typed, false);
    }
}

tp_rc tp_form_take(tp_form *form, int least, int most, tp_err *err)
{
    tp_rc rc = tp_args_take(form->call, form->options, least, most, err);
    if (rc == TP_OK) {
        rc = tp_cli_worker(form->call, &form->worker, err);
    }
    form->write.worker = form->worker;
    return rc;
}

/* ---- Values ---- */

static void begin_text(tp_form_field *field)
{
    if (!field->has_text) {
        tp_buf_init(&field->text, TP_LONG_TEXT_BYTES_MAX);
        field->has_text = true;
    }
    tp_buf_clear(&field->text);
}

tp_rc tp_form_set(tp_form *form, const char *field, tp_slice text, tp_err *err)
{
    tp_form_field *f = field_named(form, field);
    if (f == NULL || f->typed != NULL) {
        return TP_OK;
    }
    begin_text(f);
    return tp_buf_add_slice(&f->text, text, err);
}

tp_rc tp_form_words(tp_form *form, int first, tp_err *err)
{
    tp_form_field *f = field_named(form, form->main);
    const tp_call *call = form->call;
    if (first >= call->argc) {
        return TP_OK;
    }
    if (f == NULL || f->typed != NULL) {
        return tp_call_usage(call, "more words than it takes", err);
    }
    if (call->argc == first + 1 && strcmp(call->argv[first], TP_LONG_TEXT_STDIN) == 0) {
        f->typed = TP_LONG_TEXT_STDIN;
        return TP_OK;
    }
    begin_text(f);
    return tp_long_text_words(call, first, false, &f->text, err);
}

/* ---- Filling ---- */

/* What the editor begins with: the words given, or, for a correction, what is held. */
static tp_rc text_before(const tp_form *form, const tp_form_field *field, tp_buf *before,
                         tp_err *err)
{
    const tp_node *node = tp_cli_node(form->call);
    const tp_shown *shown = NULL;
    tp_arena arena;
    tp_tx tx = TP_TX_NONE;
    if (field->has_text) {
        return tp_buf_add_slice(before, tp_buf_slice(&field->text), err);
    }
    if (form->write.op != TP_WRITE_UPDATE) {
        return TP_OK;
    }
    tp_arena_init(&arena, TP_LONG_TEXT_BYTES_MAX);
    tp_rc rc = tp_tx_begin(node->store, &tx, TP_TX_READ, err);
    if (rc == TP_OK) {
        rc = tp_shown_load(node->view, &tx, form->write.record, &arena, &shown, err);
    }
    if (rc == TP_OK && (field->row->type == TP_TYPE_TEXT)) {
        rc = tp_buf_add_slice(before, tp_shown_text(shown, field->row->code), err);
    }
    tp_tx_rollback(&tx);
    tp_arena_done(&arena);
    return rc;
}

static tp_rc read_long(tp_form *form, tp_form_field *field, const char *typed, tp_err *err)
{
    tp_buf before;
    tp_buf_init(&before, TP_LONG_TEXT_BYTES_MAX);
    tp_rc rc = text_before(form, field, &before, err);
    if (rc == TP_OK) {
        begin_text(field);
        field->is_long = true;
        field->is_set = false;
        field->typed = NULL;
        rc = tp_long_text_read(form->call, typed, tp_buf_slice(&before), &field->text, err);
    }
    if (rc == TP_OK && field->text.bytes == 0) {
        rc = tp_fail(err, TP_INVALID, "the text for %s is empty, so nothing was recorded",
                     field->row->name);
    }
    tp_buf_done(&before);
    return rc;
}

/* Standard input can be one text only. */
static tp_rc check_stdin_once(const tp_form *form, tp_err *err)
{
    const char *first = NULL;
    for (uint32_t i = 0; i < form->fields_count; i++) {
        const tp_form_field *field = &form->fields[i];
        bool is_stdin = field->typed != NULL && strcmp(field->typed, TP_LONG_TEXT_STDIN) == 0;
        if (is_stdin && first != NULL) {
            return tp_fail(err, TP_INVALID, "standard input can be one text only, not %s and %s",
                           first, field->row->name);
        }
        first = is_stdin ? field->row->name : first;
    }
    return TP_OK;
}

static tp_rc read_long_texts(tp_form *form, tp_err *err)
{
    tp_form_field *main = field_named(form, form->main);
    if (form->edit != NULL && main == NULL) {
        return tp_fail(err, TP_INVALID, "say what to edit: --FIELD --edit");
    }
    if (form->edit != NULL && main->typed == NULL) {
        main->typed = TP_LONG_TEXT_EDIT;
    }
    tp_rc rc = check_stdin_once(form, err);
    for (uint32_t i = 0; rc == TP_OK && i < form->fields_count; i++) {
        tp_form_field *field = &form->fields[i];
        if (tp_long_text_is(field->typed)) {
            rc = read_long(form, field, field->typed, err);
        }
    }
    return rc;
}

static tp_rc ask_field(tp_form *form, tp_form_field *field, bool is_text, tp_err *err)
{
    char question[200];
    begin_text(field);
    if (is_text) {
        field->is_long = true;
        return tp_ask_text(form->call, field->row->label, &field->text, err);
    }
    snprintf(question, sizeof question, "%s (%s) ", field->row->label, field->row->help);
    return tp_ask_line(form->call, question, &field->text, err);
}

/* A worker at a terminal is asked; elsewhere the write itself refuses what is missing. */
static tp_rc ask_missing(tp_form *form, tp_err *err)
{
    tp_rc rc = TP_OK;
    bool creates = form->write.op == TP_WRITE_CREATE;
    for (uint32_t i = 0; rc == TP_OK && creates && i < form->fields_count; i++) {
        tp_form_field *field = &form->fields[i];
        bool is_main = form->main != NULL && strcmp(form->main, field->row->name) == 0;
        bool is_required = (field->row->flags & TP_FIELD_REQUIRED) != 0;
        if (field->typed == NULL && !field->has_text && (is_main || is_required) &&
            tp_ask_can(form->call)) {
            rc = ask_field(form, field, is_main && field->row->type == TP_TYPE_TEXT, err);
        }
    }
    return rc;
}

/* Sets what is known by now. */
static tp_rc set_known(tp_form *form, tp_err *err)
{
    tp_rc rc = TP_OK;
    for (uint32_t i = 0; rc == TP_OK && i < form->fields_count; i++) {
        tp_form_field *f = &form->fields[i];
        tp_slice text = f->typed != NULL ? tp_slice_str(f->typed) : tp_buf_slice(&f->text);
        bool is_known = f->typed != NULL ? !tp_long_text_is(f->typed) : text.bytes > 0;
        if (is_known && !f->is_set) {
            f->is_set = true;
            rc = tp_form_explain(
                form, tp_write_set_typed(&form->write, tp_slice_str(f->row->name), text, err), err);
        }
    }
    return rc;
}

tp_rc tp_form_fill(tp_form *form, tp_err *err)
{
    /* Short fields first: what is wrong with them is said before anybody writes a page. */
    tp_rc rc = set_known(form, err);
    if (rc == TP_OK) {
        rc = read_long_texts(form, err);
    }
    if (rc == TP_OK) {
        rc = ask_missing(form, err);
    }
    return rc == TP_OK ? set_known(form, err) : rc;
}

tp_rc tp_form_explain(const tp_form *form, tp_rc rc, tp_err *err)
{
    char option[TP_NEAR_WORD_BYTES_MAX + 1];
    char what[sizeof err->what];
    const tp_form_field *field = field_named(form, form->write.trouble);
    if (rc == TP_INVALID && field != NULL) {
        tp_near_word_show(field->row->name, option);
        memcpy(what, err->what, sizeof what);
        (void)tp_fail_mend(err, rc, err->mend, "--%s: %s", option, what);
    }
    return rc;
}

tp_rc tp_form_run(tp_form *form, tp_err *err)
{
    tp_write_result result;
    tp_rc rc = tp_form_explain(form, tp_write_run(&form->write, &result, err), err);
    const char *done = form->write.op == TP_WRITE_UPDATE ? "corrected" : NULL;
    return rc == TP_OK ? tp_form_print_written(form->call, &result, done, err) : rc;
}

tp_rc tp_form_end(tp_form *form, tp_rc rc)
{
    for (uint32_t i = 0; i < form->fields_count; i++) {
        tp_form_field *field = &form->fields[i];
        if (field->has_text) {
            if (rc != TP_OK && field->is_long) {
                tp_long_text_keep(form->call, tp_buf_slice(&field->text));
            }
            tp_buf_done(&field->text);
        }
    }
    tp_write_done(&form->write);
    return rc;
}

/* ---- Outcomes ---- */

static void put_written(FILE *out, const tp_write_result *result)
{
    const tp_entity_row *row = tp_entity_of(result->entity);
    tp_json_print p;
    tp_json_print_begin(&p, out);
    tp_json_begin(&p, '{');
    tp_json_put_name(&p, "name", result->is_unchanged ? result->record : result->name);
    tp_json_put_name(&p, "record", result->record);
    tp_json_put_str(&p, "entity", row == NULL ? NULL : row->name);
    tp_json_put_name(&p, "person", result->person);
    if (result->code[0] != '\0') {
        tp_json_put_str(&p, "code", result->code);
    }
    if (result->is_unchanged) {
        tp_json_put_bool(&p, "unchanged", true);
    }
    if (result->warnings_count > 0) {
        tp_json_key(&p, "warnings");
        tp_json_begin(&p, '[');
        for (uint32_t i = 0; i < result->warnings_count; i++) {
            tp_json_str(&p, result->warnings[i]);
        }
        tp_json_end(&p, ']');
    }
    tp_json_end(&p, '}');
    tp_json_print_line(&p);
}

static tp_rc add_about(tp_screen *s, const tp_write_result *result, tp_err *err)
{
    const tp_shown *person = NULL;
    bool is_self = result->entity == TP_PERSON;
    tp_name name = is_self ? result->record : result->person;
    tp_arena arena;
    if (tp_name_is_none(name)) {
        return TP_OK;
    }
    tp_arena_init(&arena, TP_LONG_TEXT_BYTES_MAX);
    tp_rc rc = tp_shown_load(s->view, &s->tx, name, &arena, &person, err);
    if (rc == TP_OK) {
        tp_page_add_str(&s->page, is_self ? ": " : ", about ");
        tp_screen_person(s, person);
        if (!is_self) {
            tp_page_add_str(&s->page, " [");
            tp_screen_name(s, name);
            tp_page_add_str(&s->page, "]");
        }
    }
    tp_arena_done(&arena);
    return rc == TP_NOTFOUND ? TP_OK : rc; /* somebody else's record, not held here */
}

static tp_rc say_written(tp_call *call, const tp_write_result *result, const char *done,
                         tp_err *err)
{
    tp_screen s;
    const tp_entity_row *row = tp_entity_of(result->entity);
    tp_rc rc = tp_screen_begin(&s, call, err);
    if (rc == TP_OK) {
        tp_page_addf(&s.page, "%s ", row == NULL ? "Record" : row->label);
        tp_screen_name(&s, result->record);
        tp_page_addf(&s.page, " %s",
                     result->is_unchanged ? "says so already: nothing was changed" : done);
        rc = add_about(&s, result, err);
        tp_page_add_str(&s.page, ".");
        tp_page_end(&s.page, 0, 2);
    }
    if (rc == TP_OK && result->code[0] != '\0') {
        char text[TP_REQUEST_CODE_TEXT_MAX];
        tp_request_code_format(result->code, text);
        tp_page_addf(&s.page, "Their code, to ask by later: %s", text);
        tp_page_end(&s.page, 0, 2);
    }
    for (uint32_t i = 0; rc == TP_OK && i < result->warnings_count; i++) {
        tp_page_add_in(&s.page, TP_STYLE_WARN, "Please note: ");
        tp_page_add_str(&s.page, result->warnings[i]);
        tp_page_end(&s.page, 0, 2);
    }
    return tp_screen_done(&s, rc, err);
}

tp_rc tp_form_print_written(tp_call *call, const tp_write_result *result, const char *done,
                            tp_err *err)
{
    if (call->is_json) {
        put_written(call->out, result);
        return TP_OK;
    }
    return say_written(call, result, done == NULL ? "recorded" : done, err);
}

/* ---- Help ---- */

void tp_form_print_options(uint32_t entity, FILE *out)
{
    const tp_entity_row *row = tp_entity_of(entity);
    tp_page page;
    tp_err err;
    char option[TP_NEAR_WORD_BYTES_MAX + 1];
    tp_page_init(&page, out, false);
    fputs("Fields, each an option with a value:\n", out);
    for (const tp_field_row *f = row->fields; f->code != 0; f++) {
        if (is_typed(f)) {
            tp_near_word_show(f->name, option);
            tp_page_addf(&page, "--%-20s ", option);
            tp_page_addf(&page, "%s. %s", f->label, f->help);
            tp_page_end(&page, 2, 25);
        }
    }
    tp_page_add_str(&page, "--info                 Kinds of information, where it is about more "
                           "than general: housing, mental_health, ... with commas.");
    tp_page_end(&page, 2, 25);
    fputs(
        "Text options take - for standard input or --edit for your editor ($VISUAL, $EDITOR).\n\n",
        out);
    if (tp_page_done(&page, &err) != TP_OK) {
        fputs("(no memory for all of them)\n", out);
    }
}
