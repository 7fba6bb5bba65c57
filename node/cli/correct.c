/* correct, retract: what was written is put right, or hidden with a reason. */
#include "node/cli/choose.h"
#include "node/cli/commands.h"
#include "node/cli/form.h"
#include "node/record/settle.h"

const char tp_help_correct[] =
    "Sets fields of a record that is there; what it said before stays in the log.  An empty value\n"
    "(--phone \"\") clears a field.  `teapot show RECORD` shows its fields, and\n"
    "`teapot ENTITY --help` the options.\n\n"
    "  RECORD  its name (k7f2-12), or what the person is called; it comes first\n\n"
    "Example:\n"
    "  teapot correct Baz --phone \"07700 900102\"\n";

/* A record about nobody may be given a person, once. */
static tp_rc set_person(tp_form *form, const char *typed, tp_err *err)
{
    tp_name person;
    if (typed == NULL) {
        return TP_OK;
    }
    tp_rc rc = tp_choose_person(form->call, typed, &person, err);
    return rc == TP_OK ? tp_write_set_name(&form->write, "person", person, err) : rc;
}

static tp_rc correct(tp_form *form, tp_name record, tp_err *err)
{
    const char *person = NULL;
    tp_form_option(form, "person", &person, false);
    tp_rc rc = tp_form_take(form, 1, 1, err);
    if (rc == TP_OK) {
        form->write.record = record;
        rc = set_person(form, person, err);
    }
    if (rc == TP_OK) {
        rc = tp_form_fill(form, err);
    }
    if (rc == TP_OK && form->write.fields_count == 0) {
        rc = tp_call_usage(form->call, "say what to correct", err);
    }
    return rc == TP_OK ? tp_form_run(form, err) : rc;
}

tp_rc tp_command_correct(tp_call *call, tp_err *err)
{
    tp_record_ref ref;
    tp_form form;
    if (call->argc == 0 || call->argv[0][0] == '-') {
        return tp_call_usage(call, "the record comes first", err);
    }
    tp_rc rc = tp_choose_record(call, call->argv[0], 0, &ref, err);
    if (rc == TP_OK && tp_entity_of(ref.entity) == NULL) {
        rc = tp_fail(err, TP_INVALID, "this record is for a newer version of the program");
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_form_init(&form, call, TP_WRITE_UPDATE, ref.entity, NULL);
    rc = correct(&form, ref.record, err);
    return tp_form_end(&form, rc);
}

const char tp_help_retract[] =
    "Hides a record from timelines and lists; it stays in the log.\n\n"
    "  --reason R  wrong_person, should_not_have_travelled, written_twice, mistake, or your own "
    "words;\n"
    "              after the first two only your agency holds it any longer\n"
    "  --undo      shows it again\n\n"
    "Example:\n"
    "  teapot retract 3fa2-9 --reason written_twice\n";

tp_rc tp_command_retract(tp_call *call, tp_err *err)
{
    const char *reason = NULL;
    const char *undo = NULL;
    const tp_option options[] = {
        {"reason", &reason, false}, {"undo", &undo, true}, {NULL, NULL, false}};
    tp_slice worker;
    tp_record_ref ref;
    tp_write_result result;
    tp_rc rc = tp_args_take(call, options, 1, 1, err);
    if (rc == TP_OK && (reason == NULL) == (undo == NULL)) {
        rc = tp_call_usage(call, "why? (--reason)", err);
    }
    if (rc == TP_OK) {
        rc = tp_cli_worker(call, &worker, err);
    }
    if (rc == TP_OK) {
        rc = tp_choose_record(call, call->argv[0], 0, &ref, err);
    }
    if (rc == TP_OK && undo != NULL) {
        rc = tp_retract_undo(tp_cli_node(call), worker, ref.record, &result, err);
    } else if (rc == TP_OK) {
        rc = tp_retract_write(tp_cli_node(call), worker, ref.record, tp_slice_str(reason), &result,
                              err);
    }
    return rc == TP_OK ? tp_form_print_written(
                             call, &result, undo != NULL ? "is shown again" : "is hidden now", err)
                       : rc;
}
