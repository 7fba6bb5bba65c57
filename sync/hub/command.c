/* The table of teapot-hub's commands. */
#include "sync/hub/command.h"

#include "platform/base/encode.h"
#include "schema/london_time.h"
#include "schema/name_text.h"
#include "schema/partial_date.h"
#include "sync/session/json.h"

#include <errno.h>
#include <stdlib.h>

static const char running[] = "Running a hub";
static const char agencies[] = "Agencies and their agreements";
static const char devices[] = "Devices";
static const char went_back[] = "After the hub went back";
static const char looking[] = "Looking and mending";

static const tp_command commands[] = {
    {"init", tp_hub_command_init, TP_COMMAND_UNOPENED, running, "Makes a new hub", "[--again]",
     "  --again  a hub that was lost, from hub.key, ca.key and ca.pem in the directory and what "
     "its "
     "devices\n           have: for want of a backup\n\n"
     "Makes the data directory (0700) with the database, the hub's own certificate authority and "
     "the\nkeys.  Back the whole directory up, the keys apart from the database.\n\n"
     "Example:\n  teapot-hub init --dir /var/lib/teapot-hub\n"},
    {"serve", tp_hub_command_serve, 0, running, "Answers devices until it is ended",
     "--listen ADDRESS:PORT [--metrics ADDRESS:PORT] [--connections N]",
     "  --listen ADDRESS:PORT   where; port 0: the system chooses.  The port is printed.\n"
     "  --metrics ADDRESS:PORT  answers http://ADDRESS:PORT/metrics (Prometheus) and /healthz, to "
     "this machine\n"
     "                          alone: 127.0.0.1 or [::1].  Numbers only: nobody and nothing is "
     "named.\n"
     "  --connections N         open at once (192), 40 KiB each; above it those that are idle or "
     "never showed\n"
     "                          a certificate make place\n\n"
     "Other commands may run meanwhile, another `serve` may not (exit 5).  SIGTERM and SIGINT end "
     "it when the answers on their way "
     "are sent.\n\nExample:\n  teapot-hub serve --listen 0.0.0.0:8443 "
     "--metrics 127.0.0.1:9464\n"},
    {"health", tp_hub_command_health, 0, running, "Says how the hub is", "[--deep]",
     "  --deep  reads everything, as `teapot-hub verify`, and says what it finds first\n\n"
     "Exit 1 when something is wrong: the clock went back, the disk is nearly full or can only be "
     "read, the "
     "database is damaged.\n\n"
     "Example:\n  teapot-hub health --json\n"},
    {"verify", tp_hub_command_verify, 0, running, "Reads everything and says what is whole",
     "[BACKUP]",
     "  BACKUP  this file instead; it is copied into the data directory, read there and removed\n\n"
     "The database against its own rules; each device's changes, in the log and in quarantine, "
     "against what\nit signed; stamps, feeds and what changes are found by.  It goes on after a "
     "finding and lists the first\n50.  `serve` may run meanwhile.  Exit code 1 if anything is not "
     "whole.\n\nExample:\n  teapot-hub verify /backup/hub-2026-01-12.db\n"},
    {"backup", tp_hub_command_backup, 0, running, "Copies the database while it is in use", "PATH",
     "It is sealed: restore refuses it when a byte of it has changed.\n"
     "Only the database: keep hub.key, ca.key and ca.pem elsewhere, once, and erased.list "
     "whenever\n"
     "something was erased.\n\n"
     "Example:\n  teapot-hub backup /backup/hub-2026-01-12.db\n"},
    {"restore", tp_hub_command_restore, TP_COMMAND_UNOPENED, running,
     "Puts a backup in the database's place", "PATH",
     "The backup is only read, and checked before anything is moved.  The database that was there "
     "is kept\nbeside it as hub.db.before.  `serve` must not run.\n"
     "On a new machine: make the directory (chmod 700) and put hub.key, ca.key, ca.pem and "
     "erased.list\nthere first; what was erased since goes again when the hub is opened; what else "
     "a hub needs is made when it serves.\n"
     "Afterwards it collects from its devices what it lost: `teapot-hub back` says how far that "
     "is.\n\n"
     "Example:\n  teapot-hub restore /backup/hub-2026-01-12.db\n"},
    {"agency add", tp_hub_command_agency_add, 0, agencies, "Makes an agency known", "ID LABEL",
     "  ID     letters, digits, '.', '-', '_'; for ever\n  LABEL  as people call it\n\n"
     "Example:\n  teapot-hub agency add friary 'The Friary'\n"},
    {"agency list", tp_hub_command_agency_list, 0, agencies, "Lists agencies and agreements", "",
     "Example:\n  teapot-hub agency list\n"},
    {"agency sign", tp_hub_command_agency_sign, 0, agencies,
     "Records that an agency signed the Information Sharing Agreement",
     "ID [--from DATE] [--until DATE]",
     "  --from DATE   the first day (today)\n"
     "  --until DATE  the last day, to its end in London (open)\n\n"
     "From then on the agency is sent what people have consented to.\n\n"
     "Example:\n  teapot-hub agency sign friary --until 2026-12-31\n"},
    {"agency end", tp_hub_command_agency_end, 0, agencies, "Ends an agency's agreement",
     "ID [--on DATE]",
     "  --on DATE  the last day, to its end in London (else it ends now)\n\n"
     "What its devices hold by consent is given back at their next sync.\n\n"
     "Example:\n  teapot-hub agency end friary --on 2026-03-31\n"},
    {"device code", tp_hub_command_device_code, 0, devices, "Makes a code that enrols one device",
     "--agency ID [--kiosk] [--label TEXT] [--valid HOURS]",
     "  --agency ID    the device's agency, for ever\n"
     "  --kiosk        it sends help requests and is sent nothing\n"
     "  --label TEXT   what you call it\n"
     "  --valid HOURS  how long the code works (24)\n\n"
     "The code is for one device.  It proves the device to the hub and the hub to it.  In a "
     "terminal\nit is shown as a QR code too.\n\n"
     "Example:\n  teapot-hub device code --agency friary --label 'front desk'\n"},
    {"device list", tp_hub_command_device_list, 0, devices, "Lists devices and when they synced",
     "[--agency ID]",
     "\"came from D at N\": its data is a copy of D's, up to D's change N, or an older copy of D's "
     "own was\nput back.\n\nExample:\n  teapot-hub device list\n"},
    {"device revoke", tp_hub_command_device_revoke, 0, devices, "Shuts a device out, for ever",
     "DEVICE [--only]",
     "  --only  not what came from it: for a number under which nothing goes on, since an older "
     "copy "
     "of\n"
     "          the device's data was put back\n\n"
     "From its next request on, also on a connection that is open, nothing is taken from it and "
     "nothing\nsent to it.  So too of what came from it: of a lost device and a copy of its data "
     "nobody knows\nwhich goes by which number.  What it was sent stays in the ledger (teapot-hub "
     "holds).\n\n"
     "Example:\n  teapot-hub device revoke 83a1c0de00f5527b\n"},
    {"device admit", tp_hub_command_device_admit, 0, devices,
     "Enrols a device that the hub lost, as it was",
     "DEVICE [--kiosk] [--label TEXT] [--agency ID]",
     "  --kiosk       it was one: else it is sent what its agency may hold\n"
     "  --label TEXT  what you call it\n"
     "  --agency ID   it is lost and will never call: whose it was, so that what others handed of "
     "it is\n                somebody's.  It is shut out.\n\n"
     "After the hub went back, a device that was enrolled since calls in vain; `teapot-hub back` "
     "lists it.\nIts certificate is this hub's, so it needs no code; its agency is the "
     "certificate's.  Do not admit one\nthat had been revoked.\n\n"
     "Example:\n  teapot-hub device admit 83a1c0de00f5527b --label 'front desk'\n"},
    {"back", tp_hub_command_back, 0, went_back, "Says whom the hub waits for to have all it lost",
     "",
     "A hub that was restored, put back with its machine or made anew collects what it lost.  "
     "Until "
     "everybody\nwho synced before was heard, nobody is sent anything of another agency.\n\n"
     "Example:\n  teapot-hub back\n"},
    {"back begin", tp_hub_command_back_begin, 0, went_back,
     "Says that this hub was put back to an earlier state", "",
     "After its machine or its files were put back from a copy or a snapshot.  The hub notices it "
     "by itself\nwhen a device calls that knows more; before the first call this is safer.\n\n"
     "Example:\n  teapot-hub back begin\n"},
    {"back without", tp_hub_command_back_without, 0, went_back, "Does not wait for a device",
     "DEVICE",
     "What it alone had is missing until it calls after all.  A withdrawal may be among that.\n\n"
     "Example:\n  teapot-hub back without 83a1c0de00f5527b\n"},
    {"back end", tp_hub_command_back_end, 0, went_back, "Waits for nobody any more", "",
     "From then on everybody is sent again what they may hold, by what is known here.  What comes "
     "later is\ntaken in all the same.\n\n"
     "Example:\n  teapot-hub back end\n"},
    {"consent", tp_hub_command_consent, 0, looking, "Shows which consent is in force and why",
     "PERSON [--agency ID] [--kind KIND] [--purpose PURPOSE]",
     "  PERSON  the name of the person's record, as the log prints it, or as short as a node "
     "prints it\n\n"
     "For each agency, kind and purpose: given, refused, withdrawn or none, and by which event.\n\n"
     "Example:\n  teapot-hub consent 83a1c0de00f5527b-1 --agency friary\n"},
    {"holds", tp_hub_command_holds, 0, looking, "Shows which devices hold what about a person",
     "PERSON",
     "  PERSON  the name of the person's record, whole or short; or of a record that was erased\n\n"
     "What a device was sent, or wrote, and has not given back.\n\n"
     "Example:\n  teapot-hub holds 83a1-1\n"},
    {"erase", tp_hub_command_erase, 0, looking, "Erases a whole record, here and on every device",
     "NAME --reason TEXT [--everything] [--by NAME] [--yes]",
     "  NAME           of the record, or of a change in quarantine that cannot be read\n"
     "  --reason TEXT  why: it is kept for ever, so name nobody and nothing of what was written\n"
     "  --everything   the record is a person's: all that is recorded about them goes, and about "
     "those\n"
     "                 who are joined with them now; and the joins\n"
     "  --by NAME      who erases it (the account that runs this)\n"
     "  --yes          do not ask\n\n"
     "It says first what goes and who has it.  Here the bytes go for good; left are the names of "
     "the\nchanges, so that `teapot-hub verify` can follow what stands around them.  Every device "
     "gives it back\nat its next sync, the one that wrote it too; what is written to it meanwhile "
     "is erased as it comes.\n\n"
     "Consents, joins, unjoins and legal gateways go only with --everything, since without them "
     "more might\nbe sent; one that protects somebody else as well stays.  About somebody erased "
     "nothing is sent to\nother agencies any more.\n\n"
     "Example:\n  teapot-hub erase 83a1-12 --reason 'asked for on 3 March'\n"},
    {"erased", tp_hub_command_erased, 0, looking, "Lists what was erased, and who has it yet", "",
     "When, by whom and why; the names; which devices have not given it back; and what is recorded "
     "about\nsomebody who was erased, since a device wrote it that did not know.\n\n"
     "Example:\n  teapot-hub erased\n"},
    {"log", tp_hub_command_log, 0, looking, "Lists accepted changes",
     "[--device DEVICE] [--after NUMBER] [--values]",
     "  --device DEVICE  of this device only\n"
     "  --after NUMBER   after this acceptance number\n"
     "  --values         with what was written: personal data\n\n"
     "Example:\n  teapot-hub log --after 1200 --json\n"},
    {"quarantine list", tp_hub_command_quarantine_list, 0, looking,
     "Lists changes that could not be applied", "[--all]",
     "  --all  with those that were dismissed\n\n"
     "Their bytes are kept whole; the devices that wrote them know.\n\n"
     "Example:\n  teapot-hub quarantine list\n"},
    {"quarantine retry", tp_hub_command_quarantine_retry, 0, looking,
     "Tries them again, as after an upgrade", "[NAME]",
     "  NAME  this one; else all.  Of those that were dismissed it says only which are accepted "
     "now.\n\n"
     "Exit code 4 if any of them is still refused.\n\nExample:\n  teapot-hub quarantine retry "
     "83a1c0de00f5527b-7\n"},
    {"quarantine dismiss", tp_hub_command_quarantine_dismiss, 0, looking,
     "Marks one as looked at; its bytes stay", "NAME",
     "Example:\n  teapot-hub quarantine dismiss 83a1c0de00f5527b-7\n"},
    {NULL, NULL, 0, NULL, NULL, NULL, NULL}};

