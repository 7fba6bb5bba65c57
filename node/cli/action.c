/* action ...: what was agreed, owned by somebody and tracked to done (WA5, MP2). */
#include "node/cli/act.h"
#include "node/cli/commands.h"
#include "node/cli/subject.h"

const char tp_help_action[] =
    "  PERSON       whom it is for; --no-person for one that is about nobody in particular\n"
    "  WHAT         doable and specific\n"
    "  --owner O    who does it: Priya, or friary/Priya (an offer until they accept it); else you\n"
    "  --due D      by when: 2026-01-13, tomorrow\n\n"
    "Example:\n"
    "  teapot action Baz \"Ring the prescribing team at 14:00\" --due tomorrow\n";

tp_rc tp_command_action(tp_call *call, tp_err *err)
{
    tp_form form;
    tp_subject subject;
    tp_form_init(&form, call, TP_WRITE_CREATE, TP_ACTION, "what");
    tp_form_alias(&form, "due", "due_on");
    tp_subject_init(&subject, &form, true);
    tp_rc rc = tp_form_take(&form, 0, TP_FORM_WORDS_MAX, err);
    if (rc == TP_OK) {
        rc = tp_subject_choose(&subject, &form, err);
    }
    if (rc == TP_OK) { /* whoever writes it down owns it, unless somebody else was named */
        rc = tp_form_set(&form, "owner", form.worker, err);
    }
    if (rc == TP_OK) {
        rc = tp_subject_run(&subject, &form, err);
    }
    return tp_form_end(&form, rc);
}

const char tp_help_action_start[] = "It is being done.\n\nExample:\n  teapot action start 3fa2-4\n";

tp_rc tp_command_action_start(tp_call *call, tp_err *err)
{
    return tp_act_run(call, TP_ACTION, tp_action_start, "is being done", err);
}

const char tp_help_action_done[] =
    "  OUTCOME  what came of it; - reads it from standard input, --edit opens your editor\n\n"
    "Example:\n  teapot action done 3fa2-4 \"Appointment Wednesday 10:00\"\n";

tp_rc tp_command_action_done(tp_call *call, tp_err *err)
{
    return tp_act_say(call, TP_ACTION, tp_action_done, "is done", err);
}

const char tp_help_action_offer[] =
    "Asks another agency to take it over; you own it until they do.\n\n"
    "Example:\n  teapot action offer 3fa2-4 --to friary\n";

tp_rc tp_command_action_offer(tp_call *call, tp_err *err)
{
    return tp_act_offer(call, TP_ACTION, err);
}

const char tp_help_action_accept[] =
    "From now on you own it.\n\nExample:\n  teapot action accept 3fa2-4\n";

tp_rc tp_command_action_accept(tp_call *call, tp_err *err)
{
    return tp_act_run(call, TP_ACTION, tp_request_accept, "is now owned by you", err);
}
