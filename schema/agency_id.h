/* The id of an agency: what a node is made for and a hub knows, the same on both for ever. */
#ifndef TP_SCHEMA_AGENCY_ID_H
#define TP_SCHEMA_AGENCY_ID_H

#include "platform/base/err.h"
#include "platform/base/slice.h"

/* 1 to TP_AGENCY_BYTES_MAX letters of ASCII, digits, '.', '-' or '_'.  A node made under another
 * name could record, and no hub could ever enrol it.
 * Errors: INVALID with the mend. */
TP_MUST_USE tp_rc tp_agency_id_check(tp_slice id, tp_err *err);

#endif
