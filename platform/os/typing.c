/* Typing that is broken off. */
#include "platform/os/typing.h"

#include <poll.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

enum { SIGNALS = 3 };

static const int numbers[SIGNALS] = {SIGINT, SIGHUP, SIGTERM};
static struct sigaction before[SIGNALS];
static struct termios terminal;
static bool is_terminal;
static volatile sig_atomic_t is_broken_off;

static void on_signal(int number)
{
    (void)number;
    is_broken_off = 1;
}

void tp_typing_begin(void)
{
    struct sigaction action = {.sa_handler = on_signal}; /* no SA_RESTART: the read gives up */
    is_broken_off = 0;
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < SIGNALS; i++) {
        sigaction(numbers[i], &action, &before[i]);
    }
    is_terminal = tcgetattr(0, &terminal) == 0;
    if (is_terminal) {
        struct termios keeping = terminal;
        keeping.c_lflag |= NOFLSH; /* Ctrl-C leaves the line that has begun */
        tcsetattr(0, TCSANOW, &keeping);
    }
}

/* A terminal that closes ends the read first (with no bytes, or an error) and sends its signal
 * afterwards.  Who believed that end would take half a text for the whole, or be killed by the
 * signal before it has kept anything; so the terminal itself is asked. */
bool tp_typing_is_broken_off(void)
{
    struct pollfd in = {.fd = 0, .events = POLLIN};
    if (is_terminal && is_broken_off == 0 && poll(&in, 1, 0) > 0 &&
        (in.revents & (POLLHUP | POLLERR)) != 0) {
        is_broken_off = 1;
    }
    return is_broken_off != 0;
}

size_t tp_typing_rest(char *out, size_t room)
{
    if (!is_terminal) {
        return 0;
    }
    /* A terminal gives an unfinished line only to who reads no lines. */
    struct termios raw = terminal;
    raw.c_lflag &= ~(tcflag_t)ICANON;
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    if (tcsetattr(0, TCSANOW, &raw) != 0) {
        return 0;
    }
    ssize_t bytes = read(0, out, room);
    return bytes > 0 ? (size_t)bytes : 0;
}

void tp_typing_end(void)
{
    if (is_terminal) {
        tcsetattr(0, TCSANOW, &terminal);
    }
    for (int i = 0; i < SIGNALS; i++) {
        if (is_broken_off) {
            signal(numbers[i], SIG_IGN); /* a terminal that goes away says so more than once */
        } else {
            sigaction(numbers[i], &before[i], NULL);
        }
    }
}
