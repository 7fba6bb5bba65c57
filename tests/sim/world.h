/* The real thing in one process: a hub and its nodes, with clocks and chance that the test owns,
 * and beside it the oracle, which is told what was done.
 *
 * Whatever goes wrong is said once, in `trouble`, and ends the run: every call that can fail
 * answers false then. */
#ifndef TP_TESTS_SIM_WORLD_H
#define TP_TESTS_SIM_WORLD_H

#include "node/record/node.h"
#include "sync/hub/hub.h"
#include "sync/merge/merge.h"
#include "sync/merge/record.h"
#include "sync/session/ask.h"
#include "tests/sim/script.h"
#include "tests/sim/stock.h"
#include "tests/sim/world_back.h"

enum { SIM_HTTP_OK = 200, SIM_HTTP_DENIED = 403 };

/* A sync under way, or one that stands still. */
typedef struct sim_session {
    tp_ask *ask; /* NULL: there is none */
    sim_seams seams;
    sim_fate fate;
    unsigned at;
    unsigned until;
    unsigned turn; /* answers applied */
    bool is_eager;
    tp_buf requests[2]; /* the one under way, and one made behind it */
    unsigned requests_count;
    int64_t made_ms; /* when the first of them was */
    tp_buf response;
    unsigned status;
    bool is_asked;       /* a request has been made and sent */
    bool is_answered;    /* by the hub */
    bool is_taken;       /* the answer was read, and waits to be applied */
    bool is_turned_away; /* by the answer at hand: it is shut out, or a stranger */
    bool is_not_its;     /* the answer at hand: it is one to an earlier request */
    bool is_overtaken;   /* a request from before it has brought the hub something meanwhile */
    bool gives_back[SIM_EVENTS_MAX]; /* what the answer at hand asks back */
} sim_session;

/* What a network has not brought yet. */
typedef struct sim_late {
    tp_buf request; /* empty: none */
    uint64_t id;    /* by whose certificate */
    int64_t made_ms;
    unsigned after;    /* how many steps of the next sync */
    bool is_under_way; /* that has begun */
    tp_buf answer;
    unsigned status; /* 0: no answer */
} sim_late;

typedef struct sim_node {
    unsigned agency;
    bool is_kiosk;
    bool is_enrolled;
    bool is_revoked;
    bool is_shut_out;   /* as a copy of one that is revoked */
    bool is_kept_short; /* answered last by a hub that went back */
    tp_path dir;
    disk *disk;      /* its data */
    tp_buf older;    /* its database, as it was when it was last opened */
    tp_node node;    /* as the programs open it */
    tp_store *store; /* the node's, as the next two; NULL: closed */
    tp_log *log;
    tp_merge *merge;
    tp_clock_fixed clock;
    tp_rng_seeded rng;
    const tp_key *key; /* the test's, or own_key */
    tp_key *own_key;   /* of an id taken after a fork; else NULL */
    tp_key *next_key;  /* of the id that it is about to take; else NULL */
    uint64_t id;
    int64_t booted_ms; /* in true time */
    int64_t wall_off_ms;
    int64_t wall_set_ms; /* in true time: when it was that wrong */
    int64_t drift;       /* of its crystal, millionths */
    uint16_t boot;       /* of no other machine: by SIM_DEVICES_MAX more at each start */
    int64_t heard_ms;    /* when a sync was whole last; 0: never, or its data is older */
    sim_session session;
    sim_late late;
    /* What it holds, as its log says. */
    bool held[SIM_EVENTS_MAX];
    bool stub[SIM_EVENTS_MAX];
    bool is_stamped[SIM_EVENTS_MAX]; /* held with a stamp of the hub */
    bool is_tagged[SIM_EVENTS_MAX];  /* and as the hub has sent it */
    tp_stamp told[SIM_EVENTS_MAX];   /* that one */
    /* Written here and not sent yet, and written again by a copy: its name here; 0: everywhere's */
    tp_name as[SIM_EVENTS_MAX];
    uint64_t as_digest[SIM_EVENTS_MAX];
    bool is_stale[SIM_EVENTS_MAX]; /* with one that the hub gave it before it fell */
    /* Handed to a hub that fell and does not know its author: nor does whoever it is sent to. */
    bool is_strange[SIM_EVENTS_MAX];
    bool ever[SIM_EVENTS_MAX];    /* held at some time */
    bool written[SIM_EVENTS_MAX]; /* and said to be done, here or where its data comes from */
} sim_node;

