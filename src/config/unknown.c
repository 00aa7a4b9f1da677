/* Reports an unknown block or option and what may have been meant: a name that is one
 * or two letters away, or the block that has an option of this name. This file must
 * never guess from afar: a wrong hint is worse than none. */
#include "unknown.h"

#include "base/str.h"
#include "titled.h"

#include <string.h>

/* Names that other servers have, and why they are not here. */
struct absent {
    const char *names; /* with a blank before and behind each */
    const char *why;
};

static const struct absent absent[] = {
    {" ssl ", "TLS is switched on by tls = true in a block listen; a block tls has the "
              "certificate"},
    {" include @include .include ",
     "an include stands outside of blocks, alone on its line: include "
     "\"conf.d/*.conf\""},
    {" link links connect server_link uplink ",
     "this server has no links to other servers"},
    {" account accounts sasl nickserv chanserv services register ",
     "there are no accounts yet"},
    {" websocket websockets ws wss http https metrics prometheus health api ",
     "a listener has it if its list serves names it: listen \"127.0.0.1:8067\" { "
     "serves = "
     "{ \"websocket\" } }"},
    {" host port ip bind address ",
     "the address is the title of a block: listen \"0.0.0.0:6667\" { }"},
};

/* The reason why a name is not here; NULL: it is unknown. */
static const char *
find_absent(const char *word)
{
    char wanted[80]; /* a word has fewer than TOKEN_SHOWN bytes */
    str_format(wanted, sizeof wanted, " %s ", word);
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
        if (strstr(absent[i].names, wanted) != NULL)
            return absent[i].why;
    return NULL;
}

/* True if at most so many edits make b of a: one letter more, less or another one, or
 * two neighbours swapped. */
static bool
is_within_edits(const char *a, const char *b, int edits)
{
    for (; *a != '\0' && *a == *b; a++)
        b++;
    if (*a == *b || edits == 0)
        return *a == *b;
    edits--;
    return (*a != '\0' && is_within_edits(a + 1, b, edits)) ||
           (*b != '\0' && is_within_edits(a, b + 1, edits)) ||
           (*a != '\0' && *b != '\0' && is_within_edits(a + 1, b + 1, edits)) ||
           (*a != '\0' && *b != '\0' && a[0] == b[1] && a[1] == b[0] &&
            is_within_edits(a + 2, b + 2, edits));
}

/* Writes a hint about an unknown name, as the end of its fault; "" if there is none. */
static const char *
write_name_hint(char out[200], const char *word, const char *near,
                const struct block *owner)
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
unknown_block_name(struct faults *f, const struct token *t)
{
    static const struct block *const tables[] = {blocks_single, blocks_titled};
    char hint[200], word[TOKEN_SHOWN];
    const char *near = NULL;
    token_show(t, word);
    for (int edits = 1; edits <= (strlen(word) < 5 ? 1 : 2); edits++)
        for (size_t i = 0; i < 2; i++)
            for (const struct block *b = tables[i]; b->name && !near; b++)
                near = is_within_edits(word, b->name, edits) ? b->name : NULL;
    fault_add(f, t->line, "unknown block \"%s\"%s", word,
              write_name_hint(hint, word, near, NULL));
}

static const struct block *
find_block_with_option(const char *name)
{
    for (const struct block *b = blocks_single; b->name != NULL; b++)
        if (option_find(b, name, strlen(name)) != NULL)
            return b;
    return NULL;
}

void
unknown_option_name(struct faults *f, const struct block *b, const struct token *t)
{
    char hint[200], word[TOKEN_SHOWN];
    const char *near = NULL;
    token_show(t, word);
    for (int edits = 1; edits <= (strlen(word) < 5 ? 1 : 2); edits++)
        for (const struct option *o = b->options; o->name && !near; o++)
            near = is_within_edits(word, o->name, edits) ? o->name : NULL;
    fault_add(f, t->line, "unknown option \"%s\" in block %s%s", word, b->name,
              write_name_hint(hint, word, near, find_block_with_option(word)));
}

/* Adds the fault of `BLOCK =` or `BLOCK.OPTION =`, as documents name an option. False:
 * the word begins with no block. */
static bool
tell_block_form(struct faults *f, int line, const char *word)
{
    size_t n = strcspn(word, ".");
    const struct block *b = block_find(word, n);
    if (b == NULL)
        return false;
    const char *title = b->title != NULL ? " \"NAME\"" : "";
    if (word[n] == '.')
        fault_add(f, line, "option %s is outside of any block: write %s%s { %s = ... }",
                  word, b->name, title, word + n + 1);
    else
        fault_add(f, line, "block %s takes no \"=\": write %s%s { ... }", b->name,
                  b->name, title);
    return true;
}

void
unknown_option_outside(struct faults *f, const struct token *t)
{
    char hint[200], word[TOKEN_SHOWN];
    token_show(t, word);
    if (tell_block_form(f, t->line, word))
        return;
    fault_add(f, t->line, "option %s is outside of any block%s", word,
              write_name_hint(hint, word, NULL, find_block_with_option(word)));
}
