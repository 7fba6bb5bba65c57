/* One change on its way into a log: what the files that write share. */
#ifndef TP_TESTS_SIM_WORLD_WRITE_H
#define TP_TESTS_SIM_WORLD_WRITE_H

#include "sync/wire/change_bytes.h"
#include "tests/sim/world.h"

enum { SIM_TEXT_BYTES = 96 };

/* What is to be written, and what its values borrow from. */
typedef struct sim_writing {
    sim_world *world;
    sim_node *node;
    unsigned device;
    tp_change_draft draft;
    unsigned values_count;
    uint32_t codes[SIM_FIELDS_MAX + 16]; /* of the values */
    tp_value values[SIM_FIELDS_MAX + 16];
    char texts[SIM_FIELDS_MAX + 16][SIM_TEXT_BYTES];
    tp_name seen[SIM_FIELDS_MAX + 1][SIM_SEEN_MAX];
} sim_writing;

/* The event's own words on a field; a new one where it has none. */
sim_field *sim_event_field(sim_event *event, uint32_t code);

/* By node/record (world_program.c).  *is_written_out false: it was refused, or is nothing new. */
TP_MUST_USE tp_rc sim_write_by_program(sim_writing *w, tp_tx *tx, sim_event *event,
                                       bool *is_written_out, tp_err *err);
bool sim_takes_back(const sim_event *event);

/* ---- What the program made of it (check_written.c) ----
 * Trouble is told as any other; an error only where the device could not be read. */

/* It says what it was told to say, and what the schema adds to that. */
TP_MUST_USE tp_rc sim_check_said(sim_writing *w, const tp_change *change, const sim_event *event,
                                 tp_err *err);
/* It wrote nothing, since all of it stands there already. */
void sim_check_nothing_new(const sim_writing *w, const sim_event *event);
/* It refused, and it may. */
TP_MUST_USE tp_rc sim_check_refused(sim_writing *w, tp_tx *tx, const sim_event *event,
                                    const tp_err *refused, tp_err *err);
/* It must name what stood on the form, and nothing else.  is_by_program: of consents as well, where
 * others leave out what is named by what they name. */
bool sim_check_named(sim_world *world, unsigned device, const sim_event *event, bool is_by_program);

#endif