/* What was going on when a disk failed, and may or may not have happened. */
typedef struct sim_unsure {
    bool is_written; /* `event`, by `device`, as the action `number` */
    sim_event event;
    unsigned device;
    bool is_answered; /* `device`, as `id`, by the hub: it had been sent up to here before */
    uint64_t id;
    uint64_t sent;
    bool items[SIM_EVENTS_MAX]; /* what that answer brought */
    bool is_forked;             /* `device`: it was about to take the id */
    uint64_t old_id;
    uint64_t new_id;
    uint64_t kept;
    bool is_enrolled; /* old_id asked the hub for new_id */
} sim_unsure;

typedef struct sim_trouble {
    const char *check; /* which one failed; NULL: none.  Static */
    char text[500];
} sim_trouble;

/* What a run met, in numbers. */
typedef struct sim_totals {
    uint64_t nodes;
    uint64_t actions; /* that did something */
    uint64_t changes; /* written */
    uint64_t syncs;   /* begun, and of those the ones that were whole */
    uint64_t whole;
    uint64_t requests; /* that reached the hub */
    uint64_t lost;     /* requests and answers that did not arrive, or twice, or late */
    uint64_t crashes;
    uint64_t cuts;     /* of power, at a node or the hub, that lost what was not synced */
    uint64_t full;     /* calls that a full disk refused */
    uint64_t copies;   /* of a device's data */
    uint64_t forks;    /* that came of them */
    uint64_t revoked;  /* devices */
    uint64_t put_back; /* older states of devices */
    uint64_t falls;    /* of the hub, to an earlier state */
    uint64_t flips;    /* data damaged at rest, and of those: */
    uint64_t harmless;
    uint64_t healed;
    uint64_t replaced; /* with the machine */
    uint64_t erased;   /* records */
} sim_totals;

typedef struct sim_world {
    const sim_script *script;
    const sim_stock *stock;
    tp_path dir;
    int64_t now_ms; /* the truth, and the hub's clock */
    tp_clock_fixed hub_clock;
    tp_rng_seeded hub_rng;
    tp_hub hub;
    disk *hub_disk;
    sim_node nodes[SIM_DEVICES_MAX];
    sim_oracle oracle;
    int made[SIM_ACTIONS_MAX]; /* the event each action made; -1 */
    unsigned ids_count;
    sim_id ids[SIM_IDS_MAX];
    sim_image images[SIM_DEVICES_MAX];
    sim_back back;
    uint64_t number; /* the last acceptance number looked at */
    uint64_t judged; /* whole syncs */
    sim_totals totals;
    sim_fault fault;     /* of the action at hand */
    disk *faulty;        /* the disk it is about; NULL: none */
    bool is_struck;      /* something failed for it */
    bool is_harmed;      /* the device at work has damaged data, and may refuse */
    bool is_hub_asked;   /* which has not */
    bool is_harm_known;  /* `verify` has said so: then any refusal will do */
    bool is_cursor_bent; /* by that damage: the hub may say that it never gave this one */
    sim_unsure unsure;
    sim_trouble trouble;
} sim_world;

/* dir: an empty directory, the caller's. */
bool sim_world_open(sim_world *world, const sim_script *script, const sim_stock *stock,
                    const tp_path *dir);
/* Also after trouble.  Nothing may be left open. */
void sim_world_close(sim_world *world);

/* Does one action (world_act.c).  True also where there was nothing to do. */
bool sim_world_act(sim_world *world, const sim_action *action);
/* Syncs a device, or goes on with a sync that stood still, and checks it where a sync was whole
 * (world_sync.c). */
bool sim_world_sync(sim_world *world, unsigned device, const sim_sync *sync);
/* The same, and nothing is checked.  *is_whole_out: it is over and all is well. */
bool sim_sync_only(sim_world *world, unsigned device, const sim_sync *sync, bool *is_whole_out);
/* Everybody syncs until nobody has anything to say, and is checked. */
bool sim_world_settle(sim_world *world);

/* Everything the design promises of a device that has just synced (check.c).  is_thorough: its
 * consent pages as well, and its views made again. */
bool sim_check_node(sim_world *world, unsigned device, bool is_thorough);
/* What it shows is what its log says, also where a power cut has torn a sync in two. */
bool sim_check_shown(sim_world *world, unsigned device);
/* What the hub says of consent; then also that its store is sound. */
bool sim_check_in_force(sim_world *world);
bool sim_check_hub(sim_world *world);
sim_decision sim_decision_of(tp_decision decision);
/* What the device says of consent (check_consent.c), and the names it would write a consent in
 * sight of. */
bool sim_check_consent(sim_world *world, tp_tx *tx, unsigned device);
/* Is it a consent event that whoever writes about the person there has in sight? */
bool sim_is_on_page(const sim_look *look, int person, int event);
/* Devices of one agency agree. */
bool sim_check_pairs(sim_world *world);

/* ---- For the files of this folder ---- */

