/* Each allocation of the libraries fails in turn, once and from then on, while keys, signatures and
 * certificates are made, read and judged: it works, or it says that there is no memory.  Never that
 * somebody's signature does not fit, or that a file is damaged.
 *
 * Shows no promise: keys are made and read, and nobody loses anything where they are not. */
#include "platform/base/alloc.h"
#include "platform/crypto/certificate.h"
#include "tests/fault/library_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

enum { PEM_BYTES_MAX = 8192, DAYS = 30, FIRST = 40, STRIDE = 199 };

static bool is_whole; /* each call, not the first ones and one in STRIDE */

static const int64_t NOW_MS = INT64_C(1768248300000); /* 2026-01-12T20:05:00Z */
static const uint64_t DEVICE = UINT64_C(0x00c0ffee12345678);

/* What there is before anything fails, and where what is made goes. */
typedef struct office {
    tp_rng_seeded rng;
    tp_key *key;
    tp_public_key public;
    uint8_t digest[TP_SHA256_BYTES];
    uint8_t signature[TP_SIGNATURE_BYTES];
    tp_buf key_pem;
    tp_buf ca;
    tp_buf request;
    tp_buf certificate;
    tp_buf made;
} office;

typedef struct step {
    const char *name;
    tp_rc (*act)(office *o, tp_err *err);
} step;

static tp_validity validity(void)
{
    return (tp_validity){NOW_MS, DAYS};
}

static tp_issuer issuer(const office *o)
{
    return (tp_issuer){tp_buf_slice(&o->ca), o->key};
}

static tp_rc keep_nothing(tp_rc rc, tp_key *key)
{
    assert_true((rc == TP_OK) == (key != NULL));
    tp_key_free(key);
    return rc;
}

static tp_rc act_generate(office *o, tp_err *err)
{
    tp_key *key = NULL;
    tp_rc rc = tp_key_generate(&o->rng.rng, &key, err);
    return keep_nothing(rc, key);
}

static tp_rc act_derive(office *o, tp_err *err)
{
    tp_key *key = NULL;
    tp_rc rc = tp_key_derive(o->key, tp_slice_str("told"), &o->rng.rng, &key, err);
    return keep_nothing(rc, key);
}

static tp_rc act_read_key(office *o, tp_err *err)
{
    tp_key *key = NULL;
    tp_rc rc = tp_key_from_pem(tp_buf_slice(&o->key_pem), &key, err);
    return keep_nothing(rc, key);
}

static tp_rc act_write_key(office *o, tp_err *err)
{
    return tp_key_to_pem(o->key, &o->made, err);
}

static tp_rc act_sign(office *o, tp_err *err)
{
    uint8_t signature[TP_SIGNATURE_BYTES];
    tp_rc rc = tp_key_sign(o->key, &o->rng.rng, o->digest, signature, err);
    if (rc == TP_OK) { /* deterministic (RFC 6979) */
        assert_memory_equal(signature, o->signature, sizeof signature);
    }
    return rc;
}

static tp_rc act_verify(office *o, tp_err *err)
{
    return tp_public_key_verify(&o->public, o->digest, o->signature, err);
}

static tp_rc act_make_ca(office *o, tp_err *err)
{
    return tp_certificate_make_ca(o->key, &o->rng.rng, NOW_MS, &o->made, err);
}

static tp_rc act_make_server(office *o, tp_err *err)
{
    const tp_issuer by = issuer(o);
    return tp_certificate_make_server(&by, &o->public, &o->rng.rng, validity(), &o->made, err);
}

static tp_rc act_make_device(office *o, tp_err *err)
{
    const tp_issuer by = issuer(o);
    return tp_certificate_make_device(&by, &o->public, DEVICE, "harbour", &o->rng.rng, validity(),
                                      &o->made, err);
}

static tp_rc act_make_request(office *o, tp_err *err)
{
    return tp_csr_make(o->key, DEVICE, &o->rng.rng, &o->made, err);
}

static tp_rc act_check_request(office *o, tp_err *err)
{
    uint64_t device = 0;
    tp_public_key key;
    return tp_csr_check(tp_buf_slice(&o->request), &device, &key, err);
}

