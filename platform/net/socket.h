/* Non-blocking TCP sockets: the only place of the server that reads from and writes to the network.
 */
#ifndef TP_PLATFORM_NET_SOCKET_H
#define TP_PLATFORM_NET_SOCKET_H

#include "platform/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Text of an IPv4 or IPv6 address with its end. */
#define TP_SOCKET_ADDRESS_BYTES 46u

/* Binds and listens.  Port 0 lets the system choose; *port_out says what it is.
 * Errors: INVALID address;  EXISTS the port is taken;  DENIED not allowed;  IO.
 * Owns:   *fd_out is the caller's to close. */
TP_MUST_USE tp_rc tp_socket_listen(const char *address, uint16_t port, int *fd_out,
                                   uint16_t *port_out, tp_err *err);

/* Accepts one connection; small writes go out at once.  An IPv4 peer of an IPv6 socket is written
 * as IPv4. Errors: BUSY nobody is waiting;  LIMIT no descriptor left, the connection still waits;
 *         OFFLINE the peer left already.
 * Owns:   *fd_out is the caller's to close. */
TP_MUST_USE tp_rc tp_socket_accept(int listen_fd, int *fd_out,
                                   char address_out[TP_SOCKET_ADDRESS_BYTES], tp_err *err);

/* Reads up to `bytes`; *bytes_out 0 means that the peer closed.  Fault point: net.read.
 * Errors: BUSY nothing there yet;  OFFLINE the connection broke. */
TP_MUST_USE tp_rc tp_socket_read(int fd, void *at, size_t bytes, size_t *bytes_out, tp_err *err);

/* Writes some of `bytes`.  Fault point: net.write.
 * Errors: BUSY no room yet;  OFFLINE the connection broke. */
TP_MUST_USE tp_rc tp_socket_write(int fd, const void *at, size_t bytes, size_t *bytes_out,
                                  tp_err *err);

#endif
