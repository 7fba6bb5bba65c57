/* need, role, score, gateway: records that are a person and a few facts. */
#include "node/cli/choose.h"
#include "node/cli/commands.h"
#include "node/cli/form.h"

/* `PERSON [FIRST [WORDS...]]`: the second word is the field `first` (NULL: none), the rest are the
 * form's main field. */
static tp_rc record_about(tp_form *form, const char *first, tp_err *err)
{
    tp_call *call = form->call;
    tp_name person;
    int words_at = first != NULL && call->argc > 1 ? 2 : 1;
    tp_rc rc = tp_choose_person(call, call->argv[0], &person, err);
    if (rc == TP_OK) {
        rc = tp_write_set_name(&form->write, "person", person, err);
    }
    if (rc == TP_OK && words_at == 2) {
        rc = tp_form_set(form, first, tp_slice_str(call->argv[1]), err);
    }
    if (rc == TP_OK) {
        rc = tp_form_words(form, words_at, err);
    }
    if (rc == TP_OK) {
        rc = tp_form_fill(form, err);
    }
    return rc == TP_OK ? tp_form_run(form, err) : rc;
}

static tp_rc run_about(tp_form *form, const char *first, int most, tp_err *err)
{
    tp_rc rc = tp_form_take(form, 1, most, err);
    if (rc == TP_OK) {
        rc = record_about(form, first, err);
    }
    return tp_form_end(form, rc);
}

const char tp_help_need[] =
    "  KIND  housing, physical_health, mental_health, substance_use, offending, domestic_abuse,\n"
    "        money, immigration, safeguarding, general\n\n"
    "Example:\n"
    "  teapot need Baz housing --level high --support-in-place no\n";

tp_rc tp_command_need(tp_call *call, tp_err *err)
{
    tp_form form;
    tp_form_init(&form, call, TP_WRITE_CREATE, TP_NEED, NULL);
    tp_form_alias(&form, "support", "support_in_place");
    return run_about(&form, "kind", 2, err);
}

const char tp_help_role[] =
    "Somebody who represents the person or is there for them; the person chooses them.\n\n"
    "  ROLE  lead_practitioner, expert_by_relationship, system_connector, navigator, or your own\n"
    "        word\n"
    "  NAME  who\n\n"
    "Example:\n"
    "  teapot role Baz expert_by_relationship \"Maureen\" --relationship mother\n";

tp_rc tp_command_role(tp_call *call, tp_err *err)
{
    tp_form form;
    tp_form_init(&form, call, TP_WRITE_CREATE, TP_ROLE, "name");
    return run_about(&form, "role", TP_FORM_WORDS_MAX, err);
}

const char tp_help_score[] =
    "New Directions Team (ndt): the ten items, which are added up, or the total alone, 0 to 48; "
    "the "
    "items\n"
    "are seen only by who may know of all they ask about.  ReQoL-10 (reqol_10): the total, 0 to "
    "40.\n"
    "A slip is taken back (teapot retract) and the score recorded again.\n\n"
    "Example:\n"
    "  teapot score Baz reqol_10 17 --taken-on 2026-01-12\n";

tp_rc tp_command_score(tp_call *call, tp_err *err)
{
    tp_form form;
    tp_form_init(&form, call, TP_WRITE_CREATE, TP_SCORE, "total");
    return run_about(&form, "scale", 3, err);
}

const char tp_help_gateway[] =
    "A legal gateway lets agencies hold kinds of information without consent, for a time.  It\n"
    "overrules a withdrawal, needs somebody other than the writer who authorised it, and stays "
    "listed\n"
    "for review.\n\n"
    "Example:\n"
    "  teapot gateway Baz --agencies friary --kinds safeguarding --ends-on 2099-02-01 \\\n"
    "    --authoriser \"J. Okafor\" --basis \"Care Act 2014, section 42\"\n";

tp_rc tp_command_gateway(tp_call *call, tp_err *err)
{
    tp_form form;
    tp_form_init(&form, call, TP_WRITE_CREATE, TP_LEGAL_GATEWAY, NULL);
    return run_about(&form, NULL, 1, err);
}
