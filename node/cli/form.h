/* A recording command: its options from the schema's rows, what was typed, and the write it
 * becomes.
 *
 *     tp_form form;
 *     tp_form_init(&form, call, TP_WRITE_CREATE, TP_CONTACT, "note");
 *     rc = tp_form_take(&form, 0, TP_FORM_WORDS_MAX, err);
 *     ... whom it is about: subject.h ...
 *     rc = tp_form_fill(&form, err);
 *     ... run it ...
 *     return tp_form_end(&form, rc);
 *
 * Each row of the entity is an option --FIELD VALUE, so that a new field needs no code here. */
#ifndef TP_NODE_CLI_FORM_H
#define TP_NODE_CLI_FORM_H

#include "node/cli/cli.h"
#include "node/record/write.h"

enum {
    TP_FORM_FIELDS_MAX = 32,
    TP_FORM_OWN_MAX = 12, /* options of a command beside its fields */
    TP_FORM_WORDS_MAX = 1000
};

typedef struct tp_form_field {
    const tp_field_row *row;
    const char *typed; /* its option; NULL: not given */
    tp_buf text; /* what is set, where has_text: joined words, or what "-" and --edit stood for */
    bool has_text;
    bool is_long; /* got by standard input, editor or question: kept when it cannot be recorded */
    bool is_set;  /* in the write already */
} tp_form_field;

typedef struct tp_form {
    tp_call *call;
    tp_slice worker;
    tp_write write;
    const char *main; /* the field that takes the command's words; NULL: none */
    const char *edit; /* --edit alone: the main field */
    uint32_t fields_count;
    tp_form_field fields[TP_FORM_FIELDS_MAX];
    uint32_t options_count;
    tp_option options[TP_FORM_FIELDS_MAX + TP_FORM_OWN_MAX + 1];
} tp_form;

void tp_form_init(tp_form *form, tp_call *call, tp_write_op op, uint32_t entity, const char *main);

/* Before tp_form_take: an option of the command's own, and another name for a field's option. */
void tp_form_option(tp_form *form, const char *name, const char **value, bool is_flag);
void tp_form_alias(tp_form *form, const char *name, const char *field);

/* Takes the options; the other words stay in call->argv.  Knows who writes.
 * Errors: INVALID as tp_args_take, or nobody said who writes. */
TP_MUST_USE tp_rc tp_form_take(tp_form *form, int least, int most, tp_err *err);

/* Sets a field by a word of the command, a default, or what another option stands for; an option
 * for the same field counts more. */
TP_MUST_USE tp_rc tp_form_set(tp_form *form, const char *field, tp_slice text, tp_err *err);
/* The words from call->argv[first] on, joined, are the main field. */
TP_MUST_USE tp_rc tp_form_words(tp_form *form, int first, tp_err *err);

/* Reads long texts, asks a worker at a terminal for the main field and for what is required, and
 * sets the write's fields.  Outside of any transaction. */
TP_MUST_USE tp_rc tp_form_fill(tp_form *form, tp_err *err);

/* After an error about a field: says which option it is, before the trouble.  Returns rc. */
tp_rc tp_form_explain(const tp_form *form, tp_rc rc, tp_err *err);

/* Runs the write and says what was recorded. */
TP_MUST_USE tp_rc tp_form_run(tp_form *form, tp_err *err);

/* Frees the form.  After an error keeps long text where somebody finds it.  Returns rc. */
TP_MUST_USE tp_rc tp_form_end(tp_form *form, tp_rc rc);

/* ---- Outcomes, for commands with and without a form ---- */

/* "Contact k7f2-12 recorded, about Baz.", or the JSON of CLI help; then the warnings.  `done` NULL:
 * "recorded". */
TP_MUST_USE tp_rc tp_form_print_written(tp_call *call, const tp_write_result *result,
                                        const char *done, tp_err *err);

/* Prints the options that an entity's rows make: a part of --help. */
void tp_form_print_options(uint32_t entity, FILE *out);

#endif
