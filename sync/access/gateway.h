/* Legal gateways: a basis in law, other than consent, for an agency to hold something (WA7).
 * Each is listed for review.  Pure. */
#ifndef TP_SYNC_ACCESS_GATEWAY_H
#define TP_SYNC_ACCESS_GATEWAY_H

#include "schema/change.h"
#include "schema/kind.h"

typedef struct tp_gateway {
    tp_name name;
    tp_name person;
    uint32_t kinds;     /* listed ones; a kind this program does not know is not among them */
    bool is_authorised; /* by somebody other than its writer; else it opens nothing */
    const tp_slice *agencies;
    uint32_t agencies_count;
    int64_t ends_ms; /* the first moment after its last day in London; never 0 where it opens */
} tp_gateway;

/* True if one gateway in force lets the agency hold kinds about `person`, whatever consent says.
 * One gateway must list every kind, `general` too.  While records are joined it counts for the
 * group, but never for the kinds that a join does not widen. */
bool tp_gateway_covers(const tp_gateway *gateways, uint32_t count, const tp_name *group,
                       uint32_t group_count, tp_name person, tp_slice agency, uint32_t kinds,
                       int64_t now_ms);

/* The kinds it is for about this person, whoever it names and whether or not it is in force; 0
 * where it is about somebody else. */
uint32_t tp_gateway_opens(const tp_gateway *gateway, const tp_name *group, uint32_t group_count,
                          tp_name person);

/* The first end after now; 0: none. */
int64_t tp_gateway_next_end(const tp_gateway *gateways, uint32_t count, int64_t now_ms);

#endif
