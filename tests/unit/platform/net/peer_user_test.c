/* Whose program is at the other end.
 *
 * Shows no promise: what others stand on, and knows nobody. */
#include "platform/net/peer_user.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

enum { NOBODY = 65534 };

/* A listening socket, and what a client connects to. */
typedef struct door {
    int fd;
    struct sockaddr_in6 mapped; /* the same as ::ffff:127.0.0.1, where it is IPv4 */
    struct sockaddr_storage at;
    socklen_t at_bytes;
} door;

static bool open_door(door *d, int family)
{
    int one = 1;
    memset(d, 0, sizeof *d);
    d->fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (d->fd < 0) {
        return false;
    }
    (void)setsockopt(d->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    d->at.ss_family = (sa_family_t)family;
    d->at_bytes = sizeof(struct sockaddr_in6);
    if (family == AF_INET) {
        ((struct sockaddr_in *)&d->at)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        d->at_bytes = sizeof(struct sockaddr_in);
    } else {
        ((struct sockaddr_in6 *)&d->at)->sin6_addr = in6addr_loopback;
    }
    if (bind(d->fd, (struct sockaddr *)&d->at, d->at_bytes) != 0 || listen(d->fd, 4) != 0 ||
        getsockname(d->fd, (struct sockaddr *)&d->at, &d->at_bytes) != 0) {
        close(d->fd);
        return false;
    }
    d->mapped.sin6_family = AF_INET6;
    d->mapped.sin6_port = ((struct sockaddr_in *)&d->at)->sin_port;
    assert_int_equal(inet_pton(AF_INET6, "::ffff:127.0.0.1", &d->mapped.sin6_addr), 1);
    return true;
}

/* Two ends of one connection. */
static void connect_to(const door *d, const void *at, socklen_t at_bytes, int *client_out,
                       int *taken_out)
{
    *client_out = socket(((const struct sockaddr *)at)->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(*client_out >= 0);
    assert_int_equal(connect(*client_out, at, at_bytes), 0);
    *taken_out = accept(d->fd, NULL, NULL);
    assert_true(*taken_out >= 0);
}

static void test_net_peer_user__own_connection_is_ones_own(void **state)
{
    (void)state;
    static const int families[] = {AF_INET, AF_INET6};
    for (size_t i = 0; i < 2; i++) {
        door d;
        int client = -1;
        int taken = -1;
        uint32_t user = NOBODY;
        tp_err err;
        if (!open_door(&d, families[i])) {
            assert_int_equal(families[i], AF_INET6); /* a machine without it */
            continue;
        }
        connect_to(&d, &d.at, d.at_bytes, &client, &taken);
        assert_int_equal(tp_peer_user(taken, &user, &err), TP_OK);
        assert_int_equal(user, geteuid());
        close(client);
        close(taken);
        close(d.fd);
    }
}

static void test_net_peer_user__four_opened_as_six_is_found(void **state)
{
    (void)state;
    door d;
    int client = -1;
    int taken = -1;
    uint32_t user = NOBODY;
    tp_err err;
    int six = socket(AF_INET6, SOCK_STREAM, 0);
    if (six < 0) {
        skip();
    }
    close(six);
    assert_true(open_door(&d, AF_INET));
    connect_to(&d, &d.mapped, sizeof d.mapped, &client, &taken);
    assert_int_equal(tp_peer_user(taken, &user, &err), TP_OK);
    assert_int_equal(user, geteuid());
    close(client);
    close(taken);
    close(d.fd);
}

/* Who has closed their end stands in the table as user 0: that must not pass for root. */
static void test_net_peer_user__who_has_gone_is_nobody(void **state)
{
    (void)state;
    door d;
    int client = -1;
    int taken = -1;
    uint32_t user = NOBODY;
    tp_err err;
    assert_true(open_door(&d, AF_INET));
    connect_to(&d, &d.at, d.at_bytes, &client, &taken);
    assert_int_equal(write(client, "x", 1), 1);
    close(client);
    assert_int_equal(tp_peer_user(taken, &user, &err), TP_NOTFOUND);
    close(taken);
    close(d.fd);
}

static void test_net_peer_user__another_users_is_theirs(void **state)
{
    (void)state;
    door d;
    int ready[2];
    int status = 0;
    uint32_t user = 0;
    tp_err err;
    char one = 0;
    if (geteuid() != 0) {
        skip();
    }
    assert_true(open_door(&d, AF_INET));
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) { /* keeps its end until it is told */
        bool is_nobody = setuid(NOBODY) == 0;
        int client = socket(AF_INET, SOCK_STREAM, 0);
        bool is_connected = connect(client, (struct sockaddr *)&d.at, d.at_bytes) == 0;
        close(ready[1]);
        _Exit(is_nobody && is_connected && read(ready[0], &one, 1) == 0 ? 0 : 1);
    }
    int taken = accept(d.fd, NULL, NULL);
    assert_true(taken >= 0);
    assert_int_equal(tp_peer_user(taken, &user, &err), TP_OK);
    assert_int_equal(user, NOBODY);
    close(ready[0]);
    close(ready[1]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    close(taken);
    close(d.fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_net_peer_user__own_connection_is_ones_own),
        cmocka_unit_test(test_net_peer_user__four_opened_as_six_is_found),
        cmocka_unit_test(test_net_peer_user__who_has_gone_is_nobody),
        cmocka_unit_test(test_net_peer_user__another_users_is_theirs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
