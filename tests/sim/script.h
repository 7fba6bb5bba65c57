/* A week of chance, written down: what each device does, in which order.
 *
 * An action names what it is about by the number of the action that made it, so that any of them
 * can be left out and the rest still means the same; one whose object is missing, or is not held by
 * its device, does nothing. */
#ifndef TP_TESTS_SIM_SCRIPT_H
#define TP_TESTS_SIM_SCRIPT_H

#include "tests/sim/oracle.h"
#include "tests/sim/seams.h"

#include <stdio.h>

enum { SIM_ACTIONS_MAX = 400 };

typedef enum sim_act {
    SIM_ACT_PERSON = 0, /* a new person, contact, need, help request, action */
    SIM_ACT_CONTACT,
    SIM_ACT_NEED,
    SIM_ACT_REQUEST,
    SIM_ACT_ACTION,
    SIM_ACT_CORRECT, /* a field of a record says something else */
    SIM_ACT_STATUS,
    SIM_ACT_HOLDER, /* offered or accepted */
    SIM_ACT_INFO,   /* said to be of other kinds */
    SIM_ACT_NEED_KIND,
    SIM_ACT_RETRACT,
    SIM_ACT_BRING_BACK,
    SIM_ACT_FILL_PERSON, /* a record about nobody known gets its person */
    SIM_ACT_CONSENT,
    SIM_ACT_GATEWAY,
    SIM_ACT_JOIN,
    SIM_ACT_UNJOIN,
    SIM_ACT_SIGN, /* at the hub: an agency comes under agreement, or is under it no more */
    SIM_ACT_END,
    SIM_ACT_WAIT,    /* time goes by, for everybody */
    SIM_ACT_RESTART, /* a device is started anew, with or without a clock battery */
    SIM_ACT_JUMP,    /* somebody sets a device's clock */
    SIM_ACT_ENROL,   /* a device meets the hub for the first time */
    SIM_ACT_REOPEN,  /* a device's program is ended and started again */
    SIM_ACT_REBUILD,
    SIM_ACT_SYNC,
    SIM_ACT_HUB,          /* the hub is stopped and started again */
    SIM_ACT_REVOKE,       /* an operator shuts a device out */
    SIM_ACT_COPY,         /* a device's data is put on another machine as well */
    SIM_ACT_IMAGE,        /* a device's card is kept as it is */
    SIM_ACT_PUT_BACK,     /* and is put back as it was then */
    SIM_ACT_BACKUP,       /* the hub is kept as it is: by its own backup, or with its disk */
    SIM_ACT_GO_BACK,      /* and is put back as it was then, or made anew (sim_way) */
    SIM_ACT_BACK_BEGIN,   /* its operator says that it went back */
    SIM_ACT_BACK_WITHOUT, /* that a device is not waited for */
    SIM_ACT_BACK_END,     /* that nobody is waited for */
    SIM_ACT_FLIP,  /* a bit of a device's data turns round while it is off, or a sector is older */
    SIM_ACT_ERASE, /* the operator erases a record, or everything about a person */
    SIM_ACT_COUNT
} sim_act;

/* How a hub comes back: the key of GO_BACK. */
typedef enum sim_way {
    SIM_RESTORED = 0, /* as its operators do it: it knows that it went back */
    SIM_UNNOTICED,    /* its files are the old ones */
    SIM_MADE_ANEW,    /* from nothing but its keys */
    SIM_WAY_COUNT
} sim_way;

/* How a sync goes. */
typedef enum sim_fate {
    SIM_WHOLE = 0,
    SIM_LOST_REQUEST,  /* the network is gone before the hub hears it */
    SIM_LOST_RESPONSE, /* the hub has answered, and nobody hears that */
    SIM_TWICE,         /* a request arrives twice, and the second answer is the one that is heard */
    SIM_CRASH,         /* the device dies while it puts the answer into its tables */
    SIM_STANDS_STILL,  /* others go on meanwhile; the device's next sync is the rest of this one */
    SIM_LATE,          /* a request that was given up comes in the device's next sync */
    SIM_TWICE_LATE,    /* a second copy of one that was answered does */
    SIM_ANSWER_TWICE,  /* an answer is given to the device's next request too */
    SIM_ANSWER_LATE,   /* to that alone */
    SIM_FATE_COUNT
} sim_fate;

