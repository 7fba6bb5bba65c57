/* Asking after a code without waiting: what each kind of hub, and none, comes to.
 *
 * Shows no promise: how an answer is waited for, not what it tells. */
#include "node/daemon/asking.h"

#include "platform/crypto/certificate.h"
#include "tests/support/certificates.h"
#include "tests/support/http_stage.h"
#include "tests/support/meeting.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#define CODE "28T5CY4TH"
#define OTHER "000000012"
enum { LOOKS_MAX = 2000, LOOK_US = 5000 };

static const char *const one[] = {"friary", NULL};
static tp_test_certificate ca;
static tp_test_certificate hub;
static tp_test_stage stage;
static tp_tls_config tls;
static meeting m;
static tp_asking asking;
static tp_inquiry_answer answer;
static tp_err err;

static void make(const char *name, const char *dns_name, bool is_ca,
                 const tp_test_certificate *issuer, tp_test_certificate *out)
{
    const tp_test_certificate_spec spec = {.common_name = name,
                                           .dns_name = dns_name,
                                           .from_s = MEETING_NOW_MS / 1000 - 86400,
                                           .to_s = MEETING_NOW_MS / 1000 + 400 * 86400,
                                           .is_ca = is_ca};
    tp_test_certificate_make(&spec, issuer, out);
}

static int make_certificates(void **state)
{
    (void)state;
    make("Teapot hub CA", NULL, true, NULL, &ca);
    make("hub", TP_HTTP_HUB_NAME, false, &ca, &hub);
    return 0;
}

static void put_file(const char *name, tp_slice text)
{
    tp_path path;
    assert_int_equal(tp_node_path(&m.at[0].node, name, &path, &err), TP_OK);
    assert_int_equal(tp_file_write(path.at, text, &err), TP_OK);
}

/* The certificate says which device it is. */
static void put_certificate(void)
{
    tp_node *node = &m.at[0].node;
    tp_public_key public;
    tp_issuer issuer = {.certificate = tp_slice_str(ca.certificate_pem)};
    tp_key *authority = NULL;
    tp_key *key = NULL;
    tp_buf key_pem;
    tp_buf certificate;
    tp_buf_init(&key_pem, sizeof ca.key_pem);
    tp_buf_init(&certificate, sizeof ca.certificate_pem);
    assert_int_equal(tp_key_from_pem(tp_slice_str(ca.key_pem), &authority, &err), TP_OK);
    assert_int_equal(tp_key_generate(node->rng, &key, &err), TP_OK);
    assert_int_equal(tp_key_to_pem(key, &key_pem, &err), TP_OK);
    tp_key_public(key, &public);
    issuer.key = authority;
    assert_int_equal(tp_certificate_make_device(&issuer, &public, tp_log_device(node->log), one[0],
                                                node->rng, (tp_validity){MEETING_NOW_MS, 400},
                                                &certificate, &err),
                     TP_OK);
    put_file(TP_NODE_KEY, tp_buf_slice(&key_pem));
    put_file(TP_NODE_CERTIFICATE, tp_buf_slice(&certificate));
    tp_key_free(authority);
    tp_key_free(key);
    tp_buf_done(&key_pem);
    tp_buf_done(&certificate);
}

