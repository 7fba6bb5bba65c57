/* What was kept of an earlier state, and is put back: a device's card, the hub. */
#ifndef TP_TESTS_SIM_WORLD_BACK_H
#define TP_TESTS_SIM_WORLD_BACK_H

#include "tests/sim/oracle.h"
#include "tests/support/disk.h"

enum { SIM_IDS_MAX = 256, SIM_PAST_MAX = 6 };

/* The card of a device as it once was. */
typedef struct sim_image {
    disk *disk;  /* NULL: there is none */
    uint64_t id; /* whose */
    bool ever[SIM_EVENTS_MAX];
    bool written[SIM_EVENTS_MAX];
} sim_image;

/* An id under which somebody was enrolled. */
typedef struct sim_id {
    uint64_t id;
    uint64_t from;     /* the id it went on from; 0: none */
    bool is_known;     /* at the hub */
    bool is_revoked;   /* there */
    bool is_shut_out;  /* the operator has revoked it once, whatever the hub knows of that */
    bool is_displaced; /* nobody's: what an older card has taken the numbers of is under it */
    bool is_begun;     /* the hub has it, and the device that asked for it does not know that yet */
    bool is_shared;    /* by two machines, at some time */
    bool has_synced;   /* as far as the hub knows */
    bool is_awaited;   /* by a hub that went back */
    bool has_compared; /* a whole sync of it was since the hub took its generation */
} sim_id;

typedef struct sim_agreements {
    unsigned count[SIM_AGENCIES_MAX];
    sim_agreement at[SIM_AGENCIES_MAX][SIM_AGREEMENTS_MAX];
} sim_agreements;

/* The hub as it once was, and what the oracle knew of it then. */
typedef struct sim_kept_hub {
    disk *disk;     /* NULL: there is none */
    bool is_sealed; /* its own backup stands beside */
    uint64_t generation;
    unsigned ids_count;
    sim_id ids[SIM_IDS_MAX];
    sim_agreements agreements;
    bool sent[SIM_AGENCIES_MAX][SIM_EVENTS_MAX];
} sim_kept_hub;

typedef struct sim_back {
    sim_kept_hub kept;
    unsigned falls;
    uint64_t generation;        /* the hub's, when it was looked at last */
    int64_t taken_ms;           /* when it was */
    bool is_frozen;             /* it sends nothing of other agencies */
    bool is_ended;              /* its operator has said so, since it was looked at last */
    bool is_anew;               /* only its operator ends it */
    bool found[SIM_EVENTS_MAX]; /* in its log, while that is read */
    bool has_papers;            /* what the operator did since, and has to do again */
    sim_agreements papers;      /* the agreements there were */
    /* Stamps that a change had, the one it has included. */
    unsigned past_count[SIM_EVENTS_MAX];
    tp_stamp past[SIM_EVENTS_MAX][SIM_PAST_MAX];
    /* Of what the hub had when it fell: the devices (bits) that can hand it back, by what they
     * held then. */
    uint64_t holders[SIM_EVENTS_MAX];
    /* As a hub that takes it under another name writes it again; and what it was before that. */
    uint64_t salts[SIM_EVENTS_MAX];
    /* And its own, by which it is known where its author has called anew what it names. */
    uint64_t own_salts[SIM_EVENTS_MAX];
    tp_name was[SIM_EVENTS_MAX]; /* none: it is called what it was */
    uint64_t was_digest[SIM_EVENTS_MAX];
    uint64_t told[SIM_EVENTS_MAX];        /* of these, the ones that knew its stamp: */
    uint64_t lost_number[SIM_EVENTS_MAX]; /* the one it had then */
} sim_back;

#endif
