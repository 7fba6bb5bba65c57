/* Metrics as text: families of rows, most of them from tables. */
#include "sync/hub/metrics.h"

#include <inttypes.h>
#include <stdio.h>

const unsigned tp_hub_statuses[TP_HUB_STATUSES_COUNT] = {200, 400, 403, 404, 409, 415,
                                                         426, 429, 500, 503, 0};

typedef struct text {
    tp_buf *out;
    tp_err *err;
    tp_rc rc; /* the first failure; then nothing more is written */
} text;

static void family(text *t, const char *name, const char *type, const char *help);
static void row(text *t, const char *name, const char *labels, uint64_t value);
static void row_seconds(text *t, const char *name, const char *labels, int64_t us);
static void single(text *t, const char *name, const char *type, const char *help, uint64_t value);
static void write_requests(text *t, const tp_hub_answers *answers);
static void write_refusals(text *t, const tp_hub_sums *sums);
static void write_changes(text *t, const tp_hub_sums *sums);
static void write_http(text *t, const tp_http_server_stats *http);
static void write_durations(text *t, const char *name, const char *help,
                            const tp_hub_durations *durations);
static void write_gauges(text *t, const tp_hub_gauges *gauges);

tp_rc tp_hub_metrics_write(const tp_hub_metrics *m, tp_buf *out, tp_err *err)
{
    text t = {out, err, TP_OK};
    write_requests(&t, m->answers);
    write_refusals(&t, m->sums);
    write_changes(&t, m->sums);
    write_http(&t, m->http);
    write_durations(&t, "teapot_hub_sync_seconds", "Handling one sync request.", m->syncs);
    write_durations(&t, "teapot_hub_commit_seconds",
                    "Committing the requests of one round, the disk's part of it.", m->commits);
    family(&t, "teapot_hub_judge_seconds_total", "counter", "Judging who may hold what.");
    row_seconds(&t, "teapot_hub_judge_seconds_total", "", (int64_t)m->judge_us);
    family(&t, "teapot_hub_clock_back", "gauge",
           "1 while the machine's clock is behind what it read before: nothing is accepted.");
    row(&t, "teapot_hub_clock_back", "", m->is_clock_back);
    if (m->free_bytes >= 0) {
        family(&t, "teapot_hub_disk_free_bytes", "gauge", "Free where the database is.");
        row(&t, "teapot_hub_disk_free_bytes", "", (uint64_t)m->free_bytes);
        single(&t, "teapot_hub_disk_full", "gauge",
               "1 while nothing is taken in for want of space.",
               m->free_bytes < TP_SPACE_FULL_BYTES);
    }
    family(&t, "teapot_hub_store_readable", "gauge", "0 while the database cannot be read.");
    row(&t, "teapot_hub_store_readable", "", m->gauges != NULL);
    if (m->gauges != NULL) {
        write_gauges(&t, m->gauges);
    }
    return t.rc;
}

/* ---- Lines ---- */

static void add(text *t, tp_rc rc)
{
    t->rc = t->rc == TP_OK ? rc : t->rc;
}

static void family(text *t, const char *name, const char *type, const char *help)
{
    if (t->rc == TP_OK) {
        add(t, tp_buf_addf(t->out, t->err, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type));
    }
}

static void row(text *t, const char *name, const char *labels, uint64_t value)
{
    if (t->rc == TP_OK) {
        add(t, tp_buf_addf(t->out, t->err, "%s%s %" PRIu64 "\n", name, labels, value));
    }
}

static void row_seconds(text *t, const char *name, const char *labels, int64_t us)
{
    if (t->rc == TP_OK) {
        add(t, tp_buf_addf(t->out, t->err, "%s%s %" PRId64 ".%06" PRId64 "\n", name, labels,
                           us / 1000000, us % 1000000));
    }
}

/* One family of one row. */
static void single(text *t, const char *name, const char *type, const char *help, uint64_t value)
{
    family(t, name, type, help);
    row(t, name, "", value);
}

/* ---- Requests ---- */

void tp_hub_answers_count(tp_hub_answers *answers, tp_hub_door door, unsigned status)
{
    size_t i = 0;
    while (i + 1 < TP_HUB_STATUSES_COUNT && tp_hub_statuses[i] != status) {
        i++;
    }
    answers->by[door][i]++;
}

void tp_hub_answers_move(tp_hub_answers *answers, tp_hub_answers *more)
{
    for (size_t door = 0; door < TP_HUB_DOOR_COUNT; door++) {
        for (size_t i = 0; i < TP_HUB_STATUSES_COUNT; i++) {
            answers->by[door][i] += more->by[door][i];
        }
    }
    memset(more, 0, sizeof *more);
}

