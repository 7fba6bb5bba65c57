/* What the files of the hub's stage share. */
#ifndef TP_TESTS_SUPPORT_HUB_STAGE_STATE_H
#define TP_TESTS_SUPPORT_HUB_STAGE_STATE_H

#include "platform/net/deflate.h"
#include "sync/hub/exchange.h"
#include "tests/support/disk.h"
#include "tests/support/hub_stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum {
    STAGE_REFS_MAX = 400,
    STAGE_REF_BYTES = 16,
    STAGE_DEVICES_MAX = 16,
    STAGE_HELD_MAX = 1024,
    STAGE_CODES_MAX = 16,
    STAGE_WORDS_MAX = 40,
};

/* A change the script has a word for: a record by the word it was written with. */
typedef struct stage_ref {
    char ref[STAGE_REF_BYTES];
    tp_name name;
    uint32_t entity;
} stage_ref;

/* A change as a device has it. */
typedef struct stage_held {
    tp_name name;
    tp_name record;
    uint32_t codes[STAGE_CODES_MAX]; /* fields it sets */
    uint32_t codes_count;
    uint32_t verdict;
    bool is_given_back;
} stage_held;

typedef struct stage_device {
    char name[16];
    uint64_t id;
    tp_key *key;
    bool is_kiosk;
    uint64_t seq;      /* written */
    uint64_t accepted; /* at the hub */
    uint8_t h[TP_CHAIN_BYTES];
    tp_buf log;                  /* bytes of all its changes, one after the other */
    size_t ends[STAGE_HELD_MAX]; /* of each change in it */
    uint64_t cursor;
    uint8_t tag[TP_CURSOR_TAG_BYTES];
    uint64_t receipt;
    uint64_t generation;
    stage_held has[STAGE_HELD_MAX];
    uint32_t has_count;
} stage_device;

struct hub_stage {
    tp_path dir;
    disk *disk; /* NULL: the real file system */
    disk *kept; /* as it was; NULL: nothing was kept */
    tp_hub hub;
    tp_clock_fixed clock;
    tp_rng_seeded rng;
    stage_device devices[STAGE_DEVICES_MAX];
    uint32_t devices_count;
    stage_ref refs[STAGE_REFS_MAX];
    uint32_t refs_count;
    tp_deflate *deflate;
    tp_inflate *inflate;
    tp_buf message; /* of the answer read last, with its changes: `response` borrows from them */
    tp_buf changes;
    tp_response_reader response;
    const char *play; /* for failures */
    const char *line; /* for failures */
};

#define stage_need(stage, condition, ...)                                                          \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            print_error("%s, at \"%s\":\n", (stage)->play, (stage)->line);                         \
            fail_msg(__VA_ARGS__);                                                                 \
        }                                                                                          \
    } while (0)

void stage_ok(const hub_stage *stage, tp_rc rc, const tp_err *err);
void stage_begin(hub_stage *stage);
void stage_commit(hub_stage *stage);
/* NULL: no change is called so. */
const stage_ref *stage_find_ref(const hub_stage *stage, const char *ref);
/* Fails the test instead. */
const stage_ref *stage_need_ref(const hub_stage *stage, const char *ref);
stage_device *stage_need_device(hub_stage *stage, const char *name);
/* Parts `text` where it stands; how many parts there are. */
uint32_t stage_split(char *text, const char *marks, char **parts, uint32_t max);

/* Does what a line says, given as its words: as many as its row in hub_stage.c asks for. */
typedef void stage_verb(hub_stage *stage, char **words, uint32_t count);

/* The hub and its operator: hub_stage_operator.c */
stage_verb stage_agency;
stage_verb stage_sign;
stage_verb stage_end;
stage_verb stage_enrol;
stage_verb stage_revoke;
stage_verb stage_erase;
stage_verb stage_keeps;
stage_verb stage_clock;
/* What the hub has of a device, in a transaction. */
tp_hub_device stage_known(hub_stage *stage, const char *name);

/* What devices write: hub_stage_write.c */
stage_verb stage_write;
stage_verb stage_update;
stage_verb stage_retract;

/* What devices have, send and are sent: hub_stage_device.c */
stage_verb stage_sync;
stage_verb stage_push;
stage_verb stage_refused;
/* What the device has of a change; NULL: it never had it. */
stage_held *stage_held_of(stage_device *d, tp_name name);
/* The device has this change from now on. */
stage_held *stage_note_held(hub_stage *stage, stage_device *d, tp_name name, tp_slice bytes);

/* What must hold: hub_stage_check.c */
stage_verb stage_holds;
stage_verb stage_lacks;
stage_verb stage_never_sent;
stage_verb stage_verdict;
stage_verb stage_quarantined;
stage_verb stage_erased;
/* Judged by fresh eyes, nothing may move. */
void stage_check_judged(hub_stage *stage);
/* A device that synced to the end holds what its agency's feed says, no more and no less. */
void stage_check_held(hub_stage *stage, stage_device *d);

#endif
