/* Changes that name something by a name which another change has here.
 *
 * An older card has used a number again, and the hub has that by it.  What a third device wrote
 * about the first one names it still, is signed and may be held by others.  Who shows it to a hub
 * that went back says what the names in it mean (sync/wire/meant.h): where that is another than is
 * here, it is displaced as what it names is, and names that by its other name.  So does what names
 * such a change in turn.
 *
 * Its author is believed: the other name may be there before what goes by it, for authors push
 * before anybody hands.  Whoever else hands it is not: it waits until what they mean is here, which
 * only those can hand that the hub once sent it to.  At worst they choose between the two. */
#include "sync/hub/accept_state.h"

#include "sync/hub/store_erased.h"
#include "sync/wire/wire.h"

/* What is known of a name in a change. */
typedef struct naming {
    tp_name name;
    bool is_told;
    tp_meant meant;
    tp_name to; /* by which that is here, or is to come; none: its own */
} naming;

/* What is here by a name. */
typedef struct place {
    bool is_log;
    bool is_quarantined;
    bool is_erased;
    uint32_t code;
    bool has_salt;
    tp_meant is; /* where it has one */
} place;

static tp_rc read_quarantined(void *ctx, const tp_hub_quarantined *entry, tp_err *err)
{
    place *p = ctx;
    (void)err;
    p->is_quarantined = true;
    p->code = entry->code;
    p->has_salt = tp_meant_of(entry->name, entry->bytes, &p->is);
    return TP_OK;
}

static tp_rc look(tp_hub_acceptor *a, tp_name name, place *out, tp_err *err)
{
    tp_hub_item item;
    tp_stamp stamp;
    bool is_same = false;
    tp_err missing;
    memset(out, 0, sizeof *out);
    tp_rc rc = tp_hub_log_get(a->store, name, &item, &a->bytes, &missing);
    if (rc == TP_OK) {
        out->is_log = true;
        out->has_salt = tp_meant_of(name, item.bytes, &out->is);
        return TP_OK;
    }
    if (rc == TP_NOTFOUND) {
        rc = tp_hub_quarantine_get(a->store, name, read_quarantined, out, &missing);
    }
    if (rc == TP_OK && !out->is_quarantined) {
        rc = tp_hub_erased_recall(a->store, name, tp_slice_of("", 0), &stamp, &is_same, &missing);
        out->is_erased = rc == TP_OK;
    }
    if (rc != TP_OK && rc != TP_NOTFOUND) {
        *err = missing;
        return rc;
    }
    return TP_OK;
}

static bool has_salt(const place *p, const uint8_t salt[TP_SALT_BYTES])
{
    return p->has_salt && memcmp(p->is.salt, salt, sizeof p->is.salt) == 0;
}

/* What could not be written again is there as it was. */
static bool is_displaced_at(const naming *n, const place *p)
{
    return p->is_log ? !n->is_told || has_salt(p, n->meant.called)
                     : p->is_quarantined && n->is_told && has_salt(p, n->meant.salt);
}

/* Other names of what is meant: each none where there is none. */
typedef struct other_names {
    tp_name it;     /* it is here by that */
    tp_name erased; /* something was that is erased: that, maybe */
    tp_name next;   /* it would come by that */
} other_names;

/* One that came from the author of what is meant, and wrote again what it had not sent, as far as
 * it knew. */
typedef struct copies {
    tp_hub_acceptor *a;
    const naming *n;
    tp_name it;
} copies;

static tp_rc look_at_copy(void *ctx, const tp_hub_device *copy, tp_err *err)
{
    copies *c = ctx;
    const tp_name name = c->n->name;
    place p;
    if (copy->came_from != name.device || name.seq <= copy->came_from_seq ||
        copy->id == tp_hub_displaced_id(c->a, name.device) || !tp_name_is_none(c->it)) {
        return TP_OK;
    }
    const tp_name as = {copy->id, name.seq - copy->came_from_seq};
    tp_rc rc = look(c->a, as, &p, err);
    if (rc == TP_OK && p.is_log && has_salt(&p, c->n->meant.called)) {
        c->it = as;
    }
    return rc;
}

static tp_rc find_copy(tp_hub_acceptor *a, const naming *n, tp_name *as_out, tp_err *err)
{
    copies c = {a, n, {0, 0}};
    tp_rc rc =
        n->is_told ? tp_hub_devices_from(a->store, n->name.device, look_at_copy, &c, err) : TP_OK;
    *as_out = c.it;
    return rc;
}

