/* Checks the layout of a file and the names in it. libconfuse stops at the first fault
 * and takes an unclosed brace or a repeated option without a word, so the layout is
 * judged here, with recovery, and libconfuse gets a cleaned copy in which only values
 * can be wrong. It must never show a string in a message: it may be a password. */
#include "scan.h"

#include "base/mem.h"
#include "base/str.h"
#include "clean.h"
#include "seen.h"
#include "token.h"
#include "unknown.h"

#include <stdlib.h>
#include <string.h>

struct parser {
    const struct token *at; /* the next one */
    struct faults *faults;
    struct scan *scan;
    struct clean clean; /* writes scan->clean */
    /* The block that is open, and whether its contents count. */
    const struct block *block;
    const struct token *name;
    char title[TOKEN_SHOWN + 1]; /* with a blank before it, for messages */
    size_t first_option;
    bool counts;
    struct seen *seen; /* blocks so far */
};

static bool
is_value(const struct token *t)
{
    return t->kind == TOKEN_WORD || t->kind == TOKEN_STRING;
}

/* A block's opening: NAME {, or NAME TITLE { with both on one line. */
static bool
opens_block(const struct token *t)
{
    if (t->kind != TOKEN_WORD)
        return false;
    if (t[1].kind == TOKEN_OPEN)
        return true;
    return is_value(&t[1]) && t[1].line == t->line && t[2].kind == TOKEN_OPEN;
}

static const struct block *
block_of(const struct token *t)
{
    char *name = token_value(t);
    const struct block *b = block_find(name);
    free(name);
    return b;
}

static const struct option *
option_of(const struct block *b, const struct token *t)
{
    if (b == NULL || t->kind != TOKEN_WORD)
        return NULL;
    char *name = token_value(t);
    const struct option *o = option_find(b, name);
    free(name);
    return o;
}

static void
skip_line(struct parser *p)
{
    int line = p->at->line;
    while (p->at->kind != TOKEN_END && p->at->line == line &&
           p->at->kind != TOKEN_CLOSE && !opens_block(p->at))
        p->at++;
}

/* Behind an opening brace: to behind the one that closes it. */
static void
skip_braces(struct parser *p)
{
    size_t depth = 1;
    for (; depth > 0 && p->at->kind != TOKEN_END; p->at++)
        depth += (p->at->kind == TOKEN_OPEN) - (p->at->kind == TOKEN_CLOSE);
}

static void
unexpected(struct parser *p, const char *where)
{
    static const char *const names[] = {
        [TOKEN_END] = "end of file", [TOKEN_WORD] = "word",   [TOKEN_STRING] = "string",
        [TOKEN_OPEN] = "\"{\"",      [TOKEN_CLOSE] = "\"}\"", [TOKEN_EQUALS] = "\"=\"",
        [TOKEN_COMMA] = "\",\"",
    };
    fault_add(p->faults, p->at->line, "unexpected %s %s", names[p->at->kind], where);
}

/* Blocks and their names. */

static void
unknown_block(struct parser *p)
{
    char shown[TOKEN_SHOWN];
    unknown_block_name(p->faults, p->at->line, token_show(p->at, shown));
}

/* The line of the earlier block of the same name and title; 0: this is the first. */
static int
earlier_block(struct parser *p, const struct block *b, const char *title, int line)
{
    struct text key = {0};
    text_add(&key, b->name);
    text_add(&key, "\n");
    text_add(&key, title != NULL ? title : "");
    int first = seen_before(&p->seen, key.at, key.len, line);
    free(key.at);
    return first;
}

/* Says what is wrong with the opening of a known block; true if nothing. */
static bool
check_opening(struct parser *p, const struct token *title_token, const char *title)
{
    const struct block *b = p->block;
    int line = p->name->line;
    if (b->title == NULL && title_token != NULL)
        fault_add(p->faults, line, "block %s takes no title", b->name);
    if (b->title != NULL && title_token == NULL) {
        fault_add(p->faults, line, "block %s needs a title: %s \"%s\" { ... }", b->name,
                  b->name, b->title);
        return false;
    }
    if (b->title != NULL && title_token->bad)
        return false;
    int first = earlier_block(p, b, b->title != NULL ? title : NULL, line);
    if (first == 0)
        return true;
    fault_add(p->faults, line, "block %s%s stands twice; the first is on line %d",
              b->name, p->title, first);
    return false;
}

static void
add_block(struct parser *p, char *title)
{
    struct scan *s = p->scan;
    s->blocks = xrealloc(s->blocks, (s->n_blocks + 1) * sizeof *s->blocks);
    s->blocks[s->n_blocks++] = (struct scan_block){
        .block = p->block,
        .title = title,
        .line = p->name->line,
        .first_option = s->n_options,
    };
    clean_open_block(&p->clean, p->block, p->name->line);
}

