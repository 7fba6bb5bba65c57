/* The schema's rows, and two more now and then: schema/entity.c is compiled once more for this
 * test, with its two look-ups by code under other names (CMakeLists.txt). */
#include "tests/sim/newer.h"

const tp_entity_row *sim_known_entity_of(uint32_t code);
const tp_field_row *sim_known_field_of(uint32_t entity, uint32_t code);

bool sim_newer_is_on;

#define NEWER_ROW                                                                                  \
    {                                                                                              \
        SIM_NEWER_FIELD, "newer", TP_TYPE_TEXT, TP_RULE_LATEST, 0, 0, NULL, "Newer", ""            \
    }
const tp_field_row sim_newer_field = NEWER_ROW;
static const tp_field_row newer_fields[] = {NEWER_ROW, {.code = 0}};
static const tp_entity_row newer_entity = {SIM_NEWER_ENTITY, "newer", "Newer record", 0, 0,
                                           newer_fields};

const tp_entity_row *tp_entity_of(uint32_t code)
{
    return sim_newer_is_on && code == SIM_NEWER_ENTITY ? &newer_entity : sim_known_entity_of(code);
}

const tp_field_row *tp_field_of(uint32_t entity, uint32_t code)
{
    if (!sim_newer_is_on || (entity != SIM_NEWER_ENTITY && code != SIM_NEWER_FIELD)) {
        return sim_known_field_of(entity, code);
    }
    return code == SIM_NEWER_FIELD ? &sim_newer_field : sim_known_field_of(TP_CONTACT, code);
}
