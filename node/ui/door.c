/* The key of the door. */
#include "node/ui/door.h"

#include <assert.h>

enum { FILE_BYTES_MAX = 64 };

void tp_door_init(tp_door *door, const uint8_t key[TP_DOOR_KEY_BYTES])
{
    tp_slice bytes = tp_slice_of(key, TP_DOOR_KEY_BYTES);
    memset(door, 0, sizeof *door);
    tp_hmac_key_init(&door->key, bytes);
    tp_hex_encode(bytes, door->text);
}

void tp_door_done(tp_door *door)
{
    tp_hmac_key_done(&door->key);
    tp_secret_wipe(door->text, sizeof door->text);
}

static tp_rc make_key(const tp_node *node, const char *path, uint8_t key[TP_DOOR_KEY_BYTES],
                      tp_err *err)
{
    char line[TP_DOOR_TEXT_ROOM + 1];
    tp_rng_fill(node->rng, key, TP_DOOR_KEY_BYTES);
    tp_hex_encode(tp_slice_of(key, TP_DOOR_KEY_BYTES), line);
    line[TP_DOOR_TEXT_ROOM - 1] = '\n';
    tp_rc rc = tp_file_create(path, tp_slice_of(line, TP_DOOR_TEXT_ROOM), err);
    tp_secret_wipe(line, sizeof line);
    return rc;
}

static tp_rc read_key(const char *path, uint8_t key[TP_DOOR_KEY_BYTES], tp_err *err)
{
    tp_buf text;
    tp_buf_init(&text, FILE_BYTES_MAX);
    tp_rc rc = tp_file_read(path, &text, err);
    if (rc == TP_OK) {
        size_t digits =
            text.bytes > 0 && text.at[text.bytes - 1] == '\n' ? text.bytes - 1 : text.bytes;
        if (!tp_hex_decode(tp_slice_of(text.at, digits), key, TP_DOOR_KEY_BYTES)) {
            rc = tp_fail(err, TP_CORRUPT,
                         TP_NODE_DOOR_KEY " holds no key: remove it and serve again");
        }
        tp_secret_wipe(text.at, text.bytes);
    }
    tp_buf_done(&text);
    return rc;
}

tp_rc tp_door_open(const tp_node *node, tp_door *door_out, tp_err *err)
{
    uint8_t key[TP_DOOR_KEY_BYTES] = {0};
    tp_path path;
    tp_rc rc = tp_node_path(node, TP_NODE_DOOR_KEY, &path, err);
    if (rc == TP_OK) {
        rc = read_key(path.at, key, err);
    }
    if (rc == TP_NOTFOUND) {
        rc = make_key(node, path.at, key, err);
    }
    if (rc == TP_OK) {
        tp_door_init(door_out, key);
    }
    tp_secret_wipe(key, sizeof key);
    return rc;
}

bool tp_door_is_key(const tp_door *door, tp_slice text)
{
    return text.bytes == TP_DOOR_TEXT_ROOM - 1 &&
           tp_secret_eq(text.at, door->text, TP_DOOR_TEXT_ROOM - 1);
}

void tp_door_add_user(tp_door *door, uint32_t user)
{
    assert(door->users_count < TP_DOOR_USERS_MAX);
    door->users[door->users_count++] = user;
}

bool tp_door_admits(const tp_door *door, const tp_net_peer *peer)
{
    for (unsigned i = 0; i < door->users_count; i++) {
        if (peer != NULL && peer->has_user && peer->user == door->users[i]) {
            return true;
        }
    }
    return door->users_count == 0;
}