static tp_rc open_hub(tp_call *call, tp_err *err)
{
    static tp_hub hub;
    call->context = &hub;
    return tp_hub_open(call->dir, tp_clock_system(), tp_rng_system(), &hub, err);
}

static void close_hub(tp_call *call)
{
    tp_hub_close(call->context);
}

const tp_program tp_hub_program = {
    .name = "teapot-hub",
    .about = "Teapot's hub: takes in what devices recorded and sends each agency what it may hold.",
    .commands = commands,
    .dir_variable = "TEAPOT_HUB_DIR",
    .dir_below_home = "teapot-hub",
    .open = open_hub,
    .close = close_hub};

/* ---- JSON ---- */

tp_rc tp_hub_print_json(const tp_call *call, json_t *document, tp_err *err)
{
    tp_buf text;
    tp_buf_init(&text, TP_PRINTED_BYTES_MAX);
    tp_rc rc = tp_json_dump(document, &text, err);
    if (rc == TP_OK) {
        rc = tp_call_print_line(call, tp_buf_slice(&text), err);
    }
    tp_buf_done(&text);
    return rc;
}

json_t *tp_hub_json_time(int64_t ms)
{
    char text[TP_UTC_TEXT_MAX];
    if (ms == 0) {
        return json_null();
    }
    tp_utc_format(ms, text);
    return json_string(text);
}