bool sim_fail(sim_world *world, const char *check, const char *format, ...) TP_PRINTF(3, 4);
/* True where rc is OK; else says what failed, unless the disk did (world_fault.c). */
bool sim_must(sim_world *world, tp_rc rc, const char *what, const tp_err *err);

/* What a name means to a device: of two events that have it, the one it holds. */
int sim_event_of(const sim_world *world, unsigned device, tp_name name);
/* The one that is at the hub; before the hub was looked at, the device's own. */
int sim_event_at_hub(const sim_world *world, unsigned device, tp_name name);
/* The one of these bytes. */
int sim_event_written(sim_world *world, tp_name name, tp_slice bytes);
/* The one of these bytes, where the hub has given it another name (world_displaced.c). */
int sim_event_displaced(sim_world *world, tp_name name, uint64_t digest, tp_slice bytes);
/* As the hub would call it by its bytes: kept where they are seen first. */
void sim_keep_salt(sim_world *world, int event, tp_name name, tp_slice bytes);
/* Has the hub what had this name by another one? */
bool sim_is_displaced(const sim_world *world, tp_name name);
/* The device had it last by the name that it had, and let go of it by that: it leaves no stub,
 * which would say of another what it replaced.  The hub has it by the other, or had it before it
 * fell. */
bool sim_is_let_go(const sim_world *world, unsigned device, int event);
/* A name that the device has given back: of what is called otherwise now, that; else `event`. */
int sim_event_given_back(const sim_world *world, unsigned device, tp_name name, int event);
/* What the hub knows of ids that it has made. */
TP_MUST_USE tp_rc sim_look_at_displaced(sim_world *world, tp_err *err);
/* As its log calls it. */
tp_name sim_name_at(const sim_world *world, unsigned device, int event);

/* Whoever speaks with the hub and is answered. */
bool sim_is_heard(const sim_node *node);
bool sim_node_open(sim_world *world, unsigned device);
/* A new one, in a directory that is not there yet. */
bool sim_node_make(sim_world *world, unsigned device);
void sim_node_close(sim_node *node);
/* A sync that stands still is forgotten, as where a program ends. */
void sim_session_end(sim_node *node);
/* Sets the device's clock to what it reads now. */
void sim_node_tick(sim_world *world, unsigned device);
/* Reads from its log what it holds, and checks what can be checked after each step: it is what was
 * written, whoever wrote it, with the hub's stamps, and lacks nothing that was said to be done. */
bool sim_node_look(sim_world *world, unsigned device);
/* A machine, a person with a tool, or an operator does something (world_machine.c). */
bool sim_machine_act(sim_world *world, const sim_action *action);
/* Goes on under a new id, since the hub holds other changes under this one (world_fork.c). */
bool sim_fork(sim_world *world, unsigned device);
/* Lets the disk fail in this action, as it says; then, whether it did or not, everything that died
 * of it is started again. */
void sim_fault_begin(sim_world *world, const sim_action *action);
bool sim_fault_end(sim_world *world, const sim_action *action);
/* What `device` has written stands in its log. */
bool sim_take_written(sim_world *world, unsigned device, sim_event *event);
/* As sim_hub_look, and nothing that was there is gone. */
bool sim_hub_look_whole(sim_world *world);
/* The device took the id. */
void sim_fork_taken(sim_world *world, unsigned device, uint64_t old_id, uint64_t kept);
/* Damages a device's data while it is off, and sees what comes of it (world_flip.c). */
bool sim_flip(sim_world *world, const sim_action *action);
/* The operator erases a record (world_erase.c). */
bool sim_erase(sim_world *world, const sim_action *action);
/* Puts a device's data on a machine where there is none. */
bool sim_copy(sim_world *world, unsigned from, unsigned to);

/* Keeps a device's card, and puts it back as it was then: what was written since and had not
 * reached the hub is gone by the hand of whoever does it (world_image.c). */
bool sim_keep_image(sim_world *world, unsigned device);
bool sim_put_back(sim_world *world, unsigned device);
void sim_images_done(sim_world *world);

/* ---- A hub that went back (world_back.c, world_operator.c, check_back.c) ---- */

bool sim_keep_hub(sim_world *world, bool is_backup);
bool sim_hub_go_back(sim_world *world, sim_way way);
void sim_kept_hub_done(sim_world *world);
bool sim_back_begin(sim_world *world);
bool sim_back_without(sim_world *world, unsigned device);
bool sim_back_end(sim_world *world);
/* A device that the hub does not know has called. */
bool sim_back_stranger(sim_world *world, unsigned device, tp_buf *out);
/* As sim_hub_look, where the hub has fallen once: what it accepts again may have any number. */
TP_MUST_USE tp_rc sim_back_look(sim_world *world, tp_err *err);
/* What an operator does who looks after a hub that went back. */
bool sim_back_tend(sim_world *world);
/* A device has synced, whole. */
void sim_back_heard(sim_world *world, uint64_t id);
/* Everybody has synced: what can be had is there, with the stamps that can be shown. */
bool sim_back_check(sim_world *world);

