/* Which record is meant: its name in any length that is clear, or, for a person, what they are
 * called.
 *
 * Where several people fit, a worker at a terminal is shown what differs and asked; elsewhere the
 * command ends with TP_EXIT_CHOICE and prints who they are, on standard error, or with --json as
 * JSON on standard output. */
#ifndef TP_NODE_CLI_CHOOSE_H
#define TP_NODE_CLI_CHOOSE_H

#include "node/cli/cli.h"
#include "node/view/find.h"

/* Errors: NOTFOUND nobody fits;  EXISTS several do (the exit code is set);  INVALID it is the name
 *         of a record that is no person. */
TP_MUST_USE tp_rc tp_choose_person(tp_call *call, const char *typed, tp_name *person_out,
                                   tp_err *err);

/* Any record, or only one of `entity` (0: any).  A person may be named by what they are called.
 * Errors: as tp_choose_person. */
TP_MUST_USE tp_rc tp_choose_record(tp_call *call, const char *typed, uint32_t entity,
                                   tp_record_ref *ref_out, tp_err *err);

/* Shows who it may be and asks which.  'n' stands for none of them where `has_none`.
 * Shape:  *at_out = index in the list; *is_none_out: none of them is meant.
 * Errors: EXISTS nobody can be asked, or nobody answered: the candidates were printed. */
TP_MUST_USE tp_rc tp_choose_among(tp_call *call, const tp_found_list *list, const char *question,
                                  bool has_none, uint32_t *at_out, bool *is_none_out, tp_err *err);

#endif
