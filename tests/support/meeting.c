/* A few whole nodes, and a hub of the simplest kind between them. */
#include "tests/support/meeting.h"

#include "platform/base/alloc.h"
#include "schema/name_text.h"
#include "sync/log/directory.h"
#include "sync/log/era.h"
#include "sync/log/push.h"
#include "tests/support/temp_dir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

static tp_err err;

static void must(tp_rc rc)
{
    if (rc != TP_OK) {
        fail_msg("%s: %s", tp_rc_name(rc), err.what);
    }
}

/* ---- Opening ---- */

static void open_node(meeting_node *at, const char *agency, uint64_t seed)
{
    at->dir = temp_dir_make();
    tp_path dir = temp_dir_path(&at->dir, "node");
    tp_clock_fixed_init(&at->clock, MEETING_NOW_MS, 60000, (uint8_t)seed);
    tp_rng_seeded_init(&at->rng, seed);
    must(tp_node_init(dir.at, tp_slice_str(agency), &at->clock.clock, &at->rng.rng, &err));
    must(tp_node_open(dir.at, &at->clock.clock, &at->rng.rng, &at->node, &err));
}

static void introduce(meeting *m, meeting_node *to, const char *const *agencies)
{
    tp_tx tx = TP_TX_NONE;
    tp_log *log = to->node.log;
    must(tp_tx_begin(to->node.store, &tx, TP_TX_WRITE, &err));
    tp_era_reading reading;
    must(tp_log_read_clock(log, &tx, &reading, &err));
    must(tp_log_compare(log, &tx, &reading, reading.wall_ms, &err));
    must(tp_log_directory_begin(log, &tx, 1, &err));
    for (uint32_t i = 0; i < m->count; i++) {
        tp_directory_agency agency = {.id = tp_slice_str(agencies[i]),
                                      .label = tp_slice_str(agencies[i]),
                                      .agreements_count = 1,
                                      .agreements = {{0, 0, true}}};
        bool is_again = false;
        for (uint32_t k = 0; k < i; k++) {
            is_again |= strcmp(agencies[k], agencies[i]) == 0;
        }
        if (!is_again) {
            must(tp_log_directory_put_agency(log, &tx, &agency, &err));
        }
    }
    for (uint32_t i = 0; i < m->count; i++) {
        const tp_directory_device device = {tp_log_device(m->at[i].node.log),
                                            tp_slice_str(agencies[i])};
        must(tp_log_directory_put_device(log, &tx, &device, &err));
    }
    must(tp_tx_commit(&tx, &err));
}

void meeting_open(meeting *m, const char *const *agencies)
{
    meeting_open_apart(m, agencies);
    for (uint32_t i = 0; i < m->count; i++) {
        introduce(m, &m->at[i], agencies);
    }
}

void meeting_open_apart(meeting *m, const char *const *agencies)
{
    memset(m, 0, sizeof *m);
    m->blocks_before = tp_alloc_live();
    tp_arena_init(&m->arena, (size_t)256 * 1024 * 1024);
    tp_buf_init(&m->feed, (size_t)64 * 1024 * 1024);
    for (; agencies[m->count] != NULL; m->count++) {
        open_node(&m->at[m->count], agencies[m->count], m->count + 1);
    }
}

void meeting_close(meeting *m)
{
    meeting_read_end(m);
    for (uint32_t i = 0; i < m->count; i++) {
        assert_int_equal(tp_store_statements_open(m->at[i].node.store), 0);
        assert_false(tp_store_is_in_tx(m->at[i].node.store));
        tp_node_close(&m->at[i].node);
        temp_dir_remove(&m->at[i].dir);
    }
    tp_arena_done(&m->arena);
    tp_buf_done(&m->feed);
    assert_int_equal(tp_alloc_live(), m->blocks_before);
}

void meeting_wait(meeting *m, int64_t ms)
{
    for (uint32_t i = 0; i < m->count; i++) {
        tp_clock_fixed_advance(&m->at[i].clock, ms);
    }
}

/* ---- Syncing ---- */

typedef struct pushing {
    meeting *m;
    meeting_node *from;
} pushing;

static tp_rc push_one(void *context, uint64_t seq, tp_slice bytes, bool *go_on, tp_err *push_err)
{
    pushing *p = context;
    tp_era_reading reading;
    tp_entry entry = {.name = {tp_log_device(p->from->node.log), seq}};
    *go_on = true;
    must(tp_arena_copy(&p->m->arena, bytes, &entry.bytes, &err));
    must(tp_change_decode_reading(bytes, &reading, &err));
    entry.stamp.ms = reading.wall_ms;
    entry.stamp.number = ++p->m->number;
    entry.position = p->m->number;
    (void)push_err;
    must(tp_buf_add(&p->m->feed, &entry, sizeof entry, &err));
    return TP_OK;
}

static void push(meeting *m, meeting_node *from)
{
    tp_log_push state;
    tp_tx tx = TP_TX_NONE;
    pushing p = {m, from};
    const uint64_t first_number = m->number + 1;
    must(tp_tx_begin(from->node.store, &tx, TP_TX_WRITE, &err));
    must(tp_log_push_get(from->node.log, &tx, &state, &err));
    if (state.last_seq > state.accepted_seq) {
        must(tp_log_unsent(from->node.log, &tx, state.accepted_seq, push_one, &p, &err));
        const tp_stamp_run run = {.count = (uint32_t)(state.last_seq - state.accepted_seq),
                                  .first_number = first_number,
                                  .skew_ms =
                                      from->clock.reading.wall_ms - from->clock.reading.up_ms};
        must(tp_merge_accept(from->node.merge, &tx, state.last_seq, state.accepted_seq + 1, &run, 1,
                             NULL, &err));
    }
    must(tp_tx_commit(&tx, &err));
}