/* What was never answered with a status has no row, but for 200. */
static void write_requests(text *t, const tp_hub_answers *answers)
{
    static const char name[] = "teapot_hub_requests_total";
    char labels[64];
    family(t, name, "counter", "Requests answered, by what was asked and the status.");
    for (int door = 0; door < TP_HUB_DOOR_COUNT; door++) {
        for (size_t i = 0; i < TP_HUB_STATUSES_COUNT; i++) {
            if (answers->by[door][i] > 0 || tp_hub_statuses[i] == 200) {
                snprintf(labels, sizeof labels, "{path=\"%s\",status=\"%u\"}",
                         tp_hub_door_path((tp_hub_door)door), tp_hub_statuses[i]);
                row(t, name, labels, answers->by[door][i]);
            }
        }
    }
}

static void write_refusals(text *t, const tp_hub_sums *sums)
{
    static const char name[] = "teapot_hub_refusals_total";
    char labels[64];
    family(t, name, "counter", "Requests refused, by what was asked and the error of the answer.");
    for (size_t i = 0; i < TP_HUB_REFUSALS_COUNT; i++) {
        const tp_hub_refusal_row *refusal = &tp_hub_refusal_rows[i];
        snprintf(labels, sizeof labels, "{path=\"%s\",error=\"%s\"}",
                 tp_hub_door_path(refusal->door), refusal->code);
        row(t, name, labels, sums->refused[i]);
    }
}

/* ---- Changes ---- */

static void write_changes(text *t, const tp_hub_sums *s)
{
    static const char *const codes[] = {
        [TP_QUARANTINE_BYTES] = "{code=\"bytes\"}", [TP_QUARANTINE_LIMIT] = "{code=\"limit\"}",
        [TP_QUARANTINE_VALUE] = "{code=\"value\"}", [TP_QUARANTINE_RECORD] = "{code=\"record\"}",
        [TP_QUARANTINE_RULE] = "{code=\"rule\"}",   [TP_QUARANTINE_MEANT] = "{code=\"meant\"}",
        [TP_QUARANTINE_OTHER] = "{code=\"other\"}",
    };
    const struct {
        const char *name;
        const char *help;
        uint64_t value;
    } rows[] = {
        {"teapot_hub_changes_accepted_total", "Changes accepted.", s->accepted},
        {"teapot_hub_items_sent_total", "Changes sent to devices.", s->items_sent},
        {"teapot_hub_pages_sent_total", "Answers with any change in them.", s->pages_sent},
        {"teapot_hub_give_backs_sent_total", "Changes asked back, again where an answer was lost.",
         s->give_backs_sent},
        {"teapot_hub_give_backs_done_total", "Changes that a device said it has given back.",
         s->give_backs_done},
        {"teapot_hub_enrolments_total", "Devices enrolled, again where one enrolled again.",
         s->enrolled},
        {"teapot_hub_forks_total", "Devices that go on under a new number: their data was copied.",
         s->forks},
        {"teapot_hub_codes_unknown_total", "Codes of help requests that nobody was given.",
         s->codes_unknown},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        single(t, rows[i].name, "counter", rows[i].help, rows[i].value);
    }
    family(t, "teapot_hub_changes_quarantined_total", "counter",
           "Changes that could not be applied, by the reason.");
    for (size_t code = TP_QUARANTINE_BYTES; code <= TP_QUARANTINE_OTHER; code++) {
        row(t, "teapot_hub_changes_quarantined_total", codes[code], s->quarantined[code]);
    }
}

/* ---- Connections ---- */

