/* The match index: a hash table with three sorts of keys.
 *
 * Prefixes by (length, network): one probe for each length in use. Hosts without
 * wildcards by their text, and "*.suffix" by the suffix: one probe for the host, one
 * for each of its dots. Everything else is in `rest` and is globbed. So the cost of a
 * match hardly depends on how many bans there are. Candidates only: the mask itself
 * still decides. */
#include "policy/ban_index.h"

#include "base/mem.h"
#include "base/str.h"
#include "proto/casemap.h"

#include <string.h>

enum key_sort { KEY_PREFIX = 'P', KEY_HOST = 'H', KEY_SUFFIX = 'S' };

#define KEY_MAX (MASK_TEXT + 2)

struct ban_bucket {
    UT_hash_handle hh;
    struct list entries; /* struct ban_indexed.link */
    uint32_t len;
    char key[]; /* a key_sort and its text, or the length and bytes of a prefix */
};

/* A key on the stack. */
struct key {
    size_t len;
    char bytes[KEY_MAX];
};

static void
prefix_key(const struct addr *addr, unsigned bits, struct key *out)
{
    out->bytes[0] = KEY_PREFIX;
    out->bytes[1] = (char)bits;
    memcpy(out->bytes + 2, addr->ip, sizeof addr->ip);
    unsigned whole = bits / 8;
    if (bits % 8)
        out->bytes[2 + whole] =
            (char)((unsigned char)out->bytes[2 + whole] & (0xff00u >> bits % 8));
    whole += bits % 8 != 0;
    memset(out->bytes + 2 + whole, 0, sizeof addr->ip - whole);
    out->len = 2 + sizeof addr->ip;
}

static bool
text_key(enum key_sort sort, const char *text, struct key *out)
{
    if (strlen(text) >= MASK_TEXT)
        return false;
    out->bytes[0] = (char)sort;
    out->len = 1 + casemap_fold_to(text, out->bytes + 1, MASK_TEXT);
    return true;
}

static bool
is_wild(const char *text)
{
    return strpbrk(text, "*?") != NULL;
}

/* The key of a mask; false: only a glob can judge it. */
static bool
mask_key(const struct mask *m, struct key *out)
{
    if (m->is_prefix) {
        prefix_key(&m->prefix.addr, m->prefix.bits, out);
        return true;
    }
    if (!is_wild(m->host))
        return text_key(KEY_HOST, m->host, out);
    if (m->host[0] == '*' && m->host[1] == '.' && !is_wild(m->host + 1))
        return text_key(KEY_SUFFIX, m->host + 1, out);
    return false;
}

static struct ban_bucket *
find(const struct ban_index *index, const struct hash_key *hash, const struct key *key)
{
    struct ban_bucket *b = NULL;
    HASH_FIND_BYHASHVALUE(hh, index->buckets, key->bytes, key->len,
                          hash_bytes(hash, key->bytes, key->len), b);
    return b;
}

/* How many buckets there are of the key's sort. */
static uint32_t *
count_of(struct ban_index *index, const char *key)
{
    if (key[0] == KEY_PREFIX)
        return &index->lengths[(unsigned char)key[1]];
    return key[0] == KEY_HOST ? &index->hosts : &index->suffixes;
}

void
ban_index_init(struct ban_index *index)
{
    *index = (struct ban_index){0};
    list_init(&index->rest);
}

void
ban_index_add(struct ban_index *index, const struct hash_key *hash,
              const struct mask *mask, struct ban_indexed *entry)
{
    struct key key;
    entry->bucket = NULL;
    if (!mask_key(mask, &key)) {
        list_append(&index->rest, &entry->link);
        return;
    }
    struct ban_bucket *b = find(index, hash, &key);
    if (b == NULL) {
        b = xcalloc(1, sizeof *b + key.len);
        list_init(&b->entries);
        b->len = (uint32_t)key.len;
        memcpy(b->key, key.bytes, key.len);
        HASH_ADD_KEYPTR_BYHASHVALUE(hh, index->buckets, b->key, b->len,
                                    hash_bytes(hash, b->key, b->len), b);
        ++*count_of(index, b->key);
    }
    entry->bucket = b;
    list_append(&b->entries, &entry->link);
}

void
ban_index_remove(struct ban_index *index, struct ban_indexed *entry)
{
    struct ban_bucket *b = entry->bucket;
    list_remove(&entry->link);
    if (b == NULL || !list_empty(&b->entries))
        return;
    --*count_of(index, b->key);
    HASH_DELETE(hh, index->buckets, b);
    free(b);
}

/* One look-up and what is to be done with what it finds. */
struct search {
    const struct ban_index *index;
    const struct hash_key *hash;
    bool (*fn)(void *ctx, struct ban_indexed *entry);
    void *ctx;
};

static bool
try_list(const struct search *s, const struct list *entries)
{
    LIST_EACH_SAFE(entries, node, next) {
        if (s->fn(s->ctx, LIST_ENTRY(node, struct ban_indexed, link)))
            return true;
    }
    return false;
}

static bool
try_key(const struct search *s, const struct key *key)
{
    const struct ban_bucket *b = find(s->index, s->hash, key);
    return b && try_list(s, &b->entries);
}

static bool
try_prefixes(const struct search *s, const struct addr *addr)
{
    struct key key;
    /* A shorter prefix than /96 never means IPv4 (base/addr.h). */
    for (unsigned bits = addr_is_v4(addr) ? 96 : 0; bits <= 128; bits++) {
        if (s->index->lengths[bits] == 0)
            continue;
        prefix_key(addr, bits, &key);
        if (try_key(s, &key))
            return true;
    }
    return false;
}

static bool
try_host(const struct search *s, const char *host)
{
    struct key key;
    if (s->index->hosts && text_key(KEY_HOST, host, &key) && try_key(s, &key))
        return true;
    if (s->index->suffixes == 0)
        return false;
    for (const char *dot = strchr(host, '.'); dot; dot = strchr(dot + 1, '.'))
        if (text_key(KEY_SUFFIX, dot, &key) && try_key(s, &key))
            return true;
    return false;
}

bool
ban_index_find(const struct ban_index *index, const struct hash_key *hash,
               const struct mask_subject *subject,
               bool (*fn)(void *ctx, struct ban_indexed *entry), void *ctx)
{
    struct search s = {index, hash, fn, ctx};
    if (subject->addr && try_prefixes(&s, subject->addr))
        return true;
    if (subject->host == NULL)
        return false;
    /* The texts that mask_match compares, each once. */
    const char *const hosts[] = {subject->host, subject->address, subject->cloak};
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        bool seen = hosts[i] == NULL;
        for (size_t k = 0; k < i && !seen; k++)
            seen = name_equal(hosts[k], hosts[i]);
        if (!seen && try_host(&s, hosts[i]))
            return true;
    }
    return try_list(&s, &index->rest);
}
