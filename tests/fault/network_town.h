/* The town (town.h), all of it open, its hub serving over TLS in a thread of its own, and the van
 * enrolled there over the network.  One of it in a program. */
#ifndef TP_TESTS_FAULT_NETWORK_TOWN_H
#define TP_TESTS_FAULT_NETWORK_TOWN_H

#include "node/daemon/sync.h"
#include "sync/hub/enrol.h"
#include "tests/fault/town.h"

/* After it nobody waits for long. */
void network_town_found(void);
/* What each of them keeps is whole. */
void network_town_end(void);

town *network_town(void);
const char *network_town_url(void);

/* As an operator does it, beside the server. */
void network_town_code(const char *agency, char text_out[TP_ENROLMENT_CODE_TEXT]);
/* How many changes the hub has accepted so far. */
uint64_t network_town_accepted(void);
void network_town_verify(void);

#endif