sim_id *sim_id_of(sim_world *world, uint64_t id);
/* The machine that goes by it; -1: there is none, or none any more. */
int sim_machine_of(const sim_world *world, uint64_t id);
bool sim_read_generation(sim_world *world);
/* Who can hand what the hub has now, should it fall. */
void sim_note_holders(sim_world *world);
/* The hub had it and fell; nobody has brought it back. */
bool sim_was_lost(const sim_world *world, int event);
bool sim_was_stamp(const sim_world *world, int event, const tp_stamp *stamp);
/* The hub was frozen when the device was answered last: nothing of another agency was sent. */
bool sim_is_withheld(const sim_world *world, unsigned device, int event);
/* Nor is it what was granted by what came while the two settled, where it had given that back, or
 * it is a join with somebody who is withheld: that comes when the hub is frozen no more. */
bool sim_comes_later(const sim_world *world, unsigned device, int event);
/* It has another stamp than the hub, and should have heard of that. */
bool sim_is_stale(sim_world *world, unsigned device, int event);
/* A hub that went back does not know yet whose device wrote this, its own agency's device does, and
 * gave it back all the same. */
bool sim_is_taken_away(sim_world *world, const sim_look *hub, unsigned device, int event);
/* So nobody may say that the two are in step. */
bool sim_holds_nobodys(sim_world *world, unsigned device);

/* What is of a record or person that was lost for good, or hangs on what the hub forgot of whom it
 * had sent what. */
bool sim_is_adrift(sim_world *world, const sim_look *hub, unsigned device, int event);
bool sim_is_holding_known(sim_world *world, int record, uint32_t code);
/* It holds, of this record (-1: of any), what the hub lost and it cannot hand back. */
bool sim_holds_lost(const sim_world *world, unsigned device, int record);
/* Somebody whom a hub that went back may wait for will not come. */
bool sim_back_may_wait(const sim_world *world);
/* Section 3, of a stamp that the hub has just given. */
bool sim_check_stamp(sim_world *world, int at, const tp_stamp *stamp);

/* Writes an event of a device, makes of the event what the change says (its name, what it replaces,
 * what was on the page), and tells the oracle (world_write.c).  *at_out = its index; -1: the
 * program refused it, or it says nothing new. */
bool sim_write(sim_world *world, unsigned device, sim_event *event, int *at_out);

bool sim_hub_open(sim_world *world);
bool sim_hub_add_agencies(sim_world *world);
void sim_hub_close(sim_world *world);
bool sim_hub_restart(sim_world *world);
bool sim_hub_enrol(sim_world *world, unsigned device);
/* Shuts it out, and what came from it. */
bool sim_hub_revoke_id(sim_world *world, uint64_t id);
/* For what the hub does on its own. */
bool sim_hub_begin(sim_world *world);
bool sim_hub_commit(sim_world *world, tp_rc rc, const char *what, tp_err *err);
/* Two machines have spoken under this id. */
bool sim_is_shared(const sim_world *world, uint64_t id);
void sim_hub_note_id(sim_world *world, uint64_t id, uint64_t from);
bool sim_hub_agreement(sim_world *world, unsigned agency, bool is_signed);
/* A request on its way. */
typedef struct sim_request {
    unsigned device;
    uint64_t id; /* by whose certificate it comes */
    tp_slice body;
    bool is_late; /* nobody waits for its answer */
} sim_request;

/* Answers one request (world_hub.c): the status, and the answer into `out`. */
bool sim_hub_answer(sim_world *world, const sim_request *request, unsigned *status_out,
                    tp_buf *out);

/* What the network still has of a device (world_late.c). */
bool sim_keep_request(sim_world *world, unsigned device, tp_slice body, unsigned after);
bool sim_keep_answer(sim_world *world, unsigned device);
/* A sync begins: what was kept before it is on its way. */
void sim_late_set_out(sim_node *node);
/* So many steps of it are done: does the request come now?  UINT_MAX: it is over. */
bool sim_late_request(sim_world *world, unsigned device, unsigned steps);
/* The answer that was kept comes in the place of the one at hand. */
bool sim_late_answer(sim_world *world, unsigned device);
void sim_late_done(sim_node *node);
/* Takes note of what the hub has accepted since the last time: stamps and numbers. */
bool sim_hub_look(sim_world *world);

#endif
