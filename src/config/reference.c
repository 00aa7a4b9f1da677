/* Writes the manual page ircd.conf(5) from the tables that the parser uses: every block
 * and option with its type, range, default and meaning. The text about the syntax is in
 * this file, because no table has it. */
#include "config/config.h"
#include "option.h"
#include "titled.h"

#include "base/draft.h"

#include <string.h>

/* Bytes of an example that a line of the page has room for. */
#define EXAMPLE_MAX 60

static const char head[] =
    ".Dt IRCD.CONF 5\n"
    ".Os\n"
    ".Sh NAME\n"
    ".Nm ircd.conf\n"
    ".Nd configuration of ircd\n"
    ".Sh DESCRIPTION\n"
    ".Xr ircd 8\n"
    "reads one file with its option\n"
    ".Fl c .\n"
    "Without that option it uses the built-in configuration, which is the default of "
    "every option below.\n"
    "An empty file is valid and has the same defaults, but exempts no address.\n"
    "The line\n"
    ".Ql include \\(dqconf.d/*.conf\\(dq ,\n"
    "outside of blocks and alone on its line, is replaced by the files that it names, "
    "in "
    "the order of their names.\n"
    "Relative paths begin at the directory of the main file, also in included files.\n"
    "A minimal configuration for a public server, as\n"
    ".Ql ircd \\-\\-setup\n"
    "writes it with other names, is:\n"
    ".Bd -literal -offset indent\n"
    "server   { name = \"irc.example.org\"  network = \"Example\" }\n"
    "listen   \"0.0.0.0:6667\" { }\n"
    "listen   \"0.0.0.0:6697\" { tls = true }\n"
    "database { path = \"/var/lib/ircd\" }\n"
    "process  { user = \"ircd\" }\n"
    "oper     \"alice\" {\n"
    "    password_file = \"alice.hash\"    # printed by: ircd \\-\\-hash\\-password\n"
    "    hosts = { \"*@192.0.2.*\" }\n"
    "    privileges = { \"all\" }\n"
    "}\n"
    ".Ed\n"
    ".Pp\n"
    ".Ql \"ircd \\-c FILE \\-t\"\n"
    "checks a file and names each fault with its line.\n"
    ".Ql ircd \\-\\-print\\-config\n"
    "prints a sample with every option.\n"
    "SIGHUP or the command REHASH applies a changed file, all of it or nothing.\n"
    "A changed option that needs a restart is named and keeps its old value until "
    "then.\n"
    ".Sh SYNTAX\n"
    "The file consists of blocks.\n"
    "A block has a name, for some blocks a title in quotes, and options in braces.\n"
    "An option may occur at most once in its block.\n"
    "A block without a title may occur at most once.\n"
    "Blocks with a title may have the same name if their titles differ.\n"
    "This page and the other documents name an option with its block:\n"
    ".Ql strikes.limit\n"
    "is the option\n"
    ".Ql limit\n"
    "in\n"
    ".Ql \"strikes { limit = 5 }\" .\n"
    ".Bl -tag -width Ds\n"
    ".It comment\n"
    "Begins with\n"
    ".Ql #\n"
    "or\n"
    ".Ql //\n"
    "and ends with the line, or is between\n"
    ".Ql /*\n"
    "and\n"
    ".Ql */ .\n"
    ".It text\n"
    "Is in double or single quotes, on one line.\n"
    "A text of letters, digits and a few marks needs no quotes.\n"
    "In double quotes\n"
    ".Ql \\e\\(dq ,\n"
    ".Ql \\e\\e\n"
    "and\n"
    ".Ql \\e$\n"
    "mean the character after the backslash.\n"
    ".Ql ${\n"
    "is refused there, because environment variables are not supported.\n"
    ".It switch\n"
    "true, yes or on; false, no or off.\n"
    ".It number\n"
    "A whole number in decimal digits.\n"
    ".It duration\n"
    "A number with a unit\n"
    ".Pq ms, s, m, h, d, w or y ,\n"
    "as in\n"
    ".Ql 90s\n"
    "or\n"
    ".Ql 1h30m .\n"
    ".It rate\n"
    "A number, a slash and a duration.\n"
    ".Ql 6/60s\n"
    "is six at once, then one each ten seconds.\n"
    ".It list\n"
    "Values in braces with commas between them.\n"
    ".It path\n"
    "A relative path is relative to the directory of the configuration file.\n"
    ".El\n"
    ".Sh BLOCKS\n";

static const char tail[] =
    ".Sh FILES\n"
    ".Bl -tag -width Ds\n"
    ".It Pa /etc/ircd/ircd.conf\n"
    "The place that README.md proposes.\n"
    "Give the file a directory of its own: the sandbox lets the server read that "
    "directory.\n"
    ".It Pa share/ircd/conf/ircd.conf\n"
    "Below the prefix of the installation: the output of\n"
    ".Ql ircd \\-\\-print\\-config .\n"
    ".El\n"
    ".Sh SEE ALSO\n"
    ".Xr ircd\\-commands 7 ,\n"
    ".Xr ircd 8\n";

