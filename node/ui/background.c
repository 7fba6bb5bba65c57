/* Keeping `run` running. */
#include "node/ui/background.h"

#include "node/record/write.h"
#include "platform/os/program.h"

#include <stdio.h>

enum {
    WAIT_FIRST_MS = 1000,
    WAIT_LAST_MS = 60 * 1000,
    WAIT_OTHER_MS = 15 * 1000, /* another `run` has the node: look again when it may have gone */
    STEADY_MS = 60 * 1000,     /* ran that long: its end was no failure to start */
    END_MS = 5000
};

void tp_background_init(tp_background *b, const tp_node *node, void *ctx,
                        void (*trouble)(void *ctx, const char *what))
{
    memset(b, 0, sizeof *b);
    b->node = node;
    b->ctx = ctx;
    b->trouble = trouble;
}

int64_t tp_background_wait_ms(unsigned failures)
{
    int64_t wait_ms = WAIT_FIRST_MS;
    for (unsigned i = 1; i < failures && wait_ms < WAIT_LAST_MS; i++) {
        wait_ms *= 2;
    }
    return wait_ms < WAIT_LAST_MS ? wait_ms : WAIT_LAST_MS;
}

static void note_end(tp_background *b, int exit_code, int64_t now_ms)
{
    char what[120];
    if (exit_code == TP_EXIT_BUSY) {
        b->failures = 0;
        b->next_ms = now_ms + WAIT_OTHER_MS;
        return;
    }
    b->failures = now_ms - b->began_ms >= STEADY_MS ? 1 : b->failures + 1;
    b->next_ms = now_ms + tp_background_wait_ms(b->failures);
    snprintf(what, sizeof what, "the background sync ended (%d); it starts again in %lld s",
             exit_code, (long long)(b->next_ms - now_ms) / 1000);
    b->trouble(b->ctx, what);
}

static void start(tp_background *b, int64_t now_ms)
{
    char *argv[] = {"teapot", "--dir", (char *)b->node->dir.at, "run", NULL};
    tp_err err;
    b->began_ms = now_ms;
    if (tp_child_start(argv, &b->child, &err) != TP_OK) {
        b->failures++;
        b->next_ms = now_ms + tp_background_wait_ms(b->failures);
        b->trouble(b->ctx, err.what);
    }
}

void tp_background_tick(tp_background *b, int64_t now_ms)
{
    int exit_code = 0;
    if (tp_child_has_ended(&b->child, &exit_code)) {
        note_end(b, exit_code, now_ms);
    }
    if (b->child.pid == 0 && now_ms >= b->next_ms) {
        start(b, now_ms);
    }
}

void tp_background_wake(const tp_background *b)
{
    tp_child_wake(&b->child);
    tp_write_wake(b->node);
}

void tp_background_end(tp_background *b)
{
    tp_child_end(&b->child, END_MS);
}
