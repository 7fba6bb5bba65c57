/* Two nodes' logs, and what they show. */
#include "tests/support/two_logs.h"

#include "platform/base/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

tp_node_log here;
tp_node_log there;
tp_node_log_hub hub;
const tp_name nobody = {0, 0};
static tp_err err;

int two_logs_set_up(void **state)
{
    (void)state;
    tp_node_log_open(&here, "gateway", 7);
    tp_node_log_open(&there, "harbour", 8);
    tp_node_log_introduce(&here, tp_log_device(there.log), "harbour");
    tp_node_log_hub_init(&hub);
    return 0;
}

int two_logs_tear_down(void **state)
{
    (void)state;
    tp_node_log_assert_sound(&here);
    tp_node_log_hub_done(&hub);
    tp_node_log_close(&here);
    tp_node_log_close(&there);
    assert_int_equal(tp_alloc_live(), 0);
    return 0;
}

tp_rc listing_add(void *context, const tp_record_ref *ref, tp_err *add_err)
{
    (void)add_err;
    listing *l = context;
    assert_true(l->count < LISTING_MAX);
    l->refs[l->count++] = *ref;
    return TP_OK;
}

listing listing_of_person(tp_node_log *node, tp_name person)
{
    listing l = {.count = 0};
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(node, &tx, TP_TX_READ);
    assert_int_equal(tp_merge_list_person(node->merge, &tx, person, listing_add, &l, &err), TP_OK);
    tp_tx_rollback(&tx);
    return l;
}

listing listing_of_entity(tp_node_log *node, uint32_t entity)
{
    listing l = {.count = 0};
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(node, &tx, TP_TX_READ);
    assert_int_equal(tp_merge_list(node->merge, &tx, entity, listing_add, &l, &err), TP_OK);
    tp_tx_rollback(&tx);
    return l;
}

tp_rc shown_record(tp_node_log *node, tp_name record, tp_record_ref *ref)
{
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(node, &tx, TP_TX_READ);
    tp_rc rc = tp_merge_find(node->merge, &tx, record, ref, &err);
    tp_tx_rollback(&tx);
    return rc;
}

const char *shown_text(tp_node_log *node, tp_name record, uint32_t code)
{
    static char shown[256];
    static tp_value value;
    tp_loaded *loaded = NULL;
    bool has_value = false;
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(node, &tx, TP_TX_READ);
    shown[0] = '\0';
    if (tp_merge_load(node->merge, &tx, record, &loaded, &err) == TP_OK) {
        assert_int_equal(tp_loaded_shown(loaded, code, &value, &has_value, &err), TP_OK);
        if (has_value) {
            assert_true(value.text.bytes < sizeof shown);
            memcpy(shown, value.text.at, value.text.bytes);
            shown[value.text.bytes] = '\0';
        }
    }
    tp_loaded_free(loaded);
    tp_tx_rollback(&tx);
    return shown;
}
