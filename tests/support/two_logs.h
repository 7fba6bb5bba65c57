/* Two nodes' logs and views and a hub that stamps, and what a node shows; for the tests of merging.
 * What returns nothing must succeed, or the test fails there. */
#ifndef TP_TESTS_SUPPORT_TWO_LOGS_H
#define TP_TESTS_SUPPORT_TWO_LOGS_H

#include "tests/support/node_log.h"

/* `here` belongs to gateway and applies; `there`, of harbour, writes what arrives. */
extern tp_node_log here;
extern tp_node_log there;
extern tp_node_log_hub hub;
extern const tp_name nobody;

/* Around each test (cmocka).  In the end the views of `here` are what a rebuild makes, and nothing
 * is left. */
int two_logs_set_up(void **state);
int two_logs_tear_down(void **state);
#define WITH_TWO_LOGS(test)                                                                        \
    cmocka_unit_test_setup_teardown(test, two_logs_set_up, two_logs_tear_down)

/* Records as they are listed. */
enum { LISTING_MAX = 16 };
typedef struct listing {
    tp_record_ref refs[LISTING_MAX];
    uint32_t count;
} listing;
/* For tp_merge_list*, into a listing. */
TP_MUST_USE tp_rc listing_add(void *context, const tp_record_ref *ref, tp_err *err);
listing listing_of_person(tp_node_log *node, tp_name person);
listing listing_of_entity(tp_node_log *node, uint32_t entity);
TP_MUST_USE tp_rc shown_record(tp_node_log *node, tp_name record, tp_record_ref *ref);
/* The text shown in a field, until the next call; "" for none. */
const char *shown_text(tp_node_log *node, tp_name record, uint32_t code);

#endif
