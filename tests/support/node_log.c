/* One node's log and views for tests. */
#include "tests/support/node_log.h"

#include "sync/log/directory.h"
#include "sync/log/back.h"
#include "sync/log/fork.h"
#include "tests/support/temp_dir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static tp_err err;

static void must(tp_rc rc)
{
    if (rc != TP_OK) {
        fail_msg("%s: %s", tp_rc_name(rc), err.what);
    }
}

static void open_log(tp_node_log *node)
{
    must(tp_log_open(node->store, &node->clock.clock, &node->rng.rng, &node->log, &err));
    must(tp_merge_open(node->log, NULL, &node->merge, &err));
}

static void open_store(tp_node_log *node)
{
    static const tp_migration steps[] = {
        {tp_log_schema_1, NULL},  {tp_merge_schema_1, NULL},
        {tp_log_schema_6, NULL},  {tp_log_schema_8, NULL},
        {tp_log_schema_9, NULL},  {tp_log_schema_10, NULL},
        {tp_log_schema_11, NULL}, {tp_log_schema_12, tp_log_schema_12_run}};
    const tp_store_options options = {
        .path = node->path.at, .create = true, .foreign_keys = true, .busy_ms = 1000};
    must(tp_store_open(&options, &node->store, &err));
    must(tp_store_migrate(node->store, steps, sizeof steps / sizeof steps[0], &err));
}

void tp_node_log_open(tp_node_log *node, const char *agency, uint64_t seed)
{
    memset(node, 0, sizeof *node);
    node->dir = temp_dir_make();
    node->path = temp_dir_path(&node->dir, "node.db");
    tp_clock_fixed_init(&node->clock, TP_NODE_LOG_NOW_MS, 60000, 1);
    tp_rng_seeded_init(&node->rng, seed);
    open_store(node);
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(node, &tx, TP_TX_WRITE);
    must(tp_log_init(&tx, &node->rng.rng, tp_slice_str(agency), &err));
    tp_node_log_commit(&tx);
    open_log(node);
}

static void shut(tp_node_log *node)
{
    assert_int_equal(tp_store_statements_open(node->store), 0);
    assert_false(tp_store_is_in_tx(node->store));
    tp_merge_close(node->merge);
    tp_log_close(node->log);
    tp_store_close(node->store);
}

void tp_node_log_reopen(tp_node_log *node)
{
    shut(node);
    open_store(node);
    open_log(node);
}

void tp_node_log_keep(tp_node_log *node, tp_buf *copy_out)
{
    shut(node); /* so that all of it is in the one file */
    tp_buf_clear(copy_out);
    must(tp_file_read(node->path.at, copy_out, &err));
    open_store(node);
    open_log(node);
}

void tp_node_log_put_back(tp_node_log *node, const tp_buf *copy)
{
    shut(node);
    must(tp_file_write(node->path.at, tp_buf_slice(copy), &err));
    open_store(node);
    open_log(node);
}

void tp_node_log_close(tp_node_log *node)
{
    shut(node);
    temp_dir_remove(&node->dir);
}

void tp_node_log_begin(tp_node_log *node, tp_tx *tx, tp_tx_mode mode)
{
    must(tp_tx_begin(node->store, tx, mode, &err));
}

void tp_node_log_commit(tp_tx *tx)
{
    must(tp_tx_commit(tx, &err));
}

tp_value tp_node_log_text(const char *text)
{
    tp_value value;
    memset(&value, 0, sizeof value);
    value.type = TP_TYPE_TEXT;
    value.text = tp_slice_str(text);
    return value;
}

tp_value tp_node_log_name(tp_type type, tp_name name)
{
    tp_value value;
    memset(&value, 0, sizeof value);
    value.type = type;
    value.names[0] = name;
    value.names_count = 1;
    return value;
}

static tp_name write_draft(tp_node_log *node, tp_change_draft *draft)
{
    tp_tx tx = TP_TX_NONE;
    draft->worker = tp_slice_str("Priya");
    tp_node_log_begin(node, &tx, TP_TX_WRITE);
    must(tp_merge_write(node->merge, &tx, draft, &err));
    tp_node_log_commit(&tx);
    return draft->name;
}

