/* Enrolment as the hub answers it: codes, devices, refusals.
 *
 * Shows P3, P25, P26. */
#include "sync/hub/enrol.h"

#include "platform/base/fault.h"
#include "sync/hub/back.h"
#include "tests/support/hub_stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

/* A device that wants to be enrolled. */
typedef struct applicant {
    uint64_t id;
    tp_key *key;
    tp_buf csr;
    const char *agency;
    const char *address;
} applicant;

typedef struct scene {
    hub_stage *stage;
    tp_hub *hub;
    tp_hub_tries tries;
    applicant a;
    unsigned status;
    tp_buf body;    /* of the answer */
    char fault[24]; /* while it is answered; "": none */
    unsigned fault_nth;
    bool was_hit;
} scene;

static void make_csr(scene *s, uint64_t id)
{
    tp_err err;
    s->a.id = id;
    tp_buf_clear(&s->a.csr);
    assert_int_equal(tp_csr_make(s->a.key, id, tp_rng_system(), &s->a.csr, &err), TP_OK);
}

static int setup(void **state)
{
    static scene s;
    tp_err err;
    memset(&s, 0, sizeof s);
    s.stage = hub_stage_open();
    s.hub = hub_stage_hub(s.stage);
    hub_stage_run(s.stage, "agency friary");
    hub_stage_run(s.stage, "agency outreach");
    hub_stage_run(s.stage, "sign friary");
    tp_buf_init(&s.a.csr, TP_PEM_BYTES_MAX);
    tp_buf_init(&s.body, TP_HTTP_RESPONSE_BYTES_MAX);
    s.a.address = "192.0.2.1";
    s.a.agency = "";
    assert_int_equal(tp_key_generate(tp_rng_system(), &s.a.key, &err), TP_OK);
    make_csr(&s, 0x83a1c0de00f5527bu);
    *state = &s;
    return 0;
}

static int teardown(void **state)
{
    scene *s = *state;
    tp_key_free(s->a.key);
    tp_buf_done(&s->a.csr);
    tp_buf_done(&s->body);
    hub_stage_close(s->stage);
    return 0;
}

static tp_enrolment_code make_code(scene *s, const char *agency, bool is_kiosk)
{
    tp_err err;
    tp_enrolment_code code;
    assert_int_equal(tp_hub_begin(s->hub, &err), TP_OK);
    assert_int_equal(tp_hub_code_make(s->hub, tp_slice_str(agency), is_kiosk, "front desk",
                                      s->hub->now_ms + 3600000, &code, &err),
                     TP_OK);
    assert_int_equal(tp_hub_commit(s->hub, &err), TP_OK);
    return code;
}

static void post(scene *s, tp_slice body)
{
    tp_err err;
    tp_net_peer peer = {.has_certificate = false};
    (void)snprintf(peer.address, sizeof peer.address, "%s", s->a.address);
    int64_t now_ms = hub_stage_clock(s->stage)->reading.wall_ms;
    tp_http_request request = {.method = TP_HTTP_METHOD_POST,
                               .path = tp_slice_str(TP_ENROLMENT_PATH),
                               .body = body,
                               .head_at = {now_ms, 0},
                               .peer = &peer};
    tp_http_response response;
    tp_http_response_init(&response);
    assert_int_equal(tp_hub_begin(s->hub, &err), TP_OK);
    tp_hub_forked forked;
    tp_fault_set(s->fault);
    tp_hub_handle_enrol(s->hub, &s->tries, &request, &response, &forked);
    s->was_hit = tp_fault_passed("alloc") >= s->fault_nth;
    tp_fault_set(NULL);
    assert_int_equal(tp_hub_commit(s->hub, &err), TP_OK);
    s->status = response.status;
    tp_buf_clear(&s->body);
    assert_int_equal(tp_buf_add_slice(&s->body, tp_http_response_body(&response), &err), TP_OK);
    tp_http_response_done(&response);
}

static void enrol(scene *s, const tp_enrolment_code *code)
{
    tp_err err;
    tp_buf body;
    tp_buf_init(&body, TP_HTTP_BODY_BYTES_MAX);
    tp_enrolment_request request = {.has_code = true,
                                    .code = *code,
                                    .csr = tp_buf_slice(&s->a.csr),
                                    .agency = tp_slice_str(s->a.agency),
                                    .clock = {1, 5000, 1685577850000}};
    assert_int_equal(tp_enrolment_request_encode(&request, &body, &err), TP_OK);
    post(s, tp_buf_slice(&body));
    tp_buf_done(&body);
}