static tp_rc find_displaced(tp_hub_acceptor *a, const naming *n, other_names *out, tp_err *err)
{
    tp_name as = n->name;
    place p;
    tp_rc rc = TP_OK;
    memset(out, 0, sizeof *out);
    for (unsigned i = 0;
         tp_name_is_none(out->it) && tp_name_is_none(out->next) && i < TP_HUB_PLACES_MAX; i++) {
        as.device = tp_hub_displaced_id(a, as.device);
        rc = look(a, as, &p, err);
        if (rc != TP_OK) {
            return rc;
        }
        if (is_displaced_at(n, &p)) {
            out->it = as;
        } else if (p.is_erased) {
            out->erased = as;
        } else if (!p.is_log && !p.is_quarantined) {
            out->next = as;
        }
    }
    return TP_OK;
}

static tp_rc find_others(tp_hub_acceptor *a, const naming *n, other_names *out, tp_err *err)
{
    tp_rc rc = find_displaced(a, n, out, err);
    return rc == TP_OK && tp_name_is_none(out->it) ? find_copy(a, n, &out->it, err) : rc;
}

/* What is told has another name.  *waits_out: who shows it is not its author, and what it means is
 * not here yet. */
static void name_other(naming *n, const other_names *found, bool is_author, bool *waits_out)
{
    n->to = tp_name_is_none(found->it) ? found->erased : found->it;
    if (tp_name_is_none(n->to) && is_author) {
        n->to = found->next;
    } else if (tp_name_is_none(n->to)) {
        *waits_out = true;
    }
}

/* Nothing is here by the name that is told, and what names it was accepted before what its author
 * went on with, without it: so will what is meant be displaced when somebody hands it, for it was
 * accepted earlier still.  Clocks of two devices say nothing of that. */
static tp_rc is_to_be_displaced(tp_hub_acceptor *a, const tp_hub_item *item, tp_name name,
                                bool *is_out, tp_err *err)
{
    const tp_stamp stamp = {.ms = INT64_MAX, .number = item->stamp.number};
    return tp_hub_acceptor_is_left_behind(a, name, &stamp, is_out, err);
}

static tp_rc find_name(tp_hub_acceptor *a, const tp_hub_item *item, naming *n, bool is_author,
                       bool *waits_out, tp_err *err)
{
    place p;
    other_names found;
    bool is_other = false;
    n->is_told = tp_meant_find(a->meant, n->name, &n->meant);
    tp_rc rc = look(a, n->name, &p, err);
    const bool is_here = p.is_log || p.is_quarantined;
    const bool is_it = is_here && (!n->is_told || has_salt(&p, n->meant.salt));
    if (rc != TP_OK || (p.is_erased && !n->is_told) ||
        (is_it && (p.is_log || p.code != TP_QUARANTINE_MEANT))) {
        return rc;
    }
    if (is_it) { /* displaced for what it names */
        n->is_told = true;
        n->meant = p.is;
    }
    if (is_here) {
        is_other = !is_it;
    } else if (n->is_told && !p.is_erased) {
        rc = is_to_be_displaced(a, item, n->name, &is_other, err);
    }
    rc = rc == TP_OK ? find_others(a, n, &found, err) : rc;
    if (rc == TP_OK && is_other) {
        name_other(n, &found, is_author, waits_out);
    } else if (rc == TP_OK) {
        n->to = found.it;
    }
    return rc;
}

static tp_rc add_renaming(tp_hub_acceptor *a, const naming *n, tp_err *err)
{
    const bool keeps_seq = n->to.seq == n->name.seq;
    const tp_renaming renaming = {.from = n->name.device,
                                  .kept = n->name.seq - (keeps_seq ? 1 : n->to.seq),
                                  .upto = n->name.seq,
                                  .to = n->to.device,
                                  .keeps_seq = keeps_seq};
    return tp_buf_add(&a->renamings, &renaming, sizeof renaming, err);
}

static tp_rc find_names(tp_hub_acceptor *a, const tp_hub_item *item, bool is_author,
                        bool *waits_out, tp_err *err)
{
    const size_t count = tp_names_settle(&a->names);
    tp_rc rc = TP_OK;
    for (size_t i = 0; rc == TP_OK && i < count; i++) {
        naming n = {.name = {0, 0}};
        memcpy(&n.name, a->names.at + i * sizeof n.name, sizeof n.name);
        if (!tp_name_is_none(n.name)) {
            rc = find_name(a, item, &n, is_author, waits_out, err);
        }
        if (rc == TP_OK && !tp_name_is_none(n.to)) {
            rc = add_renaming(a, &n, err);
        }
    }
    return rc;
}

static tp_rc find_other_name(tp_hub_acceptor *a, const tp_meant *meant, tp_name *as_out,
                             tp_err *err)
{
    const naming n = {.name = meant->name, .is_told = true, .meant = *meant};
    other_names found;
    tp_rc rc = find_displaced(a, &n, &found, err);
    *as_out = found.it;
    return rc;
}