typedef struct sim_sync {
    sim_fate fate;
    unsigned at;    /* which request its fate meets; STANDS_STILL: after how many steps */
    unsigned until; /* LATE, TWICE_LATE: it comes after so many steps of that */
    bool is_eager;  /* makes requests before the answers to others are applied */
    sim_seams seams;
} sim_sync;

/* What happens to a disk while an action goes on: the device's own, or the hub's. */
typedef enum sim_fault_kind {
    SIM_NO_FAULT = 0,
    SIM_CUT,  /* the power fails at a write, and the machine is started again */
    SIM_FULL, /* there is room for so many bytes more, until the action is over */
    SIM_FAULT_COUNT
} sim_fault_kind;

typedef struct sim_fault {
    sim_fault_kind kind;
    bool is_at_hub;
    uint32_t point; /* CUT: the nth write point; FULL: bytes */
    uint32_t left;  /* CUT: what survives of what was not synced (disk_survivor_kind) */
} sim_fault;

typedef struct sim_action {
    unsigned number; /* place in the script as it was drawn; stays when others are left out */
    sim_act act;
    unsigned device;
    int on;          /* the action that made the record (or person) it is about; -1: none */
    int other;       /* JOIN: the other person; UNJOIN: the join; FILL_PERSON: the person */
    uint32_t code;   /* CORRECT: the field */
    uint32_t key;    /* the value (sim_value); RESTART: boot */
    unsigned agency; /* HOLDER, SIGN, END: whose */
    unsigned to;     /* COPY: the device that it becomes */
    uint32_t harm;   /* FLIP: harm_kind; key: where */
    bool is_all;     /* ERASE: everything about the person */
    sim_sync sync;   /* SYNC */
    unsigned days;   /* CONSENT, GATEWAY: to the end of how many days ahead, 0: open */
    int64_t ms; /* WAIT: how long; JUMP, RESTART: where the wall clock goes, against the truth */
    uint32_t envelope;
    sim_terms terms; /* CONSENT, GATEWAY */
    sim_fault fault;
} sim_action;

enum { SIM_DRIFT_NONE = 1000 };

typedef struct sim_script {
    uint64_t seed;
    unsigned wanted;                     /* actions, while it is drawn */
    unsigned agencies;                   /* 2..SIM_AGENCIES_MAX */
    unsigned devices;                    /* 2..SIM_DEVICES_MAX */
    unsigned agency_of[SIM_DEVICES_MAX]; /* of each device */
    bool is_kiosk[SIM_DEVICES_MAX];
    bool is_late[SIM_DEVICES_MAX]; /* enrolled by an action, not at the beginning */
    bool is_copy[SIM_DEVICES_MAX]; /* not there until an action copies another's data to it */
    uint32_t
        drift[SIM_DEVICES_MAX]; /* 1,000: its clocks are right; each less or more, a millionth */
    sim_seams seams;            /* of the syncs at the end */
    unsigned count;
    sim_action actions[SIM_ACTIONS_MAX];
} sim_script;

void sim_script_print(FILE *out, const sim_script *script);
/* Reads what sim_script_print wrote; empty lines and those that begin with # say nothing.  False:
 * *line_out is the first line that says nothing known. */
bool sim_script_read(FILE *in, sim_script *script, unsigned *line_out);
/* As large as in the program. */
void sim_seams_whole(sim_seams *seams);

extern const char *const sim_agency_ids[SIM_AGENCIES_MAX];
extern const char *const sim_statuses[];
extern const char *const sim_action_statuses[];
extern const char *const sim_reasons[];

#endif
