/* Requests to the hub on libcurl: one easy handle in one multi handle, kept. */
#include "platform/net/http_client.h"

#include "platform/base/alloc.h"
#include "platform/base/fault.h"
#include "platform/base/limits.h"
#include "platform/net/http_client_memory.h"
#include "platform/net/http_client_trust.h"
#include "platform/net/library_pages.h"

#include <assert.h>
#include <curl/curl.h>
#include <stdio.h>

enum {
    URL_BYTES_MAX = TP_HTTP_URL_BYTES_MAX + 300,
    PEM_BYTES_MAX = 64 * 1024,
    STALL_BYTES_A_SECOND = 16,
    UPLOAD_BUFFER_BYTES = 16 * 1024, /* libcurl's smallest */
    PUSH_STALLS_MAX = 3,             /* turns of 1 ms without progress before start returns */
    POLL_MS = 1000
};

struct tp_http_client {
    CURLM *multi;
    CURL *easy;
    struct curl_slist *connect_to; /* where the fixed name is found */
    struct curl_slist *headers;    /* of the request under way */
    tp_http_trust trust;
    tp_buf ca_pem;
    tp_buf certificate_pem;
    tp_buf key_pem;
    tp_buf url_base; /* "https://teapot-hub:8443" */
    bool is_curl_up; /* curl_global_init was called */
    bool is_under_way;
    bool is_done;   /* libcurl has finished; code says how */
    bool was_short; /* of memory, in the request under way: what is said of it is not believed */
    CURLcode code;
    tp_buf body;   /* of the response now read */
    tp_rc body_rc; /* why the body could not be kept */
    char curl_text[CURL_ERROR_SIZE];
    tp_http_client_stats stats;
};

static tp_rc take_url(tp_http_client *client, const char *url, tp_err *err);
static tp_rc take_pems(tp_http_client *client, const tp_http_client_config *config, tp_err *err);
static tp_rc set_options(tp_http_client *client, const tp_http_client_config *config, tp_err *err);
static tp_rc set_request(tp_http_client *client, const tp_http_client_request *request,
                         tp_err *err);
static void push_out(tp_http_client *client, size_t body_bytes);
static void collect_done(tp_http_client *client);
static void leave_multi(tp_http_client *client);
static tp_rc judge_result(tp_http_client *client, tp_err *err);

static tp_rc start_curl(tp_http_client *client, tp_err *err)
{
    tp_library_pages_release(); /* what linking read */
    if (!tp_http_trust_start()) {
        return tp_fail(err, TP_IO, "OpenSSL would not start");
    }
    const CURLcode code = (CURLcode)tp_http_memory_start_curl();
    if (code != CURLE_OK) {
        return tp_fail_from(err, TP_IO, TP_ORIGIN_CURL, (int)code, "libcurl would not start: %s",
                            curl_easy_strerror(code));
    }
    client->is_curl_up = true;
    client->multi = curl_multi_init();
    client->easy = curl_easy_init();
    if (client->multi == NULL || client->easy == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory for libcurl");
    }
    tp_library_pages_release(); /* what starting read */
    return TP_OK;
}

tp_rc tp_http_client_new(const tp_http_client_config *config, tp_http_client **client_out,
                         tp_err *err)
{
    *client_out = NULL;
    if (config->ca_pin == NULL && config->ca_pem.bytes == 0) {
        return tp_fail(err, TP_INVALID, "no CA is pinned: the hub could be anybody");
    }
    tp_http_client *client = tp_alloc(sizeof *client);
    if (client == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory for the HTTP client");
    }
    tp_http_trust_init(&client->trust);
    tp_buf_init(&client->ca_pem, PEM_BYTES_MAX);
    tp_buf_init(&client->certificate_pem, PEM_BYTES_MAX);
    tp_buf_init(&client->key_pem, PEM_BYTES_MAX);
    tp_buf_init(&client->url_base, URL_BYTES_MAX);
    tp_buf_init(&client->body, config->response_bytes_max == 0 ? TP_HTTP_BODY_BYTES_MAX
                                                               : config->response_bytes_max);
    tp_http_memory_begin();
    tp_rc rc = start_curl(client, err);
    if (rc == TP_OK) {
        rc = take_url(client, config->url, err);
    }
    if (rc == TP_OK) {
        rc = take_pems(client, config, err);
    }
    if (rc == TP_OK) {
        rc = set_options(client, config, err);
    }
    if (rc != TP_OK) {
        rc = tp_http_memory_was_short() ? tp_http_memory_fail(err) : rc;
        goto out;
    }
    *client_out = client;
    client = NULL; /* now the caller's */
out:
    tp_http_client_free(client);
    return rc;
}