static void write_http(text *t, const tp_http_server_stats *http)
{
    static const char *const phases[TP_HTTP_PHASE_COUNT] = {
        [TP_HTTP_PHASE_HANDSHAKE] = "handshake", [TP_HTTP_PHASE_HEAD] = "head",
        [TP_HTTP_PHASE_BODY] = "body",           [TP_HTTP_PHASE_IDLE] = "idle",
        [TP_HTTP_PHASE_WRITE] = "write",         [TP_HTTP_PHASE_LINGER] = "linger",
    };
    char labels[64];
    single(t, "teapot_hub_connections_open", "gauge", "Connections open.", http->connections_open);
    single(t, "teapot_hub_connections_total", "counter", "Connections accepted.",
           http->connections);
    single(t, "teapot_hub_connections_limited_total", "counter",
           "Connections closed at once: too many, in all or from one address.",
           http->connections_refused);
    single(t, "teapot_hub_connections_ended_total", "counter",
           "Idle connections closed to make place for another.", http->connections_ended);
    family(t, "teapot_hub_handshakes_total", "counter", "TLS handshakes passed.");
    row(t, "teapot_hub_handshakes_total", "{kind=\"full\"}", http->handshakes);
    row(t, "teapot_hub_handshakes_total", "{kind=\"resumed\"}", http->handshakes_resumed);
    single(t, "teapot_hub_handshakes_refused_total", "counter",
           "TLS handshakes that failed: no certificate of this hub, one that has ended, no TLS.",
           http->handshakes_refused);
    single(t, "teapot_hub_certificates_ended_total", "counter",
           "Connections closed since the certificate of the device ran out.",
           http->certificates_ended);
    family(t, "teapot_hub_http_refusals_total", "counter",
           "Requests refused before they were read as such, by the status of the answer.");
    for (size_t i = 0; i < TP_HTTP_OWN_STATUSES_COUNT; i++) {
        snprintf(labels, sizeof labels, "{status=\"%u\"}", tp_http_own_statuses[i]);
        row(t, "teapot_hub_http_refusals_total", labels, http->refused_by[i]);
    }
    family(t, "teapot_hub_deadlines_total", "counter",
           "Connections that took too long, by what they were at.");
    for (size_t i = 0; i < TP_HTTP_PHASE_COUNT; i++) {
        snprintf(labels, sizeof labels, "{phase=\"%s\"}", phases[i]);
        row(t, "teapot_hub_deadlines_total", labels, http->late[i]);
    }
    single(t, "teapot_hub_rounds_failed_total", "counter",
           "Rounds of requests of which nothing was kept, since the store failed.",
           http->rounds_failed);
    single(t, "teapot_hub_received_bytes_total", "counter", "Bytes from the network.",
           http->socket_bytes_in);
    single(t, "teapot_hub_sent_bytes_total", "counter", "Bytes to the network.",
           http->socket_bytes_out);
}

/* ---- Durations ---- */

static const struct {
    int64_t us;
    const char *label;
} bounds[TP_HUB_SPANS_COUNT] = {
    {1000, "0.001"}, {5000, "0.005"}, {10000, "0.01"}, {50000, "0.05"},
    {100000, "0.1"}, {500000, "0.5"}, {1000000, "1"},  {5000000, "5"},
};

void tp_hub_durations_add(tp_hub_durations *durations, int64_t us)
{
    size_t i = 0;
    while (i < TP_HUB_SPANS_COUNT && us > bounds[i].us) {
        i++;
    }
    if (i < TP_HUB_SPANS_COUNT) {
        durations->within[i]++;
    }
    durations->count++;
    durations->sum_us += (uint64_t)us;
}

static void write_durations(text *t, const char *name, const char *help,
                            const tp_hub_durations *durations)
{
    char of[64];
    char labels[32];
    uint64_t below = 0;
    family(t, name, "histogram", help);
    snprintf(of, sizeof of, "%s_bucket", name);
    for (size_t i = 0; i < TP_HUB_SPANS_COUNT; i++) {
        below += durations->within[i];
        snprintf(labels, sizeof labels, "{le=\"%s\"}", bounds[i].label);
        row(t, of, labels, below);
    }
    row(t, of, "{le=\"+Inf\"}", durations->count);
    snprintf(of, sizeof of, "%s_sum", name);
    row_seconds(t, of, "", (int64_t)durations->sum_us);
    snprintf(of, sizeof of, "%s_count", name);
    row(t, of, "", durations->count);
}

/* ---- How it stands ---- */

static void write_gauges(text *t, const tp_hub_gauges *g)
{
    family(t, "teapot_hub_devices", "gauge", "Devices enrolled.");
    row(t, "teapot_hub_devices", "{state=\"synced\"}", g->devices - g->never_synced);
    row(t, "teapot_hub_devices", "{state=\"never_synced\"}", g->never_synced);
    row(t, "teapot_hub_devices", "{state=\"revoked\"}", g->revoked);
    family(t, "teapot_hub_oldest_sync_timestamp_seconds", "gauge",
           "When the device that has been away longest synced last, since 1970; 0: none has.");
    row_seconds(t, "teapot_hub_oldest_sync_timestamp_seconds", "", g->oldest_sync_ms * 1000);
    single(t, "teapot_hub_changes_received", "gauge", "Changes here, those in quarantine too.",
           g->number);
    single(t, "teapot_hub_quarantine", "gauge", "Changes in quarantine that nobody looked at.",
           g->quarantined);
    family(t, "teapot_hub_store_bytes", "gauge", "The database on disk.");
    row(t, "teapot_hub_store_bytes", "{file=\"database\"}", g->database_bytes);
    row(t, "teapot_hub_store_bytes", "{file=\"log\"}", g->wal_bytes);
}
