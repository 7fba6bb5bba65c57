/* status: how the node is, in words. */
#include "node/record/node_status.h"
#include "node/cli/commands.h"
#include "node/cli/screen.h"
#include "platform/base/plural.h"

#include <inttypes.h>

enum { CLOCK_AGREES_MS = 60 * 1000 };

const char tp_help_status[] =
    "What is not sent yet and how old the oldest is, the last sync, the clock, "
    "the space that is left.\n\nExample:\n  teapot status\n";

static void put_status(FILE *out, const tp_node_status *st)
{
    tp_json_print p;
    tp_json_print_begin(&p, out);
    tp_json_begin(&p, '{');
    tp_node_status_put(&p, st);
    tp_node_status_put_counts(&p, st);
    tp_json_end(&p, '}');
    tp_json_print_line(&p);
}

/* "2 minutes ahead", "right to the minute". */
static void add_clock(tp_page *page, const tp_status *st)
{
    int64_t off_ms = st->clock_offset_ms;
    int64_t distance_ms = off_ms < 0 ? -off_ms : off_ms;
    int64_t minutes = distance_ms / 60000;
    const char *direction = off_ms < 0 ? "behind" : "ahead";
    if (!st->is_clock_known) {
        tp_page_add_str(page, "clock not compared with the hub yet");
    } else if (distance_ms < CLOCK_AGREES_MS) {
        tp_page_add_str(page, "clock right to the minute");
    } else if (minutes < 120) {
        tp_page_addf(page, "clock %" PRId64 " %s %s", minutes,
                     tp_plural((uint64_t)minutes, "minute", "minutes"), direction);
    } else if (minutes < 48 * 60) {
        tp_page_addf(page, "clock %" PRId64 " hours %s", minutes / 60, direction);
    } else {
        tp_page_addf(page, "clock %" PRId64 " days %s", minutes / (24 * 60), direction);
    }
}

static void add_free(tp_page *page, int64_t bytes, bool is_full)
{
    const int64_t tenths_of_gb = bytes / 100000000;
    if (is_full) {
        tp_page_style(page, TP_STYLE_WARN);
        tp_page_add_str(page,
                        "the disk is full: nothing more can be recorded until there is space");
        tp_page_style(page, TP_STYLE_PLAIN);
    } else if (tenths_of_gb >= 10) {
        tp_page_addf(page, "%" PRId64 ".%" PRId64 " GB free", tenths_of_gb / 10, tenths_of_gb % 10);
    } else {
        tp_page_style(page, TP_STYLE_WARN);
        tp_page_addf(page, "only %" PRId64 " MB free", bytes / 1000000);
        tp_page_style(page, TP_STYLE_PLAIN);
    }
}

static void add_sending(tp_screen *s, const tp_node_status *x)
{
    const tp_status *st = &x->view;
    char when[TP_LONDON_TEXT_MAX];
    if (st->unsent_count > 0) {
        tp_when_near(st->oldest_unsent_ms, s->now_ms, when);
        tp_page_style(&s->page, TP_STYLE_STRONG);
        tp_page_addf(&s->page, "%" PRIu64 " not sent yet", st->unsent_count);
        tp_page_style(&s->page, TP_STYLE_PLAIN);
        tp_page_addf(&s->page, ", oldest from %s; ", when);
    } else if (!st->is_differing) {
        tp_page_add_str(&s->page, "All sent; ");
    }
    if (st->is_differing) {
        tp_page_style(&s->page, TP_STYLE_WARN);
        tp_page_add_str(&s->page, "something here is damaged or missing and is fetched again");
        tp_page_style(&s->page, TP_STYLE_PLAIN);
        tp_page_add_str(&s->page, " (`teapot sync`); ");
    }
    if (x->last_sync_ms > 0) {
        tp_when_near(x->last_sync_ms, s->now_ms, when);
        tp_page_addf(&s->page, "last synced %s; ", when);
    } else {
        tp_page_add_str(&s->page, x->hub.bytes > 0 ? "never synced; " : "no hub yet; ");
    }
}

static void show_status(tp_screen *s, const tp_node_status *x)
{
    const tp_status *st = &x->view;
    add_sending(s, x);
    add_clock(&s->page, st);
    tp_page_add_str(&s->page, "; ");
    add_free(&s->page, x->free_bytes, x->is_full);
    tp_page_add_str(&s->page, ".");
    tp_page_end(&s->page, 0, 2);
    tp_page_addf(&s->page, "For %s%s: %" PRIu64 " %s, %" PRIu64 " %s", st->agency_label,
                 st->is_kiosk ? " (a kiosk)" : "", st->persons_count,
                 tp_plural(st->persons_count, "person", "people"), st->records_count,
                 tp_plural(st->records_count, "record", "records"));
    if (st->given_back_count > 0) {
        tp_page_addf(&s->page, ", %" PRIu64 " %s given back", st->given_back_count,
                     tp_plural(st->given_back_count, "change", "changes"));
    }
    tp_page_add_str(&s->page, x->hub.bytes > 0 ? "; hub " : "");
    tp_page_add(&s->page, tp_buf_slice(&x->hub));
    tp_page_add_str(&s->page, ".");
    tp_page_end(&s->page, 0, 2);
    if (st->is_hub_back) {
        tp_page_style(&s->page, TP_STYLE_WARN);
        tp_page_add_str(&s->page,
                        "The hub was put back to an earlier state and collects what it lost: until "
                        "it is done it sends nothing new of other agencies.");
        tp_page_style(&s->page, TP_STYLE_PLAIN);
        tp_page_end(&s->page, 0, 2);
    }
    if (st->is_copied) {
        tp_page_style(&s->page, TP_STYLE_WARN);
        tp_page_add_str(&s->page,
                        "This device's data is a copy of another's, or an older copy of its own "
                        "was put back. Nothing is lost: it goes on under a new number.");
        tp_page_style(&s->page, TP_STYLE_PLAIN);
        tp_page_end(&s->page, 0, 2);
    }
    if (st->review_count > 0) {
        tp_page_addf(&s->page, "%u to look at: teapot review", st->review_count);
        tp_page_end(&s->page, 0, 2);
    }
}

tp_rc tp_command_status(tp_call *call, tp_err *err)
{
    const tp_option options[] = {{NULL, NULL, false}};
    tp_node_status status;
    tp_screen s;
    tp_rc rc = tp_args_take(call, options, 0, 0, err);
    if (rc != TP_OK) {
        return rc;
    }
    memset(&status, 0, sizeof status);
    rc = tp_screen_begin(&s, call, err);
    if (rc == TP_OK) {
        rc = tp_node_status_read(tp_cli_node(call), &s.tx, &status, err);
    }
    if (rc == TP_OK) {
        rc = tp_node_status_count(tp_cli_node(call), &s.tx, &status, err);
    }
    if (rc == TP_OK && call->is_json) {
        put_status(call->out, &status);
    } else if (rc == TP_OK) {
        show_status(&s, &status);
    }
    tp_node_status_done(&status);
    return tp_screen_done(&s, rc, err);
}
