/* What the sweep does at the pages of a node, each request by the way that a browser's takes: a
 * form, a draft, a kiosk.  Each stands in a row of sweep_test.c; sweep.h says what its part is
 * for. */
#ifndef TP_TESTS_FAULT_SWEEP_PAGES_H
#define TP_TESTS_FAULT_SWEEP_PAGES_H

#include "tests/fault/town.h"

void sweep_pages_prepare(town *t);
TP_MUST_USE tp_rc sweep_pages_form(town *t, tp_err *err);

/* Begun, gone on with, read, listed, thrown away. */
TP_MUST_USE tp_rc sweep_pages_draft(town *t, tp_err *err);
void sweep_pages_begun(town *t);
/* What was begun is sent: the draft goes as the record comes. */
TP_MUST_USE tp_rc sweep_pages_finish(town *t, tp_err *err);

/* The van is a kiosk. */
void sweep_pages_kiosk(town *t);
/* Somebody looks at it, asks for help, and asks at once what became of it. */
TP_MUST_USE tp_rc sweep_pages_ask_for_help(town *t, tp_err *err);
/* Somebody has, and it is sent. */
void sweep_pages_asked(town *t);
/* Nothing of it is at the kiosk any more. */
void sweep_pages_check_gone(town *t, tp_rc rc);
/* It is at the hub, and the hub is asked after it. */
void sweep_pages_told(town *t);
TP_MUST_USE tp_rc sweep_pages_inquire(town *t, tp_err *err);
void sweep_pages_end_inquiring(void);

#endif
