/* The commands of teapot-hub: their table, and what several of them need. */
#ifndef TP_SYNC_HUB_COMMAND_H
#define TP_SYNC_HUB_COMMAND_H

#include "platform/os/args.h"
#include "schema/day.h"
#include "sync/hub/hub.h"

#include <jansson.h>

extern const tp_program tp_hub_program;

static inline tp_hub *tp_hub_of(const tp_call *call)
{
    return call->context;
}

/* Prints a document on one line and gives it up.  Errors: NOMEM it is NULL;  IO. */
TP_MUST_USE tp_rc tp_hub_print_json(const tp_call *call, json_t *document, tp_err *err);
/* "2026-01-12T20:02Z", or null for 0. */
json_t *tp_hub_json_time(int64_t ms);
json_t *tp_hub_json_name(tp_name name);
json_t *tp_hub_json_device(uint64_t id);

/* "83a1c0de00f5527b (friary, front desk) REVOKED": which machine it is, for a person. */
void tp_hub_print_device(const tp_call *call, const tp_hub_device *device);

/* Reads what was typed; the text names the mend.  Errors: INVALID. */
TP_MUST_USE tp_rc tp_hub_read_device(const char *text, uint64_t *id_out, tp_err *err);
/* A whole day in London. */
TP_MUST_USE tp_rc tp_hub_read_day(const char *text, tp_day *day_out, tp_err *err);
TP_MUST_USE tp_rc tp_hub_read_count(const char *text, uint64_t *count_out, tp_err *err);

/* A record's name, whole, or shortened so far that it fits one enrolled device only; in a
 * transaction.  Says nothing of whether there is such a record.
 * Errors: INVALID;  NOTFOUND no device fits;  EXISTS several do (the exit code is set). */
TP_MUST_USE tp_rc tp_hub_read_name(tp_call *call, const char *text, tp_name *name_out, tp_err *err);

/* The agency of that id.  Errors: NOTFOUND with the mend. */
TP_MUST_USE tp_rc tp_hub_need_agency(tp_hub *hub, const char *id, uint16_t *no_out, tp_err *err);

tp_rc tp_hub_command_init(tp_call *call, tp_err *err);
tp_rc tp_hub_command_serve(tp_call *call, tp_err *err);
tp_rc tp_hub_command_health(tp_call *call, tp_err *err);
tp_rc tp_hub_command_backup(tp_call *call, tp_err *err);
tp_rc tp_hub_command_restore(tp_call *call, tp_err *err);
tp_rc tp_hub_command_verify(tp_call *call, tp_err *err);
tp_rc tp_hub_command_back(tp_call *call, tp_err *err);
tp_rc tp_hub_command_back_begin(tp_call *call, tp_err *err);
tp_rc tp_hub_command_back_without(tp_call *call, tp_err *err);
tp_rc tp_hub_command_back_end(tp_call *call, tp_err *err);
tp_rc tp_hub_command_agency_add(tp_call *call, tp_err *err);
tp_rc tp_hub_command_agency_list(tp_call *call, tp_err *err);
tp_rc tp_hub_command_agency_sign(tp_call *call, tp_err *err);
tp_rc tp_hub_command_agency_end(tp_call *call, tp_err *err);
tp_rc tp_hub_command_device_code(tp_call *call, tp_err *err);
tp_rc tp_hub_command_device_list(tp_call *call, tp_err *err);
tp_rc tp_hub_command_device_admit(tp_call *call, tp_err *err);
tp_rc tp_hub_command_device_revoke(tp_call *call, tp_err *err);
tp_rc tp_hub_command_consent(tp_call *call, tp_err *err);
tp_rc tp_hub_command_holds(tp_call *call, tp_err *err);
tp_rc tp_hub_command_erase(tp_call *call, tp_err *err);
tp_rc tp_hub_command_erased(tp_call *call, tp_err *err);
tp_rc tp_hub_command_log(tp_call *call, tp_err *err);
tp_rc tp_hub_command_quarantine_list(tp_call *call, tp_err *err);
tp_rc tp_hub_command_quarantine_retry(tp_call *call, tp_err *err);
tp_rc tp_hub_command_quarantine_dismiss(tp_call *call, tp_err *err);

#endif