void tp_http_client_free(tp_http_client *client)
{
    if (client == NULL) {
        return;
    }
    leave_multi(client);
    curl_easy_cleanup(client->easy);
    if (client->multi != NULL) {
        (void)curl_multi_cleanup(client->multi);
    }
    curl_slist_free_all(client->connect_to);
    curl_slist_free_all(client->headers);
    if (client->is_curl_up) {
        curl_global_cleanup();
    }
    tp_http_trust_wipe(client->key_pem.at, client->key_pem.room);
    tp_http_trust_done(&client->trust);
    tp_buf_done(&client->ca_pem);
    tp_buf_done(&client->certificate_pem);
    tp_buf_done(&client->key_pem);
    tp_buf_done(&client->url_base);
    tp_buf_done(&client->body);
    tp_free(client);
}

void tp_http_client_response_init(tp_http_client_response *response)
{
    memset(response, 0, sizeof *response);
    tp_buf_init(&response->body, 0); /* the client's buffer is swapped in */
}

void tp_http_client_response_done(tp_http_client_response *response)
{
    tp_buf_done(&response->body);
}

/* "https://host[:port][/]" and nothing more. */
static bool read_url(const char *url, CURLU *parts, char **host_out, char **port_out)
{
    char *scheme = NULL;
    char *path = NULL;
    char *rest = NULL;
    bool is_good = curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
                   curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
                   strcmp(scheme, "https") == 0 &&
                   curl_url_get(parts, CURLUPART_PATH, &path, 0) == CURLUE_OK &&
                   strcmp(path, "/") == 0 &&
                   curl_url_get(parts, CURLUPART_USER, &rest, 0) != CURLUE_OK &&
                   curl_url_get(parts, CURLUPART_QUERY, &rest, 0) != CURLUE_OK &&
                   curl_url_get(parts, CURLUPART_FRAGMENT, &rest, 0) != CURLUE_OK &&
                   curl_url_get(parts, CURLUPART_HOST, host_out, 0) == CURLUE_OK &&
                   curl_url_get(parts, CURLUPART_PORT, port_out, CURLU_DEFAULT_PORT) == CURLUE_OK;
    curl_free(scheme);
    curl_free(path);
    curl_free(rest);
    return is_good;
}

/* Every hub's certificate carries the same name, so the URL asks for that name and libcurl is told
 * where to find it: no address need be known when the certificate is made. */
static tp_rc take_url(tp_http_client *client, const char *url, tp_err *err)
{
    char *host = NULL;
    char *port = NULL;
    tp_buf target;
    tp_buf_init(&target, URL_BYTES_MAX);
    CURLU *parts = curl_url();
    tp_rc rc = TP_OK;
    if (parts == NULL) {
        rc = tp_fail(err, TP_NOMEM, "no memory for a URL");
        goto out;
    }
    if (url == NULL || !read_url(url, parts, &host, &port)) {
        rc = tp_fail(err, TP_INVALID, "a hub's address is https://host:port, not %.100s",
                     url == NULL ? "empty" : url);
        goto out;
    }
    rc = tp_buf_addf(&client->url_base, err, "https://%s:%s", TP_HTTP_HUB_NAME, port);
    if (rc == TP_OK) {
        rc = tp_buf_addf(&target, err, "::%s:%s", host, port);
    }
    if (rc == TP_OK && tp_buf_cstr(&target) != NULL) {
        client->connect_to = curl_slist_append(NULL, tp_buf_cstr(&target));
    }
    if (rc == TP_OK && client->connect_to == NULL) {
        rc = tp_fail(err, TP_NOMEM, "no memory for a URL");
    }
out:
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(parts);
    tp_buf_done(&target);
    return rc;
}