static void pull(meeting *m, meeting_node *to)
{
    tp_tx tx = TP_TX_NONE;
    const size_t count = m->feed.bytes / sizeof(tp_entry);
    must(tp_tx_begin(to->node.store, &tx, TP_TX_WRITE, &err));
    for (; to->pulled < count; to->pulled++) {
        tp_entry entry;
        tp_merge_applied applied;
        memcpy(&entry, m->feed.at + to->pulled * sizeof entry, sizeof entry);
        if (entry.name.device != tp_log_device(to->node.log)) {
            must(tp_merge_apply(to->node.merge, &tx, &entry, 1, &applied, &err));
        }
    }
    must(tp_tx_commit(&tx, &err));
}

void meeting_sync(meeting *m, uint32_t at)
{
    push(m, &m->at[at]);
    pull(m, &m->at[at]);
}

void meeting_sync_all(meeting *m)
{
    for (uint32_t i = 0; i < 2 * m->count; i++) {
        meeting_sync(m, i % m->count);
    }
}

void meeting_give_back(meeting *m, uint32_t at, const tp_name *names, size_t count)
{
    tp_tx tx = TP_TX_NONE;
    meeting_node *to = &m->at[at];
    must(tp_tx_begin(to->node.store, &tx, TP_TX_WRITE, &err));
    must(tp_merge_give_back(to->node.merge, &tx, names, count, to->clock.reading.wall_ms, &err));
    must(tp_tx_commit(&tx, &err));
}

void meeting_erase(meeting *m, uint32_t at, const tp_name *names, size_t count)
{
    tp_tx tx = TP_TX_NONE;
    meeting_node *to = &m->at[at];
    must(tp_tx_begin(to->node.store, &tx, TP_TX_WRITE, &err));
    must(tp_merge_erase(to->node.merge, &tx, names, count, to->clock.reading.wall_ms, &err));
    must(tp_tx_commit(&tx, &err));
}

/* ---- Writing ---- */

static tp_rc import_text(meeting *m, uint32_t at, char *text, tp_import_result *result,
                         tp_err *import_err)
{
    meeting_read_end(m);
    json_error_t wrong;
    for (char *c = text; *c != '\0'; c++) {
        *c = *c == '\'' ? '"' : *c;
    }
    json_t *line = json_loads(text, 0, &wrong);
    if (line == NULL) {
        fail_msg("%s: %s", wrong.text, text);
    }
    tp_rc rc = tp_import_line(&m->at[at].node, line, result, import_err);
    json_decref(line);
    return rc;
}

tp_name meeting_write(meeting *m, uint32_t at, const char *fmt, ...)
{
    char text[4096];
    tp_import_result result;
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    tp_rc rc = import_text(m, at, text, &result, &err);
    if (rc != TP_OK) {
        fail_msg("%s: %s", err.what, text);
    }
    return result.written.record;
}

tp_rc meeting_try(meeting *m, uint32_t at, tp_import_result *result_out, tp_err *try_err,
                  const char *fmt, ...)
{
    char text[4096];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    return import_text(m, at, text, result_out, try_err);
}

tp_name meeting_person(meeting *m, uint32_t at, const char *preferred_name)
{
    return meeting_write(m, at,
                         "{'op':'create','entity':'person','worker':'Dee',"
                         "'set':{'preferred_name':'%s'}}",
                         preferred_name);
}

tp_name meeting_contact(meeting *m, uint32_t at, tp_name person, const char *note)
{
    return meeting_write(m, at,
                         "{'op':'create','entity':'contact','worker':'Dee',"
                         "'set':{'person':'%s','note':'%s'}}",
                         meeting_name(person), note);
}

tp_name meeting_consent(meeting *m, uint32_t at, tp_name person, const char *decision,
                        const char *agencies, const char *kinds)
{
    return meeting_write(m, at,
                         "{'op':'create','entity':'consent','worker':'Dee','set':{'person':'%s',"
                         "'decision':'%s','agencies':[%s],'kinds':[%s],'purposes':['support'],"
                         "'how':'spoken','capacity':'believed_to_have'}}",
                         meeting_name(person), decision, agencies, kinds);
}

tp_name meeting_update(meeting *m, uint32_t at, tp_name record, const char *entity, const char *set)
{
    return meeting_write(m, at,
                         "{'op':'update','entity':'%s','worker':'Dee','record':'%s','set':{%s}}",
                         entity, meeting_name(record), set);
}

tp_tx *meeting_read(meeting *m, uint32_t at)
{
    meeting_read_end(m);
    must(tp_tx_begin(m->at[at].node.store, &m->reading, TP_TX_READ, &err));
    return &m->reading;
}

void meeting_read_end(meeting *m)
{
    tp_tx_rollback(&m->reading);
}

const char *meeting_name(tp_name name)
{
    static char texts[8][TP_NAME_TEXT_BYTES];
    static unsigned next;
    char *text = texts[next++ % 8];
    tp_name_print(name, text);
    return text;
}
