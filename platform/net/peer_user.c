/* Looking up the other end of a socket in the kernel's table. */
#include "platform/net/peer_user.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* "0100007F:2081", or four times as many digits before the colon, with its end. */
enum { END_ROOM = 40, PAIR_ROOM = 2 * END_ROOM + 2, LINE_ROOM = 512 };

/* One end as the table writes it: the address in words of 32 bits as they lie in memory, the port
 * as a number. */
static void write_end(const uint8_t *address, size_t address_bytes, in_port_t port,
                      char out[END_ROOM])
{
    int used = 0;
    for (size_t i = 0; i < address_bytes; i += 4) {
        uint32_t word = 0;
        memcpy(&word, address + i, sizeof word);
        used += snprintf(out + used, END_ROOM - (size_t)used, "%08X", (unsigned)word);
    }
    snprintf(out + used, END_ROOM - (size_t)used, ":%04X", (unsigned)ntohs(port));
}

/* The same end in the table of IPv4 and in that of IPv6, where a program may have opened it as
 * ::ffff:127.0.0.1.  The first is empty where it is no IPv4 address. */
static void write_both(const struct sockaddr_storage *end, char four_out[END_ROOM],
                       char six_out[END_ROOM])
{
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    uint8_t six[16];
    in_port_t port = 0;
    if (end->ss_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)end;
        memcpy(six, mapped, sizeof mapped);
        memcpy(six + sizeof mapped, &in->sin_addr, 4);
        port = in->sin_port;
    } else {
        const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)end;
        memcpy(six, &in->sin6_addr, sizeof six);
        port = in->sin6_port;
    }
    four_out[0] = '\0';
    if (memcmp(six, mapped, sizeof mapped) == 0) {
        write_end(six + sizeof mapped, 4, port, four_out);
    }
    write_end(six, sizeof six, port, six_out);
}

/* "  12: LOCAL REMOTE 01 tx:rx timer:when retransmits uid timeout inode ...".  What nobody has open
 * any more stands there too, under user 0 and without an inode: it says nothing of who it was. */
static bool read_line(const char *line, const char *pair, uint32_t *user_out)
{
    unsigned user = 0;
    unsigned long inode = 0;
    const char *at = strstr(line, pair);
    if (at == NULL ||
        sscanf(at + strlen(pair), " %*x %*x:%*x %*x:%*x %*x %u %*d %lu", &user, &inode) != 2) {
        return false;
    }
    *user_out = user;
    return inode != 0;
}

static tp_rc look_in(const char *table, const char *pair, uint32_t *user_out, tp_err *err)
{
    char line[LINE_ROOM];
    bool is_found = false;
    FILE *file = fopen(table, "re");
    if (file == NULL) {
        return tp_fail_from(err, errno == ENOENT ? TP_NOTFOUND : TP_IO, TP_ORIGIN_OS, errno,
                            "cannot read %s: %s", table, strerror(errno));
    }
    while (!is_found && fgets(line, sizeof line, file) != NULL) {
        is_found = read_line(line, pair, user_out);
    }
    fclose(file);
    return is_found ? TP_OK : tp_fail(err, TP_NOTFOUND, "nobody here has the other end open");
}

tp_rc tp_peer_user(int fd, uint32_t *user_out, tp_err *err)
{
    struct sockaddr_storage here = {0};
    struct sockaddr_storage there = {0};
    socklen_t here_bytes = sizeof here;
    socklen_t there_bytes = sizeof there;
    char ends[4][END_ROOM];
    char pair[PAIR_ROOM];
    tp_rc rc = TP_NOTFOUND;
    if (getsockname(fd, (struct sockaddr *)&here, &here_bytes) != 0 ||
        getpeername(fd, (struct sockaddr *)&there, &there_bytes) != 0) {
        return tp_fail_from(err, TP_NOTFOUND, TP_ORIGIN_OS, errno, "the other end has gone: %s",
                            strerror(errno));
    }
    write_both(&here, ends[0], ends[1]);
    write_both(&there, ends[2], ends[3]);
    if (ends[0][0] != '\0' && ends[2][0] != '\0') {
        snprintf(pair, sizeof pair, "%s %s", ends[2], ends[0]);
        rc = look_in("/proc/net/tcp", pair, user_out, err);
    }
    if (rc == TP_NOTFOUND) {
        snprintf(pair, sizeof pair, "%s %s", ends[3], ends[1]);
        rc = look_in("/proc/net/tcp6", pair, user_out, err);
    }
    return rc;
}
