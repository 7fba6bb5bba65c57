/* The memory of libcurl and of its OpenSSL.  Where one of them was refused some, it may say
 * afterwards that a certificate is none, or that the hub is not ours: of that nobody is told but
 * that memory was short.  Used by http_client.c only. */
#ifndef TP_PLATFORM_NET_HTTP_CLIENT_MEMORY_H
#define TP_PLATFORM_NET_HTTP_CLIENT_MEMORY_H

#include "platform/base/err.h"

#include <stdbool.h>

/* Starts libcurl; its code, 0: it is there. */
TP_MUST_USE int tp_http_memory_start_curl(void);

/* Something begins: what this thread was refused before does not count for it. */
void tp_http_memory_begin(void);
/* Whether this thread was refused some since it last asked, or since then. */
bool tp_http_memory_was_short(void);
/* Always NOMEM. */
tp_rc tp_http_memory_fail(tp_err *err);

#endif