static bool says(const scene *s, const char *code)
{
    char expected[60];
    (void)snprintf(expected, sizeof expected, "{\"error\":\"%s\",", code);
    return s->body.bytes > strlen(expected) && memcmp(s->body.at, expected, strlen(expected)) == 0;
}

static void test_hub_enrol__a_code_makes_a_device_known_with_its_first_comparison(void **state)
{
    scene *s = *state;
    tp_err err;
    tp_buf room;
    tp_enrolment_answer answer;
    tp_certificate_facts facts;
    tp_hub_device device;
    tp_era eras[4];
    size_t count = 0;
    tp_buf_init(&room, TP_HTTP_RESPONSE_BYTES_MAX);
    tp_enrolment_code code = make_code(s, "friary", true);
    s->a.agency = "friary";
    enrol(s, &code);
    assert_int_equal(s->status, 200);
    assert_int_equal(tp_enrolment_answer_decode(tp_buf_slice(&s->body), &room, &answer, &err),
                     TP_OK);
    assert_true(answer.is_kiosk);
    assert_true(tp_slice_is(answer.agency, "friary"));
    assert_true(answer.hub_ms == hub_stage_clock(s->stage)->reading.wall_ms);
    assert_int_equal(tp_certificate_read(answer.certificate, &facts, &err), TP_OK);
    assert_true(facts.is_device && facts.device == s->a.id);
    assert_string_equal(facts.agency, "friary");
    assert_int_equal(tp_certificate_check_issuer(answer.certificate, answer.ca, &err), TP_OK);
    /* What the code pins is the CA that signed. */
    assert_int_equal(tp_certificate_read(answer.ca, &facts, &err), TP_OK);
    assert_memory_equal(facts.fingerprint, code.ca_pin, sizeof code.ca_pin);

    assert_int_equal(tp_hub_begin(s->hub, &err), TP_OK);
    assert_int_equal(tp_hub_device_get(s->hub->store, s->a.id, &device, &err), TP_OK);
    assert_true(device.is_kiosk && device.accepted == 0);
    assert_string_equal(device.label, "front desk");
    assert_int_equal(tp_hub_eras_get(s->hub->store, s->a.id, eras, 4, &count, &err), TP_OK);
    assert_int_equal(count, 1);
    assert_true(eras[0].is_compared);
    assert_true(eras[0].offset_ms == answer.hub_ms - 5000);
    tp_hub_rollback(s->hub);
    tp_buf_done(&room);
}

static void test_hub_enrol__a_code_enrols_one_device(void **state)
{
    scene *s = *state;
    tp_enrolment_code code = make_code(s, "friary", false);
    enrol(s, &code);
    assert_int_equal(s->status, 200);
    make_csr(s, 77);
    enrol(s, &code);
    assert_int_equal(s->status, 403);
    assert_true(says(s, "code"));
}

/* The answer was lost on its way: the same device hears it when it asks again, and nobody else; not
 * even who calls itself the same, with another key. */
static void test_hub_enrol__a_lost_answer_is_given_again(void **state)
{
    scene *s = *state;
    tp_err err;
    tp_key *other = NULL;
    tp_key *own = s->a.key;
    const uint64_t id = s->a.id;
    tp_enrolment_code code = make_code(s, "friary", false);
    for (int i = 0; i < 3; i++) {
        enrol(s, &code);
        assert_int_equal(s->status, 200);
    }
    assert_int_equal(tp_key_generate(tp_rng_system(), &other, &err), TP_OK);
    s->a.key = other;
    make_csr(s, id);
    enrol(s, &code);
    assert_int_equal(s->status, 409);
    make_csr(s, 77);
    enrol(s, &code);
    assert_true(s->status == 403 && says(s, "code"));
    tp_key_free(other);
    s->a.key = own;
    make_csr(s, id);
    tp_clock_fixed_advance(hub_stage_clock(s->stage), 2 * 3600000);
    enrol(s, &code);
    assert_true(s->status == 403 && says(s, "code")); /* it has ended */
}

static void test_hub_enrol__a_refused_device_does_not_use_the_code_up(void **state)
{
    scene *s = *state;
    tp_enrolment_code code = make_code(s, "friary", false);
    s->a.agency = "outreach";
    enrol(s, &code);
    assert_int_equal(s->status, 403);
    assert_true(says(s, "agency"));
    s->a.agency = "friary";
    enrol(s, &code);
    assert_int_equal(s->status, 200);
}

