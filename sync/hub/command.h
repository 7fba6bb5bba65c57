/* The hub's command line: one function for each row of the table in command.c, by subject.
 *
 *   command_setup.c   init, serve, backup, restore, health
 *   command_agency.c  agencies and their Information Sharing Agreements (HT4)
 *   command_device.c  codes, devices, revoking
 *   command_look.c    consent, holds, log, quarantine */
#ifndef TP_SYNC_HUB_COMMAND_H
#define TP_SYNC_HUB_COMMAND_H

#include "platform/os/args.h"
#include "sync/hub/hub.h"

#include <jansson.h>

#define TP_HUB_DATABASE "hub.db"
#define TP_HUB_CA "ca.pem"

extern const tp_program tp_hub_program;

/* The opened store of a call. */
static inline tp_hub_store *tp_hub_call_store(const tp_call *call)
{
    return call->context;
}

/* Now, UTC ms. */
int64_t tp_hub_call_now(void);

/* One document on one line, which is given up.  Errors: NOMEM it is NULL;  IO. */
TP_MUST_USE tp_rc tp_hub_print_json(const tp_call *call, json_t *document, tp_err *err);
/* "Mon 12 Jan 2026 20:05", or "never" for 0.  Lives until the third next call. */
const char *tp_hub_when(int64_t ms);

/* A full name of a person or change as typed.  Errors: INVALID. */
TP_MUST_USE tp_rc tp_hub_read_name(const char *text, tp_name *name_out, tp_err *err);
/* A device as typed: 16 hexadecimal digits.  Errors: INVALID. */
TP_MUST_USE tp_rc tp_hub_read_device(const char *text, uint64_t *device_out, tp_err *err);

tp_rc tp_hub_command_init(tp_call *call, tp_err *err);
tp_rc tp_hub_command_serve(tp_call *call, tp_err *err);
tp_rc tp_hub_command_backup(tp_call *call, tp_err *err);
tp_rc tp_hub_command_restore(tp_call *call, tp_err *err);
tp_rc tp_hub_command_health(tp_call *call, tp_err *err);
tp_rc tp_hub_command_agency_add(tp_call *call, tp_err *err);
tp_rc tp_hub_command_agency_list(tp_call *call, tp_err *err);
tp_rc tp_hub_command_agency_sign(tp_call *call, tp_err *err);
tp_rc tp_hub_command_agency_end(tp_call *call, tp_err *err);
tp_rc tp_hub_command_device_code(tp_call *call, tp_err *err);
tp_rc tp_hub_command_device_list(tp_call *call, tp_err *err);
tp_rc tp_hub_command_device_revoke(tp_call *call, tp_err *err);
tp_rc tp_hub_command_consent(tp_call *call, tp_err *err);
tp_rc tp_hub_command_holds(tp_call *call, tp_err *err);
tp_rc tp_hub_command_log(tp_call *call, tp_err *err);
tp_rc tp_hub_command_quarantine_list(tp_call *call, tp_err *err);
tp_rc tp_hub_command_quarantine_retry(tp_call *call, tp_err *err);
tp_rc tp_hub_command_quarantine_dismiss(tp_call *call, tp_err *err);

#endif
