/* A hashed set of the titles and prefixes of a file so far: a file may have tens of
 * thousands of blocks, and each is compared with those before it. The operator wrote
 * the file, so the key of the hash need not be random. */
#include "seen.h"

#include "base/hash.h"
#include "base/mem.h"

#include <string.h>

struct seen {
    UT_hash_handle hh;
    int line;
    char key[];
};

static const struct hash_key seen_hash_key;

int
seen_before(struct seen **set, const void *key, size_t n, int line)
{
    struct seen *s = NULL;
    unsigned hash = hash_bytes(&seen_hash_key, key, n);
    HASH_FIND_BYHASHVALUE(hh, *set, key, n, hash, s);
    if (s)
        return s->line;
    s = xcalloc(1, sizeof *s + n);
    s->line = line;
    memcpy(s->key, key, n);
    HASH_ADD_KEYPTR_BYHASHVALUE(hh, *set, s->key, n, hash, s);
    return 0;
}

void
seen_clear(struct seen **set)
{
    struct seen *s, *next;
    HASH_ITER(hh, *set, s, next) {
        HASH_DELETE(hh, *set, s);
        mem_wipe(s->key, s->hh.keylen); /* the key may hold a password */
        free(s);
    }
}