/* Wrong, ended, used: the answers are the same to the byte. */
static void test_hub_enrol__nobody_learns_what_was_wrong_with_a_code(void **state)
{
    scene *s = *state;
    tp_enrolment_code wrong = make_code(s, "friary", false);
    tp_enrolment_code ended = wrong;
    wrong.secret[3] ^= 1;
    enrol(s, &wrong);
    char first[300];
    assert_true(s->body.bytes < sizeof first);
    size_t bytes = s->body.bytes;
    memcpy(first, s->body.at, bytes);
    tp_clock_fixed_advance(hub_stage_clock(s->stage), 2 * 3600000);
    enrol(s, &ended);
    assert_int_equal(s->status, 403);
    assert_int_equal(s->body.bytes, bytes);
    assert_memory_equal(s->body.at, first, bytes);
}

static void test_hub_enrol__many_wrong_codes_shut_one_address_out_and_no_other(void **state)
{
    scene *s = *state;
    tp_enrolment_code code = make_code(s, "friary", false);
    tp_enrolment_code wrong = code;
    wrong.secret[0] ^= 1;
    for (int i = 0; i < 20; i++) {
        enrol(s, &wrong);
        assert_int_equal(s->status, 403);
    }
    enrol(s, &code);
    assert_int_equal(s->status, 429);
    for (int i = 0; i < 30; i++) {
        char address[20];
        (void)snprintf(address, sizeof address, "192.0.2.%d", 100 + i);
        s->a.address = address;
        enrol(s, &wrong);
        assert_int_equal(s->status, 403);
    }
    s->a.address = "192.0.2.2";
    enrol(s, &code);
    assert_int_equal(s->status, 200);
}

static void test_hub_enrol__a_device_keeps_its_key_and_agency(void **state)
{
    scene *s = *state;
    tp_err err;
    tp_enrolment_code code = make_code(s, "friary", false);
    enrol(s, &code);
    assert_int_equal(s->status, 200);

    code = make_code(s, "friary", false); /* the same device again: a new certificate */
    enrol(s, &code);
    assert_int_equal(s->status, 200);

    code = make_code(s, "outreach", false);
    enrol(s, &code);
    assert_int_equal(s->status, 409);
    assert_true(says(s, "device"));

    tp_key_free(s->a.key);
    s->a.key = NULL;
    assert_int_equal(tp_key_generate(tp_rng_system(), &s->a.key, &err), TP_OK);
    make_csr(s, s->a.id);
    code = make_code(s, "friary", false);
    enrol(s, &code);
    assert_int_equal(s->status, 409);
}

static void test_hub_enrol__a_revoked_device_stays_out(void **state)
{
    scene *s = *state;
    tp_err err;
    tp_hub_device device;
    tp_enrolment_code code = make_code(s, "friary", false);
    enrol(s, &code);
    assert_int_equal(tp_hub_begin(s->hub, &err), TP_OK);
    assert_int_equal(tp_hub_device_get(s->hub->store, s->a.id, &device, &err), TP_OK);
    device.revoked_ms = 1;
    assert_int_equal(tp_hub_device_put(s->hub->store, &device, &err), TP_OK);
    assert_int_equal(tp_hub_commit(s->hub, &err), TP_OK);
    code = make_code(s, "friary", false);
    enrol(s, &code);
    assert_int_equal(s->status, 403);
    assert_true(says(s, "revoked"));
}

static void test_hub_enrol__what_is_no_request_is_refused(void **state)
{
    scene *s = *state;
    static const char *const bodies[] = {"", "{}", "[]", "{\"code\":1}", "{\"code\":\"x\"}"};
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        post(s, tp_slice_str(bodies[i]));
        assert_true(s->status == 400 || s->status == 403);
    }
    tp_enrolment_code code = make_code(s, "friary", false);
    make_csr(s,
             0); /* nobody: it would stand in every device's directory, which none of them takes */
    enrol(s, &code);
    assert_int_equal(s->status, 400);
    assert_true(says(s, "body"));
    make_csr(s, 0x83a1c0de00f5527bu);
    s->a.csr.at[s->a.csr.bytes / 2] ^= 4; /* no longer signed by its key, or no base 64 */
    enrol(s, &code);
    assert_int_equal(s->status, 400);
    assert_true(says(s, "body"));
}