static tp_name create(tp_node_log *node, uint32_t entity, tp_name person, uint32_t code,
                      const tp_value *value)
{
    tp_change_draft draft;
    tp_change_draft_init(&draft, (tp_name){0, 0}, entity);
    tp_value about = tp_node_log_name(TP_TYPE_RECORD, person);
    if (!tp_name_is_none(person)) {
        must(tp_change_draft_set(&draft, TP_FIELD_PERSON, &about, &err));
    }
    must(tp_change_draft_set(&draft, code, value, &err));
    return write_draft(node, &draft);
}

tp_name tp_node_log_create(tp_node_log *node, uint32_t entity, tp_name person, uint32_t code,
                           const char *text)
{
    tp_value value = tp_node_log_text(text);
    const tp_field_row *row = tp_field_of(entity, code);
    if (row != NULL) {
        value.type = row->type;
    }
    return create(node, entity, person, code, &value);
}

tp_name tp_node_log_person(tp_node_log *node, const char *name)
{
    return tp_node_log_create(node, TP_PERSON, (tp_name){0, 0}, TP_PERSON_PREFERRED_NAME, name);
}

tp_name tp_node_log_contact(tp_node_log *node, tp_name person, const char *note)
{
    return tp_node_log_create(node, TP_CONTACT, person, TP_CONTACT_NOTE, note);
}

tp_name tp_node_log_join(tp_node_log *node, tp_name person, tp_name same_as)
{
    tp_value value = tp_node_log_name(TP_TYPE_RECORD, same_as);
    return create(node, TP_JOIN, person, TP_JOIN_SAME_AS, &value);
}

tp_name tp_node_log_unjoin(tp_node_log *node, tp_name person, tp_name join)
{
    tp_value value = tp_node_log_name(TP_TYPE_RECORDS, join);
    return create(node, TP_UNJOIN, person, TP_UNJOIN_JOINS, &value);
}

tp_name tp_node_log_consent(tp_node_log *node, tp_name person, const char *decision,
                            const char *agency)
{
    const bool is_given = strcmp(decision, "given") == 0;
    const struct {
        uint32_t code;
        const char *text;
    } fields[] = {{TP_CONSENT_DECISION, decision},
                  {TP_CONSENT_AGENCIES, agency},
                  {TP_CONSENT_KINDS, is_given ? "general" : "*"},
                  {TP_CONSENT_PURPOSES, is_given ? "support" : "*"},
                  {TP_CONSENT_HOW, "spoken"},
                  {TP_CONSENT_CAPACITY, "believed_to_have"}};
    tp_value values[sizeof fields / sizeof fields[0]]; /* the draft borrows */
    tp_change_draft draft;
    tp_change_draft_init(&draft, (tp_name){0, 0}, TP_CONSENT);
    tp_value about = tp_node_log_name(TP_TYPE_RECORD, person);
    must(tp_change_draft_set(&draft, TP_FIELD_PERSON, &about, &err));
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        values[i] = tp_node_log_text(fields[i].text);
        values[i].type = tp_field_of(TP_CONSENT, fields[i].code)->type;
        values[i].texts[0] = values[i].text;
        values[i].texts_count = 1;
        must(tp_change_draft_set(&draft, fields[i].code, &values[i], &err));
    }
    return write_draft(node, &draft);
}

tp_name tp_node_log_update(tp_node_log *node, tp_name record, uint32_t entity, uint32_t code,
                           const tp_value *value, tp_name seen)
{
    tp_change_draft draft;
    tp_change_draft_init(&draft, (tp_name){0, 0}, entity);
    draft.record = record;
    must(tp_change_draft_set(&draft, code, value, &err));
    must(tp_change_draft_see(&draft, code, &seen, tp_name_is_none(seen) ? 0 : 1, &err));
    return write_draft(node, &draft);
}

tp_name tp_node_log_update_text(tp_node_log *node, tp_name record, uint32_t entity, uint32_t code,
                                const char *text, tp_name seen)
{
    tp_value value = tp_node_log_text(text);
    value.type = tp_field_of(entity, code)->type;
    return tp_node_log_update(node, record, entity, code, &value, seen);
}

/* ---- The hub ---- */

void tp_node_log_hub_init(tp_node_log_hub *hub)
{
    hub->number = 0;
    tp_buf_init(&hub->bytes, 64u << 20);
    uint8_t *at = NULL; /* entries borrow from it: it must not move */
    must(tp_buf_reserve(&hub->bytes, 1u << 20, &at, &err));
}

