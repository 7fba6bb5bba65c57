/* Changes that name something by a name which another change has here.
 *
 * An older card has used a number again, and the hub has that by it.  What a third device wrote
 * about the first one names it still, is signed and may be held by others.  Who shows it to a hub
 * that went back says what the names in it mean (sync/wire/meant.h): where that is another than is
 * here, it is displaced as what it names is, and names that by its other name.  So does what names
 * such a change in turn. */
#include "sync/hub/accept_state.h"

#include "sync/wire/change_again.h"

/* What is known of a name. */
typedef struct naming {
    tp_name name;
    bool is_told;
    tp_meant meant; /* where that was told */
    uint64_t to;    /* the id by which it is here; 0: its own */
} naming;

static bool has_salt(tp_slice bytes, const uint8_t salt[TP_SALT_BYTES])
{
    uint8_t its[TP_SALT_BYTES];
    return tp_change_salt_of(bytes, its) && memcmp(its, salt, sizeof its) == 0;
}

static tp_rc look(tp_hub_acceptor *a, tp_name name, bool *is_here_out, tp_slice *bytes_out,
                  tp_err *err)
{
    tp_hub_item item;
    tp_err missing;
    tp_rc rc = tp_hub_log_get(a->store, name, &item, &a->bytes, &missing);
    *is_here_out = rc == TP_OK;
    if (rc == TP_OK) {
        *bytes_out = item.bytes;
    } else if (rc != TP_NOTFOUND) {
        *err = missing;
        return rc;
    }
    return TP_OK;
}

/* By which of the ids that follow from its own it is here; is_coming: it goes by the first at which
 * it has room, where it is not here yet. */
static tp_rc find_id(tp_hub_acceptor *a, naming *n, bool is_coming, tp_err *err)
{
    tp_name as = n->name;
    tp_slice bytes;
    bool is_here = true;
    tp_rc rc = TP_OK;
    for (unsigned i = 0; rc == TP_OK && is_here && n->to == 0 && i < TP_HUB_PLACES_MAX; i++) {
        as.device = tp_hub_displaced_id(a, as.device);
        rc = look(a, as, &is_here, &bytes, err);
        if (rc == TP_OK && is_here && (!n->is_told || has_salt(bytes, n->meant.called))) {
            n->to = as.device;
        }
    }
    if (rc == TP_OK && n->to == 0 && is_coming) {
        n->to = as.device;
    }
    return rc;
}

static tp_rc find_name(tp_hub_acceptor *a, naming *n, tp_err *err)
{
    bool is_here = false;
    tp_slice bytes;
    n->is_told = tp_meant_find(a->meant, n->name, &n->meant);
    tp_rc rc = look(a, n->name, &is_here, &bytes, err);
    if (rc != TP_OK || (is_here && (!n->is_told || has_salt(bytes, n->meant.salt)))) {
        return rc;
    }
    return find_id(a, n, is_here, err);
}

static tp_rc add_renaming(tp_hub_acceptor *a, const naming *n, tp_err *err)
{
    const tp_renaming renaming = {.from = n->name.device,
                                  .kept = n->name.seq - 1,
                                  .upto = n->name.seq,
                                  .to = n->to,
                                  .keeps_seq = true};
    return tp_buf_add(&a->renamings, &renaming, sizeof renaming, err);
}

static tp_rc find_names(tp_hub_acceptor *a, tp_err *err)
{
    const tp_name *names = (const tp_name *)(const void *)a->names.at;
    const size_t count = a->names.bytes / sizeof *names;
    tp_rc rc = TP_OK;
    for (size_t i = 0; rc == TP_OK && i < count; i++) {
        naming n = {.name = names[i]};
        bool is_again = false;
        for (size_t j = 0; j < i && !is_again; j++) {
            is_again = tp_name_eq(names[j], names[i]);
        }
        if (!is_again && !tp_name_is_none(n.name)) {
            rc = find_name(a, &n, err);
        }
        if (rc == TP_OK && n.to != 0) {
            rc = add_renaming(a, &n, err);
        }
    }
    return rc;
}

tp_rc tp_hub_displaced_as(tp_hub_acceptor *a, tp_name name, tp_slice bytes, tp_name *as_out,
                          tp_err *err)
{
    naming n = {.name = name, .is_told = true};
    tp_hub_displaced_salt(name, bytes, n.meant.called);
    tp_rc rc = find_id(a, &n, false, err);
    *as_out = n.to == 0 ? (tp_name){0, 0} : (tp_name){n.to, name.seq};
    return rc;
}

tp_rc tp_hub_acceptor_names_displaced(tp_hub_acceptor *a, tp_name name, tp_slice bytes,
                                      bool *is_out, tp_err *err)
{
    tp_err unread;
    tp_name as;
    *is_out = false;
    tp_buf_clear(&a->names);
    tp_buf_clear(&a->renamings);
    if (tp_hub_store_state(a->store)->number < TP_NUMBERS_EACH) {
        return TP_OK; /* it never went back */
    }
    tp_rc rc = tp_hub_displaced_as(a, name, bytes, &as, err);
    *is_out = rc == TP_OK && !tp_name_is_none(as); /* who shows it may know no more what it meant */
    if (rc == TP_OK && tp_change_decode(name, bytes, a->change, &unread) == TP_OK) {
        rc = tp_change_names(a->change, a->value, &a->names, err);
    }
    if (rc == TP_OK) {
        rc = find_names(a, err);
    }
    *is_out = *is_out || a->renamings.bytes > 0;
    return rc;
}