static void enrol_at(unsigned port)
{
    char url[64];
    tp_tx tx = TP_TX_NONE;
    snprintf(url, sizeof url, "https://127.0.0.1:%u", port);
    put_certificate();
    put_file(TP_NODE_CA, tp_slice_str(ca.certificate_pem));
    assert_int_equal(tp_tx_begin(m.at[0].node.store, &tx, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(tp_node_setting_put(&tx, TP_SETTING_HUB, tp_slice_str(url), &err), TP_OK);
    assert_int_equal(tp_tx_commit(&tx, &err), TP_OK);
}

static int setup(void **state)
{
    (void)state;
    memset(&asking, 0, sizeof asking);
    meeting_open(&m, one);
    tp_test_stage_init(&stage, MEETING_NOW_MS);
    tls = (tp_tls_config){.certificate_pem = tp_slice_str(hub.chain_pem),
                          .key_pem = tp_slice_str(hub.key_pem),
                          .client_ca_pem = tp_slice_str(ca.certificate_pem),
                          .clock = stage.config.clock};
    stage.config.tls = &tls;
    atomic_store(&stage.ask_status, 200);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tp_asking_clear(&asking);
    meeting_close(&m);
    return 0;
}

static tp_rc look(const char *code, int64_t now_ms, tp_asking_state *state)
{
    return tp_asking_look(&asking, &m.at[0].node, code, now_ms, state, &answer, &err);
}

/* Looks until it is over; each look answers at once, so it takes more than one. */
static tp_asking_state look_on(const char *code)
{
    tp_asking_state state = TP_ASKING_UNDER_WAY;
    unsigned looks = 0;
    while (state == TP_ASKING_UNDER_WAY) {
        assert_true(looks++ < LOOKS_MAX);
        assert_int_equal(look(code, 1000, &state), TP_OK);
        usleep(state == TP_ASKING_UNDER_WAY ? LOOK_US : 0);
    }
    assert_null(asking.link);
    assert_string_equal(asking.code, "");
    return state;
}

static void test_daemon_asking__a_node_without_a_hub_is_offline(void **state)
{
    (void)state;
    assert_int_equal(look_on(CODE), TP_ASKING_OFFLINE);
}

static void test_daemon_asking__the_answer_is_told_once(void **state)
{
    (void)state;
    tp_test_stage_start(&stage);
    enrol_at(tp_http_server_port(stage.server));
    atomic_store(&stage.ask_body, "{\"state\":\"held\",\"reply\":\"Come at 11:30\",\"at\":5}");
    assert_int_equal(look_on(CODE), TP_ASKING_TOLD);
    assert_int_equal(answer.state, TP_INQUIRY_HELD);
    assert_true(tp_slice_is(answer.reply, "Come at 11:30"));
    /* Asked anew: what was told is not remembered. */
    atomic_store(&stage.ask_body, "{\"state\":\"unknown\",\"reply\":null,\"at\":null}");
    assert_int_equal(look_on(CODE), TP_ASKING_TOLD);
    assert_int_equal(answer.state, TP_INQUIRY_UNKNOWN);
    assert_int_equal(answer.reply.bytes, 0);
    tp_asking_clear(&asking);
    tp_test_stage_stop(&stage);
}

static void test_daemon_asking__refusals_are_offline_but_for_patience(void **state)
{
    (void)state;
    static const struct {
        unsigned status;
        tp_asking_state state;
    } rows[] = {{429, TP_ASKING_BUSY},
                {403, TP_ASKING_OFFLINE}, /* revoked, or a stranger */
                {404, TP_ASKING_OFFLINE}, /* a hub that is older than codes */
                {503, TP_ASKING_OFFLINE}};
    tp_test_stage_start(&stage);
    enrol_at(tp_http_server_port(stage.server));
    atomic_store(&stage.ask_body, "{\"error\":\"busy\",\"text\":\"\"}");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        atomic_store(&stage.ask_status, rows[i].status);
        assert_int_equal(look_on(CODE), rows[i].state);
    }
    tp_test_stage_stop(&stage);
}

static void test_daemon_asking__an_answer_that_is_none_is_an_error_and_over(void **state)
{
    (void)state;
    tp_asking_state at = TP_ASKING_UNDER_WAY;
    tp_rc rc = TP_OK;
    tp_test_stage_start(&stage);
    enrol_at(tp_http_server_port(stage.server));
    atomic_store(&stage.ask_body, "{\"state\":\"found\"}");
    for (unsigned i = 0; i < LOOKS_MAX && rc == TP_OK; i++) {
        rc = look(CODE, 1000, &at);
        usleep(LOOK_US);
    }
    assert_int_equal(rc, TP_CORRUPT);
    assert_null(asking.link);
    tp_test_stage_stop(&stage);
}

/* A hub behind a network that swallows everything: no look waits, and after a while it is given
 * up. */
static void test_daemon_asking__a_network_that_swallows_everything_holds_nobody_up(void **state)
{
    (void)state;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t bytes = sizeof address;
    tp_asking_state at = TP_ASKING_UNDER_WAY;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, bytes), 0);
    assert_int_equal(listen(listener, 8), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &bytes), 0);
    enrol_at(ntohs(address.sin_port));
    for (int i = 0; i < 20; i++) {
        assert_int_equal(look(CODE, 1000 + i, &at), TP_OK);
        assert_int_equal(at, TP_ASKING_UNDER_WAY);
    }
    assert_string_equal(asking.code, CODE);
    /* Somebody else asks after another one: the first is put aside. */
    assert_int_equal(look(OTHER, 9000, &at), TP_OK);
    assert_string_equal(asking.code, OTHER);
    assert_int_equal(look(OTHER, 9000 + TP_ASKING_MS_MAX, &at), TP_OK);
    assert_int_equal(at, TP_ASKING_UNDER_WAY);
    assert_int_equal(look(OTHER, 9001 + TP_ASKING_MS_MAX, &at), TP_OK);
    assert_int_equal(at, TP_ASKING_OFFLINE);
    assert_null(asking.link);
    /* And whoever looks no more is forgotten. */
    assert_int_equal(look(CODE, 50000, &at), TP_OK);
    tp_asking_forget_old(&asking, 50000 + 2 * TP_ASKING_MS_MAX);
    assert_non_null(asking.link);
    tp_asking_forget_old(&asking, 50001 + 2 * TP_ASKING_MS_MAX);
    assert_null(asking.link);
    assert_string_equal(asking.code, "");
    close(listener);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_daemon_asking__a_node_without_a_hub_is_offline, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_daemon_asking__the_answer_is_told_once, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_daemon_asking__refusals_are_offline_but_for_patience,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_daemon_asking__an_answer_that_is_none_is_an_error_and_over, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_daemon_asking__a_network_that_swallows_everything_holds_nobody_up, setup,
            teardown),
    };
    return cmocka_run_group_tests(tests, make_certificates, NULL);
}
