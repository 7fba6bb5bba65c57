/* Every value of the hub's database, each with one bit turned round: its check says so.
 *
 * Shows P21. */
#include "sync/hub/store.h"

#include "tests/support/at_rest.h"
#include "tests/support/hub_stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "platform/base/alloc.h"
#include "platform/store/sqlite.h"

static const char *const week[] = {
    "agency outreach",
    "sign outreach",
    "agency friary",
    "sign friary",
    "device van outreach",
    "device desk friary",
    "van person p1 preferred_name=Sean",
    "van contact c1 person=p1 note=Soup",
    "van contact c2 note=Nobody", /* about nobody: it goes to quarantine */
    "van update c1 note=Tea",
    "van consent k1 person=p1 agencies=friary kinds=* purposes=support decision=given how=spoken "
    "capacity=believed_to_have",
    "sync van",
    "van contact c3 person=p1 note=Bread",
    "sync van",
    "desk help_request h1 words=coat status=open route=phone code=28T5CY4TH",
    "desk contact c4 person=p1 note=Visit",
    "sync desk",
    "erase c3",
    NULL};

/* What a week does not leave: a change that its device has still to push, one that nobody has any
 * more, and what is there before somebody is enrolled. */
static const char beside[] =
    "UPDATE state SET value = value + 1 WHERE key = 'number';"
    "INSERT INTO quarantine SELECT (1 << 40) | 7, 1, value, 1, 1, '', 0, x'00' FROM state"
    " WHERE key = 'number';"
    "INSERT INTO ahead VALUES ((1 << 40) | 7);"
    "INSERT INTO missing VALUES ((2 << 40) | 3, 1, zeroblob(32));"
    "UPDATE device SET accepted = 3, h = zeroblob(32) WHERE no = 2;"
    "INSERT INTO apart VALUES ((1 << 40) | 1);"
    "INSERT INTO waiting VALUES (77, 'friary', zeroblob(65), 1, 1);"
    "INSERT INTO code VALUES (zeroblob(32), 1, 0, 'van', 1, 0);"
    "INSERT INTO due VALUES (1, 1);";

static tp_err err;
static tp_path path;

static void must(tp_rc rc)
{
    if (rc != TP_OK) {
        fail_msg("%s: %s", tp_rc_name(rc), err.what);
    }
}

/* A row of every table, in one file. */
static void fill(void)
{
    hub_stage *stage = hub_stage_open();
    tp_store *store = NULL;
    tp_tx tx = TP_TX_NONE;
    int64_t bytes = 0;
    hub_stage_run_all(stage, week);
    const tp_path sealed = temp_dir_path(&hub_stage_hub(stage)->dir, "sealed.db");
    must(tp_hub_store_backup(hub_stage_hub(stage)->store, sealed.at, &err));
    must(tp_file_measure(sealed.at, &bytes, &err));
    must(tp_file_copy(sealed.at, bytes - 40, path.at, &err)); /* without its seal */
    hub_stage_close(stage);
    const tp_store_options options = {.path = path.at};
    must(tp_store_open(&options, &store, &err));
    must(tp_tx_begin(store, &tx, TP_TX_WRITE, &err));
    must(tp_tx_exec(&tx, beside, &err));
    must(tp_tx_commit(&tx, &err));
    tp_store_close(store);
}

static bool is_said(void)
{
    tp_hub_store *store = NULL;
    tp_hub_verified *verified = tp_alloc(sizeof *verified);
    tp_rc rc = tp_hub_store_open(path.at, false, &store, &err);
    if (rc == TP_OK) {
        rc = tp_hub_store_verify(store, NULL, NULL, verified, &err);
    }
    tp_hub_store_close(store);
    const bool is_found = rc != TP_OK || verified->findings.count > 0; /* or it does not run */
    tp_free(verified);
    return is_found;
}

/* How many go by. */
static unsigned flip_each(const tp_buf *whole, const at_rest_column *column)
{
    static const unsigned bits[] = {0, 40}; /* of the first row, and of the last */
    unsigned missed = 0;
    for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++) {
        const at_rest_done done = at_rest_flip(path.at, column, i != 0, bits[i]);
        if (done == AT_REST_NO_ROW || (done == AT_REST_FLIPPED && !is_said())) {
            print_message("%s.%s: bit %u\n", column->table, column->name, bits[i]);
            missed++;
        }
        must(tp_file_write(path.at, tp_buf_slice(whole), &err));
    }
    return missed;
}

static void test_store_verify__finds_a_bit_in_each_value(void **state)
{
    (void)state;
    static at_rest_column columns[AT_REST_COLUMNS_MAX];
    tp_path dir = temp_dir_make();
    tp_buf whole;
    path = temp_dir_path(&dir, "hub.db");
    fill();
    assert_false(is_said());
    tp_buf_init(&whole, 1u << 24);
    must(tp_file_read(path.at, &whole, &err));
    const size_t count = at_rest_columns(path.at, columns);
    unsigned missed = 0;
    for (size_t i = 0; i < count; i++) {
        missed += flip_each(&whole, &columns[i]);
    }
    assert_int_equal(missed, 0);
    tp_buf_done(&whole);
    temp_dir_remove(&dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_store_verify__finds_a_bit_in_each_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
