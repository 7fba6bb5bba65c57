/* What is made once and lent to every world, since it would be most of a short week's time: keys,
 * a node's database before it is anybody's, a hub of which nobody is a device yet. */
#ifndef TP_TESTS_SIM_STOCK_H
#define TP_TESTS_SIM_STOCK_H

#include "platform/crypto/sign.h"
#include "platform/os/file.h"
#include "tests/sim/oracle.h"
#include "tests/support/disk.h"

/* 2026-03-24T08:00Z, a Tuesday; on the Sunday after it the clocks in London go forward. */
#define SIM_BEGIN_MS INT64_C(1774339200000)

typedef struct sim_stock {
    tp_key *keys[SIM_DEVICES_MAX];
    tp_path dir; /* of what is below */
    tp_path node;
    tp_path hub;
    tp_buf node_database;
    tp_buf hub_database;
} sim_stock;

/* Ends the program where it cannot. */
void sim_stock_make(sim_stock *stock);
void sim_stock_done(sim_stock *stock);

/* `to`: a directory that is not there yet.  The node's is still to be given its id.
 * Owns: *disk_out, for what lies below it, is the caller's, disk_close(). */
TP_MUST_USE tp_rc sim_stock_copy_node(const sim_stock *stock, const char *to, disk **disk_out,
                                      tp_err *err);
TP_MUST_USE tp_rc sim_stock_copy_hub(const sim_stock *stock, const char *to, disk **disk_out,
                                     tp_err *err);
/* Makes the directory, and in it a name for a database that is on a disk of its own. */
TP_MUST_USE tp_rc sim_stock_make_room(const char *to, const char *database, disk **disk_out,
                                      tp_err *err);

#endif