static tp_rc take_pems(tp_http_client *client, const tp_http_client_config *config, tp_err *err)
{
    client->trust.best_time = config->best_time;
    client->trust.best_time_ctx = config->best_time_ctx;
    if (config->ca_pin != NULL) {
        client->trust.is_by_fingerprint = true;
        memcpy(client->trust.ca_pin, config->ca_pin, TP_CA_PIN_BYTES);
    }
    tp_rc rc = tp_buf_add_slice(&client->ca_pem, config->ca_pem, err);
    if (rc == TP_OK) {
        rc = tp_buf_add_slice(&client->certificate_pem, config->certificate_pem, err);
    }
    if (rc == TP_OK) {
        rc = tp_buf_add_slice(&client->key_pem, config->key_pem, err);
    }
    return rc;
}

static size_t take_body(char *at, size_t size, size_t count, void *ctx)
{
    tp_http_client *client = ctx;
    tp_err err;
    client->body_rc = tp_buf_add(&client->body, at, size * count, &err);
    return client->body_rc == TP_OK ? size * count : CURL_WRITEFUNC_ERROR;
}

/* Counts HTTP as it is before TLS.  libcurl says nothing else to anybody. */
static int count_bytes(CURL *easy, curl_infotype type, char *at, size_t bytes, void *ctx)
{
    (void)easy;
    (void)at;
    tp_http_client *client = ctx;
    if (type == CURLINFO_HEADER_OUT || type == CURLINFO_DATA_OUT) {
        client->stats.plain_bytes_out += bytes;
    } else if (type == CURLINFO_HEADER_IN || type == CURLINFO_DATA_IN) {
        client->stats.plain_bytes_in += bytes;
    }
    return 0;
}

static CURLcode shape_tls(CURL *easy, void *ssl_ctx, void *ctx)
{
    (void)easy;
    tp_http_client *client = ctx;
    client->stats.connections++;
    tp_http_trust_begin(&client->trust);
    return tp_http_trust_apply(&client->trust, ssl_ctx) == TP_OK ? CURLE_OK : CURLE_OUT_OF_MEMORY;
}

/* libcurl does not copy: the buffers are the client's and stay as they are. */
static CURLcode set_blob(CURL *easy, CURLoption option, const tp_buf *bytes)
{
    struct curl_blob blob = {.data = bytes->at, .len = bytes->bytes, .flags = CURL_BLOB_NOCOPY};
    return bytes->bytes == 0 ? CURLE_OK : curl_easy_setopt(easy, option, &blob);
}

static long or_default(unsigned value, unsigned standard)
{
    return (long)(value == 0 ? standard : value);
}

static CURLcode set_waits(CURL *easy, const tp_http_client_config *config)
{
    bool is_impatient = tp_fault("net.impatient"); /* a test cannot wait for so long */
    long connect_ms = or_default(config->connect_ms, TP_HTTP_CONNECT_MS);
    long stall_s = or_default(config->stall_s, TP_HTTP_STALL_S);
    CURLcode code =
        curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, is_impatient ? 2000 : connect_ms);
    code |=
        curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, or_default(config->total_ms, TP_HTTP_TOTAL_MS));
    code |= curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, is_impatient ? 2 : stall_s);
    code |= curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, (long)STALL_BYTES_A_SECOND);
    code |= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    return code;
}

/* Trust: the pinned CA or the fingerprint, never the system's store (CAINFO and CAPATH have
 * built-in defaults), and always the fixed name. */
static CURLcode set_trust(tp_http_client *client)
{
    CURL *easy = client->easy;
    CURLcode code = curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    code |= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    code |= curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
    code |= curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    if (!client->trust.is_by_fingerprint) {
        code |= set_blob(easy, CURLOPT_CAINFO_BLOB, &client->ca_pem);
    }
    code |= set_blob(easy, CURLOPT_SSLCERT_BLOB, &client->certificate_pem);
    code |= set_blob(easy, CURLOPT_SSLKEY_BLOB, &client->key_pem);
    code |= curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, shape_tls);
    code |= curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, client);
    code |= curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    code |= curl_easy_setopt(easy, CURLOPT_SSL_CIPHER_LIST,
                             "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384");
    code |= curl_easy_setopt(easy, CURLOPT_SSL_EC_CURVES, "P-256");
    code |= curl_easy_setopt(easy, CURLOPT_SSL_ENABLE_ALPN, 0L);
    return code;
}

