/* The id of an agency. */
#include "schema/agency_id.h"

#include "platform/base/limits.h"

static bool is_allowed(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '.' || byte == '-' || byte == '_';
}

tp_rc tp_agency_id_check(tp_slice id, tp_err *err)
{
    bool is_good = id.bytes > 0 && id.bytes <= TP_AGENCY_BYTES_MAX;
    for (size_t i = 0; is_good && i < id.bytes; i++) {
        is_good = is_allowed(id.at[i]);
    }
    return is_good ? TP_OK
                   : tp_fail(err, TP_INVALID,
                             "the id of an agency is 1 to %u letters, digits, '.', '-' or '_', as "
                             "the hub calls it: street-outreach",
                             TP_AGENCY_BYTES_MAX);
}
