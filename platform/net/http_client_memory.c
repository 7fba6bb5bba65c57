/* What libcurl and OpenSSL ask for goes by platform/base/alloc. */
#include "platform/net/http_client_memory.h"

#include "platform/base/alloc.h"

#include <curl/curl.h>
#include <openssl/crypto.h>
#include <string.h>

static void *ssl_alloc(size_t bytes, const char *file, int line)
{
    (void)file;
    (void)line;
    return bytes == 0 ? NULL : tp_alloc_for_library(bytes);
}

static void ssl_free(void *block, const char *file, int line)
{
    (void)file;
    (void)line;
    tp_free_for_library(block);
}

static void *ssl_realloc(void *block, size_t bytes, const char *file, int line)
{
    if (bytes == 0) {
        ssl_free(block, file, line);
        return NULL;
    }
    return tp_realloc_for_library(block, bytes);
}

/* Before main: OpenSSL takes it only before it has asked for any. */
static void __attribute__((constructor)) take_memory_here(void)
{
    (void)CRYPTO_set_mem_functions(ssl_alloc, ssl_realloc, ssl_free);
}

static void *curl_zeroed(size_t count, size_t bytes)
{
    if (bytes != 0 && count > SIZE_MAX / bytes) {
        return NULL;
    }
    void *block = tp_alloc_for_library(count * bytes);
    return block == NULL ? NULL : memset(block, 0, count * bytes);
}

static char *curl_copy(const char *text)
{
    const size_t bytes = strlen(text) + 1;
    char *copy = tp_alloc_for_library(bytes);
    return copy == NULL ? NULL : memcpy(copy, text, bytes);
}

int tp_http_memory_start_curl(void)
{
    return (int)curl_global_init_mem(CURL_GLOBAL_SSL, tp_alloc_for_library, tp_free_for_library,
                                     tp_realloc_for_library, curl_copy, curl_zeroed);
}

void tp_http_memory_begin(void)
{
    (void)tp_alloc_library_was_short();
}

bool tp_http_memory_was_short(void)
{
    return tp_alloc_library_was_short();
}

tp_rc tp_http_memory_fail(tp_err *err)
{
    return tp_fail(err, TP_NOMEM, "this machine's memory is short: nothing is lost, try again");
}