json_t *tp_hub_json_name(tp_name name)
{
    char text[TP_NAME_TEXT_BYTES];
    if (tp_name_is_none(name)) {
        return json_null();
    }
    tp_name_print(name, text);
    return json_string(text);
}

json_t *tp_hub_json_device(uint64_t id)
{
    char text[TP_HEX_ROOM(8)];
    tp_hex_encode_u64(id, text);
    return json_string(text);
}

/* ---- Text ---- */

void tp_hub_print_device(const tp_call *call, const tp_hub_device *device)
{
    char id[TP_HEX_ROOM(8)];
    tp_hex_encode_u64(device->id, id);
    fprintf(call->out, "%s (%s%s%s)%s", id,
            tp_hub_agency_of(tp_hub_of(call)->store, device->agency)->id,
            device->label[0] == '\0' ? "" : ", ", device->label,
            device->revoked_ms != 0 ? " REVOKED" : "");
}

/* ---- What was typed ---- */

tp_rc tp_hub_read_device(const char *text, uint64_t *id_out, tp_err *err)
{
    if (!tp_hex_decode_u64(tp_slice_str(text), id_out)) {
        return tp_fail(err, TP_INVALID,
                       "a device is named by its 16 hexadecimal digits: teapot-hub device list");
    }
    return TP_OK;
}

