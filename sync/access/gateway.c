/* Legal gateways. */
#include "sync/access/gateway.h"

static bool is_in_group(const tp_name *group, uint32_t count, tp_name person)
{
    for (uint32_t i = 0; i < count; i++) {
        if (tp_name_eq(group[i], person)) {
            return true;
        }
    }
    return false;
}

static bool names_agency(const tp_gateway *gateway, tp_slice agency)
{
    for (uint32_t i = 0; i < gateway->agencies_count; i++) {
        if (tp_slice_eq(gateway->agencies[i], agency)) {
            return true;
        }
    }
    return false;
}

uint32_t tp_gateway_opens(const tp_gateway *gateway, const tp_name *group, uint32_t group_count,
                          tp_name person)
{
    uint32_t kinds = gateway->kinds & TP_KINDS_KNOWN;
    if (tp_name_eq(gateway->person, person)) {
        return kinds;
    }
    if (is_in_group(group, group_count, gateway->person)) {
        return kinds & ~TP_KINDS_JOIN_NEVER_WIDENS;
    }
    return 0;
}

bool tp_gateway_covers(const tp_gateway *gateways, uint32_t count, const tp_name *group,
                       uint32_t group_count, tp_name person, tp_slice agency, uint32_t kinds,
                       int64_t now_ms)
{
    for (uint32_t i = 0; i < count; i++) {
        const tp_gateway *gateway = &gateways[i];
        if (gateway->is_authorised && now_ms < gateway->ends_ms && names_agency(gateway, agency) &&
            (kinds & ~tp_gateway_opens(gateway, group, group_count, person)) == 0) {
            return true;
        }
    }
    return false;
}

int64_t tp_gateway_next_end(const tp_gateway *gateways, uint32_t count, int64_t now_ms)
{
    int64_t next_ms = 0;
    for (uint32_t i = 0; i < count; i++) {
        int64_t end_ms = gateways[i].ends_ms;
        if (end_ms > now_ms && (next_ms == 0 || end_ms < next_ms)) {
            next_ms = end_ms;
        }
    }
    return next_ms;
}
