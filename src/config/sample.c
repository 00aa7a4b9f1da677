/* Writes the sample configuration from the tables that the parser uses, so that it has
 * every option with its real default. The sample as it is written must mean the same as
 * an empty file. */
#include "config/config.h"
#include "option.h"
#include "titled.h"

#include "base/draft.h"

#include <string.h>

#define COLUMN 36 /* the column in which comments begin */

static const char head[] =
    "# Configuration of ircd. Every option is here with its default, commented out. "
    "To\n"
    "# change an option, remove the \"#\" before it, and before the lines of its "
    "block.\n"
    "# `ircd -c FILE -t` checks the file. SIGHUP or REHASH applies it, except options "
    "that\n"
    "# are marked (restart).\n"
    "#\n"
    "# A text is in quotes. In double quotes, \\\", \\\\ and \\$ mean the character "
    "after the\n"
    "# backslash; a single \"$\" needs none, so argon2id strings are written as they "
    "are. Only\n"
    "# \"${\" is refused. A duration has units: ms, s, m, h, d, w, y, as in \"1h30m\". "
    "A rate is\n"
    "# count/duration: \"6/60s\" is six at once, then one each ten seconds. Square "
    "brackets have\n"
    "# the lowest and the highest value. Documents and faults name an option with its "
    "block:\n"
    "# log.level is the option level in block log.\n"
    "#\n"
    "# A line include \"conf.d/*.conf\", outside of blocks, is replaced by the files "
    "that it\n"
    "# names. Relative paths begin at the directory of the main file.\n"
    "#\n"
    "# Change these five first:\n"
    "#   1. server.name and server.network: every client sees them.\n"
    "#   2. listen: without it, only this machine can connect. \"0.0.0.0:6667\" is all "
    "of IPv4,\n"
    "#      \"[::]:6667\" all of IPv6.\n"
    "#   3. process.user: the user that the server becomes, if root starts it.\n"
    "#   4. database.path and log.file: absolute paths, such as /var/lib/ircd and\n"
    "#      /var/log/ircd/ircd.log.\n"
    "#   5. oper: an operator. OPER works only from the masks in hosts.\n";

/* Writes the default as it stands behind the equals sign. */
static void
write_value(struct draft *t, const struct option *o)
{
    if (o->kind == OPTION_BOOL || o->kind == OPTION_COUNT) {
        draft_add(t, o->def);
        return;
    }
    if (!option_is_list(o)) {
        draft_addf(t, "\"%s\"", o->def);
        return;
    }
    draft_add(t, "{ ");
    for (const char *at = o->def; *at != '\0'; at += strspn(at, " ")) {
        int n = (int)strcspn(at, " ");
        draft_addf(t, "%s\"%.*s\"", at == o->def ? "" : ", ", n, at);
        at += n;
    }
    draft_add(t, *o->def != '\0' ? " }" : "}");
}

/* Writes blanks up to COLUMN, on the line that begins at offset `from`. */
static void
write_blanks(struct draft *t, size_t from)
{
    do
        draft_add(t, " ");
    while (t->len - from < COLUMN);
}

static void
write_help(struct draft *t, const struct option *o, size_t line)
{
    write_blanks(t, line);
    draft_addf(t, "# %s", o->help);
    if (o->min != NULL)
        draft_addf(t, " [%s to %s]", o->min, o->max);
    draft_addf(t, "%s\n", o->fixed ? " (restart)" : "");
}

static void
write_single(struct draft *t, const struct block *b)
{
    draft_addf(t, "\n# %s\n%s {\n", b->help, b->name);
    for (const struct option *o = b->options; o->name != NULL; o++) {
        size_t line = t->len;
        draft_addf(t, "    # %s = ", o->name);
        write_value(t, o);
        write_help(t, o, line);
    }
    draft_add(t, "}\n");
}

/* Writes one line of an example: the option, a value that is not its default, and its
 * help. */
static void
write_example_option(struct draft *t, const struct option *o, const char *value)
{
    size_t line = t->len;
    draft_addf(t, "#     %s = %s", o->name, value);
    write_help(t, option_like(o), line);
}

/* Writes an example of a block with a title, without its end: the options that have an
 * example. `before` is text in front of it. */
static const struct block *
open_example(struct draft *t, const char *name, const char *before, const char *title)
{
    const struct block *b = block_find(name, strlen(name));
    draft_addf(t, "\n# %s\n%s# %s \"%s\" {\n", b->help, before, name, title);
    for (const struct option *o = b->options; o->name != NULL; o++)
        if (o->example != NULL)
            write_example_option(t, o, o->example);
    return b;
}

