/* Small questions about a change. */
#include "schema/change.h"

const tp_change_field *tp_change_field_of(const tp_change *change, uint32_t code)
{
    for (uint32_t i = 0; i < change->fields_count; i++) {
        if (change->fields[i].code == code) {
            return &change->fields[i];
        }
    }
    return NULL;
}
