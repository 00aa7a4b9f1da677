/* The cleaned copy of a configuration, which may hold hashes of passwords: what is
 * taken out of it is wiped. */
#include "clean.h"

#include "base/mem.h"
#include "seen.h"

#include <string.h>

void
clean_add(struct clean *c, int line, const char *bytes, size_t n)
{
    for (; c->line < line; c->line++)
        text_add(c->text, "\n");
    text_addn(c->text, bytes, n);
    text_add(c->text, " ");
}

void
clean_add_token(struct clean *c, const struct token *t)
{
    if (t->kind != TOKEN_WORD) {
        clean_add(c, t->line, t->at, t->len);
        return;
    }
    clean_add(c, t->line, "", 0);
    text_add(c->text, "'");
    text_addn(c->text, t->at, t->len);
    text_add(c->text, "' ");
}

/* How many blocks of this kind are in the text. */
static unsigned *
count_of_kind(struct clean *c, const struct block *b)
{
    size_t i = 0;
    while (c->kinds[i].block != NULL && c->kinds[i].block != b)
        i++;
    c->kinds[i].block = b;
    return &c->kinds[i].n;
}

void
clean_open_block(struct clean *c, const struct block *b, int line)
{
    clean_add(c, line, "", 0);
    c->block = b;
    c->from = c->text->len;
    c->from_line = c->line;
    clean_add(c, line, b->name, strlen(b->name));
    clean_add(c, line, "{", 1);
}

unsigned
clean_close_block(struct clean *c, int line)
{
    unsigned *n = count_of_kind(c, c->block);
    clean_add(c, line, "}", 1);
    char *body = c->text->at + c->from;
    size_t len = c->text->len - c->from;
    int first = seen_before(&c->bodies, body, len, (int)*n + 1);
    if (first == 0)
        return (*n)++;
    mem_wipe(body, len); /* the text ends here again, with NUL */
    c->text->len = c->from;
    c->line = c->from_line;
    return (unsigned)first - 1;
}

void
clean_end(struct clean *c)
{
    seen_clear(&c->bodies);
}
