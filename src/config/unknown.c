/* Says what a misspelt block or option may have meant: the name that is one or two
 * letters away, or the block that has an option of this name. It must never guess from
 * afar: a wrong hint is worse than none. */
#include "unknown.h"

#include <string.h>

#define NAME_MAX_COMPARED 40 /* no option or block is longer */

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

/* Levenshtein's distance: letters to insert, drop or replace. */
static size_t
distance(const char *a, const char *b)
{
    size_t row[NAME_MAX_COMPARED + 1];
    size_t n = strlen(b);
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = smaller(replaced, smaller(row[j], row[j - 1]) + 1);
        }
    }
    return row[n];
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

void
unknown_block_name(struct faults *f, int line, const char *word)
{
    struct nearest near = {.word = word};
    for (const struct block *b = blocks_single; b->name != NULL; b++)
        nearest_try(&near, b->name);
    for (const struct block *b = blocks_titled; b->name != NULL; b++)
        nearest_try(&near, b->name);
    if (near.best == NULL)
        fault_add(f, line, "unknown block \"%s\"", word);
    else
        fault_add(f, line, "unknown block \"%s\"; did you mean \"%s\"?", word,
                  near.best);
}

static const struct block *
block_with_option(const char *name)
{
    for (const struct block *b = blocks_single; b->name != NULL; b++)
        if (option_find(b, name) != NULL)
            return b;
    return NULL;
}

void
unknown_option_name(struct faults *f, int line, const struct block *b, const char *word)
{
    struct nearest near = {.word = word};
    for (const struct option *o = b->options; o->name != NULL; o++)
        nearest_try(&near, o->name);
    const struct block *other = block_with_option(word);
    if (near.best != NULL)
        fault_add(f, line, "unknown option \"%s\" in block %s; did you mean \"%s\"?",
                  word, b->name, near.best);
    else if (other != NULL)
        fault_add(f, line, "unknown option \"%s\" in block %s; it belongs to block %s",
                  word, b->name, other->name);
    else
        fault_add(f, line, "unknown option \"%s\" in block %s", word, b->name);
}
