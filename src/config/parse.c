/* Reads a configuration in one pass over the tokens of the file: each value goes
 * through the row of its option into its field as soon as the syntax around it is known
 * to be right. After a fault, reading continues at the next option or block, so that
 * one run reports all faults, and each mistake once. A text may be a password: this
 * file must never show a string in a message, nor leave a value in freed memory. */
#include "parse.h"

#include "base/mem.h"
#include "base/str.h"
#include "config/source.h"
#include "seen.h"
#include "titled.h"
#include "token.h"
#include "unknown.h"
#include "value.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define OPTIONS_MAX 64 /* of one block */

/* The block that is open. */
struct opened {
    const struct block *block; /* NULL: its name is unknown */
    struct token name;
    char *title;             /* NULL: the block has none */
    struct token as_written; /* the title with its quotes */
    /* the struct that gets the values; NULL: they are not read */
    void *base;
    /* the line of each option, by row; 0: it has not come yet */
    int lines[OPTIONS_MAX];
    /* an option could not be used, so that no option is reported as missing */
    bool faulty;
};

struct parser {
    struct lexer lexer;
    struct token before, at[4]; /* the last token taken, and the next four */
    struct faults *faults;
    const struct config_words *words;
    struct config *config;
    struct seen *blocks;   /* names and titles of the blocks so far */
    struct seen *prefixes; /* of the exempt blocks so far */
    struct opened open;
    struct token *values; /* of the option that is being read */
    size_t n_values;
};

static void
advance_tokens(struct parser *p, int n)
{
    for (; n > 0; n--) {
        p->before = p->at[0];
        memmove(p->at, p->at + 1, 3 * sizeof *p->at);
        p->at[3] = lexer_next(&p->lexer);
    }
}

static bool
is_value(const struct token *t)
{
    return t->kind == TOKEN_WORD || t->kind == TOKEN_STRING || t->kind == TOKEN_INCLUDE;
}

/* True for a string or include that is a fault by itself. Its place is not a second
 * fault: one quote too many makes a string of the text outside. */
static bool
is_bad_text(const struct token *t)
{
    return t->bad && t->kind != TOKEN_WORD;
}

/* True for the opening of a block: NAME {, or NAME TITLE { with both words on one
 * line. */
static bool
is_opening(const struct token *t)
{
    if (t->kind == TOKEN_INCLUDE)
        return t[1].kind == TOKEN_OPEN;
    if (t->kind != TOKEN_WORD)
        return false;
    if (t[1].kind == TOKEN_OPEN)
        return true;
    return is_value(&t[1]) && t[1].line == t->line && t[2].kind == TOKEN_OPEN;
}

static bool
is_assignment(const struct token *t)
{
    return t->kind == TOKEN_WORD && t[1].kind == TOKEN_EQUALS;
}

static const struct option *
find_option(const struct parser *p, const struct token *t)
{
    if (p->open.block == NULL || t->kind != TOKEN_WORD)
        return NULL;
    return option_find(p->open.block, t->at, t->len);
}

static void
skip_line(struct parser *p)
{
    int line = p->at->line;
    while (p->at->kind != TOKEN_END && p->at->line == line &&
           p->at->kind != TOKEN_CLOSE && !is_opening(p->at))
        advance_tokens(p, 1);
}

/* From behind an opening brace to behind the brace that closes it. */
static void
skip_braces(struct parser *p)
{
    size_t depth = 1;
    for (; depth > 0 && p->at->kind != TOKEN_END; advance_tokens(p, 1))
        depth += (p->at->kind == TOKEN_OPEN) - (p->at->kind == TOKEN_CLOSE);
}

/* Reports a string or a mark. */
static void
tell_unexpected(struct parser *p, const char *where)
{
    if (p->at->kind == TOKEN_STRING)
        fault_add(p->faults, p->at->line, "unexpected string %s", where);
    else
        fault_add(p->faults, p->at->line, "unexpected \"%c\" %s", *p->at->at, where);
}

