/* Whom a record is about: somebody held, somebody new, or nobody known. */
#ifndef TP_NODE_CLI_SUBJECT_H
#define TP_NODE_CLI_SUBJECT_H

#include "node/cli/form.h"

typedef struct tp_subject {
    const char *unknown; /* --unknown DESCRIPTION */
    const char *is_new;  /* --new: the word is the name of somebody new */
    const char *nobody;  /* --no-person */
    tp_name person;      /* none: nobody, or made when the form is run */
    const char *called;  /* of somebody new */
    int first;           /* the first word of call->argv that is not about whom */
} tp_subject;

/* Adds --unknown and --new, and --no-person where `may_be_nobody`. */
void tp_subject_init(tp_subject *subject, tp_form *form, bool may_be_nobody);

/* Finds out whom, asking where that is needed and possible.
 * Errors: INVALID nobody was named;  and as tp_choose_person. */
TP_MUST_USE tp_rc tp_subject_choose(tp_subject *subject, tp_form *form, tp_err *err);

/* Fills the form from the remaining words and runs it; somebody new is made in the same
 * transaction. */
TP_MUST_USE tp_rc tp_subject_run(const tp_subject *subject, tp_form *form, tp_err *err);

#endif
