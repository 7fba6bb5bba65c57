/* A hub on a real database with devices in the same process, scripted line by line:
 *
 *   agency ID                          made known
 *   sign ID [until=DAYS]               under agreement, from now, for so many days
 *   end ID                             its agreement ends now
 *   device NAME AGENCY [kiosk]         enrolled
 *   clock DAYS                         so many days go by
 *   DEVICE ENTITY REF [FIELD=VALUE..]  writes a record; values by type; a list has commas,
 *                                      a record is a REF, a holder is agency/worker; kinds=..
 *                                      (envelope) and restricts (a flag) are not fields; a number
 *                                      for ENTITY is one of a newer program, with the fields of a
 *                                      contact
 *   DEVICE update REF [FIELD=VALUE..]  names each value the device holds of the field
 *   DEVICE retract REF REASON
 *   sync DEVICE                        pushes and pulls until there is no more
 *   push DEVICE                        one request that asks for nothing back but one entry
 *   revoke DEVICE
 *   erase REF [everything]             at the hub; everything: what is about that person
 *   keeps REF [everything]             the hub refuses to erase it
 *   erased REF ..                      the hub has nothing of it but names
 *   DEVICE holds REF ..                has the changes that make these; `lacks`: none of them
 *   DEVICE never_sent REF ..           never had any of them
 *   DEVICE verdict REF lost|held       what the hub says of the holder
 *   quarantined REF ..                 is in quarantine, not in the log
 *   refused DEVICE CODE                its next sync is refused so
 *
 * After each line that a device synced, judging everything again from nothing must change nothing,
 * and the device must hold what its agency's feed says, no more and no less, and nothing erased.
 * Whatever does not hold fails the test with the line. */
#ifndef TP_TESTS_SUPPORT_HUB_STAGE_H
#define TP_TESTS_SUPPORT_HUB_STAGE_H

#include "sync/hub/hub.h"
#include "sync/wire/request.h"
#include "sync/wire/response.h"
#include "tests/support/temp_dir.h"

typedef struct hub_stage hub_stage;

hub_stage *hub_stage_open(void);
/* With its database in memory (disk.h), so that it can go back. */
hub_stage *hub_stage_open_in_memory(void);
/* The hub as it is now, outside a transaction; and as it was then.  Devices stay as they are. */
void hub_stage_keep(hub_stage *stage);
void hub_stage_go_back(hub_stage *stage);
/* Also checks that its store is whole, and that nothing of it is left. */
void hub_stage_close(hub_stage *stage);

void hub_stage_run(hub_stage *stage, const char *line);
/* NULL ends them. */
void hub_stage_run_all(hub_stage *stage, const char *const *lines);
/* All on a stage of their own; `name` is what a failure is called. */
void hub_stage_play(const char *name, const char *const *lines);

tp_hub *hub_stage_hub(hub_stage *stage);
/* The name of a record. */
tp_name hub_stage_name(const hub_stage *stage, const char *ref);
/* Appends the next request of a device as bytes.  `alter` may spoil the header before it is
 * written; NULL: it is as it should be.  It is signed before. */
void hub_stage_make_request(hub_stage *stage, const char *device,
                            void (*alter)(tp_request *head, const void *ctx), const void *ctx,
                            tp_buf *body);
/* Sends bytes as this device; the refusal, or 0 and the answer in `answer`. */
tp_refusal hub_stage_send(hub_stage *stage, const char *device, tp_slice body, tp_buf *answer);
/* Reads an answer without the device taking it; borrowed from it until the next is read. */
const tp_response_reader *hub_stage_read(hub_stage *stage, tp_slice answer);
/* The device takes it. */
void hub_stage_take(hub_stage *stage, const char *device, tp_slice answer);
/* How far the device's changes are at the hub, by the hub. */
tp_hub_device hub_stage_known(hub_stage *stage, const char *device);
/* A number that moves whenever anything the hub keeps of changes does. */
uint64_t hub_stage_number(hub_stage *stage);
/* The device's own key. */
const tp_key *hub_stage_key(hub_stage *stage, const char *device);
/* Sets the hub's and the devices' clock. */
tp_clock_fixed *hub_stage_clock(hub_stage *stage);

#endif
