/* Writes the sample configuration from the same tables that the reader uses, so that it
 * cannot promise an option that does not exist or show a default that is not the
 * default. As it is written, the sample must mean the same as an empty file. */
#include "config/config.h"
#include "option.h"
#include "titled.h"

#include "base/attr.h"
#include "base/mem.h"
#include "base/str.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define COLUMN 36 /* where the comments begin */

/* Text that grows. Zeroed is empty; `at` is NUL-terminated once something was added. */
struct text {
    char *at;
    size_t len, cap;
};

static void
text_add(struct text *t, const char *more)
{
    size_t n = strlen(more);
    if (t->len + n + 1 > t->cap) {
        t->cap = 2 * (t->len + n) + 64;
        t->at = xrealloc(t->at, t->cap);
    }
    memcpy(t->at + t->len, more, n + 1);
    t->len += n;
}

static void text_addf(struct text *t, const char *fmt, ...) ATTR_PRINTF(2, 3);

/* One piece of at most 1000 bytes; longer ones are cut. */
static void
text_addf(struct text *t, const char *fmt, ...)
{
    char piece[1001];
    va_list ap;
    va_start(ap, fmt);
    struct str s;
    str_init(&s, piece, sizeof piece);
    str_addv(&s, fmt, ap);
    va_end(ap);
    text_add(t, piece);
}

static const char head[] =
    "# Configuration of ircd. Every option stands here with its default, commented "
    "out: to\n"
    "# change one, take away the mark in front of it. `ircd -c FILE -t` checks the "
    "file, SIGHUP\n"
    "# or REHASH applies it; what only a restart applies is marked (restart).\n"
    "#\n"
    "# Text stands in quotes; in double quotes \\\", \\\\ and \\$ mean the character "
    "behind the\n"
    "# backslash. A \"$\" needs nothing, so argon2id strings stand as they are; only "
    "\"${\" is\n"
    "# refused in double quotes. Durations have units: ms, s, m, h, d, w, y, as in "
    "\"1h30m\".\n"
    "# Rates are count/duration: \"6/60s\" is six at once, then one each ten seconds.\n"
    "# Brackets hold the lowest and highest value.\n"
    "#\n"
    "# Five things to change first:\n"
    "#   1. server.name and server.network: what every client sees.\n"
    "#   2. listen: without one, only this machine can connect. \"0.0.0.0:6667\" is "
    "all "
    "of IPv4,\n"
    "#      \"[::]:6667\" all of IPv6.\n"
    "#   3. process.user: a user of its own, where root starts the server.\n"
    "#   4. database.path and log.file: absolute paths, as /var/lib/ircd and "
    "/var/log/ircd/ircd.log.\n"
    "#   5. oper: a moderator; hosts is where that person connects from.\n";

/* The value as it stands behind the equals sign. */
static void
add_value(struct text *t, const struct option *o)
{
    if (o->kind == OPTION_BOOL || o->kind == OPTION_COUNT) {
        text_add(t, o->def);
        return;
    }
    if (o->kind != OPTION_SPANS) {
        text_addf(t, "\"%s\"", o->def);
        return;
    }
    text_add(t, "{ ");
    for (const char *at = o->def; *at != '\0'; at += strspn(at, " ")) {
        int n = (int)strcspn(at, " ");
        text_addf(t, "%s\"%.*s\"", at == o->def ? "" : ", ", n, at);
        at += n;
    }
    text_add(t, " }");
}

/* Blanks up to the column of comments, on the line that begins at `from`. */
static void
pad(struct text *t, size_t from)
{
    do
        text_add(t, " ");
    while (t->len - from < COLUMN);
}

static void
add_help(struct text *t, const struct option *o, size_t line)
{
    pad(t, line);
    text_addf(t, "# %s", o->help);
    if (o->min != NULL)
        text_addf(t, " [%s to %s]", o->min, o->max);
    text_addf(t, "%s\n", o->fixed ? " (restart)" : "");
}

static void
add_single(struct text *t, const struct block *b)
{
    text_addf(t, "\n# %s\n%s {\n", b->help, b->name);
    for (const struct option *o = b->options; o->name != NULL; o++) {
        size_t line = t->len;
        text_addf(t, "    # %s = ", o->name);
        add_value(t, o);
        add_help(t, o, line);
    }
    text_add(t, "}\n");
}