/* One way only: HTTPS 1.1 to the hub, no proxy from the environment, no redirection. */
static CURLcode set_way(tp_http_client *client)
{
    CURL *easy = client->easy;
    CURLcode code = curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https");
    code |= curl_easy_setopt(easy, CURLOPT_PROXY, "");
    code |= curl_easy_setopt(easy, CURLOPT_CONNECT_TO, client->connect_to);
    code |= curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    code |= curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, (long)UPLOAD_BUFFER_BYTES);
    code |= curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, client->curl_text);
    code |= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    code |= curl_easy_setopt(easy, CURLOPT_WRITEDATA, client);
    code |= curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, count_bytes);
    code |= curl_easy_setopt(easy, CURLOPT_DEBUGDATA, client);
    code |= curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L); /* calls count_bytes, writes nothing */
    return code;
}

static tp_rc set_options(tp_http_client *client, const tp_http_client_config *config, tp_err *err)
{
    CURLcode code = set_way(client);
    code |= set_trust(client);
    code |= set_waits(client->easy, config);
    return code == CURLE_OK
               ? TP_OK
               : tp_fail_from(err, TP_IO, TP_ORIGIN_CURL, (int)code,
                              "libcurl does not take our settings (is it built on OpenSSL?)");
}

tp_rc tp_http_client_start(tp_http_client *client, const tp_http_client_request *request,
                           tp_err *err)
{
    if (client->is_under_way) {
        return tp_fail(err, TP_BUSY, "a request is under way already");
    }
    tp_http_memory_begin();
    tp_rc rc = set_request(client, request, err);
    if (rc != TP_OK) {
        return rc;
    }
    client->was_short = false;
    tp_buf_clear(&client->body);
    tp_http_trust_begin(&client->trust);
    client->body_rc = TP_OK;
    client->curl_text[0] = '\0';
    client->is_done = false;
    if (curl_multi_add_handle(client->multi, client->easy) != CURLM_OK) {
        return tp_fail(err, TP_NOMEM, "libcurl does not take the request");
    }
    client->is_under_way = true;
    if (client->stats.requests < 2) {
        tp_library_pages_release(); /* what came before the handshake, and what that read */
    }
    push_out(client, request->body.bytes);
    return TP_OK;
}

/* libcurl sends a body piece by piece, one for each turn.  On a connection that is there the whole
 * of it leaves now, so that the hub works on it while this device makes the next one; where the
 * network takes no more, the rest waits for advance and wait. */
static void push_out(tp_http_client *client, size_t body_bytes)
{
    curl_off_t sent = 0;
    int stalls = 0;
    tp_http_client_advance(client);
    while (!client->is_done && stalls < PUSH_STALLS_MAX && sent < (curl_off_t)body_bytes) {
        const curl_off_t before = sent;
        (void)curl_multi_poll(client->multi, NULL, 0, 1, NULL);
        tp_http_client_advance(client);
        (void)curl_easy_getinfo(client->easy, CURLINFO_SIZE_UPLOAD_T, &sent);
        stalls += sent == before ? 1 : 0;
    }
}

static bool is_plain_path(const char *path)
{
    const char *c = path;
    while (*c > ' ' && *c <= '~' && *c != '#') {
        c++;
    }
    return path[0] == '/' && *c == '\0' && (size_t)(c - path) <= TP_HTTP_URL_BYTES_MAX;
}

/* Adds a header line; "Name:" alone keeps libcurl from sending its own. */
static bool add_header(tp_http_client *client, const char *line)
{
    struct curl_slist *longer = curl_slist_append(client->headers, line);
    if (longer != NULL) {
        client->headers = longer;
    }
    return longer != NULL;
}

