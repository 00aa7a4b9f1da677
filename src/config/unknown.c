/* Says what a misspelt block or option may have meant: the name that is one or two
 * letters away, or the block that has an option of this name. It must never guess from
 * afar: a wrong hint is worse than none. */
#include "unknown.h"

#include "base/str.h"
#include "titled.h"

#include <string.h>

#define NAME_MAX_COMPARED 40 /* no option or block is longer */

/* Names that people bring along from other servers, and the reason that they are not
 * here. */
struct absent {
    const char *names; /* with a blank before and behind each */
    const char *why;
};

static const struct absent absent[] = {
    {" tls ssl sts cert certificate key certfp starttls ",
     "there is no TLS yet, every connection is plain text"},
    {" include @include .include ",
     "there are no includes, the whole configuration is one file"},
    {" link links connect server_link uplink ", "this server links to no other"},
    {" account accounts sasl nickserv chanserv services register ",
     "there are no accounts yet"},
    {" host port ip bind address ",
     "where the server listens is the title of a block: listen \"0.0.0.0:6667\" { }"},
};

/* NULL: nothing is known about it. */
static const char *
find_absent(const char *word)
{
    char wanted[NAME_MAX_COMPARED + 3];
    if (strlen(word) > NAME_MAX_COMPARED)
        return NULL;
    str_format(wanted, sizeof wanted, " %s ", word);
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
        if (strstr(absent[i].names, wanted) != NULL)
            return absent[i].why;
    return NULL;
}

/* The candidate closest to what was written. */
struct nearest {
    const char *word;
    const char *best; /* NULL: none is close enough */
    size_t distance;
};

static size_t
smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The letters to insert, drop or replace, and the neighbours to swap (optimal string
 * alignment). */
static size_t
distance(const char *a, const char *b)
{
    size_t rows[NAME_MAX_COMPARED + 1][NAME_MAX_COMPARED + 1];
    size_t m = strlen(a), n = strlen(b);
    for (size_t j = 0; j <= n; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= m; i++) {
        rows[i][0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t replaced = rows[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            size_t shifted = smaller(rows[i - 1][j], rows[i][j - 1]) + 1;
            rows[i][j] = smaller(replaced, shifted);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                rows[i][j] = smaller(rows[i][j], rows[i - 2][j - 2] + 1);
        }
    }
    return rows[m][n];
}

static void
nearest_try(struct nearest *n, const char *candidate)
{
    size_t len = strlen(n->word);
    if (len > NAME_MAX_COMPARED || strlen(candidate) > NAME_MAX_COMPARED)
        return;
    size_t d = distance(n->word, candidate);
    size_t close = len < 5 ? 1 : 2;
    if (d > close || (n->best != NULL && d >= n->distance))
        return;
    n->best = candidate;
    n->distance = d;
}

/* What may help with a name that is none, as the end of its fault. */
static const char *
hint_name(char out[200], const char *word, const char *near, const struct block *owner)
{
    const char *why = find_absent(word);
    out[0] = '\0';
    if (why != NULL)
        str_format(out, 200, ": %s", why);
    else if (near != NULL)
        str_format(out, 200, "; did you mean \"%s\"?", near);
    else if (owner != NULL)
        str_format(out, 200, "; it belongs to block %s", owner->name);
    return out;
}

void
unknown_block_name(struct faults *f, int line, const char *word)
{
    char hint[200];
    struct nearest near = {.word = word};
    for (const struct block *b = blocks_single; b->name != NULL; b++)
        nearest_try(&near, b->name);
    for (const struct block *b = blocks_titled; b->name != NULL; b++)
        nearest_try(&near, b->name);
    fault_add(f, line, "unknown block \"%s\"%s", word,
              hint_name(hint, word, near.best, NULL));
}

static const struct block *
block_with_option(const char *name)
{
    for (const struct block *b = blocks_single; b->name != NULL; b++)
        if (option_find(b, name, strlen(name)) != NULL)
            return b;
    return NULL;
}

void
unknown_option_name(struct faults *f, int line, const struct block *b, const char *word)
{
    char hint[200];
    struct nearest near = {.word = word};
    for (const struct option *o = b->options; o->name != NULL; o++)
        nearest_try(&near, o->name);
    fault_add(f, line, "unknown option \"%s\" in block %s%s", word, b->name,
              hint_name(hint, word, near.best, block_with_option(word)));
}

void
unknown_option_outside(struct faults *f, int line, const char *word)
{
    char hint[200];
    fault_add(f, line, "option %s stands outside of any block%s", word,
              hint_name(hint, word, NULL, block_with_option(word)));
}