/* Writes an example of a listener of HTTP. */
static void
write_web_listener(struct draft *t, const struct block *b)
{
    draft_add(t, "# listen \"192.0.2.1:443\" {\n");
    write_example_option(t, option_find(b, "tls", 3), "true");
    write_example_option(t, option_find(b, "serves", 6), "{ \"chat\", \"websocket\" }");
    for (const struct serves_word *w = serves_words; w->word != NULL; w++)
        draft_addf(t, "#     # %s: %s\n", w->word, w->help);
    write_example_option(t, option_find(b, "ping_every", 10), "\"45s\"");
    draft_add(t, "# }\n");
}

/* Writes several examples, because some options are for unix sockets or HTTP only. */
static void
write_listen(struct draft *t)
{
    const struct block *b =
        open_example(t, "listen",
                     "# listen \"127.0.0.1:6667\" { }\n# listen \"[::1]:6667\" { }\n"
                     "# listen \"127.0.0.1:6697\" { tls = true }\n"
                     "# listen \"127.0.0.1:8067\" { serves = { \"chat\", "
                     "\"websocket\", \"metrics\", \"health\", \"api\", \"admin\" } }\n",
                     "[::1]:6697");
    draft_add(t, "# }\n# listen \"192.0.2.1:6697\" { tls = true }\n"
                 "# listen \"192.0.2.1:6667\" {\n");
    write_example_option(t, option_find(b, "redirect", 8), "true");
    draft_add(t, "# }\n# listen \"unix:/run/ircd/irc.sock\" {\n");
    write_example_option(t, option_find(b, "proxy", 5), "true");
    write_example_option(t, option_find(b, "mode", 4), "\"0600\"");
    write_example_option(t, option_find(b, "class", 5), "\"bots\"");
    draft_add(t, "# }\n");
    write_web_listener(t, b);
    open_example(t, "tls", "", "irc.example.org");
    draft_add(t, "# }\n");
}

/* Writes three examples, because gateways and proxies have other options. */
static void
write_proxy(struct draft *t)
{
    open_example(t, "proxy",
                 "# proxy \"haproxy\" { match = { \"10.0.0.2\" }  accepts = { "
                 "\"proxy-protocol\" } }\n"
                 "# proxy \"nginx\" { match = { \"10.0.0.3\" }  accepts = { "
                 "\"forwarded\" } }\n",
                 "kiwi");
    draft_add(t, "# }\n");
}

static void
write_exempt(struct draft *t)
{
    open_example(t, "exempt", "", "127.0.0.0/8");
    for (const struct exempt_word *w = exempt_words; w->word != NULL; w++)
        draft_addf(t, "#     # %s: %s\n", w->word, w->help);
    draft_add(t, "# }\n");
}

/* Writes two examples, because one extends the other. */
static void
write_operclass(struct draft *t)
{
    const struct block *b = open_example(t, "operclass", "", "helper");
    const struct option *privileges = option_find(b, "privileges", 10);
    write_example_option(t, privileges, "{ \"kill\" }");
    draft_add(t, "# }\n# operclass \"moderator\" {\n");
    write_example_option(t, option_find(b, "extends", 7), "\"helper\"");
    write_example_option(t, privileges, "{ \"kline\" }");
    draft_add(t, "# }\n");
}

static void
write_oper(struct draft *t, const struct config_words *words)
{
    open_example(t, "oper", "", "alice");
    draft_add(t, "#     # privileges:");
    for (size_t i = 0; words->privileges[i] != NULL; i++) {
        draft_add(t, i > 0 && i % 9 == 0 ? "\n#     #   " : " ");
        draft_add(t, words->privileges[i]);
    }
    draft_add(t, "\n# }\n");
}

char *
config_sample(const struct config_words *words)
{
    struct draft t = {0};
    draft_add(&t, head);
    write_single(&t, &blocks_single[0]);
    write_listen(&t);
    write_proxy(&t);
    for (const struct block *b = &blocks_single[1]; b->name != NULL; b++)
        write_single(&t, b);
    write_exempt(&t);
    open_example(&t, "class", "", "bots");
    draft_add(&t, "# }\n");
    write_operclass(&t);
    write_oper(&t, words);
    return t.at;
}
