/* Makes a configuration of a file's text, in three steps: scan judges layout and names,
 * libconfuse reads the cleaned copy, and here each value goes through its row into its
 * field. It must never open a file, and a file with one fault must never become a
 * configuration. */
#include "config/config.h"

#include "base/mem.h"
#include "base/str.h"
#include "fault.h"
#include "operclass.h"
#include "scan.h"
#include "titled.h"
#include "value.h"

#include <confuse.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCKS_MAX 16  /* kinds of blocks */
#define OPTIONS_MAX 32 /* options of one block */

struct reader {
    const struct config_words *words;
    struct faults *faults;
    const struct scan *scan;
    struct config *config;
};

/* What libconfuse is told may stand in the text: every block, every option as text. */
struct grammar {
    cfg_opt_t blocks[BLOCKS_MAX];
    cfg_opt_t options[BLOCKS_MAX][OPTIONS_MAX];
    size_t n;
};

static void
grammar_add(struct grammar *g, const struct block *list)
{
    for (const struct block *b = list; b->name != NULL; b++, g->n++) {
        cfg_opt_t *options = g->options[g->n];
        size_t n = 0;
        for (const struct option *o = b->options; o->name != NULL; o++, n++)
            options[n] = option_is_list(o)
                             ? (cfg_opt_t)CFG_STR_LIST(o->name, NULL, CFGF_NODEFAULT)
                             : (cfg_opt_t)CFG_STR(o->name, NULL, CFGF_NODEFAULT);
        options[n] = (cfg_opt_t)CFG_END();
        /* Titles stay in the scan: libconfuse would compare each with all others. */
        cfg_flag_t flags = b->title != NULL ? CFGF_MULTI : CFGF_NONE;
        g->blocks[g->n] = (cfg_opt_t)CFG_SEC(b->name, options, flags);
    }
}

static cfg_t *
grammar_init(void)
{
    struct grammar *g = xcalloc(1, sizeof *g);
    grammar_add(g, blocks_single);
    grammar_add(g, blocks_titled);
    g->blocks[g->n] = (cfg_opt_t)CFG_END();
    cfg_t *cfg = cfg_init(g->blocks, CFGF_NONE); /* copies what it needs */
    if (cfg == NULL)
        mem_failed("the grammar of the configuration");
    free(g);
    return cfg;
}

/* The cleaned copy is well-formed, so this is silent; what it would say is told by the
 * caller, because libconfuse offers no way to hand a context over. */
static void
ignore_error(cfg_t *cfg, const char *fmt, va_list ap)
{
    (void)cfg;
    (void)fmt;
    (void)ap;
}

/* For faults that only show when the value is used. */
static void
note_line(struct config *c, const struct option *o, int line)
{
    if (strcmp(o->block, "server") != 0)
        return;
    if (strcmp(o->name, "motd") == 0)
        c->motd_line = line;
    if (strcmp(o->name, "password") == 0)
        c->password_line = line;
}

static void
read_option(const struct reader *r, const struct scan_block *b,
            const struct scan_option *so, cfg_t *section, void *base)
{
    char err[FAULT_TEXT - 200];
    const struct option *o = so->option;
    err[0] = '\0'; /* no more of it: there may be very many options */
    value_clear(o, base);
    if (so->n_values > 0)
        note_line(r->config, o, r->scan->value_lines[so->first_value]);
    for (size_t i = 0; i < so->n_values; i++) {
        struct reading reading = {
            .option = o,
            .words = r->words,
            .base = base,
            .text = cfg_getnstr(section, o->name, (unsigned)i),
            .line = r->scan->value_lines[so->first_value + i],
            .err = err,
            .errlen = sizeof err,
        };
        if (reading.text == NULL || value_read(&reading))
            continue;
        int line = r->scan->value_lines[so->first_value + i];
        if (b->title == NULL)
            fault_add(r->faults, line, "%s.%s: %s", o->block, o->name, err);
        else
            fault_add(r->faults, line, "%s \"%s\" %s: %s", o->block, SHOWN(b->title),
                      o->name, err);
    }
}

static void
read_block(const struct reader *r, const struct scan_block *b, cfg_t *section)
{
    char err[300];
    void *base = r->config;
    if (b->title != NULL)
        base = titled_add(r->config, b->block, b->title, b->line, err, sizeof err);
    if (base == NULL) {
        fault_add(r->faults, b->line, "%s \"%s\": %s", b->block->name, SHOWN(b->title),
                  err);
        return;
    }
    size_t before = r->faults->n + r->faults->dropped;
    for (size_t i = 0; i < b->n_options; i++)
        read_option(r, b, &r->scan->options[b->first_option + i], section, base);
    bool faulty = b->faulty || r->faults->n + r->faults->dropped > before;
    const char *lacks =
        b->title != NULL && !faulty ? titled_lacks(b->block, base) : NULL;
    if (lacks != NULL)
        fault_add(r->faults, b->line, "%s \"%s\": %s", b->block->name, SHOWN(b->title),
                  lacks);
}

static void
read_blocks(const struct reader *r)
{
    const struct scan *s = r->scan;
    cfg_t *cfg = grammar_init();
    cfg_set_error_function(cfg, ignore_error);
    const char *text = s->clean.at != NULL ? s->clean.at : "";
    errno = 0;
    int parsed = cfg_parse_buf(cfg, text);
    if (errno == ENOMEM) /* it may call half of a file a success then */
        mem_failed("the configuration");
    if (parsed != CFG_SUCCESS)
        fault_add(r->faults, cfg->line, "libconfuse does not understand this");
    else
        for (size_t i = 0; i < s->n_blocks; i++)
            read_block(r, &s->blocks[i],
                       cfg_getnsec(cfg, s->blocks[i].block->name, s->blocks[i].index));
    cfg_free(cfg);
}

/* The built-in configuration, without listeners. */
static struct config *
defaults(void)
{
    struct config *c = xcalloc(1, sizeof *c);
    for (const struct block *b = blocks_single; b->name != NULL; b++)
        for (const struct option *o = b->options; o->name != NULL; o++)
            value_default(o, c);
    return c;
}

struct config *
config_parse(const char *file, const char *text, const struct config_words *words,
             config_fault *fault, void *ctx)
{
    struct faults *faults = xcalloc(1, sizeof *faults);
    struct scan scan;
    scan_read(text, faults, &scan);
    struct config *c = defaults();
    struct reader r = {words, faults, &scan, c};
    read_blocks(&r);
    operclass_resolve(c, faults);
    titled_done(c);
    if (faults->n > 0) {
        faults_tell(faults, file, fault, ctx);
        config_free(c);
        c = NULL;
    }
    faults_clear(faults);
    free(faults);
    scan_clear(&scan);
    return c;
}

void
config_free(struct config *c)
{
    if (c == NULL)
        return;
    if (c->server.password != NULL)
        mem_wipe(c->server.password, strlen(c->server.password));
    for (const struct block *b = blocks_single; b->name != NULL; b++)
        for (const struct option *o = b->options; o->name != NULL; o++)
            value_clear(o, c);
    titled_clear(c);
    free(c);
}

void
config_fixed_changes(const struct config *before, const struct config *after,
                     void (*fn)(void *ctx, const char *option), void *ctx)
{
    char name[64];
    for (const struct block *b = blocks_single; b->name != NULL; b++)
        for (const struct option *o = b->options; o->name != NULL; o++) {
            if (!o->fixed || value_same(o, before, after))
                continue;
            str_format(name, sizeof name, "%s.%s", b->name, o->name);
            fn(ctx, name);
        }
    if (!titled_same_listeners(before, after))
        fn(ctx, "listen");
}
