/* Whom a record is about. */
#include "node/cli/subject.h"

#include "node/cli/ask.h"
#include "node/cli/choose.h"

void tp_subject_init(tp_subject *subject, tp_form *form, bool may_be_nobody)
{
    memset(subject, 0, sizeof *subject);
    tp_form_option(form, "unknown", &subject->unknown, false);
    tp_form_option(form, "new", &subject->is_new, true);
    if (may_be_nobody) {
        tp_form_option(form, "no-person", &subject->nobody, true);
    }
}

/* At a terminal, somebody not found may be made there and then. */
static tp_rc offer_new(tp_subject *subject, tp_form *form, const char *typed, tp_err *err)
{
    bool is_yes = false;
    tp_err answer_err;
    tp_rc rc = tp_ask_yes(form->call, "Nobody here is known as that. Make a new record? [y/N] ",
                          &is_yes, &answer_err);
    if (rc == TP_OK && is_yes) {
        subject->called = typed;
        return TP_OK;
    }
    return err->rc; /* what the search said */
}

tp_rc tp_subject_choose(tp_subject *subject, tp_form *form, tp_err *err)
{
    tp_call *call = form->call;
    if (subject->unknown != NULL || subject->nobody != NULL) {
        return TP_OK;
    }
    if (call->argc == 0) {
        return tp_call_usage(call, "whom is it about?", err);
    }
    subject->first = 1;
    if (subject->is_new != NULL) {
        subject->called = call->argv[0];
        return TP_OK;
    }
    tp_rc rc = tp_choose_person(call, call->argv[0], &subject->person, err);
    if (rc == TP_NOTFOUND && tp_ask_can(call)) {
        rc = offer_new(subject, form, call->argv[0], err);
    }
    return rc;
}

static tp_rc run_both(tp_form *form, tp_tx *tx, tp_write *person, tp_write_result *result,
                      tp_err *err)
{
    tp_rc rc = tp_write_in(person, tx, result, err);
    if (rc == TP_OK) {
        rc = tp_write_set_name(&form->write, "person", result->record, err);
    }
    return rc == TP_OK ? tp_write_in(&form->write, tx, result, err) : rc;
}

/* The person and the record about them, both or neither. */
static tp_rc run_with_new(const tp_subject *subject, tp_form *form, tp_write_result *result,
                          tp_err *err)
{
    tp_node *node = tp_cli_node(form->call);
    tp_tx tx = TP_TX_NONE;
    tp_write person;
    tp_write_init(&person, node, TP_WRITE_CREATE, TP_PERSON, form->worker);
    const char *field = subject->unknown != NULL ? "description" : "preferred_name";
    const char *text = subject->unknown != NULL ? subject->unknown : subject->called;
    tp_rc rc = tp_write_set_typed(&person, tp_slice_str(field), tp_slice_str(text), err);
    if (rc == TP_OK) {
        rc = tp_tx_begin(node->store, &tx, TP_TX_WRITE, err);
    }
    if (rc == TP_OK) {
        rc = run_both(form, &tx, &person, result, err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_commit(&tx, err);
    }
    tp_tx_rollback(&tx);
    tp_write_done(&person);
    if (rc == TP_OK) {
        tp_write_wake(node);
    }
    return rc;
}

tp_rc tp_subject_run(const tp_subject *subject, tp_form *form, tp_err *err)
{
    tp_write_result result;
    bool makes_person = subject->unknown != NULL || subject->called != NULL;
    tp_rc rc = tp_form_words(form, subject->first, err);
    if (rc == TP_OK && !tp_name_is_none(subject->person)) {
        rc = tp_write_set_name(&form->write, "person", subject->person, err);
    }
    if (rc == TP_OK) {
        rc = tp_form_fill(form, err);
    }
    if (rc == TP_OK && makes_person) {
        rc = tp_form_explain(form, run_with_new(subject, form, &result, err), err);
    } else if (rc == TP_OK) {
        rc = tp_form_explain(form, tp_write_run(&form->write, &result, err), err);
    }
    return rc == TP_OK ? tp_form_print_written(form->call, &result, NULL, err) : rc;
}
