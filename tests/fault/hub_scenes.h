/* What the sweep does at the hub alone: backups and restores in the real file system, codes,
 * enrolling. Each stands in a row of sweep_test.c; sweep.h says what its part is for. */
#ifndef TP_TESTS_FAULT_HUB_SCENES_H
#define TP_TESTS_FAULT_HUB_SCENES_H

#include "tests/fault/town.h"

void hub_scene_away(town *t);
void hub_scene_reset_away(town *t);
TP_MUST_USE tp_rc hub_scene_backup(town *t, tp_err *err);
/* Nothing is left where it failed; what was made is whole where it did not. */
void hub_scene_check_backup(town *t, tp_rc rc);

void hub_scene_before_restore(town *t);
/* Another database is in the place. */
void hub_scene_reset_restore(town *t);
TP_MUST_USE tp_rc hub_scene_restore(town *t, tp_err *err);
/* The one that was there, or the other, whole. */
void hub_scene_check_restore(town *t, tp_rc rc);

TP_MUST_USE tp_rc hub_scene_code(town *t, tp_err *err);

void hub_scene_before_enrolling(town *t);
void hub_scene_end_enrolling(void);
TP_MUST_USE tp_rc hub_scene_enrol(town *t, tp_err *err);

#endif
