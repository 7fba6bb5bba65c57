/* Non-blocking TCP sockets. */
#include "platform/net/socket.h"

#include "platform/base/fault.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LISTEN_BACKLOG = 128 };

static tp_rc fail_listen(tp_err *err, const char *address, uint16_t port)
{
    int code = errno;
    tp_rc rc = code == EADDRINUSE ? TP_EXISTS : code == EACCES ? TP_DENIED : TP_IO;
    return tp_fail_from(err, rc, TP_ORIGIN_OS, code, "cannot listen at %s port %u: %s", address,
                        port, strerror(code));
}

static tp_rc bound_port(int fd, uint16_t *port_out, tp_err *err)
{
    struct sockaddr_storage bound = {0};
    socklen_t bytes = sizeof bound;
    if (getsockname(fd, (struct sockaddr *)&bound, &bytes) != 0) {
        return tp_fail_from(err, TP_IO, TP_ORIGIN_OS, errno, "cannot read the port: %s",
                            strerror(errno));
    }
    *port_out = ntohs(bound.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&bound)->sin6_port
                                                  : ((struct sockaddr_in *)&bound)->sin_port);
    return TP_OK;
}

tp_rc tp_socket_listen(const char *address, uint16_t port, int *fd_out, uint16_t *port_out,
                       tp_err *err)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC,
                             .ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
    struct addrinfo *found = NULL;
    char port_text[8];
    snprintf(port_text, sizeof port_text, "%u", port);
    if (getaddrinfo(address, port_text, &hints, &found) != 0) {
        return tp_fail(err, TP_INVALID, "not a numeric address to listen at: %s", address);
    }
    tp_rc rc = TP_OK;
    int one = 1;
    int zero = 0;
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0 && found->ai_family == AF_INET6) {
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof zero);
    }
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
        bind(fd, found->ai_addr, found->ai_addrlen) != 0 || listen(fd, LISTEN_BACKLOG) != 0) {
        rc = fail_listen(err, address, port);
        goto out;
    }
    rc = bound_port(fd, port_out, err);
    if (rc == TP_OK) {
        *fd_out = fd;
        fd = -1; /* now the caller's */
    }
out:
    if (fd >= 0) {
        close(fd);
    }
    freeaddrinfo(found);
    return rc;
}

static void write_address(const struct sockaddr_storage *from, char *address_out)
{
    const void *at = &((const struct sockaddr_in *)from)->sin_addr;
    int family = from->ss_family;
    if (family == AF_INET6) {
        const struct in6_addr *six = &((const struct sockaddr_in6 *)from)->sin6_addr;
        at = six;
        if (IN6_IS_ADDR_V4MAPPED(six)) {
            at = six->s6_addr + 12;
            family = AF_INET;
        }
    }
    if (inet_ntop(family, at, address_out, TP_SOCKET_ADDRESS_BYTES) == NULL) {
        address_out[0] = '\0';
    }
}

tp_rc tp_socket_accept(int listen_fd, int *fd_out, char address_out[TP_SOCKET_ADDRESS_BYTES],
                       tp_err *err)
{
    struct sockaddr_storage from = {0};
    socklen_t bytes = sizeof from;
    int one = 1;
    int fd = accept4(listen_fd, (struct sockaddr *)&from, &bytes, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        int code = errno;
        bool is_full = code == EMFILE || code == ENFILE || code == ENOBUFS || code == ENOMEM;
        bool is_empty = code == EAGAIN || code == EWOULDBLOCK;
        return tp_fail_from(err,
                            is_full    ? TP_LIMIT
                            : is_empty ? TP_BUSY
                                       : TP_OFFLINE,
                            TP_ORIGIN_OS, code, "cannot accept a connection: %s", strerror(code));
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    write_address(&from, address_out);
    *fd_out = fd;
    return TP_OK;
}

static tp_rc fail_io(tp_err *err, const char *verb)
{
    int code = errno;
    if (code == EAGAIN || code == EWOULDBLOCK || code == EINTR) {
        return tp_fail_from(err, TP_BUSY, TP_ORIGIN_OS, code, "the socket is not ready");
    }
    return tp_fail_from(err, TP_OFFLINE, TP_ORIGIN_OS, code, "cannot %s the connection: %s", verb,
                        strerror(code));
}

tp_rc tp_socket_read(int fd, void *at, size_t bytes, size_t *bytes_out, tp_err *err)
{
    if (tp_fault("net.read")) {
        return tp_fail_from(err, TP_OFFLINE, TP_ORIGIN_OS, ECONNRESET,
                            "the connection broke (fault)");
    }
    ssize_t n = recv(fd, at, bytes, 0);
    if (n < 0) {
        return fail_io(err, "read from");
    }
    *bytes_out = (size_t)n;
    return TP_OK;
}

tp_rc tp_socket_write(int fd, const void *at, size_t bytes, size_t *bytes_out, tp_err *err)
{
    if (tp_fault("net.write")) {
        return tp_fail_from(err, TP_OFFLINE, TP_ORIGIN_OS, EPIPE, "the connection broke (fault)");
    }
    ssize_t n = send(fd, at, bytes, MSG_NOSIGNAL);
    if (n < 0) {
        return fail_io(err, "write to");
    }
    *bytes_out = (size_t)n;
    return TP_OK;
}
