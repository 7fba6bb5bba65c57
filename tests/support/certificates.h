/* Certificates for tests, made on the spot with OpenSSL: other code than what they test. */
#ifndef TP_TESTS_SUPPORT_CERTIFICATES_H
#define TP_TESTS_SUPPORT_CERTIFICATES_H

#include <stdbool.h>
#include <stdint.h>

/* A P-256 key and its certificate. */
typedef struct tp_test_certificate {
    char certificate_pem[2048];
    char key_pem[1024];
    char chain_pem[4096];    /* the certificate, then its issuer's */
    uint8_t fingerprint[32]; /* SHA-256 of the DER */
} tp_test_certificate;

typedef struct tp_test_certificate_spec {
    const char *common_name;
    const char *dns_name; /* subject alternative name; NULL: none */
    int64_t from_s;       /* seconds since 1970 */
    int64_t to_s;
    bool is_ca;
    bool is_p384; /* another curve than the one we use */
} tp_test_certificate_spec;

/* Makes a certificate signed by `issuer`, or by itself if that is NULL.  Fails the test if it
 * cannot. */
void tp_test_certificate_make(const tp_test_certificate_spec *spec,
                              const tp_test_certificate *issuer, tp_test_certificate *out);

#endif