static void
put_value(struct parser *p, const struct option *o, const struct token *t)
{
    char err[FAULT_TEXT - 200];
    char *text = token_value(t);
    struct reading r = {o,       p->words, p->open.base, text,
                        t->line, NULL,     err,          sizeof err};
    err[0] = '\0'; /* not all of it: a file may have very many options */
    bool fine = value_read(&r);
    mem_free_secret(text);
    if (fine)
        return;
    p->open.faulty = true;
    if (p->open.block->title == NULL)
        fault_add(p->faults, t->line, "%s.%s: %s", o->block, o->name, err);
    else
        fault_add(p->faults, t->line, "%s \"%s\" %s: %s", o->block,
                  SHOWN(p->open.title), o->name, err);
}

static void
put_values(struct parser *p, const struct option *o)
{
    if (p->open.base == NULL)
        return;
    value_clear(o, p->open.base);
    for (size_t i = 0; i < p->n_values; i++)
        put_value(p, o, &p->values[i]);
}

static void
keep_token(struct parser *p)
{
    VALUE_ADD(p->values, p->n_values, p->at[0]);
}

/* Reads a list from behind its opening brace to behind the closing one. False: its
 * values cannot be used. */
static bool
read_list(struct parser *p, const char *name, int line)
{
    bool fine = true, wants_comma = false;
    for (; p->at->kind != TOKEN_CLOSE; advance_tokens(p, 1)) {
        bool value = is_value(p->at);
        if (is_assignment(p->at) || is_opening(p->at) ||
            !(value || p->at->kind == TOKEN_COMMA)) {
            fault_add(p->faults, line, "the list %s lacks its closing brace", name);
            return false;
        }
        if (value == wants_comma) {
            fault_add(p->faults, p->at->line, "%s \",\" in the list %s",
                      wants_comma ? "missing" : "superfluous", name);
            fine = false;
        }
        wants_comma = value;
        fine = fine && !p->at->bad;
        if (value)
            keep_token(p);
    }
    advance_tokens(p, 1);
    return fine;
}

/* Lists of config.def may be empty, unless each value is a step as in a ladder. */
static bool
may_be_empty(const struct option *o)
{
    return o->kind == OPTION_WORDS && o->read == NULL;
}

/* Reads the value behind the equals sign; false: it cannot be used. */
static bool
read_values(struct parser *p, const struct option *o, const char *name, int line)
{
    p->n_values = 0;
    bool list = p->at->kind == TOKEN_OPEN;
    bool next_block = is_opening(p->at) && block_find(p->at->at, p->at->len) != NULL;
    if (!list && (!is_value(p->at) || is_assignment(p->at) || next_block)) {
        fault_add(p->faults, line, "%s has no value", name);
        return false;
    }
    if (!list)
        keep_token(p);
    advance_tokens(p, 1);
    if (!list)
        return !p->before.bad;
    if (!read_list(p, name, line) || o == NULL)
        return false;
    if (!option_is_list(o))
        fault_add(p->faults, line, "%s takes one value, not a list", name);
    else if (p->n_values == 0 && !may_be_empty(o))
        fault_add(p->faults, line, "%s is an empty list; expected at least one value",
                  name);
    return option_is_list(o) && (p->n_values > 0 || may_be_empty(o));
}

/* Reads NAME = VALUE or NAME = { VALUE, ... }. */
static void
read_option(struct parser *p)
{
    struct token name = p->at[0];
    const struct option *o = find_option(p, &name);
    char shown[TOKEN_SHOWN], place[240];
    token_show(&name, shown);
    if (o == NULL && p->open.block != NULL)
        unknown_option_name(p->faults, p->open.block, &name);
    assert(o == NULL || o - p->open.block->options < OPTIONS_MAX);
    int *first = o != NULL ? &p->open.lines[o - p->open.block->options] : NULL;
    if (first != NULL && *first > 0)
        fault_add(
            p->faults, name.line, "option %s is set twice; the first is on %s", shown,
            config_line(&p->config->source, *first, name.line, place, sizeof place));
    advance_tokens(p, 2);
    bool fine = read_values(p, o, shown, name.line);
    if (o == NULL)
        return;
    p->open.faulty = p->open.faulty || !fine;
    if (!fine || *first > 0)
        return;
    *first = name.line;
    put_values(p, o);
}

/* Skips what one mistake has left over: further values on the line, up to the next
 * option. */
