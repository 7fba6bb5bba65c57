/* A call to the network, or for memory, that fails, one after another. */
#include "tests/fault/network_sweep.h"

#include "platform/base/fault.h"
#include "tests/fault/library_memory.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

enum { MEMORY = 8 }; /* its calls are thousands */

static const network_harm rows[] = {
    {NETWORK_NODE, NETWORK_SOCKET, EMFILE, "a socket, EMFILE", false, true, 1},
    {NETWORK_NODE, NETWORK_CONNECT, ECONNREFUSED, "connecting, ECONNREFUSED", false, true, 1},
    {NETWORK_NODE, NETWORK_CONNECT, ENETUNREACH, "connecting, ENETUNREACH", false, true, 1},
    {NETWORK_NODE, NETWORK_CONNECT, ETIMEDOUT, "connecting, ETIMEDOUT", false, true, 1},
    {NETWORK_NODE, NETWORK_READ, ECONNRESET, "reading, ECONNRESET", false, true, 1},
    {NETWORK_NODE, NETWORK_READ, ETIMEDOUT, "reading, ETIMEDOUT", false, true, 1},
    {NETWORK_NODE, NETWORK_READ, NETWORK_ENDS, "reading, the end", false, true, 1},
    {NETWORK_NODE, NETWORK_READ, EINTR, "reading, EINTR", true, false, 1},
    {NETWORK_NODE, NETWORK_READ, EAGAIN, "reading, EAGAIN", true, false, 1},
    {NETWORK_NODE, NETWORK_READ, NETWORK_SHORT, "reading, short", true, true, 1},
    {NETWORK_NODE, NETWORK_WRITE, EPIPE, "writing, EPIPE", false, true, 1},
    {NETWORK_NODE, NETWORK_WRITE, ECONNRESET, "writing, ECONNRESET", false, true, 1},
    {NETWORK_NODE, NETWORK_WRITE, ENOBUFS, "writing, ENOBUFS", false, true, 1},
    {NETWORK_NODE, NETWORK_WRITE, EINTR, "writing, EINTR", true, false, 1},
    {NETWORK_NODE, NETWORK_WRITE, EAGAIN, "writing, EAGAIN", true, false, 1},
    {NETWORK_NODE, NETWORK_WRITE, NETWORK_SHORT, "writing, short", true, true, 1},
    {NETWORK_NODE, NETWORK_WAIT, EINTR, "waiting, EINTR", true, false, 1},
    {NETWORK_NODE, NETWORK_WAIT, ENOMEM, "waiting, ENOMEM", false, true, 1},
    {NETWORK_HUB, NETWORK_ACCEPT, ECONNABORTED, "accepting, ECONNABORTED", true, true, 1},
    {NETWORK_HUB, NETWORK_ACCEPT, EINTR, "accepting, EINTR", true, false, 1},
    {NETWORK_HUB, NETWORK_ACCEPT, EMFILE, "accepting, EMFILE", true, true, 1},
    {NETWORK_HUB, NETWORK_ACCEPT, ENOBUFS, "accepting, ENOBUFS", true, true, 1},
    {NETWORK_HUB, NETWORK_READ, ECONNRESET, "reading, ECONNRESET", false, true, 1},
    {NETWORK_HUB, NETWORK_READ, ETIMEDOUT, "reading, ETIMEDOUT", false, true, 1},
    {NETWORK_HUB, NETWORK_READ, NETWORK_ENDS, "reading, the end", false, true, 1},
    {NETWORK_HUB, NETWORK_READ, EINTR, "reading, EINTR", true, false, 1},
    {NETWORK_HUB, NETWORK_READ, EAGAIN, "reading, EAGAIN", true, false, 1},
    {NETWORK_HUB, NETWORK_READ, NETWORK_SHORT, "reading, short", true, true, 1},
    {NETWORK_HUB, NETWORK_WRITE, EPIPE, "writing, EPIPE", false, true, 1},
    {NETWORK_HUB, NETWORK_WRITE, ECONNRESET, "writing, ECONNRESET", false, true, 1},
    {NETWORK_HUB, NETWORK_WRITE, ENOBUFS, "writing, ENOBUFS", false, true, 1},
    {NETWORK_HUB, NETWORK_WRITE, EINTR, "writing, EINTR", true, false, 1},
    {NETWORK_HUB, NETWORK_WRITE, EAGAIN, "writing, EAGAIN", true, false, 1},
    {NETWORK_HUB, NETWORK_WRITE, NETWORK_SHORT, "writing, short", true, true, 1},
    {NETWORK_HUB, NETWORK_WAIT, EINTR, "waiting, EINTR", true, false, 1},
    {NETWORK_NODE, NETWORK_MEMORY, ENOMEM, "memory", false, true, MEMORY},
    {NETWORK_HUB, NETWORK_MEMORY, ENOMEM, "memory", false, true, MEMORY},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

void network_fail_at(const network_attempt *a, const char *what, const char *detail)
{
    fail_msg("%s, %s, %s %llu: %s: %s",
             a->row == NULL                 ? "undisturbed"
             : a->row->side == NETWORK_NODE ? "the node"
                                            : "the hub",
             a->row == NULL ? "" : a->row->name, a->goes_on ? "from" : "number",
             (unsigned long long)a->nth, what, detail);
}

/* ---- One attempt ---- */

/* Ours, and jansson's. */
static bool is_point_short(const char *point)
{
    return strncmp(point, "alloc", 5) == 0 && network_memory_is_short();
}

void network_arm(const network_attempt *a)
{
    network_fault fault = {0};
    if (a->row != NULL) {
        fault = (network_fault){a->row->side, a->row->call, a->row->harm, a->nth, a->goes_on};
    }
    network_set_fault(fault);
    network_i_am(NETWORK_NODE);
    library_memory_judge_by(network_memory_is_short);
    tp_fault_judge_by(is_point_short);
}

void network_disarm(const network_attempt *a, bool has_worked, network_tally *counts)
{
    network_i_am(NETWORK_NOBODY);
    library_memory_judge_by(NULL);
    tp_fault_judge_by(NULL);
    for (unsigned side = 0; a->row == NULL && side < NETWORK_SIDES; side++) {
        for (unsigned call = 0; call < NETWORK_CALLS; call++) {
            counts->calls[side][call] = network_calls(side, call);
        }
    }
    counts->worked += a->row != NULL && has_worked;
    counts->missed += a->row != NULL && network_harmed() == 0;
    network_set_fault((network_fault){0});
}

/* What a person can act on, and nothing of the machinery. */
static const char away[] = "the hub does not answer: ";
static const char here[] = "this machine cannot wait for the hub";

static const char ill[] = "something is wrong at the hub";

void network_expect_clean(const network_attempt *a, tp_rc rc, const tp_err *err)
{
    if (a->row == NULL || (a->row->is_harmless && !a->goes_on)) {
        network_fail_at(a, tp_rc_name(rc), err->what);
    }
    const bool is_offline = rc == TP_OFFLINE && strncmp(err->what, away, strlen(away)) == 0;
    const bool is_here = rc == TP_IO && strncmp(err->what, here, strlen(here)) == 0;
    const bool is_memory = a->row->call == NETWORK_MEMORY && a->row->side == NETWORK_NODE;
    const bool is_ill = rc == TP_BUSY && a->row->call == NETWORK_MEMORY &&
                        a->row->side == NETWORK_HUB && strncmp(err->what, ill, strlen(ill)) == 0;
    if (!is_ill && !is_offline && !(is_here && (is_memory || a->row->call == NETWORK_WAIT)) &&
        !(is_memory && rc == TP_NOMEM)) {
        network_fail_at(a, tp_rc_name(rc), err->what);
    }
}

/* ---- Every call of something ---- */

static void count_calls(network_act act, network_tally *counts)
{
    const network_attempt undisturbed = {NULL, 0, false};
    memset(counts, 0, sizeof *counts);
    act(&undisturbed, counts);
}

static void sweep_row(network_act act, const network_harm *row, bool goes_on, unsigned points,
                      network_tally *counts)
{
    const uint64_t calls = counts->calls[row->side][row->call];
    /* Where nobody is let in any more, each costs the time that a node waits. */
    const uint64_t wanted = goes_on && row->call == NETWORK_ACCEPT ? 1 : points * row->weight;
    const uint64_t count = wanted == 0 || wanted > calls ? calls : wanted;
    assert_true(calls > 0);
    for (uint64_t i = 0; i < count; i++) {
        /* Each row begins elsewhere, so that a few of each are many together. */
        const uint64_t from = count == calls ? 0 : (uint64_t)(row - rows);
        const network_attempt a = {row, 1 + (from + i * calls / count) % calls, goes_on};
        act(&a, counts);
        counts->attempts++;
    }
}

static const char *chosen; /* NULL: all */

void network_sweep_choose(const char *name)
{
    chosen = name;
}

void network_sweep(const char *name, network_act act, unsigned points)
{
    network_tally counts;
    count_calls(act, &counts); /* what is made once in a process is made now */
    count_calls(act, &counts);
    for (size_t i = 0; i < ROWS; i++) {
        if (chosen != NULL && strcmp(chosen, rows[i].name) != 0) {
            continue;
        }
        sweep_row(act, &rows[i], false, points, &counts);
        if (rows[i].goes_on) {
            sweep_row(act, &rows[i], true, points, &counts);
        }
    }
    print_message("%s: %u faults, after which %u worked; %u calls did not come\n", name,
                  counts.attempts, counts.worked, counts.missed);
    assert_true(counts.worked > 0 && counts.worked < counts.attempts);
    assert_true(counts.missed * 2 < counts.attempts);
}