void tp_node_log_hub_done(tp_node_log_hub *hub)
{
    tp_buf_done(&hub->bytes);
}

typedef struct taking {
    tp_node_log_hub *hub;
    tp_entry entry;
} taking;

static tp_rc take(void *context, const tp_log_row *row, tp_err *take_err)
{
    taking *t = context;
    tp_buf *bytes = &t->hub->bytes;
    assert_true(bytes->bytes + row->bytes.bytes <= 1u << 20);
    size_t at = bytes->bytes;
    tp_era_reading reading;
    must(tp_buf_add_slice(bytes, row->bytes, take_err));
    must(tp_change_decode_reading(row->bytes, &reading, take_err));
    t->entry.name = row->name;
    t->entry.bytes = tp_slice_of(bytes->at + at, row->bytes.bytes);
    t->entry.stamp.ms = reading.wall_ms;
    t->entry.stamp.number = ++t->hub->number;
    t->entry.position = t->hub->number;
    memset(t->entry.tag, 0xA5, sizeof t->entry.tag);
    return TP_OK;
}

tp_entry tp_node_log_hub_take(tp_node_log_hub *hub, tp_node_log *node, tp_name name)
{
    taking t = {.hub = hub};
    tp_packed_name id = 0;
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(node, &tx, TP_TX_READ);
    must(tp_log_pack_known(node->log, &tx, name, &id, &err));
    must(tp_log_get(node->log, &tx, id, take, &t, &err));
    tp_tx_rollback(&tx);
    return t.entry;
}

void tp_node_log_accept(tp_node_log_hub *hub, tp_node_log *node)
{
    tp_log_push push;
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(node, &tx, TP_TX_WRITE);
    must(tp_log_push_get(node->log, &tx, &push, &err));
    tp_stamp_run run = {(uint32_t)(push.last_seq - push.accepted_seq),
                        hub->number + 1,
                        node->clock.reading.wall_ms - node->clock.reading.up_ms,
                        false,
                        0,
                        0};
    hub->number += run.count;
    must(tp_merge_accept(node->merge, &tx, push.last_seq, push.accepted_seq + 1, &run, 1, NULL,
                         &err));
    tp_node_log_commit(&tx);
}

tp_merge_applied tp_node_log_apply(tp_node_log *node, const tp_entry *entries, size_t count)
{
    tp_merge_applied applied = {0, 0};
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(node, &tx, TP_TX_WRITE);
    must(tp_merge_apply(node->merge, &tx, entries, count, &applied, &err));
    tp_node_log_commit(&tx);
    return applied;
}

void tp_node_log_give_back(tp_node_log *node, const tp_name *names, size_t count)
{
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(node, &tx, TP_TX_WRITE);
    must(tp_merge_give_back(node->merge, &tx, names, count, TP_NODE_LOG_NOW_MS, &err));
    tp_node_log_commit(&tx);
}

void tp_node_log_introduce(tp_node_log *node, uint64_t device, const char *agency)
{
    tp_directory_device introduced = {device, tp_slice_str(agency)};
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(node, &tx, TP_TX_WRITE);
    must(tp_log_directory_put_device(node->log, &tx, &introduced, &err));
    tp_node_log_commit(&tx);
}

/* ---- Asking ---- */

tp_log_push tp_node_log_push(tp_node_log *node)
{
    tp_log_push push;
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(node, &tx, TP_TX_READ);
    assert_int_equal(tp_log_push_get(node->log, &tx, &push, &err), TP_OK);
    tp_tx_rollback(&tx);
    return push;
}

void tp_node_log_assert_sound(tp_node_log *node)
{
    bool is_equal = false;
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(node, &tx, TP_TX_WRITE);
    must(tp_merge_verify(node->merge, &tx, &is_equal, &err));
    tp_tx_rollback(&tx);
    assert_true(is_equal);
    must(tp_store_check_integrity(node->store, &err));
}

int64_t tp_node_log_count(tp_node_log *node, const char *sql)
{
    tp_stmt *s = NULL;
    must(tp_store_prepare(node->store, sql, &s, &err));
    must(tp_stmt_first(s, &err));
    int64_t count = tp_stmt_int(s, 0);
    tp_stmt_done(s);
    return count;
}
