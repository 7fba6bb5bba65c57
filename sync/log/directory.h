/* Agencies, their agreements, and which device belongs to whom, as the hub last said. */
#ifndef TP_SYNC_LOG_DIRECTORY_H
#define TP_SYNC_LOG_DIRECTORY_H

#include "sync/log/log.h"
#include "sync/wire/response.h"

/* Replaces the directory.  Begin, then put each, in the transaction that keeps the version.
 * A device keeps its agency for ever: another one is refused.
 * Errors: LIMIT more than TP_AGENCIES_MAX agencies;  INVALID an id is empty or too long, or a
 *         device changes its agency. */
TP_MUST_USE tp_rc tp_log_directory_begin(tp_log *log, tp_tx *tx, uint64_t version, tp_err *err);
TP_MUST_USE tp_rc tp_log_directory_put_agency(tp_log *log, tp_tx *tx,
                                              const tp_directory_agency *agency, tp_err *err);
TP_MUST_USE tp_rc tp_log_directory_put_device(tp_log *log, tp_tx *tx,
                                              const tp_directory_device *device, tp_err *err);
/* 0: none was ever received. */
TP_MUST_USE tp_rc tp_log_directory_version(tp_log *log, tp_tx *tx, uint64_t *version_out,
                                           tp_err *err);

/* The agency a device was enrolled for, or "" where the directory does not say (yet).
 * Owns:   lives as long as the log; two of one agency are one pointer. */
TP_MUST_USE tp_rc tp_log_agency_of(tp_log *log, tp_tx *tx, uint64_t device, const char **agency_out,
                                   tp_err *err);

/* Were this change and the record it is of written on devices of this node's own agency?  What a
 * directory once said of a device stays, whatever a later one leaves out.  False where it is not
 * held. */
TP_MUST_USE tp_rc tp_log_is_of_own_agency(tp_log *log, tp_tx *tx, tp_name name, bool *is_own_out,
                                          tp_err *err);

/* All agencies by id, with label and agreements; borrowed until it returns. */
typedef tp_rc (*tp_log_each_agency)(void *context, const tp_directory_agency *agency, tp_err *err);
TP_MUST_USE tp_rc tp_log_agencies(tp_log *log, tp_tx *tx, tp_log_each_agency each, void *context,
                                  tp_err *err);

/* The label of an agency, or its id where it has none.  As tp_log_agency_of for who owns it. */
TP_MUST_USE tp_rc tp_log_agency_label(tp_log *log, tp_tx *tx, const char *agency,
                                      const char **label_out, tp_err *err);

/* Is the agency under agreement at that moment?  Unknown agencies are not. */
TP_MUST_USE tp_rc tp_log_is_under_agreement(tp_log *log, tp_tx *tx, tp_slice agency, int64_t at_ms,
                                            bool *is_under_out, tp_err *err);

#endif