/* Whoever is told that the request or the code is wrong does not ask again. */
static void test_hub_enrol__short_memory_is_no_fault_of_the_request(void **state)
{
    scene *s = *state;
    tp_hub_device device;
    tp_err err;
    tp_enrolment_code code = make_code(s, "friary", false);
    s->was_hit = true;
    for (s->fault_nth = 1; s->was_hit; s->fault_nth++) {
        (void)snprintf(s->fault, sizeof s->fault, "alloc.nth:%u", s->fault_nth);
        enrol(s, &code);
        assert_true(s->status == 200 || (s->was_hit && s->status >= 500));
        if (s->status == 200) {
            break;
        }
        assert_int_equal(tp_hub_begin(s->hub, &err), TP_OK);
        assert_int_equal(tp_hub_device_get(s->hub->store, s->a.id, &device, &err), TP_NOTFOUND);
        tp_hub_rollback(s->hub);
    }
    s->fault[0] = '\0';
    assert_true(s->fault_nth > 1);
    assert_int_equal(s->tries.from[0].wrong, 0);
}

/* The hub went back and has forgotten it, colleagues handed what it wrote, and the operator makes
 * it a code rather than to admit it. */
static void test_hub_enrol__what_others_handed_of_it_is_its_agencys(void **state)
{
    /* { 0: salt, 1: 1, 3: {10: "Baz"}, 5: [1, 1, 0], 6: "Kim" } */
    static const uint8_t bytes[] = {0xa5, 0x00, 0x48, 1,    2,    3,    4,    5,   6,   7,
                                    8,    0x01, 0x01, 0x03, 0xa1, 0x0a, 0x63, 'B', 'a', 'z',
                                    0x05, 0x83, 1,    1,    0,    0x06, 0x63, 'K', 'i', 'm'};
    scene *s = *state;
    tp_err err;
    tp_hub_handed handed = TP_HUB_HANDED_NOT;
    tp_hub_feed_row row;
    tp_hub_device device;
    tp_name as;
    const tp_name name = {s->a.id, 1};
    const tp_stamp stamp = {.ms = s->hub->now_ms, .number = 1};
    assert_int_equal(tp_hub_begin(s->hub, &err), TP_OK);
    assert_int_equal(tp_hub_went_back(s->hub, true, &err), TP_OK);
    assert_int_equal(tp_hub_accept_handed(s->hub->acceptor, name, tp_slice_of(bytes, sizeof bytes),
                                          &stamp, s->hub->now_ms, &handed, &as, &err),
                     TP_OK);
    assert_int_equal(handed, TP_HUB_HANDED_STORED);
    assert_int_equal(tp_hub_feed_get(s->hub->store, 1, name, &row, &err), TP_OK);
    assert_false(row.is_held);
    assert_int_equal(tp_hub_commit(s->hub, &err), TP_OK);
    tp_enrolment_code code = make_code(s, "friary", false);
    enrol(s, &code);
    assert_int_equal(s->status, 200);
    assert_int_equal(tp_hub_begin(s->hub, &err), TP_OK);
    tp_rc rc = tp_hub_feed_get(s->hub->store, 1, name, &row, &err);
    if (rc == TP_OK) {
        rc = tp_hub_device_get(s->hub->store, s->a.id, &device, &err);
    }
    tp_hub_rollback(s->hub);
    assert_int_equal(rc, TP_OK);
    assert_true(row.is_held);
    assert_int_equal(device.standing, TP_HUB_AWAITED); /* it may have more */
    assert_int_equal(device.receipt, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_hub_enrol__short_memory_is_no_fault_of_the_request,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_hub_enrol__a_code_makes_a_device_known_with_its_first_comparison, setup, teardown),
        cmocka_unit_test_setup_teardown(test_hub_enrol__a_code_enrols_one_device, setup, teardown),
        cmocka_unit_test_setup_teardown(test_hub_enrol__a_lost_answer_is_given_again, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_hub_enrol__a_refused_device_does_not_use_the_code_up,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_hub_enrol__nobody_learns_what_was_wrong_with_a_code,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_hub_enrol__many_wrong_codes_shut_one_address_out_and_no_other, setup, teardown),
        cmocka_unit_test_setup_teardown(test_hub_enrol__a_device_keeps_its_key_and_agency, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_hub_enrol__what_others_handed_of_it_is_its_agencys,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_hub_enrol__a_revoked_device_stays_out, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_hub_enrol__what_is_no_request_is_refused, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
