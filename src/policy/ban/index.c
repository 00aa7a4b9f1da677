/* The match index: a hash table with four kinds of keys.
 *
 * The key of a prefix is its length and network; a look-up tries each length in use.
 * The key of a host without wildcards is its text, and the key of "*.suffix" is the
 * suffix; a look-up tries the host, and one suffix for each of its dots. The key of any
 * other mask is a gram: GRAM literal bytes in a row, which each text that the mask
 * matches has as well. Of the grams of a mask, the one with the fewest masks is used.
 *
 * Most keys of a subject belong to no mask; a filter tells this without a look-up in
 * the table. A mask without a key is in `rest`, and each look-up compares it. So the
 * cost of a look-up hardly depends on the number of bans. The index returns candidates
 * only: the mask still decides. */
#include "policy/ban/index.h"

#include "base/mem.h"
#include "base/str.h"
#include "proto/casemap.h"

#include <assert.h>
#include <string.h>

enum key_sort { KEY_PREFIX = 'P', KEY_HOST = 'H', KEY_SUFFIX = 'S', KEY_GRAM = 'G' };

#define KEY_MAX (MASK_TEXT + 2)
#define GRAM 4
#define FILTER_BITS 20
#define FILTER_FULL 255
#define MIX_START 0x9e3779b97f4a7c15u
#define MIX_FACTOR 0xd6e8feb86659fd93u
#define MIX_FACTOR_32 2654435761u

struct ban_bucket {
    UT_hash_handle hh;
    struct list entries; /* struct ban_indexed.link */
    uint32_t n, len;     /* entries in the list; bytes in key */
    /* a key_sort and a text, or a key_sort and the length and bytes of a prefix */
    char key[];
};

/* A key while it is made and looked up. */
struct key {
    size_t len;
    char bytes[KEY_MAX];
};

static void
make_prefix_key(const struct addr *addr, unsigned bits, struct key *out)
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
make_text_key(enum key_sort sort, const char *text, struct key *out)
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

/* Makes the key of a mask from its prefix or its host. False: neither gives a key. */
static bool
make_host_key(const struct mask *m, struct key *out)
{
    if (m->is_prefix) {
        make_prefix_key(&m->prefix.addr, m->prefix.bits, out);
        return true;
    }
    if (!is_wild(m->host))
        return make_text_key(KEY_HOST, m->host, out);
    if (m->host[0] == '*' && m->host[1] == '.' && !is_wild(m->host + 1))
        return make_text_key(KEY_SUFFIX, m->host + 1, out);
    return false;
}

static unsigned
gram_slot(const char *text)
{
    uint32_t n;
    _Static_assert(GRAM == sizeof n, "a gram is a number");
    memcpy(&n, text, sizeof n);
    return (n * MIX_FACTOR_32) >> (32 - FILTER_BITS);
}

static unsigned
prefix_slot(unsigned char bits, const char ip[16])
{
    uint64_t high, low;
    memcpy(&high, ip, sizeof high);
    memcpy(&low, ip + sizeof high, sizeof low);
    uint64_t n = (high + bits) * MIX_START ^ low;
    n = (n ^ n >> 32) * MIX_FACTOR;
    n = (n ^ n >> 32) * MIX_FACTOR;
    return (unsigned)(n >> (64 - FILTER_BITS));
}

/* A look-up makes many grams and prefixes, so their slot in the filter is computed from
 * their bytes alone, without the secret hash. An attacker can therefore choose masks
 * with one slot; the cost is only that these are hashed and looked up in the table. */
static bool
has_quick_slot(const char *key)
{
    return key[0] == KEY_GRAM || key[0] == KEY_PREFIX;
}

static unsigned
quick_slot(const char *key)
{
    if (key[0] == KEY_GRAM)
        return gram_slot(key + 1);
    return prefix_slot((unsigned char)key[1], key + 2);
}

static unsigned
filter_slot(const char *key, unsigned hash)
{
    return has_quick_slot(key) ? quick_slot(key) : hash >> (32 - FILTER_BITS);
}

static struct ban_bucket *
find_bucket(const struct ban_index *index, const struct hash_key *hash,
            const struct key *key)
{
    struct ban_bucket *b = NULL;
    bool quick = has_quick_slot(key->bytes);
    if (index->filter == NULL || (quick && index->filter[quick_slot(key->bytes)] == 0))
        return NULL;
    unsigned value = hash_bytes(hash, key->bytes, key->len);
    if (quick || index->filter[filter_slot(key->bytes, value)] > 0)
        HASH_FIND_BYHASHVALUE(hh, index->buckets, key->bytes, key->len, value, b);
    return b;
}

/* Makes the key of the GRAM bytes at text, folded. False: there are fewer, or one is a
 * wildcard. */
static bool
make_gram_key(const char *text, struct key *out)
{
    out->bytes[0] = KEY_GRAM;
    out->len = 1 + GRAM;
    for (int i = 0; i < GRAM; i++) {
        if (text[i] == '\0' || text[i] == '*' || text[i] == '?')
            return false;
        out->bytes[1 + i] = casemap_fold(text[i]);
    }
    return true;
}

/* Finds the gram of the glob with the fewest masks. True if that number is less than
 * *least; then *least and *out are set. */
static bool
find_rarer_gram(const struct ban_index *index, const struct hash_key *hash,
                const char *glob, uint32_t *least, struct key *out)
{
    bool found = false;
    struct key key;
    for (; *glob; glob++) {
        if (!make_gram_key(glob, &key))
            continue;
        const struct ban_bucket *b = find_bucket(index, hash, &key);
        uint32_t n = b ? b->n : 0;
        if (n >= *least)
            continue;
        *least = n;
        *out = key;
        found = true;
    }
    return found;
}