/* Writes the type and the range of an option: "Number, 0 to 1000." */
static void
write_kind(struct draft *d, const struct option *o)
{
    static const char *const kinds[] = {
        [OPTION_TEXT] = "Text",           [OPTION_BOOL] = "Switch",
        [OPTION_COUNT] = "Number",        [OPTION_SPAN] = "Duration",
        [OPTION_RATE] = "Rate",           [OPTION_SPANS] = "List of durations",
        [OPTION_WORDS] = "List of texts",
    };
    draft_add(d, kinds[o->kind]);
    if (o->min != NULL)
        draft_addf(d, ", %s to %s", o->min, o->max);
    draft_add(d, ".\n");
}

static void
write_default(struct draft *d, const struct option *o)
{
    bool is_text = o->kind == OPTION_TEXT || o->kind == OPTION_RATE ||
                   o->kind == OPTION_SPAN || option_is_list(o);
    if (o->def == NULL)
        return;
    draft_add(d, "Default: ");
    if (is_text && *o->def == '\0')
        draft_add(d, "empty");
    else
        draft_add_roff(d, o->def);
    draft_add(d, ".\n");
}

/* The options that may stand instead of one. */
static void
write_alternatives(struct draft *d, const struct block *b, const struct option *o)
{
    draft_add(d, "It");
    for (; o != NULL; o = o->instead)
        draft_addf(d, "%s %s.%s", o->instead != NULL ? "," : " or", b->name, o->name);
    draft_add(d, " must be given.\n");
}

static void
write_option(struct draft *d, const struct block *b, const struct option *o)
{
    const struct option *row = option_like(o);
    draft_addf(d, ".It Ic %s.%s\n", b->name, o->name);
    draft_add_line(d, row->help);
    draft_add(d, ".br\n");
    write_kind(d, row);
    if (row != o)
        draft_addf(d, "Default: the value of %s.%s.\n", o->like, o->name);
    else
        write_default(d, row);
    if (o->needed != NULL && o->instead == NULL)
        draft_add(d, "It must be given.\n");
    if (o->needed != NULL && o->instead != NULL)
        write_alternatives(d, b, o->instead);
    if (o->fixed)
        draft_add(d, "Only a restart applies a change.\n");
    if (o->example != NULL && strlen(o->example) <= EXAMPLE_MAX) {
        draft_add(d, ".br\nExample: ");
        draft_add_line(d, o->example);
    }
}

/* A word of a list with its meaning. */
static void
write_list_word(struct draft *d, const char *word, const char *help)
{
    draft_addf(d, ".It Ic %s\n", word);
    draft_add_line(d, help);
}

static void
write_words(struct draft *d, const struct block *b, const struct config_words *words)
{
    if (strcmp(b->name, "exempt") == 0) {
        draft_add(d,
                  "The words of\n.Ic exempt.from\nare:\n.Bl -tag -width connections\n");
        for (const struct exempt_word *w = exempt_words; w->word != NULL; w++)
            write_list_word(d, w->word, w->help);
        draft_add(d, ".El\n");
    }
    if (strcmp(b->name, "listen") == 0) {
        draft_add(d,
                  "The words of\n.Ic listen.serves\nare:\n.Bl -tag -width websocket\n");
        for (const struct serves_word *w = serves_words; w->word != NULL; w++)
            write_list_word(d, w->word, w->help);
        draft_add(d, ".El\n");
    }
    if (strcmp(b->name, "oper") != 0)
        return;
    draft_add(d, "The privileges are: all");
    for (size_t i = 0; words->privileges[i] != NULL; i++)
        draft_addf(d, ", %s", words->privileges[i]);
    draft_add(d, ".\n.Xr ircd\\-commands 7\nsays what each of them allows.\n");
}

static void
write_block(struct draft *d, const struct block *b, const struct config_words *words)
{
    draft_addf(d, ".Ss %s", b->name);
    if (b->title != NULL)
        draft_addf(d, " \\(dq%s\\(dq", b->title);
    draft_add(d, "\n");
    draft_add_line(d, b->help);
    draft_add(d, ".Bl -tag -width Ds\n");
    for (const struct option *o = b->options; o->name != NULL; o++)
        write_option(d, b, o);
    draft_add(d, ".El\n");
    write_words(d, b, words);
}

char *
config_reference(const struct config_words *words)
{
    struct draft d = {0};
    draft_add(&d, head);
    for (const struct block *b = blocks_single; b->name != NULL; b++)
        write_block(&d, b, words);
    for (const struct block *b = blocks_titled; b->name != NULL; b++)
        write_block(&d, b, words);
    draft_add(&d, tail);
    return d.at;
}
