/* Numbers names in the order they come.
 *
 * It is a table and not a hash of the name: with a hash two short names could become
 * one, and a replay would refuse the second. The table stores a keyed hash of 64 bits
 * of each name and not the names. It is bounded, and no number is used twice. */
#include "anonymise_name.h"

#include "proto/casemap.h"

#include <string.h>

#define NAME_MAX_BYTES 512 /* no name in a line is longer */
#define LETTERS 26

static const char digits[] = "abcdefghijklmnopqrstuvwxyz0123456789";
#define DIGITS (sizeof digits - 1)

struct anonymise_name_entry {
    UT_hash_handle hh;
    uint64_t name;   /* keyed hash of the folded name */
    uint32_t number; /* among the names of its length */
    uint32_t length; /* bytes of the replacement, at least */
};

/* The number of names of each length; of the last length there are more than the table
 * takes. */
static const uint32_t room[ANONYMISE_NAME_GROWS + 1] = {
    LETTERS, LETTERS *DIGITS, LETTERS *DIGITS *DIGITS, LETTERS *DIGITS *DIGITS *DIGITS};

static struct anonymise_name_entry *
add_name_entry(struct anonymise_names *p, uint64_t name, size_t len)
{
    size_t i = len > ANONYMISE_NAME_GROWS ? ANONYMISE_NAME_GROWS : len - 1;
    while (i < ANONYMISE_NAME_GROWS && p->used[i] == room[i])
        i++;
    struct anonymise_name_entry *e = xcalloc(1, sizeof *e);
    e->name = name;
    e->number = p->used[i]++;
    e->length = (uint32_t)i + 1;
    p->n++;
    HASH_ADD_BYHASHVALUE(hh, p->entries, name, sizeof e->name, (unsigned)name, e);
    return e;
}

size_t
anonymise_name(struct anonymise_names *p, const char *name, size_t len, char *out)
{
    char folded[NAME_MAX_BYTES];
    size_t n = len < sizeof folded ? len : sizeof folded;
    struct anonymise_name_entry *e;
    if (len == 0)
        return 0;
    for (size_t i = 0; i < n; i++)
        folded[i] = casemap_fold(name[i]);
    uint64_t hash = hash_wide(&p->key, folded, n);
    HASH_FIND_BYHASHVALUE(hh, p->entries, &hash, sizeof hash, (unsigned)hash, e);
    if (e == NULL && p->n < ANONYMISE_NAMES_MAX)
        e = add_name_entry(p, hash, len);
    uint64_t number = e ? e->number : hash;
    size_t length = e && e->length > len ? e->length : len;
    for (size_t i = 0; i < length; i++) {
        unsigned base = i == 0 ? LETTERS : DIGITS;
        out[i] = digits[number % base];
        number /= base;
    }
    return length;
}

void
anonymise_names_clear(struct anonymise_names *p)
{
    struct anonymise_name_entry *e, *next;
    HASH_ITER(hh, p->entries, e, next) {
        HASH_DEL(p->entries, e);
        free(e);
    }
    *p = (struct anonymise_names){0};
}
