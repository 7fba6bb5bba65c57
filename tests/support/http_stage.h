/* A server of platform/net on a thread of its own, with a service that a test scripts. */
#ifndef TP_TESTS_SUPPORT_HTTP_STAGE_H
#define TP_TESTS_SUPPORT_HTTP_STAGE_H

#include "platform/net/http_server.h"

#include <pthread.h>
#include <stdatomic.h>

/* What the service answers, by path:
 *   /echo    the body, as it came
 *   /peer    "none", or the hex of the client certificate's fingerprint
 *   /when    the moment the head arrived, "wall mono"
 *   /large   1 MiB of 'x'
 *   /static  bytes that are not copied
 *   /header  with an extra header line
 *   /close   and closes
 *   /slow    after 300 ms
 *   /wait    503 with Retry-After
 *   /v1/ask  ask_status and ask_body
 *   any other: 404 */
typedef struct tp_test_stage {
    tp_http_server_config config; /* set before start */
    tp_http_server *server;
    pthread_t thread;
    tp_rc run_rc;
    atomic_llong wall_ms;    /* what the server's clock says */
    atomic_uint fails_begin; /* rounds whose begin fails from now on */
    atomic_uint fails_end;
    bool says_why;                /* requests of such a round are told; set before start */
    struct tp_test_stage *beside; /* served by the same loop; set before start, stops with it */
    atomic_uint begun;
    atomic_uint ended;
    atomic_uint handled;
    atomic_uint ticks;
    atomic_uint refused;
    atomic_uint ask_status;
    const char *_Atomic ask_body; /* static text */
    char refused_what[200];       /* the latest; read after stop */
    tp_http_server_stats stats;   /* after stop */
} tp_test_stage;

/* All zero but the address 127.0.0.1 and a clock at `wall_ms`. */
void tp_test_stage_init(tp_test_stage *stage, int64_t wall_ms);
void tp_test_stage_start(tp_test_stage *stage);
/* Ends the thread and frees the server, and the one beside it. */
void tp_test_stage_stop(tp_test_stage *stage);

/* A plain socket to the server: blocking, gives up reading after 5 s. */
int tp_test_stage_connect(const tp_test_stage *stage);
void tp_test_send(int fd, const void *at, size_t bytes);
void tp_test_send_text(int fd, const char *text);
/* Reads until `bytes` are there, the peer closes, or 5 s pass; adds a zero byte.  Returns the
 * count. */
size_t tp_test_receive(int fd, char *at, size_t bytes);
/* True if the peer closed and nothing more came. */
bool tp_test_is_closed(int fd);

#endif
