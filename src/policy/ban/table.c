/* The table of server bans. It finds bans by kind and mask, adds and removes them,
 * marks automatic ones, and walks all.
 *
 * Each ban is in the hash by its key, and in the list and the index of its kind. A ban
 * with an end is in the heap of ends; a ban that strikes set is in the list of
 * automatic bans. record.c stores bans, and enact/ban.c ends the clients that they
 * cover; this file does neither. */
#include "policy/ban/ban.h"

#include "base/mem.h"
#include "base/str.h"
#include "policy/ban/internal.h"
#include "proto/casemap.h"
#include "state/client.h"
#include "state/cursor.h"
#include "state/rest.h"
#include "state/server.h"

static void
make_ban_key(enum ban_kind kind, const char *mask, char out[MASK_TEXT + 2])
{
    out[0] = BAN_RECORD;
    out[1] = ban_kinds[kind].letter;
    casemap_fold_to(mask, out + 2, MASK_TEXT);
}

static unsigned
hash_ban_key(const struct server *srv, const char *key)
{
    return hash_bytes(&srv->hash_key, key, strlen(key));
}

bool
ban_is_expired(const struct ban *ban, msec wall)
{
    return ban->until != 0 && wall >= ban->until;
}

struct ban *
ban_find_any(const struct server *srv, enum ban_kind kind, const char *mask)
{
    char key[MASK_TEXT + 2];
    struct ban *ban = NULL;
    make_ban_key(kind, mask, key);
    HASH_FIND_BYHASHVALUE(hh, srv->policy->bans, key, strlen(key),
                          hash_ban_key(srv, key), ban);
    return ban;
}

struct ban *
ban_find(const struct server *srv, enum ban_kind kind, const char *mask)
{
    struct ban *ban = ban_find_any(srv, kind, mask);
    return ban && !ban_is_expired(ban, srv->wall) ? ban : NULL;
}

struct ban *
ban_add(struct server *srv, enum ban_kind kind, const struct mask *mask)
{
    struct ban *ban = xcalloc(1, sizeof *ban);
    ban->kind = kind;
    mask_copy(&ban->mask, mask);
    make_ban_key(kind, mask->text, ban->key);
    HASH_ADD_KEYPTR_BYHASHVALUE(hh, srv->policy->bans, ban->key, strlen(ban->key),
                                hash_ban_key(srv, ban->key), ban);
    list_append(&srv->policy->kinds[kind], &ban->link);
    list_init(&ban->by_strikes);
    srv->policy->n_bans[kind]++;
    srv->policy->ban_memory[kind] += ban_memory(ban);
    ban_index_add(&srv->policy->index[kind], &srv->hash_key, &ban->mask, &ban->indexed);
    return ban;
}

size_t
ban_memory(const struct ban *ban)
{
    return mem_block(sizeof *ban) + mem_text(ban->reason) + mem_text(ban->oper_reason);
}

void
ban_give_reasons(struct server *srv, struct ban *ban, const char *reason,
                 const char *oper_reason)
{
    size_t *memory = &srv->policy->ban_memory[ban->kind];
    *memory -= ban_memory(ban);
    xreplace(&ban->reason, reason);
    xreplace(&ban->oper_reason, oper_reason);
    *memory += ban_memory(ban);
}

void
ban_set_automatic(struct server *srv, struct ban *ban, bool automatic)
{
    srv->policy->n_automatic -= ban->automatic;
    list_remove(&ban->by_strikes);
    ban->automatic = automatic;
    if (!automatic)
        return;
    srv->policy->n_automatic++;
    list_append(&srv->policy->automatic, &ban->by_strikes);
}

void
ban_unlink(struct server *srv, struct ban *ban)
{
    HASH_DELETE(hh, srv->policy->bans, ban);
    rest_skip_node(srv, &ban->link);
    list_remove(&ban->link);
    ban_due_remove(&srv->policy->due, ban);
    ban_index_remove(&srv->policy->index[ban->kind], &ban->indexed);
    ban_set_automatic(srv, ban, false);
    srv->policy->n_bans[ban->kind]--;
    srv->policy->ban_memory[ban->kind] -= ban_memory(ban);
    free(ban->reason);
    free(ban->oper_reason);
    free(ban);
}

const char *
ban_find_bad_byte(const char *text, bool word)
{
    for (; *text; text++)
        if (*text == '\r' || *text == '\n' ||
            (word && ((unsigned char)*text <= ' ' || *text == 0x7F)))
            return text;
    return NULL;
}

/* A text may come from a file or an old record and contain any byte. */
void
ban_clean_text(char *text, bool word)
{
    const char *fault;
    while ((fault = ban_find_bad_byte(text, word)) != NULL)
        text[fault - text] = word ? '_' : ' ';
}

void
ban_clean_texts(struct ban *ban)
{
    ban_clean_text(ban->setter, true);
    ban_clean_text(ban->reason, false);
    ban_clean_text(ban->oper_reason, false);
}

bool
ban_covers(const struct ban *ban, const struct client *c)
{
    return ban_kinds[ban->kind].covers(&ban->mask, c);
}

bool
ban_walk(struct server *srv, struct cursor *cur, struct ban_span *span,
         void (*fn)(struct server *srv, struct cursor *cur, const struct ban *ban))
{
    for (; span->kind <= span->last; span->kind++) {
        struct list *head = &srv->policy->kinds[span->kind];
        if (cur->node == NULL)
            cur->node = head->next;
        while (cur->node != head) {
            if (cursor_yields(cur))
                return false;
            const struct ban *ban = LIST_ENTRY(cur->node, struct ban, link);
            cur->node = cur->node->next;
            if (!ban_is_expired(ban, srv->wall))
                fn(srv, cur, ban);
        }
        cur->node = NULL;
    }
    return true;
}