static void
skip_values(struct parser *p)
{
    while (is_value(p->at) && p->at->line == p->before.line && !is_opening(p->at) &&
           p->at[1].kind != TOKEN_EQUALS && find_option(p, p->at) == NULL)
        advance_tokens(p, 1);
}

/* Reads the name of an option that has no equals sign behind it. */
static void
read_bare_option(struct parser *p)
{
    char shown[TOKEN_SHOWN];
    fault_add(p->faults, p->at->line, "missing \"=\" after %s",
              token_show(p->at, shown));
    advance_tokens(p, 1);
    if (p->at->kind == TOKEN_OPEN) {
        advance_tokens(p, 1);
        skip_braces(p);
    } else if (is_value(p->at) && p->at->line == p->before.line)
        advance_tokens(p, 1);
}

/* Reads a word that is no option, or a mark, in the place of an option. */
static void
read_stray(struct parser *p)
{
    bool known = p->open.block != NULL && !is_bad_text(p->at);
    bool follows = p->before.kind != TOKEN_OPEN && p->before.line == p->at->line;
    if (known && follows && is_value(p->at))
        fault_add(p->faults, p->at->line,
                  "superfluous value; an option takes only one, and a text with blanks "
                  "needs quotes");
    else if (known && p->at->kind == TOKEN_WORD)
        unknown_option_name(p->faults, p->open.block, p->at);
    else if (known)
        tell_unexpected(p, "where an option should begin");
    bool opens = is_opening(p->at);
    while (opens && p->at->kind != TOKEN_OPEN)
        advance_tokens(p, 1);
    advance_tokens(p, 1);
    if (opens)
        skip_braces(p);
    skip_values(p);
}

/* Writes the name and the title as they stand in the file. */
static const char *
show_opening(const struct opened *b, char out[2 * TOKEN_SHOWN])
{
    char name[TOKEN_SHOWN], title[TOKEN_SHOWN];
    str_format(out, (size_t)2 * TOKEN_SHOWN, "%s%s%s", token_show(&b->name, name),
               b->title != NULL ? " " : "",
               b->title != NULL ? token_show(&b->as_written, title) : "");
    return out;
}

/* The line of an earlier block of the same name and title; 0: there is none. */
static int
find_earlier(struct parser *p, const struct block *b, const char *title, int line)
{
    size_t n = strlen(b->name) + 1, more = strlen(title);
    char *key = xmalloc(n + more);
    memcpy(key, b->name, n);
    memcpy(key + n, title, more);
    int first = seen_before(&p->blocks, key, n + more, line);
    free(key);
    return first;
}

/* Reports the faults of the opening of a known block; true if its values can be
 * read. */
static bool
check_opening(struct parser *p)
{
    char shown[2 * TOKEN_SHOWN], place[240];
    const struct block *b = p->open.block;
    int line = p->open.name.line;
    if (b->title == NULL && p->open.title != NULL)
        fault_add(p->faults, line, "block %s takes no title", b->name);
    if (b->title != NULL && p->open.title == NULL) {
        fault_add(p->faults, line, "block %s needs a title: %s \"%s\" { ... }", b->name,
                  b->name, b->title);
        return false;
    }
    if (b->title != NULL && p->open.as_written.bad)
        return false;
    int first = find_earlier(p, b, b->title != NULL ? p->open.title : "", line);
    if (first > 0)
        fault_add(p->faults, line, "block %s is there twice; the first is on %s",
                  show_opening(&p->open, shown),
                  config_line(&p->config->source, first, line, place, sizeof place));
    return first == 0;
}

/* Adds the entry of a block with a title; NULL: the title is refused. */
static void *
add_entry(struct parser *p)
{
    char err[300];
    struct reading r = {NULL,          p->words,          p->config,
                        p->open.title, p->open.name.line, &p->prefixes,
                        err,           sizeof err};
    void *entry = p->open.block->add(&r);
    if (entry == NULL)
        fault_add(p->faults, r.line, "%s \"%s\": %s", p->open.block->name,
                  SHOWN(p->open.title), err);
    return entry;
}

