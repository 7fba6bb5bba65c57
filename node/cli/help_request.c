/* request ...: asks for help (PH1, PH2): taken, offered, accepted, answered. */
#include "node/cli/act.h"
#include "node/cli/commands.h"
#include "node/cli/subject.h"
#include "node/record/request.h"

const char tp_help_request[] =
    "Takes any ask for help, whatever it is about, in the person's own words.  Whoever takes it "
    "holds\n"
    "it until somebody else has accepted it.  The code that is printed is for whoever asked: by it "
    "they\n"
    "hear later what became of it, from any worker who holds it or at a kiosk.\n\n"
    "  PERSON         who asks: a name as you know it, or the record's name\n"
    "  WORDS          what they ask for; - reads it from standard input; left out, you are asked\n"
    "  --unknown D    somebody nobody knows: describe them\n"
    "  --new          PERSON is the name of somebody new\n"
    "  --no-person    no record of a person; --name and --callback say how to find them\n"
    "  --at WHEN      when it was, if not just now\n\n"
    "Example:\n"
    "  teapot request Baz \"Somewhere dry that will have Biscuit as well\"\n";

tp_rc tp_command_request(tp_call *call, tp_err *err)
{
    tp_form form;
    tp_subject subject;
    tp_form_init(&form, call, TP_WRITE_CREATE, TP_HELP_REQUEST, "words");
    tp_form_alias(&form, "at", "asked_at");
    tp_subject_init(&subject, &form, true);
    tp_rc rc = tp_form_take(&form, 0, TP_FORM_WORDS_MAX, err);
    if (rc == TP_OK) {
        rc = tp_subject_choose(&subject, &form, err);
    }
    if (rc == TP_OK) {
        rc = tp_subject_run(&subject, &form, err);
    }
    return tp_form_end(&form, rc);
}

const char tp_help_request_offer[] =
    "Asks another agency to take it over.  You hold it until somebody there has accepted it.\n\n"
    "  --to AGENCY       which agency\n"
    "  --worker-there W  who, if you know\n\n"
    "Example:\n  teapot request offer 3fa2-3 --to friary --worker-there Tom\n";

tp_rc tp_command_request_offer(tp_call *call, tp_err *err)
{
    return tp_act_offer(call, TP_HELP_REQUEST, err);
}

const char tp_help_request_accept[] = "From now on you hold it, and everybody who may see it sees "
                                      "that.\n\nExample:\n  teapot request accept 3fa2-3\n";

tp_rc tp_command_request_accept(tp_call *call, tp_err *err)
{
    return tp_act_run(call, TP_HELP_REQUEST, tp_request_accept, "is now held by you", err);
}

const char tp_help_request_answer[] =
    "  ANSWER  what became of it; - reads it from standard input, --edit opens your editor\n\n"
    "Example:\n  teapot request answer 3fa2-3 \"Shower at 11:30, coat from the store\"\n";

tp_rc tp_command_request_answer(tp_call *call, tp_err *err)
{
    return tp_act_say(call, TP_HELP_REQUEST, tp_request_answer, "is answered", err);
}

const char tp_help_request_reply[] =
    "What whoever asked is told when they ask again by their code; nothing else of the request is "
    "ever\n"
    "shown to them.  Plain words, in their language if you can.\n\n"
    "  REPLY  what to tell them; - reads it from standard input, --edit opens your editor\n\n"
    "Example:\n  teapot request reply 3fa2-3 \"Come at 11:30 for a shower, ask for Dee\"\n";

tp_rc tp_command_request_reply(tp_call *call, tp_err *err)
{
    return tp_act_say(call, TP_HELP_REQUEST, tp_request_reply, "says so to whoever has its code",
                      err);
}

const char tp_help_request_reopen[] =
    "It was not over after all.\n\nExample:\n  teapot request reopen 3fa2-3\n";

tp_rc tp_command_request_reopen(tp_call *call, tp_err *err)
{
    return tp_act_run(call, TP_HELP_REQUEST, tp_request_reopen, "is open again", err);
}

const char tp_help_request_withdraw[] =
    "The person no longer asks for it; nobody else withdraws a request.\n\n"
    "Example:\n  teapot request withdraw 3fa2-3\n";

tp_rc tp_command_request_withdraw(tp_call *call, tp_err *err)
{
    return tp_act_run(call, TP_HELP_REQUEST, tp_request_withdraw, "is withdrawn by the person",
                      err);
}