tp_rc tp_hub_displaced_as(tp_hub_acceptor *a, tp_name name, tp_name *as_out, tp_err *err)
{
    place p;
    tp_rc rc = look(a, name, &p, err);
    *as_out = (tp_name){0, 0};
    return rc == TP_OK && p.is_quarantined && p.code == TP_QUARANTINE_MEANT && p.has_salt
               ? find_other_name(a, &p.is, as_out, err)
               : rc;
}

tp_rc tp_hub_acceptor_other_name(tp_hub_acceptor *a, tp_name name, tp_slice bytes, tp_name *as_out,
                                 tp_err *err)
{
    tp_meant its;
    *as_out = (tp_name){0, 0};
    return tp_meant_of(name, bytes, &its) ? find_other_name(a, &its, as_out, err) : TP_OK;
}

tp_rc tp_hub_acceptor_copy_of(tp_hub_acceptor *a, tp_name name, tp_slice bytes, tp_name *as_out,
                              tp_err *err)
{
    naming n = {.name = name, .is_told = true};
    (void)tp_meant_of(name, bytes, &n.meant);
    return find_copy(a, &n, as_out, err);
}

/* What cannot be read names nothing that anybody knows. */
static tp_rc read_names(tp_hub_acceptor *a, tp_name name, tp_slice bytes, tp_err *err)
{
    tp_err unread;
    tp_rc rc = tp_change_decode(name, bytes, a->change, &unread);
    if (rc == TP_NOMEM) {
        *err = unread;
        return rc;
    }
    return rc == TP_OK ? tp_change_names(a->change, a->value, &a->names, err) : TP_OK;
}

/* *is_it_out: what is meant is here by its own name, or was erased; *is_other_out: another is. */
static tp_rc find_own(tp_hub_acceptor *a, const tp_meant *meant, bool *is_it_out,
                      bool *is_other_out, tp_err *err)
{
    place p;
    tp_rc rc = look(a, meant->name, &p, err);
    const bool is_here = rc == TP_OK && (p.is_log || p.is_quarantined);
    *is_it_out = rc == TP_OK && (p.is_erased || (is_here && has_salt(&p, meant->salt)));
    *is_other_out = is_here && !*is_it_out;
    return rc;
}

tp_rc tp_hub_acceptor_settle_kept(tp_hub_acceptor *a, tp_name name, tp_slice bytes, uint64_t *kept,
                                  tp_err *err)
{
    uint64_t first_other = 0; /* the first of those that others have the numbers of */
    tp_buf_clear(&a->names);
    tp_rc rc = a->meant.bytes == 0 ? TP_OK : read_names(a, name, bytes, err);
    const size_t count = tp_names_settle(&a->names);
    for (size_t i = 0; rc == TP_OK && first_other == 0 && i < count; i++) {
        tp_name named;
        tp_meant meant;
        bool is_it = false;
        bool is_other = false;
        memcpy(&named, a->names.at + i * sizeof named, sizeof named);
        if (named.device != name.device || !tp_meant_find(a->meant, named, &meant)) {
            continue;
        }
        rc = find_own(a, &meant, &is_it, &is_other, err);
        *kept = is_it && named.seq > *kept ? named.seq : *kept;
        first_other = is_other ? named.seq : 0;
    }
    if (first_other != 0 && first_other <= *kept) {
        *kept = first_other - 1;
    }
    return rc;
}

tp_rc tp_hub_acceptor_look_up(tp_hub_acceptor *a, const tp_hub_item *item, bool is_author,
                              tp_hub_naming *naming_out, tp_err *err)
{
    const tp_hub_state *state = tp_hub_store_state(a->store);
    tp_name as = {0, 0};
    bool waits = false;
    *naming_out = TP_HUB_NAMES_WHAT_IS_HERE;
    tp_buf_clear(&a->names);
    tp_buf_clear(&a->renamings);
    if (state->number < TP_NUMBERS_EACH || (state->ahead == 0 && a->meant.bytes == 0)) {
        return TP_OK; /* it never went back; or nothing is displaced */
    }
    tp_rc rc = tp_hub_acceptor_other_name(a, item->name, item->bytes, &as, err);
    const bool was_displaced = rc == TP_OK && !tp_name_is_none(as);
    if (rc == TP_OK) {
        rc = read_names(a, item->name, item->bytes, err);
    }
    if (rc == TP_OK) {
        rc = find_names(a, item, is_author, &waits, err);
    }
    if (was_displaced || (!waits && a->renamings.bytes > 0)) {
        /* Who shows what was displaced before may know no more what it meant. */
        *naming_out = TP_HUB_NAMES_WHAT_IS_DISPLACED;
    } else if (waits) {
        *naming_out = TP_HUB_NAMES_WHAT_IS_TO_COME;
    }
    return rc;
}
