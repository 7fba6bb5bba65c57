/* contact: somebody was met, or looked for. */
#include "node/cli/commands.h"
#include "node/cli/subject.h"

const char tp_help_contact[] =
    "  PERSON         a name as you know it, or the record's name (k7f2-1)\n"
    "  NOTE           what happened; - reads it from standard input; left out, you are asked\n"
    "  --unknown D    somebody nobody knows: describe them; a record is made with it\n"
    "  --new          PERSON is the name of somebody new\n"
    "  --at WHEN      when it was, if not just now: 20:02, \"yesterday 21:30\", \"12 Jan 20:02\"\n"
    "  --edit         write the note in your editor\n\n"
    "Examples:\n"
    "  teapot contact Baz \"Cold but in good spirits, took a blanket\" --place \"library steps\"\n"
    "  teapot contact --unknown \"young woman, red jacket\" \"said she was fine\"\n";

tp_rc tp_command_contact(tp_call *call, tp_err *err)
{
    tp_form form;
    tp_subject subject;
    tp_form_init(&form, call, TP_WRITE_CREATE, TP_CONTACT, "note");
    tp_form_alias(&form, "at", "happened_at");
    tp_subject_init(&subject, &form, false);
    tp_rc rc = tp_form_take(&form, 0, TP_FORM_WORDS_MAX, err);
    if (rc == TP_OK) {
        rc = tp_subject_choose(&subject, &form, err);
    }
    if (rc == TP_OK) {
        rc = tp_subject_run(&subject, &form, err);
    }
    return tp_form_end(&form, rc);
}
