/* The background process. */
#include "node/daemon/run.h"

#include "node/record/work_note.h"
#include "node/view/mend.h"
#include "platform/os/wake.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>

enum {
    WAIT_IDLE_MS = 60 * 1000, /* between syncs when all is well: news from others */
    WAIT_FIRST_MS = 5 * 1000,
    WAIT_LAST_MS = 10 * 60 * 1000,
    SETTLE_MS = 50 /* several changes recorded in one go travel in one sync */
};

static volatile sig_atomic_t is_ending;
static volatile sig_atomic_t is_asked;

static void on_signal(int number)
{
    if (number == SIGUSR1) {
        is_asked = 1;
    } else {
        is_ending = 1;
    }
}

/* The signals stay blocked but for while it waits, so that none is lost in between. */
static void take_signals(sigset_t *while_waiting)
{
    const int numbers[] = {SIGTERM, SIGINT, SIGUSR1};
    struct sigaction action = {.sa_handler = on_signal};
    sigset_t blocked;
    sigemptyset(&action.sa_mask);
    sigemptyset(&blocked);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        sigaction(numbers[i], &action, NULL);
        sigaddset(&blocked, numbers[i]);
    }
    sigprocmask(SIG_BLOCK, &blocked, while_waiting);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        sigdelset(while_waiting, numbers[i]);
    }
}

int64_t tp_run_wait_ms(unsigned failures, tp_rng *rng)
{
    int64_t wait_ms = WAIT_IDLE_MS;
    if (failures > 0) {
        wait_ms = WAIT_FIRST_MS;
        for (unsigned i = 1; i < failures && wait_ms < WAIT_LAST_MS; i++) {
            wait_ms *= 2;
        }
        wait_ms = wait_ms > WAIT_LAST_MS ? WAIT_LAST_MS : wait_ms;
    }
    return wait_ms / 2 + (int64_t)tp_rng_below(rng, (uint64_t)(wait_ms / 2) + 1);
}

/* Whom it tells how an attempt went, and what it notes of itself. */
typedef struct saying {
    tp_run_report report;
    void *context;
    tp_work_notes notes;
    tp_work_note note;
} saying;

/* Sending comes first: it is what nobody else has yet. */
static void say_progress(void *context, const tp_ask_counts *counts)
{
    saying *s = context;
    bool is_sending = counts->sent < counts->to_send;
    s->note.phase = is_sending ? TP_WORK_SENDING : TP_WORK_FETCHING;
    s->note.done = is_sending ? counts->sent : counts->received;
    s->note.all = is_sending ? counts->to_send : counts->to_receive;
    tp_work_notes_put(&s->notes, &s->note);
}

static void say_beginning(saying *s)
{
    const tp_ask_counts none = {0};
    say_progress(s, &none);
}

static void say_end(saying *s, const tp_err *err)
{
    memset(&s->note, 0, sizeof s->note);
    snprintf(s->note.trouble, sizeof s->note.trouble, "%s", err == NULL ? "" : err->what);
    tp_work_notes_put(&s->notes, &s->note);
}

static tp_rc sync_once(tp_node *node, tp_link **link, saying *s, tp_sync_result *result,
                       tp_err *err)
{
    tp_rc rc = *link == NULL ? tp_link_open(node, link, err) : TP_OK;
    if (rc == TP_OK) {
        tp_link_set_progress(*link, say_progress, s);
        rc = tp_link_sync(*link, result, err);
    }
    if (*link != NULL && (result->has_renewed || rc == TP_DENIED)) {
        /* New certificate, or perhaps enrolled again meanwhile: read the files afresh. */
        tp_link_close(*link);
        *link = NULL;
    }
    return rc;
}

/* Waits for work, a signal, or the time to pass.  A poke while the hub is away does not cut the
 * wait short: the network would not be there either. */
static void wait_for_work(tp_wake *wake, const sigset_t *signals, int64_t wait_ms, bool is_away)
{
    int64_t until = tp_monotonic_ms() + wait_ms;
    while (!is_ending && !is_asked) {
        int64_t left = until - tp_monotonic_ms();
        if (left <= 0) {
            return;
        }
        struct pollfd fd = {.fd = wake->fd, .events = POLLIN};
        const struct timespec limit = {left / 1000, (left % 1000) * 1000000};
        int ready = ppoll(&fd, 1, &limit, signals);
        if (ready > 0 && tp_wake_drain(wake) && !is_away) {
            tp_sleep_ms(SETTLE_MS);
            tp_wake_drain(wake);
            return;
        }
    }
}

/* Whatever wakes it may have been the enrolment: it looks, and says nothing more. */
static tp_rc wait_for_enrolment(tp_node *node, tp_wake *wake, const sigset_t *signals,
                                const saying *says, tp_err *err)
{
    bool is_enrolled = false;
    bool is_told = false;
    tp_rc rc = TP_OK;
    while (rc == TP_OK && !is_ending && !is_enrolled) {
        is_asked = 0;
        rc = tp_link_is_enrolled(node, &is_enrolled, err);
        if (rc == TP_OK && !is_enrolled && !is_told) {
            const tp_sync_result nothing = {0};
            tp_err untold;
            (void)tp_link_fail_not_enrolled(&untold);
            says->report(says->context, &nothing, &untold, 0);
            is_told = true;
        }
        if (rc == TP_OK && !is_enrolled) {
            wait_for_work(wake, signals, WAIT_IDLE_MS, false);
        }
    }
    return rc;
}

static void serve(tp_node *node, tp_wake *wake, const sigset_t *signals, saying *says)
{
    tp_link *link = NULL;
    unsigned failures = 0;
    while (!is_ending) {
        is_asked = 0;
        tp_sync_result result = {0};
        tp_err err;
        say_beginning(says);
        tp_rc rc = sync_once(node, &link, says, &result, &err);
        say_end(says, rc == TP_OK ? NULL : &err);
        failures = rc == TP_OK ? 0 : failures + 1;
        int64_t wait_ms = tp_run_wait_ms(failures, node->rng);
        says->report(says->context, &result, rc == TP_OK ? NULL : &err, wait_ms);
        wait_for_work(wake, signals, wait_ms, rc == TP_OFFLINE || rc == TP_BUSY);
    }
    tp_link_close(link);
}

tp_rc tp_run(tp_node *node, tp_run_report report, void *context, tp_err *err)
{
    tp_path wake_path;
    tp_lock lock = TP_LOCK_NONE;
    tp_wake wake = TP_WAKE_CLOSED;
    sigset_t signals;
    saying says = {.report = report, .context = context};
    tp_rc rc = tp_node_path(node, TP_NODE_WAKE, &wake_path, err);
    if (rc == TP_OK) {
        rc = tp_node_lock(node, TP_NODE_RUN_LOCK,
                          "another process syncs this node in the background already: there is "
                          "nothing to do",
                          &lock, err);
    }
    if (rc == TP_BUSY) {
        err->mend = TP_MEND_STATUS;
    }
    if (rc == TP_OK) {
        rc = tp_wake_open(wake_path.at, &wake, err);
    }
    if (rc == TP_OK) {
        tp_work_notes_open(&says.notes, node, TP_NODE_RUN_STATE);
        say_end(&says, NULL); /* it runs, and waits */
        take_signals(&signals);
        rc = wait_for_enrolment(node, &wake, &signals, &says, err);
    }
    if (rc == TP_OK) {
        serve(node, &wake, &signals, &says);
    }
    tp_work_notes_close(&says.notes);
    tp_wake_close(&wake);
    tp_lock_release(&lock);
    return rc;
}