/* NAME {, or NAME TITLE {: to behind the brace. */
static void
open_block(struct parser *p)
{
    p->name = p->at;
    p->block = block_of(p->name);
    p->first_option = p->scan->n_options;
    p->title[0] = '\0';
    if (p->block == NULL)
        unknown_block(p);
    const struct token *title_token = is_value(&p->at[1]) ? &p->at[1] : NULL;
    p->at += title_token != NULL ? 3 : 2;
    char *title = title_token != NULL ? token_value(title_token) : NULL;
    char shown[TOKEN_SHOWN];
    if (title != NULL)
        str_format(p->title, sizeof p->title, " %s", token_show(title_token, shown));
    p->counts = p->block != NULL && check_opening(p, title_token, title);
    if (p->counts && p->block->title == NULL) {
        free(title);
        title = NULL;
    }
    if (p->counts)
        add_block(p, title);
    else
        free(title);
}

/* Options. */

static void
unknown_option(struct parser *p, const struct token *t)
{
    char shown[TOKEN_SHOWN];
    if (p->block != NULL)
        unknown_option_name(p->faults, t->line, p->block, token_show(t, shown));
}

static void
add_value(struct parser *p, const struct token *t)
{
    struct scan *s = p->scan;
    s->value_lines =
        xrealloc(s->value_lines, (s->n_values + 1) * sizeof *s->value_lines);
    s->value_lines[s->n_values++] = t->line;
}

/* Behind the opening brace of a list: to behind the closing one. Returns false if its
 * values cannot be used. */
static bool
read_list(struct parser *p, const char *name, int line)
{
    bool fine = true, wants_comma = false;
    for (; p->at->kind != TOKEN_CLOSE; p->at++) {
        bool lost = p->at->kind == TOKEN_WORD && p->at[1].kind == TOKEN_EQUALS;
        if (lost || opens_block(p->at) ||
            !(is_value(p->at) || p->at->kind == TOKEN_COMMA)) {
            fault_add(p->faults, line, "the list %s lacks its closing brace", name);
            return false;
        }
        if (is_value(p->at) == wants_comma) {
            fault_add(p->faults, p->at->line,
                      wants_comma ? "missing \",\" in the list %s"
                                  : "superfluous \",\" in the list %s",
                      name);
            fine = false;
        }
        wants_comma = is_value(p->at);
        fine = fine && !p->at->bad;
        if (is_value(p->at))
            add_value(p, p->at);
    }
    p->at++;
    return fine;
}

/* What stands behind the equals sign; false if it cannot be used. */
static bool
read_values(struct parser *p, const struct option *o, const char *name, int line)
{
    bool list = p->at->kind == TOKEN_OPEN;
    bool next_option = p->at->kind == TOKEN_WORD && p->at[1].kind == TOKEN_EQUALS;
    bool next_block = opens_block(p->at) && block_of(p->at) != NULL;
    if (!list && (!is_value(p->at) || next_option || next_block)) {
        fault_add(p->faults, line, "%s has no value", name);
        return false;
    }
    if (!list) {
        add_value(p, p->at);
        return !p->at++->bad;
    }
    p->at++;
    size_t before = p->scan->n_values;
    bool fine = read_list(p, name, line);
    if (!fine || o == NULL)
        return false;
    if (!option_is_list(o)) {
        fault_add(p->faults, line, "%s takes one value, not a list", name);
        return false;
    }
    if (p->scan->n_values > before)
        return true;
    fault_add(p->faults, line, "%s is an empty list; expected at least one value",
              name);
    return false;
}

static const struct scan_option *
earlier_option(const struct parser *p, const struct option *o)
{
    for (size_t i = p->first_option; i < p->scan->n_options; i++)
        if (p->scan->options[i].option == o)
            return &p->scan->options[i];
    return NULL;
}

/* The option counts: it goes into the scan and, with tokens from..to, into the cleaned
 * copy. */
static void
add_option(struct parser *p, const struct option *o, const struct token *name,
           size_t first)
{
    struct scan *s = p->scan;
    s->options = xrealloc(s->options, (s->n_options + 1) * sizeof *s->options);
    s->options[s->n_options++] = (struct scan_option){
        .option = o,
        .line = name->line,
        .first_value = first,
        .n_values = s->n_values - first,
    };
    if (!p->counts)
        return;
    s->blocks[s->n_blocks - 1].n_options++;
    clean_add(&p->clean, name->line, name->at, name->len);
    clean_add(&p->clean, name->line, "=", 1);
    for (const struct token *t = name + 2; t < p->at; t++)
        clean_add_token(&p->clean, t);
}

/* NAME = VALUE or NAME = { VALUE, ... }. */
static void
read_option(struct parser *p)
{
    const struct token *name = p->at;
    const struct option *o = option_of(p->block, name);
    char shown[TOKEN_SHOWN];
    token_show(name, shown);
    if (o == NULL)
        unknown_option(p, name);
    const struct scan_option *first = o != NULL ? earlier_option(p, o) : NULL;
    if (first != NULL)
        fault_add(p->faults, name->line,
                  "option %s stands twice; the first is on line %d", shown,
                  first->line);
    p->at += 2;
    size_t first_value = p->scan->n_values;
    bool fine = read_values(p, o, shown, name->line);
    if (o != NULL && !fine && p->counts)
        p->scan->blocks[p->scan->n_blocks - 1].faulty = true;
    if (o == NULL || first != NULL || !fine)
        p->scan->n_values = first_value;
    else
        add_option(p, o, name, first_value);
}

