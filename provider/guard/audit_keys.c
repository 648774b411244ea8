/* Which keys the present file of the log holds. See audit.h and audit_lock.h. */
#include "guard/audit_internal.h"

#include <string.h>

static bool file_has_key(const struct log_file *file, const uint8_t sha256[LINT_DIGEST_LEN])
{
    for (size_t i = 0; i < file->num_keys && i < LOCK_KEYS; i++) {
        if (memcmp(file->keys[i], sha256, LINT_DIGEST_LEN) == 0)
            return true;
    }
    return false;
}

/* With more keys than places the oldest one is forgotten. */
static void file_add_key(struct log_file *file, const uint8_t sha256[LINT_DIGEST_LEN])
{
    memcpy(file->keys[file->num_keys % LOCK_KEYS], sha256, LINT_DIGEST_LEN);
    file->num_keys++;
    if (file->num_keys == 2 * LOCK_KEYS)
        file->num_keys = LOCK_KEYS;
}

static bool list_has_key(const struct lock_keys *keys, const char *hex)
{
    for (size_t i = 0; i < LOCK_KEYS; i++) {
        if (strcmp(keys->hex[i], hex) == 0)
            return true;
    }
    return false;
}

/* The newest first. */
static void list_add_key(struct lock_keys *keys, const char *hex)
{
    memmove(keys->hex[1], keys->hex[0], (LOCK_KEYS - 1) * sizeof(keys->hex[0]));
    memcpy(keys->hex[0], hex, sizeof(keys->hex[0]));
}

/*
 * A new file holds no key. What was written before the machine started, or before the disk failed
 * to confirm it, may not be there.
 */
static bool must_forget(const struct log_turn *turn)
{
    const struct log_process *process = turn->process;

    return turn->restart || turn->new_entry || process->recovering ||
           (turn->state.known && !turn->state.same_boot && process->file->written == 0);
}

bool log_turn_wants_key(struct log_turn *turn, const uint8_t sha256[LINT_DIGEST_LEN])
{
    struct log_file *file = turn->process->file;
    char hex[CHAIN_HEX + 1];
    bool wanted;

    if (file_has_key(file, sha256))
        return false;
    if (!turn->keys_read && must_forget(turn))
        audit_lock_no_keys(&turn->keys);
    else if (!turn->keys_read)
        audit_lock_read_keys(&turn->process->lock, &turn->keys);
    turn->keys_read = true;
    chain_hex(sha256, LINT_DIGEST_LEN, hex);
    wanted = !list_has_key(&turn->keys, hex);
    if (wanted) {
        list_add_key(&turn->keys, hex);
        turn->keys_changed = true;
    }
    file_add_key(file, sha256);
    return wanted;
}

bool log_turn_forget_keys(struct log_turn *turn)
{
    struct lock_keys none;

    if (!must_forget(turn))
        return true;
    audit_lock_no_keys(&none);
    return audit_lock_store_keys(&turn->process->lock, &none, turn->failure);
}

void log_turn_tell_keys(struct log_turn *turn)
{
    if (turn->keys_changed)
        (void)audit_lock_store_keys(&turn->process->lock, &turn->keys, NULL);
}
