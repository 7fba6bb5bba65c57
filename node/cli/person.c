/* person, alias: who somebody is, and what else they are called. */
#include "node/cli/ask.h"
#include "node/cli/choose.h"
#include "node/cli/commands.h"
#include "node/cli/form.h"
#include "node/record/person.h"

/* ---- person ---- */

const char tp_help_person[] =
    "Makes a record of somebody.  Where it may be somebody who is here already, they are shown "
    "first:\n"
    "choose one and what you typed is added to their record instead.\n\n"
    "  NAME    what they like to be called; unknown is fine, describe them instead\n"
    "  --new   it is somebody else than those shown\n\n"
    "Example:\n"
    "  teapot person Sean --born 1984-05 --nhs-number \"943 476 5919\" --new\n";

static tp_rc who_may_it_be(tp_form *form, tp_found_list *list, tp_err *err)
{
    const tp_node *node = tp_cli_node(form->call);
    tp_tx tx = TP_TX_NONE;
    tp_rc rc = tp_tx_begin(node->store, &tx, TP_TX_READ, err);
    if (rc == TP_OK) {
        rc = tp_write_check_values(&form->write, &tx, err);
    }
    if (rc == TP_OK) {
        rc = tp_person_may_be(&form->write, &tx, list, err);
    }
    tp_tx_rollback(&tx);
    return rc;
}

/* What was typed goes to a record that is here; what they are called this time becomes an alias. */
static tp_rc add_to(tp_form *form, const tp_found *found, tp_err *err)
{
    tp_slice called = tp_slice_str("");
    tp_write update;
    tp_write_result result;
    tp_rc rc = TP_OK;
    tp_write_init(&update, tp_cli_node(form->call), TP_WRITE_UPDATE, TP_PERSON, form->worker);
    update.record = found->person;
    for (uint32_t i = 0; rc == TP_OK && i < form->write.fields_count; i++) {
        const tp_write_field *field = &form->write.fields[i];
        if (field->row->code == TP_PERSON_PREFERRED_NAME) {
            called = field->value->text;
        } else {
            rc = tp_write_set(&update, tp_slice_str(field->row->name), field->value, err);
        }
    }
    if (rc == TP_OK && update.fields_count > 0) {
        rc = tp_write_run(&update, &result, err);
        if (rc == TP_OK) {
            rc = tp_form_print_written(form->call, &result, "has what you typed", err);
        }
    }
    const bool is_name_alone = update.fields_count == 0;
    tp_write_done(&update);
    bool is_new_name = called.bytes > 0 &&
                       !tp_slice_eq(called, tp_shown_text(found->shown, TP_PERSON_PREFERRED_NAME));
    if (rc == TP_OK && !is_new_name && is_name_alone) {
        const tp_write_result known = {.record = found->person,
                                       .entity = TP_PERSON,
                                       .person = found->person,
                                       .is_unchanged = true};
        return tp_form_print_written(form->call, &known, NULL, err);
    }
    if (rc != TP_OK || !is_new_name) {
        return rc;
    }
    tp_write alias;
    tp_write_init(&alias, tp_cli_node(form->call), TP_WRITE_CREATE, TP_ALIAS, form->worker);
    rc = tp_write_set_name(&alias, "person", found->person, err);
    if (rc == TP_OK) {
        rc = tp_write_set_text(&alias, "name", called, err);
    }
    if (rc == TP_OK) {
        rc = tp_write_run(&alias, &result, err);
    }
    tp_write_done(&alias);
    return rc == TP_OK ? tp_form_print_written(form->call, &result, NULL, err) : rc;
}

/* Shows who it may be, and makes a new record only if it is none of them. */
static tp_rc add_or_use(tp_form *form, tp_err *err)
{
    tp_found_list list;
    uint32_t at = 0;
    bool is_none = true;
    tp_rc rc = tp_form_explain(form, who_may_it_be(form, &list, err), err);
    if (rc != TP_OK) {
        return rc;
    }
    if (list.count > 0) {
        rc = tp_choose_among(form->call, &list,
                             "May it be one of these? Its number, or n for somebody new: ", true,
                             &at, &is_none, err);
    }
    if (rc == TP_OK) {
        rc = is_none ? tp_form_run(form, err) : add_to(form, &list.people[at], err);
    }
    tp_found_list_done(&list);
    return rc;
}

tp_rc tp_command_person(tp_call *call, tp_err *err)
{
    const char *is_new = NULL;
    tp_form form;
    tp_form_init(&form, call, TP_WRITE_CREATE, TP_PERSON, NULL);
    tp_form_option(&form, "new", &is_new, true);
    tp_rc rc = tp_form_take(&form, 0, 1, err);
    if (rc == TP_OK && call->argc == 1) {
        rc = tp_form_set(&form, "preferred_name", tp_slice_str(call->argv[0]), err);
    }
    if (rc == TP_OK) {
        rc = tp_form_fill(&form, err);
    }
    if (rc == TP_OK && form.write.fields_count == 0) {
        rc = tp_call_usage(call, "say what is known of them: a name, or --description", err);
    }
    if (rc == TP_OK) {
        rc = is_new != NULL ? tp_form_run(&form, err) : add_or_use(&form, err);
    }
    return tp_form_end(&form, rc);
}

/* ---- alias ---- */

const char tp_help_alias[] =
    "Another name somebody goes by; finding them by it works from then on.\n\n"
    "Example:\n  teapot alias Sean Shaun\n";

tp_rc tp_command_alias(tp_call *call, tp_err *err)
{
    tp_form form;
    tp_name person;
    tp_form_init(&form, call, TP_WRITE_CREATE, TP_ALIAS, "name");
    tp_rc rc = tp_form_take(&form, 1, TP_FORM_WORDS_MAX, err);
    if (rc == TP_OK) {
        rc = tp_choose_person(call, call->argv[0], &person, err);
    }
    if (rc == TP_OK) {
        rc = tp_write_set_name(&form.write, "person", person, err);
    }
    if (rc == TP_OK) {
        rc = tp_form_words(&form, 1, err);
    }
    if (rc == TP_OK) {
        rc = tp_form_fill(&form, err);
    }
    if (rc == TP_OK) {
        rc = tp_form_run(&form, err);
    }
    return tp_form_end(&form, rc);
}