/* Makes the key of a mask. False: it has none. */
static bool
make_mask_key(const struct ban_index *index, const struct hash_key *hash,
              const struct mask *m, struct key *out)
{
    uint32_t least = UINT32_MAX;
    if (make_host_key(m, out))
        return true;
    bool host = find_rarer_gram(index, hash, m->host, &least, out);
    bool user = find_rarer_gram(index, hash, m->user, &least, out);
    bool nick = find_rarer_gram(index, hash, m->nick, &least, out);
    return host || user || nick;
}

/* The number of buckets of the key's kind. */
static uint32_t *
bucket_counter(struct ban_index *index, const char *key)
{
    if (key[0] == KEY_PREFIX)
        return &index->lengths[(unsigned char)key[1]];
    if (key[0] == KEY_GRAM)
        return &index->grams;
    return key[0] == KEY_HOST ? &index->hosts : &index->suffixes;
}

static void
count_new_bucket(struct ban_index *index, const char *key, unsigned hash)
{
    ++*bucket_counter(index, key);
    if (index->filter == NULL)
        index->filter = xcalloc(1 << FILTER_BITS, sizeof *index->filter);
    uint8_t *n = &index->filter[filter_slot(key, hash)];
    *n += *n < FILTER_FULL;
}

/* A count of FILTER_FULL is never lowered: it may stand for more buckets. The cost is a
 * look-up that finds nothing. */
static void
count_freed_bucket(struct ban_index *index, const char *key, unsigned hash)
{
    --*bucket_counter(index, key);
    uint8_t *n = &index->filter[filter_slot(key, hash)];
    *n -= *n < FILTER_FULL;
}

void
ban_index_init(struct ban_index *index)
{
    *index = (struct ban_index){0};
    list_init(&index->rest);
}

static size_t
bucket_memory(const struct ban_bucket *b)
{
    return mem_block(sizeof *b + b->len);
}

void
ban_index_add(struct ban_index *index, const struct hash_key *hash,
              const struct mask *mask, struct ban_indexed *entry)
{
    struct key key;
    entry->bucket = NULL;
    if (!make_mask_key(index, hash, mask, &key)) {
        list_append(&index->rest, &entry->link);
        return;
    }
    struct ban_bucket *b = find_bucket(index, hash, &key);
    if (b == NULL) {
        b = xcalloc(1, sizeof *b + key.len);
        list_init(&b->entries);
        b->len = (uint32_t)key.len;
        memcpy(b->key, key.bytes, key.len);
        unsigned value = hash_bytes(hash, b->key, b->len);
        HASH_ADD_KEYPTR_BYHASHVALUE(hh, index->buckets, b->key, b->len, value, b);
        count_new_bucket(index, b->key, value);
        index->memory += bucket_memory(b);
    }
    b->n++;
    entry->bucket = b;
    list_append(&b->entries, &entry->link);
}

void
ban_index_remove(struct ban_index *index, struct ban_indexed *entry)
{
    struct ban_bucket *b = entry->bucket;
    list_remove(&entry->link);
    if (b == NULL || --b->n > 0)
        return;
    count_freed_bucket(index, b->key, b->hh.hashv);
    HASH_DELETE(hh, index->buckets, b);
    index->memory -= bucket_memory(b);
    free(b);
    if (index->buckets)
        return;
    free(index->filter);
    index->filter = NULL;
}

size_t
ban_index_memory(const struct ban_index *index)
{
    return index->memory + HASH_MEMORY(index->buckets) +
           mem_block(index->filter ? 1 << FILTER_BITS : 0);
}

void
ban_index_check(const struct ban_index *index)
{
    size_t all = 0;
    for (const struct ban_bucket *b = index->buckets; b; b = b->hh.next)
        all += bucket_memory(b);
    assert(all == index->memory);
}

/* One look-up, and the function that gets the candidates. */
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
    const struct ban_bucket *b = find_bucket(s->index, s->hash, key);
    return b && try_list(s, &b->entries);
}

static bool
try_prefixes(const struct search *s, const struct addr *addr)
{
    struct key key;
    /* A prefix shorter than /96 never matches IPv4 (base/addr.h). */
    for (unsigned bits = addr_is_v4(addr) ? 96 : 0; bits <= 128; bits++) {
        if (s->index->lengths[bits] == 0)
            continue;
        make_prefix_key(addr, bits, &key);
        if (try_key(s, &key))
            return true;
    }
    return false;
}

static bool
try_host(const struct search *s, const char *host)
{
    struct key key;
    if (s->index->hosts && make_text_key(KEY_HOST, host, &key) && try_key(s, &key))
        return true;
    if (s->index->suffixes == 0)
        return false;
    for (const char *dot = strchr(host, '.'); dot; dot = strchr(dot + 1, '.'))
        if (make_text_key(KEY_SUFFIX, dot, &key) && try_key(s, &key))
            return true;
    return false;
}

static bool
try_grams(const struct search *s, const char *text)
{
    struct key key;
    if (s->index->grams == 0)
        return false;
    for (; *text; text++)
        if (make_gram_key(text, &key) && try_key(s, &key))
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
    /* The texts that mask_match compares with the host, each once. */
    const char *const hosts[] = {subject->host, subject->address, subject->cloak};
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        bool seen = hosts[i] == NULL;
        for (size_t k = 0; k < i && !seen; k++)
            seen = name_equal(hosts[k], hosts[i]);
        if (!seen && (try_host(&s, hosts[i]) || try_grams(&s, hosts[i])))
            return true;
    }
    return try_grams(&s, subject->user) || try_grams(&s, subject->nick) ||
           try_list(&s, &index->rest);
}
