/* Every value of a node's database, each with one bit turned round: verify says so, or it is as it
 * was again.
 *
 * Shows P21. */
#include "node/view/verify.h"

#include "sync/log/back.h"
#include "tests/support/at_rest.h"
#include "tests/support/meeting.h"
#include "tests/support/temp_dir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static const char *const two[] = {"street-outreach", "friary", NULL};
static tp_err err;
static meeting m;
static tp_path path; /* of the first node's database */

static void must(tp_rc rc)
{
    if (rc != TP_OK) {
        fail_msg("%s: %s", tp_rc_name(rc), err.what);
    }
}

static tp_node *node(void)
{
    return &m.at[0].node;
}

static void write_join(uint32_t at, tp_name one, tp_name other)
{
    (void)meeting_write(&m, at,
                        "{'op':'create','entity':'join','worker':'Dee','set':{'person':'%s',"
                        "'same_as':'%s'}}",
                        meeting_name(one), meeting_name(other));
}

/* What a sync keeps, and what only this machine does. */
static const char beside[] =
    "INSERT INTO fork VALUES (1, 1, 1, 1);"
    "INSERT INTO refused VALUES ((SELECT device << 40 | 2 FROM log_state), 1, 'form');"
    "INSERT INTO setting VALUES ('hub', 'nowhere');"
    "INSERT INTO draft VALUES ('Dee', 'k', 'p', 'b', 1);"
    "INSERT INTO answered VALUES (1, x'00', x'00');"
    "INSERT INTO look (worker, person, seq, arrived) VALUES ('Dee', 1, 1, 1);"
    "INSERT INTO dismissed VALUES ('x', 'Dee', 1);";

static void keep_beside(void)
{
    tp_tx tx = TP_TX_NONE;
    bool is_known = false;
    tp_log_pushed pushed = {.first = 1, .last = 5, .generation = 70};
    must(tp_tx_begin(node()->store, &tx, TP_TX_WRITE, &err));
    must(tp_tx_exec(&tx,
                    "UPDATE log_state SET generation = 70, cursor = 9, cursor_tag ="
                    " zeroblob(16)",
                    &err));
    must(tp_log_chain_at(node()->log, &tx, 5, pushed.h, &is_known, &err));
    must(tp_log_pushed_put(node()->log, &tx, &pushed, &err));
    must(tp_tx_exec(&tx, beside, &err));
    must(tp_tx_commit(&tx, &err));
}

/* A row of every table. */
static void fill(void)
{
    meeting_open(&m, two);
    const tp_name baz = meeting_person(&m, 0, "Baz");
    const tp_name contact = meeting_contact(&m, 0, baz, "one");
    const tp_name other = meeting_contact(&m, 0, baz, "two");
    const tp_name joy = meeting_person(&m, 0, "Joy");
    (void)meeting_consent(&m, 0, baz, "given", "'*'", "'housing'");
    meeting_sync_all(&m);
    (void)meeting_update(&m, 1, baz, "person", "'phone':'07700 900711'");
    write_join(1, joy, baz);
    (void)meeting_consent(&m, 1, baz, "refused", "'*'", "'housing'");
    meeting_sync_all(&m);
    (void)meeting_update(&m, 0, baz, "person", "'phone':'07700 900102'");
    (void)meeting_write(&m, 0,
                        "{'op':'create','entity':'help_request','worker':'Dee','set':{'words':"
                        "'a coat','status':'open','route':'phone','person':'%s'}}",
                        meeting_name(baz));
    meeting_give_back(&m, 0, &contact, 1);
    meeting_erase(&m, 0, &other, 1);
    keep_beside();
}

static void open_again(void)
{
    const tp_path dir = temp_dir_path(&m.at[0].dir, "node");
    must(tp_node_open(dir.at, &m.at[0].clock.clock, &m.at[0].rng.rng, node(), &err));
}

/* Closed, all of it in one file. */
static void rest(void)
{
    const tp_path dir = temp_dir_path(&m.at[0].dir, "node");
    bool is_empty = false;
    must(tp_store_checkpoint_truncate(node()->store, &is_empty, &err));
    assert_true(is_empty);
    tp_node_close(node());
    path = temp_dir_path(&dir, TP_NODE_DATABASE);
}

/* Of a program that opens it and looks. */
static bool is_said(void)
{
    static tp_log_verified report;
    const tp_path dir = temp_dir_path(&m.at[0].dir, "node");
    tp_rc rc = tp_node_open(dir.at, &m.at[0].clock.clock, &m.at[0].rng.rng, node(), &err);
    if (rc == TP_OK) {
        rc = tp_verify(node()->view, &report, &err);
    }
    tp_node_close(node());
    if (rc != TP_OK && rc != TP_CORRUPT) {
        fail_msg("%s: %s", tp_rc_name(rc), err.what);
    }
    return rc != TP_OK || report.findings.count > 0;
}

/* By what the views were made: where it is another they are made again when the program starts. */
static bool is_healed(const at_rest_column *column)
{
    return strcmp(column->table, "merge_state") == 0 && strcmp(column->name, "views") == 0;
}

static void flip_each(const tp_buf *whole, const at_rest_column *column)
{
    static const unsigned bits[] = {0, 13, 40};
    bool has_row = false;
    for (size_t i = 0; i < 2 * sizeof bits / sizeof bits[0]; i++) {
        const unsigned bit = bits[i / 2];
        const at_rest_done done = at_rest_flip(path.at, column, i % 2 != 0, bit);
        has_row = has_row || done != AT_REST_NO_ROW;
        if (done == AT_REST_FLIPPED && is_said() == is_healed(column)) {
            print_message("%s.%s bit %u of row %s\n", column->table, column->name, bit,
                          i % 2 != 0 ? "last" : "first");
        }
        must(tp_file_write(path.at, tp_buf_slice(whole), &err));
    }
    if (!has_row) {
        fail_msg("nothing is in the table %s", column->table);
    }
}

static void test_view_verify__finds_a_bit_in_each_value(void **state)
{
    (void)state;
    static at_rest_column columns[AT_REST_COLUMNS_MAX];
    tp_buf whole;
    fill();
    rest();
    assert_false(is_said());
    tp_buf_init(&whole, 1u << 24);
    must(tp_file_read(path.at, &whole, &err));
    const size_t count = at_rest_columns(path.at, columns);
    for (size_t i = 0; i < count; i++) {
        flip_each(&whole, &columns[i]);
    }
    tp_buf_done(&whole);
    open_again();
    meeting_close(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_view_verify__finds_a_bit_in_each_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