static tp_rc offer(void *ctx, const tp_hub_device *device, tp_err *err)
{
    (void)err;
    tp_name_short_offer(ctx, device->id);
    return TP_OK;
}

tp_rc tp_hub_read_name(tp_call *call, const char *text, tp_name *name_out, tp_err *err)
{
    tp_name_short s;
    if (tp_name_read(tp_slice_str(text), name_out)) {
        return TP_OK;
    }
    if (!tp_name_short_read(tp_slice_str(text), &s)) {
        return tp_fail(err, TP_INVALID,
                       "a record is named by its device and number, such as 83a1c0de00f5527b-12 "
                       "or, in short, 83a1-12");
    }
    tp_rc rc = tp_hub_devices(tp_hub_of(call)->store, offer, &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    if (s.fitting == 0) {
        return tp_fail(err, TP_NOTFOUND,
                       "no device begins with these digits: teapot-hub device list");
    }
    if (s.fitting > 1) {
        call->exit_code = TP_EXIT_CHOICE;
        return tp_fail(err, TP_EXISTS,
                       "%u devices begin with these digits: give more of them (teapot-hub device "
                       "list)",
                       s.fitting);
    }
    *name_out = s.name;
    return TP_OK;
}

tp_rc tp_hub_read_day(const char *text, tp_day *day_out, tp_err *err)
{
    tp_partial_date date;
    tp_err why;
    if (tp_partial_date_parse(tp_slice_str(text), NULL, &date, &why) != TP_OK ||
        date.precision != TP_PRECISION_DAY) {
        return tp_fail(err, TP_INVALID, "a date is a whole day, such as 2026-03-31");
    }
    *day_out = (tp_day){date.year, date.month, date.day};
    return TP_OK;
}

tp_rc tp_hub_read_count(const char *text, uint64_t *count_out, tp_err *err)
{
    char *end = NULL;
    errno = 0;
    unsigned long long n = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || n > INT64_MAX) {
        return tp_fail(err, TP_INVALID, "\"%.20s\" is no number", text);
    }
    *count_out = n;
    return TP_OK;
}

tp_rc tp_hub_need_agency(tp_hub *hub, const char *id, uint16_t *no_out, tp_err *err)
{
    *no_out = tp_hub_agency_find(hub->store, tp_slice_str(id));
    if (*no_out == 0) {
        return tp_fail(err, TP_NOTFOUND, "there is no agency %.64s: teapot-hub agency list", id);
    }
    return TP_OK;
}