/* Reads NAME { or NAME TITLE {. */
static void
open_block(struct parser *p)
{
    struct opened *b = &p->open;
    *b = (struct opened){.name = p->at[0]};
    b->block = block_find(p->at->at, p->at->len);
    if (b->block == NULL && !is_bad_text(&b->name))
        unknown_block_name(p->faults, &b->name);
    b->as_written = p->at[1];
    advance_tokens(p, is_value(&b->as_written) ? 3 : 2);
    if (is_value(&b->as_written))
        b->title = token_value(&b->as_written);
    if (b->block != NULL && check_opening(p))
        b->base = b->block->add != NULL ? add_entry(p) : p->config;
}

/* Whether the open block has this option. A switch that is off says nothing. */
static bool
has_option(const struct opened *b, const struct option *o)
{
    if (b->lines[o - b->block->options] == 0)
        return false;
    return o->kind != OPTION_BOOL || *(const bool *)value_field(o, b->base);
}

/* Whether the open block has this option or one that may stand instead of it. */
static bool
has_option_or_other(const struct opened *b, const struct option *o)
{
    for (; o != NULL; o = o->instead)
        if (has_option(b, o))
            return true;
    return false;
}

static void
tell_missing(struct parser *p)
{
    const struct opened *b = &p->open;
    for (const struct option *o = b->block->options; o->name != NULL; o++)
        if (o->needed != NULL && !has_option_or_other(b, o))
            fault_add(p->faults, b->name.line, "%s \"%s\": option %s is missing%s",
                      b->block->name, SHOWN(b->title), o->name, o->needed);
}

/* True at the opening of another block: the open block lacks its brace. If an option of
 * the open block has the name of a block, it may lack its equals sign instead. */
static bool
is_other_block(const struct parser *p)
{
    if (!is_opening(p->at))
        return false;
    const struct block *b = block_find(p->at->at, p->at->len);
    if (b == NULL || b->title != NULL || find_option(p, p->at) == NULL)
        return b != NULL;
    return p->at[1].line != p->at->line || p->at[1].kind != TOKEN_OPEN ||
           !is_value(&p->at[2]) || p->at[3].kind == TOKEN_EQUALS;
}

static void
read_block(struct parser *p)
{
    char shown[2 * TOKEN_SHOWN];
    open_block(p);
    while (p->at->kind != TOKEN_CLOSE) {
        if (p->at->kind == TOKEN_END || is_other_block(p)) {
            fault_add(p->faults, p->open.name.line, "block %s lacks its closing brace",
                      show_opening(&p->open, shown));
            break;
        }
        if (is_assignment(p->at))
            read_option(p);
        else if (find_option(p, p->at) != NULL)
            read_bare_option(p);
        else
            read_stray(p);
    }
    if (p->open.base != NULL && !p->open.faulty)
        tell_missing(p);
    free(p->open.title);
    if (p->at->kind == TOKEN_CLOSE)
        advance_tokens(p, 1);
}

/* Reads a token outside of blocks that opens none. */
static void
read_outside(struct parser *p)
{
    char shown[TOKEN_SHOWN];
    token_show(p->at, shown);
    bool closes = p->at->kind == TOKEN_CLOSE;
    if (closes)
        fault_add(p->faults, p->at->line, "this closing brace has no block to close");
    else if (is_bad_text(p->at))
        ; /* it was reported */
    else if (p->at->kind != TOKEN_WORD)
        tell_unexpected(p, "outside of any block");
    else if (p->at[1].kind == TOKEN_EQUALS)
        unknown_option_outside(p->faults, p->at);
    else if (block_find(p->at->at, p->at->len) != NULL)
        fault_add(p->faults, p->at->line, "block %s lacks its opening brace", shown);
    else
        unknown_block_name(p->faults, p->at);
    advance_tokens(p, 1);
    if (!closes && p->at->line == p->before.line)
        skip_line(p);
}

void
parse_text(const char *text, const struct config_words *words, struct faults *faults,
           struct config *c)
{
    bool mark = strncmp(text, "\xef\xbb\xbf", 3) == 0; /* a byte order mark */
    struct parser p = {.faults = faults, .words = words, .config = c};
    p.lexer = (struct lexer){text + (mark ? 3 : 0), 1, faults, 0};
    advance_tokens(&p, 4);
    while (p.at->kind != TOKEN_END) {
        if (is_opening(p.at))
            read_block(&p);
        else
            read_outside(&p);
    }
    free(p.values);
    seen_clear(&p.blocks);
    seen_clear(&p.prefixes);
}
