/* Whose program is at the other end of a connection that never left this machine. */
#ifndef TP_PLATFORM_NET_PEER_USER_H
#define TP_PLATFORM_NET_PEER_USER_H

#include "platform/base/err.h"

#include <stdint.h>

/* The user who opened the other end of a connected TCP socket, IPv4 or IPv6.  Reads the kernel's
 * whole table of sockets: once for a connection, not for each request.
 *
 * Errors: NOTFOUND nobody has that end open any more, or it is on another machine;  IO there is no
 *         table to read.
 * Source: proc(5), /proc/net/tcp and /proc/net/tcp6. */
TP_MUST_USE tp_rc tp_peer_user(int fd, uint32_t *user_out, tp_err *err);

#endif
