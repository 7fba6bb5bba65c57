/* What the tests of this folder do at the town, and what came before it. */
#ifndef TP_TESTS_FAULT_SCENES_H
#define TP_TESTS_FAULT_SCENES_H

#include "tests/fault/town.h"

extern tp_name scene_baz; /* a person the van knows, and the desk */
extern tp_name scene_kim; /* and one whom the desk may lose */

/* In what is about Kim, and nowhere else. */
#define SCENE_WORD "lighthouse"

void scene_must(tp_rc rc, const tp_err *err);

/* Persons, contacts, a request, consents: all of it at all three places. */
void scene_history(town *t);
/* And three contacts at the van that the hub has not got, one at the hub that the van has not. */
void scene_unsent(town *t);
/* The van withdraws what Kim had given, and has not sent it; then it has, and the desk does not
 * know. */
void scene_withdrawal(town *t);
void scene_give_back(town *t);
/* The van's views are not what its log says. */
void scene_damaged_views(town *t);

/* Each opens whom it needs and closes them, also where it fails.  A contact, an update and a
 * consent at the van. */
TP_MUST_USE tp_rc scene_record(town *t, tp_err *err);
/* Twice: the second acknowledges what the first has brought, and after it a third has nothing to
 * say. */
TP_MUST_USE tp_rc scene_sync_van(town *t, tp_err *err);
TP_MUST_USE tp_rc scene_sync_desk(town *t, tp_err *err);
TP_MUST_USE tp_rc scene_rebuild(town *t, tp_err *err);
TP_MUST_USE tp_rc scene_open_van(town *t, tp_err *err);
TP_MUST_USE tp_rc scene_open_hub(town *t, tp_err *err);

/* Past the program, at who is closed. */
void scene_sql(town *t, int place, const char *sql);

#endif
