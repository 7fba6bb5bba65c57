/* The network's calls, between the programs and the C library; and those for memory. */
#include "tests/fault/network_calls.h"

#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static network_fault fault;
static uint64_t passed[NETWORK_SIDES][NETWORK_CALLS];
static uint64_t harmed;
static _Thread_local network_side me;

/* The program's own symbols come before the C library's, also for the libraries it loads; under
 * these names the headers' declarations are not in the way. */
int own_connect(int fd, const struct sockaddr *to, socklen_t bytes) __asm__("connect");
int own_accept4(int fd, struct sockaddr *from, socklen_t *bytes, int flags) __asm__("accept4");
ssize_t own_recv(int fd, void *at, size_t bytes, int flags) __asm__("recv");
ssize_t own_send(int fd, const void *at, size_t bytes, int flags) __asm__("send");
int own_poll(struct pollfd *fds, nfds_t count, int ms) __asm__("poll");
int own_epoll_wait(int fd, struct epoll_event *events, int max, int ms) __asm__("epoll_wait");
int own_socket(int domain, int type, int protocol) __asm__("socket");

static int (*next_connect)(int, const struct sockaddr *, socklen_t);
static int (*next_accept4)(int, struct sockaddr *, socklen_t *, int);
static ssize_t (*next_recv)(int, void *, size_t, int);
static ssize_t (*next_send)(int, const void *, size_t, int);
static int (*next_poll)(struct pollfd *, nfds_t, int);
static int (*next_epoll_wait)(int, struct epoll_event *, int, int);
static int (*next_socket)(int, int, int);

static void find(const char *name, void *function_out)
{
    void *next = dlsym(RTLD_NEXT, name);
    if (next == NULL) {
        abort();
    }
    memcpy(function_out, &next, sizeof next); /* ISO C has no way from an object to a function */
}

static void find_all(void)
{
    find("connect", &next_connect);
    find("accept4", &next_accept4);
    find("recv", &next_recv);
    find("send", &next_send);
    find("poll", &next_poll);
    find("epoll_wait", &next_epoll_wait);
    find("socket", &next_socket);
}

/* Counts the call; 0: it is to be done. */
static int pass(network_call call)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    int harm = 0;
    (void)pthread_once(&once, find_all);
    if (me == NETWORK_NOBODY) {
        return 0;
    }
    pthread_mutex_lock(&lock);
    const uint64_t number = ++passed[me][call];
    if (fault.nth != 0 && fault.side == me && fault.call == call &&
        (number == fault.nth || (fault.goes_on && number > fault.nth))) {
        harm = fault.harm;
        harmed++;
    }
    pthread_mutex_unlock(&lock);
    errno = harm > 0 ? harm : errno;
    return harm;
}

int own_connect(int fd, const struct sockaddr *to, socklen_t bytes)
{
    return pass(NETWORK_CONNECT) == 0 ? next_connect(fd, to, bytes) : -1;
}

int own_accept4(int fd, struct sockaddr *from, socklen_t *bytes, int flags)
{
    return pass(NETWORK_ACCEPT) == 0 ? next_accept4(fd, from, bytes, flags) : -1;
}

ssize_t own_recv(int fd, void *at, size_t bytes, int flags)
{
    const int harm = pass(NETWORK_READ);
    if (harm == NETWORK_ENDS) {
        return 0;
    }
    return harm > 0 ? -1 : next_recv(fd, at, harm == NETWORK_SHORT && bytes > 0 ? 1 : bytes, flags);
}

ssize_t own_send(int fd, const void *at, size_t bytes, int flags)
{
    const int harm = pass(NETWORK_WRITE);
    return harm > 0 ? -1 : next_send(fd, at, harm == NETWORK_SHORT && bytes > 0 ? 1 : bytes, flags);
}

int own_poll(struct pollfd *fds, nfds_t count, int ms)
{
    return pass(NETWORK_WAIT) == 0 ? next_poll(fds, count, ms) : -1;
}

int own_epoll_wait(int fd, struct epoll_event *events, int max, int ms)
{
    return pass(NETWORK_WAIT) == 0 ? next_epoll_wait(fd, events, max, ms) : -1;
}

int own_socket(int domain, int type, int protocol)
{
    return pass(NETWORK_SOCKET) == 0 ? next_socket(domain, type, protocol) : -1;
}

bool network_memory_is_short(void)
{
    return pass(NETWORK_MEMORY) != 0;
}

void network_i_am(network_side side)
{
    me = side;
}

void network_set_fault(network_fault wanted)
{
    pthread_mutex_lock(&lock);
    fault = wanted;
    memset(passed, 0, sizeof passed);
    harmed = 0;
    pthread_mutex_unlock(&lock);
}

uint64_t network_calls(network_side side, network_call call)
{
    pthread_mutex_lock(&lock);
    const uint64_t count = passed[side][call];
    pthread_mutex_unlock(&lock);
    return count;
}

uint64_t network_harmed(void)
{
    pthread_mutex_lock(&lock);
    const uint64_t count = harmed;
    pthread_mutex_unlock(&lock);
    return count;
}
