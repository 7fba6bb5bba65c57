/* A request as a handler gets it, made from text. */
#ifndef TP_TESTS_SUPPORT_REQUEST_H
#define TP_TESTS_SUPPORT_REQUEST_H

#include "platform/net/http_request.h"
#include "platform/net/http_response.h"

enum { TP_TEST_HEADERS_MAX = 16 };

/* An embedded value; everything is borrowed. */
typedef struct tp_test_request {
    tp_http_request request;
    tp_http_header headers[TP_TEST_HEADERS_MAX];
} tp_test_request;

void tp_test_request_init(tp_test_request *r, tp_http_method method, const char *path);
/* NULL value: the header is left out. */
void tp_test_request_header(tp_test_request *r, const char *name, const char *value);

/* The value of a response's extra header into `out`; false where it has none. */
bool tp_test_response_header(const tp_http_response *response, const char *name, char *out,
                             size_t bytes);

#endif