static tp_rc set_headers(tp_http_client *client, const tp_http_client_request *request, tp_err *err)
{
    char type[100] = "Content-Type:";
    if (request->content_type != NULL) {
        snprintf(type, sizeof type, "Content-Type: %s", request->content_type);
    }
    curl_slist_free_all(client->headers);
    client->headers = NULL;
    if (!add_header(client, "Accept:") || (request->is_post && !add_header(client, type)) ||
        (request->is_post && !add_header(client, "Expect:"))) {
        return tp_fail(err, TP_NOMEM, "no memory for a request");
    }
    return TP_OK;
}

static tp_rc set_request(tp_http_client *client, const tp_http_client_request *request, tp_err *err)
{
    CURL *easy = client->easy;
    if (request->path == NULL || !is_plain_path(request->path)) {
        return tp_fail(err, TP_INVALID, "a path starts with / and has no spaces");
    }
    tp_rc rc = set_headers(client, request, err);
    if (rc != TP_OK) {
        return rc;
    }
    size_t base_bytes = client->url_base.bytes;
    rc = tp_buf_add_str(&client->url_base, request->path, err);
    const char *url = rc == TP_OK ? tp_buf_cstr(&client->url_base) : NULL;
    CURLcode code = url == NULL ? CURLE_OUT_OF_MEMORY : curl_easy_setopt(easy, CURLOPT_URL, url);
    client->url_base.bytes = base_bytes;
    code |= curl_easy_setopt(easy, CURLOPT_HTTPHEADER, client->headers);
    if (request->is_post) {
        const void *body = request->body.bytes == 0 ? "" : (const void *)request->body.at;
        code |= curl_easy_setopt(easy, CURLOPT_POST, 1L);
        code |= curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
        code |=
            curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.bytes);
    } else {
        code |= curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    }
    return code == CURLE_OK ? TP_OK : tp_fail(err, TP_NOMEM, "no memory for a request");
}

void tp_http_client_advance(tp_http_client *client)
{
    int running = 0;
    if (client->is_under_way && !client->is_done) {
        (void)curl_multi_perform(client->multi, &running);
        client->was_short |= tp_http_memory_was_short();
        collect_done(client);
    }
}

bool tp_http_client_is_done(const tp_http_client *client)
{
    return !client->is_under_way || client->is_done;
}

static void collect_done(tp_http_client *client)
{
    int left = 0;
    for (CURLMsg *message = curl_multi_info_read(client->multi, &left); message != NULL;
         message = curl_multi_info_read(client->multi, &left)) {
        if (message->msg == CURLMSG_DONE) {
            client->is_done = true;
            client->code = message->data.result;
        }
    }
}

static void leave_multi(tp_http_client *client)
{
    if (client->is_under_way) {
        (void)curl_multi_remove_handle(client->multi, client->easy);
        client->is_under_way = false;
    }
}

void tp_http_client_cancel(tp_http_client *client)
{
    leave_multi(client);
}

static void hand_over(tp_http_client *client, tp_http_client_response *response)
{
    long status = 0;
    curl_off_t after_s = 0;
    (void)curl_easy_getinfo(client->easy, CURLINFO_RESPONSE_CODE, &status);
    (void)curl_easy_getinfo(client->easy, CURLINFO_RETRY_AFTER, &after_s);
    response->status = (unsigned)status;
    response->retry_after_s = after_s < 0 ? 0 : after_s > 86400 ? 86400u : (unsigned)after_s;
    size_t ceiling = client->body.bytes_ceiling;
    tp_buf older = response->body;
    response->body = client->body;
    client->body = older; /* its room serves the next response */
    client->body.bytes_ceiling = ceiling;
    tp_buf_clear(&client->body);
}