/* What is left of one mistake: further values on the line, up to the next option. */
static void
skip_values(struct parser *p)
{
    while (is_value(p->at) && p->at->line == p->at[-1].line && !opens_block(p->at) &&
           p->at[1].kind != TOKEN_EQUALS && option_of(p->block, p->at) == NULL)
        p->at++;
}

/* A word without an equals sign behind it, or a mark where an option should begin. */
static void
read_stray(struct parser *p, const struct token *before)
{
    const struct option *o = option_of(p->block, p->at);
    char shown[TOKEN_SHOWN];
    if (o != NULL) {
        fault_add(p->faults, p->at->line, "missing \"=\" after %s",
                  token_show(p->at, shown));
        p->at++;
        if (p->at->kind == TOKEN_OPEN) {
            p->at++;
            skip_braces(p);
        } else if (is_value(p->at) && p->at->line == p->at[-1].line)
            p->at++;
        return;
    }
    bool follows = before->kind != TOKEN_OPEN && before->line == p->at->line;
    if (p->block != NULL && follows && is_value(p->at))
        fault_add(p->faults, p->at->line,
                  "superfluous value; an option takes only one, and a text with "
                  "blanks stands in quotes");
    else if (p->at->kind == TOKEN_WORD)
        unknown_option(p, p->at);
    else if (p->block != NULL)
        unexpected(p, "where an option should begin");
    bool opens = opens_block(p->at);
    while (opens && p->at->kind != TOKEN_OPEN)
        p->at++;
    p->at++;
    if (opens)
        skip_braces(p);
    skip_values(p);
}

/* Another block's opening while this one is open: this one lacks its brace. */
static bool
is_other_block(const struct parser *p)
{
    return opens_block(p->at) && block_of(p->at) != NULL &&
           !(option_of(p->block, p->at) != NULL && block_of(p->at)->title == NULL &&
             p->at[1].line == p->at->line && p->at[1].kind == TOKEN_OPEN &&
             is_value(&p->at[2]) && p->at[3].kind != TOKEN_EQUALS);
}

static void
read_block(struct parser *p)
{
    open_block(p);
    char shown[TOKEN_SHOWN];
    while (p->at->kind != TOKEN_CLOSE) {
        if (p->at->kind == TOKEN_END || is_other_block(p)) {
            fault_add(p->faults, p->name->line, "block %s%s lacks its closing brace",
                      token_show(p->name, shown), p->title);
            break;
        }
        if (p->at->kind == TOKEN_WORD && p->at[1].kind == TOKEN_EQUALS)
            read_option(p);
        else
            read_stray(p, p->at - 1);
    }
    if (p->counts)
        p->scan->blocks[p->scan->n_blocks - 1].index =
            clean_close_block(&p->clean, p->at->line);
    if (p->at->kind == TOKEN_CLOSE)
        p->at++;
}

/* What stands outside of blocks and opens none. */
static void
read_outside(struct parser *p)
{
    char shown[TOKEN_SHOWN];
    if (p->at->kind == TOKEN_CLOSE) {
        fault_add(p->faults, p->at->line, "this closing brace closes nothing");
        p->at++;
        return;
    }
    if (p->at->kind != TOKEN_WORD)
        unexpected(p, "outside of any block");
    else if (p->at[1].kind == TOKEN_EQUALS)
        unknown_option_outside(p->faults, p->at->line, token_show(p->at, shown));
    else if (block_of(p->at) != NULL)
        fault_add(p->faults, p->at->line, "block %s lacks its opening brace",
                  token_show(p->at, shown));
    else
        unknown_block(p);
    p->at++;
    if (p->at->line == p->at[-1].line)
        skip_line(p);
}

void
scan_read(const char *text, struct faults *faults, struct scan *out)
{
    *out = (struct scan){0};
    struct tokens tokens;
    tokens_read(text, faults, &tokens);
    struct parser p = {
        .at = tokens.list,
        .faults = faults,
        .scan = out,
        .clean = {.text = &out->clean, .line = 1},
    };
    while (p.at->kind != TOKEN_END) {
        if (opens_block(p.at))
            read_block(&p);
        else
            read_outside(&p);
    }
    free(tokens.list);
    seen_clear(&p.seen);
    clean_end(&p.clean);
}

void
scan_clear(struct scan *s)
{
    for (size_t i = 0; i < s->n_blocks; i++)
        free(s->blocks[i].title);
    mem_wipe(s->clean.at, s->clean.len); /* hashes of passwords */
    free(s->clean.at);
    free(s->blocks);
    free(s->options);
    free(s->value_lines);
}