static const struct block *
row_of_block(const char *name)
{
    return block_in(blocks_titled, name, strlen(name));
}

/* One line of an example: the option, a value that is not a default, and its help. */
static void
add_example(struct text *t, const char *block, const char *name, const char *value)
{
    const struct option *o = option_find(row_of_block(block), name, strlen(name));
    size_t line = t->len;
    text_addf(t, "#     %s = %s", name, value);
    add_help(t, option_like(o), line);
}

static void
begin_titled(struct text *t, const char *block, const char *title)
{
    text_addf(t, "\n# %s\n# %s \"%s\" {\n", row_of_block(block)->help, block, title);
}

static void
add_listen(struct text *t)
{
    text_addf(t, "\n# %s\n", row_of_block("listen")->help);
    text_add(t, "# listen \"127.0.0.1:6667\" { }\n# listen \"[::1]:6667\" {\n");
    add_example(t, "listen", "v6only", "true");
    text_add(t, "# }\n");
}

static void
add_exempt(struct text *t)
{
    struct text all = {0};
    for (const struct exempt_word *w = exempt_words; w->word != NULL; w++)
        text_addf(&all, "%s\"%s\"", w == exempt_words ? "{ " : ", ", w->word);
    text_add(&all, " }");
    begin_titled(t, "exempt", "127.0.0.0/8");
    add_example(t, "exempt", "from", all.at);
    for (const struct exempt_word *w = exempt_words; w->word != NULL; w++)
        text_addf(t, "#     # %s: %s\n", w->word, w->help);
    text_add(t, "# }\n");
    free(all.at);
}

static void
add_class(struct text *t)
{
    begin_titled(t, "class", "bots");
    add_example(t, "class", "match", "{ \"10.1.0.0/16\" }");
    add_example(t, "class", "per_host", "50");
    add_example(t, "class", "per_network", "200");
    add_example(t, "class", "unregistered_per_host", "20");
    add_example(t, "class", "connect_rate", "\"60/60s\"");
    add_example(t, "class", "burst", "40");
    add_example(t, "class", "interval", "\"100ms\"");
    add_example(t, "class", "hold", "64");
    add_example(t, "class", "unregistered", "40");
    add_example(t, "class", "nick", "\"10/60s\"");
    add_example(t, "class", "away", "\"10/60s\"");
    add_example(t, "class", "invite", "\"60/60s\"");
    add_example(t, "class", "knock", "\"10/60s\"");
    add_example(t, "class", "join", "\"200/60s\"");
    add_example(t, "class", "targets", "\"100/10m\"");
    add_example(t, "class", "ctcp", "\"20/60s\"");
    add_example(t, "class", "strikes", "\"disconnect\"");
    text_add(t, "# }\n");
}

static void
add_operclass(struct text *t)
{
    begin_titled(t, "operclass", "helper");
    add_example(t, "operclass", "privileges", "{ \"kill\" }");
    text_add(t, "# }\n# operclass \"moderator\" {\n");
    add_example(t, "operclass", "extends", "\"helper\"");
    add_example(t, "operclass", "privileges", "{ \"kline\" }");
    text_add(t, "# }\n");
}

static void
add_oper(struct text *t, const struct config_words *words)
{
    begin_titled(t, "oper", "alice");
    add_example(t, "oper", "password", "\"$argon2id$replace-me\"");
    add_example(t, "oper", "hosts", "{ \"*@10.0.0.*\" }");
    add_example(t, "oper", "class", "\"moderator\"");
    add_example(t, "oper", "privileges", "{ \"all\" }");
    text_add(t, "#     # privileges:");
    for (size_t i = 0; words->privileges[i] != NULL; i++) {
        text_add(t, i > 0 && i % 9 == 0 ? "\n#     #   " : " ");
        text_add(t, words->privileges[i]);
    }
    text_add(t, "\n# }\n");
}

char *
config_sample(const struct config_words *words)
{
    struct text t = {0};
    text_add(&t, head);
    add_single(&t, &blocks_single[0]);
    add_listen(&t);
    for (const struct block *b = &blocks_single[1]; b->name != NULL; b++)
        add_single(&t, b);
    add_exempt(&t);
    add_class(&t);
    add_operclass(&t);
    add_oper(&t, words);
    return t.at;
}