tp_rc tp_http_client_wait(tp_http_client *client, tp_http_client_response *response, tp_err *err)
{
    if (!client->is_under_way) {
        return tp_fail(err, TP_INVALID, "no request was started");
    }
    tp_http_client_advance(client);
    while (!client->is_done) {
        CURLMcode code = curl_multi_poll(client->multi, NULL, 0, POLL_MS, NULL);
        if (code != CURLM_OK) {
            leave_multi(client);
            return tp_fail_from(err, TP_IO, TP_ORIGIN_CURL, (int)code,
                                "this machine cannot wait for the hub, its memory may be short: "
                                "try again");
        }
        tp_http_client_advance(client);
    }
    tp_rc rc = judge_result(client, err);
    if (rc == TP_OK) {
        client->stats.requests++;
        hand_over(client, response);
    }
    leave_multi(client);
    return rc;
}

tp_rc tp_http_client_do(tp_http_client *client, const tp_http_client_request *request,
                        tp_http_client_response *response, tp_err *err)
{
    tp_rc rc = tp_http_client_start(client, request, err);
    return rc == TP_OK ? tp_http_client_wait(client, response, err) : rc;
}

/* What libcurl's result means to a caller, and to a person; without words of ours, libcurl's. */
typedef struct result_row {
    CURLcode theirs;
    tp_rc ours;
    const char *text;
} result_row;

static const char unknown_name[] = "the hub does not answer: its name is not found. Is there a "
                                   "network?";
static const char no_connection[] = "the hub does not answer: no connection. Is there a network?";
static const char too_late[] = "the hub does not answer: nothing came in time";
static const char broken_off[] = "the hub does not answer: the connection broke off";

static const result_row *result_of(CURLcode code)
{
    static const result_row any = {CURLE_OK, TP_IO, NULL};
    static const result_row rows[] = {
        {CURLE_COULDNT_RESOLVE_HOST, TP_OFFLINE, unknown_name},
        {CURLE_COULDNT_CONNECT, TP_OFFLINE, no_connection},
        {CURLE_OPERATION_TIMEDOUT, TP_OFFLINE, too_late},
        {CURLE_SEND_ERROR, TP_OFFLINE, broken_off},
        {CURLE_RECV_ERROR, TP_OFFLINE, broken_off},
        {CURLE_GOT_NOTHING, TP_OFFLINE, broken_off},
        {CURLE_PARTIAL_FILE, TP_OFFLINE, broken_off},
        {CURLE_SSL_CONNECT_ERROR, TP_OFFLINE, broken_off}, /* no alert: the line was cut */
        {CURLE_PEER_FAILED_VERIFICATION, TP_DENIED, NULL},
        {CURLE_SSL_CERTPROBLEM, TP_INVALID, NULL},
        {CURLE_SSL_CACERT_BADFILE, TP_INVALID, NULL},
        {CURLE_OUT_OF_MEMORY, TP_NOMEM, NULL},
        {CURLE_WEIRD_SERVER_REPLY, TP_CORRUPT, NULL},
        {CURLE_UNSUPPORTED_PROTOCOL, TP_CORRUPT, NULL},
        {CURLE_BAD_CONTENT_ENCODING, TP_CORRUPT, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].theirs == code) {
            return &rows[i];
        }
    }
    return &any;
}

static tp_rc judge_result(tp_http_client *client, tp_err *err)
{
    if (client->code == CURLE_OK) {
        return TP_OK;
    }
    if (client->was_short) {
        return tp_http_memory_fail(err);
    }
    if (client->body_rc != TP_OK) {
        return tp_fail(err, client->body_rc, "the hub's answer is over %zu bytes, or memory is out",
                       client->body.bytes_ceiling);
    }
    tp_rc rc = tp_http_trust_verdict(&client->trust, err);
    if (rc != TP_OK) {
        return rc;
    }
    const result_row *row = result_of(client->code);
    const char *text = row->text != NULL              ? row->text
                       : client->curl_text[0] != '\0' ? client->curl_text
                                                      : curl_easy_strerror(client->code);
    return tp_fail_from(err, row->ours, TP_ORIGIN_CURL, (int)client->code, "%.150s", text);
}

tp_slice tp_http_client_ca_pem(const tp_http_client *client)
{
    return tp_buf_slice(&client->trust.ca_pem);
}

void tp_http_client_stats_read(const tp_http_client *client, tp_http_client_stats *stats_out)
{
    *stats_out = client->stats;
}
