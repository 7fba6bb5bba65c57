/* A newer program's schema: one field of a contact and one entity more.  It is known while
 * `sim_newer_is_on` says so, which is while a change is written in its words; to all that reads the
 * change it is unknown. */
#ifndef TP_TESTS_SIM_NEWER_H
#define TP_TESTS_SIM_NEWER_H

#include "schema/entity.h"

enum {
    SIM_NEWER_ENTITY = 30,
    SIM_NEWER_FIELD = 90 /* of the newer entity, and of a contact */
};

extern bool sim_newer_is_on;
extern const tp_field_row sim_newer_field;

#endif