static tp_rc act_read_certificate(office *o, tp_err *err)
{
    tp_certificate_facts facts;
    return tp_certificate_read(tp_buf_slice(&o->certificate), &facts, err);
}

static tp_rc act_check_issuer(office *o, tp_err *err)
{
    return tp_certificate_check_issuer(tp_buf_slice(&o->certificate), tp_buf_slice(&o->ca), err);
}

static const step steps[] = {
    {"making a key", act_generate},
    {"deriving a key", act_derive},
    {"reading a key", act_read_key},
    {"writing a key", act_write_key},
    {"signing", act_sign},
    {"verifying", act_verify},
    {"making an authority", act_make_ca},
    {"making a server's certificate", act_make_server},
    {"making a device's certificate", act_make_device},
    {"making a request", act_make_request},
    {"checking a request", act_check_request},
    {"reading a certificate", act_read_certificate},
    {"checking who issued it", act_check_issuer},
};

static void open_office(office *o)
{
    tp_err err;
    memset(o, 0, sizeof *o);
    tp_rng_seeded_init(&o->rng, 99);
    memset(o->digest, 7, sizeof o->digest);
    tp_buf *const bufs[] = {&o->key_pem, &o->ca, &o->request, &o->certificate, &o->made};
    for (size_t i = 0; i < sizeof bufs / sizeof bufs[0]; i++) {
        tp_buf_init(bufs[i], PEM_BYTES_MAX);
    }
    assert_int_equal(tp_key_generate(&o->rng.rng, &o->key, &err), TP_OK);
    tp_key_public(o->key, &o->public);
    assert_int_equal(tp_key_sign(o->key, &o->rng.rng, o->digest, o->signature, &err), TP_OK);
    assert_int_equal(tp_key_to_pem(o->key, &o->key_pem, &err), TP_OK);
    assert_int_equal(tp_certificate_make_ca(o->key, &o->rng.rng, NOW_MS, &o->ca, &err), TP_OK);
    assert_int_equal(tp_csr_make(o->key, DEVICE, &o->rng.rng, &o->request, &err), TP_OK);
    const tp_issuer by = issuer(o);
    assert_int_equal(tp_certificate_make_device(&by, &o->public, DEVICE, "harbour", &o->rng.rng,
                                                validity(), &o->certificate, &err),
                     TP_OK);
}

static void close_office(office *o)
{
    tp_key_free(o->key);
    tp_buf_done(&o->key_pem);
    tp_buf_done(&o->ca);
    tp_buf_done(&o->request);
    tp_buf_done(&o->certificate);
    tp_buf_done(&o->made);
    assert_int_equal(tp_alloc_live(), 0);
}

/* How many calls it made until the one that failed, or in all. */
static uint64_t fail_at(office *o, const step *s, uint64_t nth, bool goes_on)
{
    tp_err err = {.rc = TP_OK};
    tp_buf_clear(&o->made);
    library_memory_set_fault(nth, goes_on);
    tp_rc rc = s->act(o, &err);
    const uint64_t calls = library_memory_calls();
    library_memory_set_fault(0, false);
    if (rc != TP_OK && rc != TP_NOMEM) {
        fail_msg("%s: call %s %llu failed: %s: %s (%d)", s->name, goes_on ? "from" : "number",
                 (unsigned long long)nth, tp_rc_name(rc), err.what, err.code);
    }
    assert_true(rc == TP_OK || o->made.bytes == 0);
    return calls;
}

static void test_keys__want_of_memory_is_told_as_such(void **state)
{
    office o;
    (void)state;
    open_office(&o);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        (void)fail_at(&o, &steps[i], 0, false); /* what is kept from the first time on */
        const uint64_t calls = fail_at(&o, &steps[i], 0, false);
        assert_true(calls > 0);
        for (uint64_t nth = 1; nth <= calls; nth += is_whole || nth < FIRST ? 1 : STRIDE) {
            (void)fail_at(&o, &steps[i], nth, false);
            (void)fail_at(&o, &steps[i], nth, true);
        }
        print_message("%s: %llu calls that may fail\n", steps[i].name, (unsigned long long)calls);
    }
    close_office(&o);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys__want_of_memory_is_told_as_such),
    };
    is_whole = argc > 1 && strcmp(argv[1], "--whole") == 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
