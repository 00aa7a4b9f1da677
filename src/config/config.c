/* Makes, frees and compares configurations. A file with a fault must never become a
 * configuration. An option that REHASH cannot apply keeps its old value, so that the
 * struct is always what is in force. */
#include "config/config.h"

#include "base/mem.h"
#include "base/str.h"
#include "config/source.h"
#include "fault.h"
#include "listener.h"
#include "parse.h"
#include "proxy.h"
#include "titled.h"
#include "tls.h"
#include "value.h"
#include "web.h"

#include <stdlib.h>
#include <string.h>

struct config *
config_parse_joined(struct config_source *source, const char *text,
                    const struct config_words *words, config_fault *fault, void *ctx)
{
    struct faults *faults = xcalloc(1, sizeof *faults);
    struct config *c = xcalloc(1, sizeof *c);
    c->source = *source;
    *source = (struct config_source){0};
    for (const struct block *b = blocks_single; b->name != NULL; b++)
        for (const struct option *o = b->options; o->name != NULL; o++)
            value_default(o, c);
    parse_text(text, words, faults, c);
    operclass_resolve(c, faults);
    proxy_check_all(c, faults);
    titled_done(c);
    listener_check_all(c, faults);
    oper_check_all(c, faults);
    tls_check_all(c, faults);
    web_join_embed(c);
    if (faults->n > 0) {
        faults_tell(faults, &c->source, fault, ctx);
        if (!words->keep_faulty) {
            config_free(c);
            c = NULL;
        }
    }
    faults_clear(faults);
    free(faults);
    return c;
}

struct config *
config_parse(const char *file, const char *text, const struct config_words *words,
             config_fault *fault, void *ctx)
{
    struct config_source source;
    config_source_plain(&source, file);
    return config_parse_joined(&source, text, words, fault, ctx);
}

static void
free_texts(char **texts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(texts[i]);
    free(texts);
}

static void
free_titled(struct config *c)
{
    for (size_t i = 0; i < c->n_tls; i++) {
        free(c->tls[i].name);
        free(c->tls[i].certificate);
        free(c->tls[i].key);
    }
    listener_free_all(c);
    proxy_free_all(c);
    for (size_t i = 0; i < c->n_class; i++) {
        free(c->class[i].name);
        free(c->class[i].match);
        free_texts(c->class[i].certfp, c->class[i].n_certfp);
    }
    for (size_t i = 0; i < c->n_oper; i++) {
        free(c->oper[i].name);
        free(c->oper[i].class);
        free(c->oper[i].password_file);
        mem_free_secret(c->oper[i].password);
        mem_free_secret(c->oper[i].token);
        free_texts(c->oper[i].hosts, c->oper[i].n_hosts);
        free_texts(c->oper[i].certfp, c->oper[i].n_certfp);
    }
    for (size_t i = 0; i < c->n_operclass; i++) {
        free(c->operclass[i].name);
        free(c->operclass[i].extends);
    }
    free(c->operclass);
    free(c->tls);
    free(c->exempt);
    free(c->class);
    free(c->oper);
}

void
config_free(struct config *c)
{
    if (c == NULL)
        return;
    for (const struct block *b = blocks_single; b->name != NULL; b++)
        for (const struct option *o = b->options; o->name != NULL; o++)
            value_clear(o, c);
    free_titled(c);
    free(c->embed);
    config_source_clear(&c->source);
    free(c);
}

void
config_fixed_changes(const struct config *before, const struct config *after,
                     void (*fn)(void *ctx, const char *option), void *ctx)
{
    char name[64];
    for (const struct block *b = blocks_single; b->name != NULL; b++)
        for (const struct option *o = b->options; o->name != NULL; o++) {
            if (!o->fixed || value_is_same(o, before, after))
                continue;
            str_format(name, sizeof name, "%s.%s", b->name, o->name);
            fn(ctx, name);
        }
}

void
config_keep_fixed(struct config *after, struct config *before)
{
    for (const struct block *b = blocks_single; b->name != NULL; b++)
        for (const struct option *o = b->options; o->name != NULL; o++)
            if (o->fixed)
                value_swap(o, after, before);
}
