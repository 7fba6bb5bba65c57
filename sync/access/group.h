/* Person groups: the records that are one person.  Pure. */
#ifndef TP_SYNC_ACCESS_GROUP_H
#define TP_SYNC_ACCESS_GROUP_H

#include "platform/base/err.h"
#include "schema/change.h"

/* "These two records are one person."  In force until an unjoin names it. */
typedef struct tp_join {
    tp_name name;
    tp_name person;
    tp_name same_as;
} tp_join;

/* Everybody joined with `person`, `person` included, through joins that no unjoin undoes.
 *
 * Shape:  persons_out has room for TP_GROUP_PERSONS_MAX; sorted, each once.  The order of the joins
 *         does not matter; undone holds the names that unjoins name, known or not.
 * Errors: LIMIT the group is larger: then nobody may be granted anything on the strength of it.
 * Source: design section 4, Joining. */
TP_MUST_USE tp_rc tp_group_of(tp_name person, const tp_join *joins, uint32_t joins_count,
                              const tp_name *undone, uint32_t undone_count, tp_name *persons_out,
                              uint32_t *persons_count_out, tp_err *err);

#endif
