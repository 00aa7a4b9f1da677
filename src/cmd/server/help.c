/* HELP: made from the rows of the commands. Lists show only the commands that the
 * client may use. */
#include "base/str.h"
#include "cmd/command.h"
#include "cmd/registry.h"
#include "cmd/table.h"
#include "policy/access.h"
#include "proto/cap.h"
#include "proto/casemap.h"
#include "proto/mode.h"

#include <string.h>

#define GROUP_LINE 60 /* bytes after which a list of commands goes on in a new line */

static void
send_help_line(struct server *srv, struct client *c, const char *topic,
               const char *line)
{
    out_numeric(srv, c, RPL_HELPTXT, topic, line);
}

/* Sends "Chat: JOIN PART ..." with the commands of a group that the client may use;
 * nothing if there are none. */
static void
list_group(struct request *req, int group)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    char line[MESSAGE_LINE];
    struct str s;
    const struct command *row;
    str_init(&s, line, sizeof line);
    for (size_t i = 0; (row = registry_row(srv, i, NULL, NULL)) != NULL; i++) {
        if (!access_has(c, row->priv) || (int)row->group != group)
            continue;
        if (s.len > GROUP_LINE) {
            send_help_line(srv, c, "*", line);
            str_init(&s, line, sizeof line);
        }
        if (s.len == 0)
            str_addf(&s, "%s:", registry_group_titles[group]);
        str_addf(&s, " %s", row->name);
    }
    if (s.len)
        send_help_line(srv, c, "*", line);
}

static void
list_commands(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    char line[MESSAGE_LINE];
    reply(req, RPL_HELPSTART, "*", "Commands you may use; HELP <command> tells more");
    for (int group = GROUP_NONE + 1; group < COMMAND_GROUPS; group++)
        list_group(req, group);
    send_help_line(srv, c, "*",
                   "More topics: MODERATION EXTBANS CMODES UMODES SNOMASKS PRIVILEGES "
                   "TABLES CAPS");
    for (unsigned p = 0; p < PRIV_COUNT; p++) {
        if (!access_has(c, (uint64_t)1 << p))
            continue;
        str_format(line, sizeof line, "You have '%s': %s", privs_names[p],
                   privs_help[p]);
        send_help_line(srv, c, "*", line);
    }
    reply(req, RPL_ENDOFHELP, "*", "End of /HELP");
}

/* Sends the lines of a topic. The array ends with NULL. */
static void
send_help_lines(struct server *srv, struct client *c, const char *topic,
                const char *const *lines)
{
    for (; *lines != NULL; lines++)
        send_help_line(srv, c, topic, *lines);
}

static void
send_moderation(struct server *srv, struct client *c, const char *topic)
{
    static const char *const lines[] = {
        "As operator of a channel (@) or half-operator (%):",
        "  /kick bob enough                     remove from the channel; bob may come "
        "back",
        "  /mode #tea +b *!*@*.net.cloak        ban users that match; -b lifts the "
        "ban, +e "
        "exempts users from it",
        "  /mode #tea +b ~time:1h:~mute:bob!*@* let bob join, but not speak, for an "
        "hour: HELP EXTBANS",
        "  /mode #tea +m, +i, +S 5, +j 5:10     only voiced users speak, only invited "
        "join, slow mode, few joins: HELP CMODES",
        "As operator of the server, after /oper NAME PASSWORD (HELP shows what you may "
        "use):",
        "  CHECK bob                            show all about its host",
        "  STRIKE bob 2 :advertising            give strikes: at the limit the host is "
        "banned; PARDON bob clears all",
        "  TESTMASK *@192.0.2.0/24              count the clients that a ban would hit",
        "  KLINE 1h bob :spam|same as last week ban the host of bob; only operators "
        "see "
        "the part after |",
        "  XLINE NOW 1d *free\\smoney* :spam     disconnect all clients with such a "
        "real name; TESTMASK XLINE counts them first",
        "  BANS spam, UNKLINE *@192.0.2.7       search all bans, lift one",
        "A client that does not know a command sends it with /quote: /quote KLINE 1h "
        "bob "
        ":spam. Or with aliases, in irssi:",
        "/alias check /quote CHECK",
        "/alias testmask /quote TESTMASK",
        "/alias strikes /quote STRIKES",
        "/alias strike /quote STRIKE",
        "/alias pardon /quote PARDON",
        "/alias bans /quote BANS",
        "/alias kline /quote KLINE",
        "/alias unkline /quote UNKLINE",
        "/alias dline /quote DLINE",
        "/alias undline /quote UNDLINE",
        "/alias xline /quote XLINE",
        "/alias unxline /quote UNXLINE",
        "/alias watch /quote MODE $N +s +bfkors",
        "/alias warn /quote NOTICE $0 :Warning: $1-",
        "/alias mute /quote MODE $C +b ~time:$0:~mute:$1!*@*",
        "/alias unmute /quote MODE $C -b ~time:$0:~mute:$1!*@*",
        "/alias report /quote GLOBOPS :$0-",
        "and in WeeChat:",
        "/alias add check /quote CHECK",
        "/alias add testmask /quote TESTMASK",
        "/alias add strikes /quote STRIKES",
        "/alias add strike /quote STRIKE",
        "/alias add pardon /quote PARDON",
        "/alias add bans /quote BANS",
        "/alias add kline /quote KLINE",
        "/alias add unkline /quote UNKLINE",
        "/alias add dline /quote DLINE",
        "/alias add undline /quote UNDLINE",
        "/alias add xline /quote XLINE",
        "/alias add unxline /quote UNXLINE",
        "/alias add watch /quote MODE $nick +s +bfkors",
        "/alias add warn /quote NOTICE $1 :Warning: $2-",
        "/alias add mute /quote MODE $channel +b ~time:$1:~mute:$2!*@*",
        "/alias add unmute /quote MODE $channel -b ~time:$1:~mute:$2!*@*",
        "/alias add report /quote GLOBOPS :$*",
        "HexChat sends commands that it does not know as they are.",
        NULL,
    };
    send_help_lines(srv, c, topic, lines);
}

static void
send_extbans(struct server *srv, struct client *c, const char *topic)
{
    static const char *const lines[] = {
        "An entry of +b, +q, +e and +I is a mask (nick!user@host), an address, a CIDR, "
        "or one of:",
        "  ~realname:<glob>    (~r:) users with a real name that matches; ? also means "
        "a blank",
        "  ~channel:<#channel> (~c:) users on that channel",
        "Before any of these there may be, in this order:",
        "  ~time:<duration>:   (~t:) the entry ends after that time; without a unit: "
        "minutes",
        "  ~mute:              (~m:) in +b: users that match may join, but not speak",
        "                            in +e: users that match are exempt from mutes, "
        "not from bans",
        "If hosts are cloaks, an address or a CIDR matches only users that have shown",
        "their address to others. *!*@*.<net>.<net>.cloak means a network.",
        "Examples:",
        "  MODE #tea +b ~realname:*free?money*",
        "  MODE #tea +b ~time:1h:~mute:eve!*@*",
        "  MODE #tea +I ~channel:#staff",
        NULL,
    };
    send_help_lines(srv, c, topic, lines);
}

static void
send_mode_rows(struct server *srv, struct client *c, const char *topic,
               const struct mode_row *rows, size_t n)
{
    char line[MESSAGE_LINE];
    for (size_t i = 0; i < n; i++) {
        str_format(line, sizeof line, "+%c  %s", rows[i].letter, rows[i].help);
        send_help_line(srv, c, topic, line);
    }
}

static void
send_channel_modes(struct server *srv, struct client *c, const char *topic)
{
    send_mode_rows(srv, c, topic, mode_channel, CHAN_MODE_COUNT);
}

static void
send_user_modes(struct server *srv, struct client *c, const char *topic)
{
    send_mode_rows(srv, c, topic, mode_user, USER_MODE_COUNT);
}

static void
send_snomasks(struct server *srv, struct client *c, const char *topic)
{
    char line[MESSAGE_LINE];
    for (size_t i = 0; i < SNO_COUNT; i++) {
        str_format(line, sizeof line, "%c  %s%s", snomask_rows[i].letter,
                   snomask_rows[i].help,
                   SNO_DEFAULT & 1U << i ? "" : " (+s alone leaves it out)");
        send_help_line(srv, c, topic, line);
    }
}

static void
send_privileges(struct server *srv, struct client *c, const char *topic)
{
    char line[MESSAGE_LINE];
    for (unsigned p = 0; p < PRIV_COUNT; p++) {
        str_format(line, sizeof line, "%s: %s%s", privs_names[p], privs_help[p],
                   access_has(c, (uint64_t)1 << p) ? " (you have it)" : "");
        send_help_line(srv, c, topic, line);
    }
}

/* "  bans: kind* mask* …" for each table. */
static void
send_tables(struct server *srv, struct client *c, const char *topic)
{
    static const char *const lines[] = {
        "TABLE <table> [<cursor> | *] [:<filter>] answers with a row of JSON a line,",
        "at most 500, then \"* <cursor>\" if there are more rows, or \"* end\". The "
        "next",
        "command goes on with the cursor. A line with + continues the row before it.",
        "The filter is a list of words, and a row must match all: \"word\" stands in a",
        "column with *, \"column=value\" is the value of a column. With * and ? a word "
        "is",
        "a pattern of the whole value; \"column=\" means null.",
        "Example: TABLE bans * :kind=K-line automatic=true reason=*spam*",
        NULL,
    };
    char line[MESSAGE_LINE];
    struct str s;
    send_help_lines(srv, c, topic, lines);
    for (const struct table *const *t = tables; *t; t++) {
        str_init(&s, line, sizeof line);
        str_addf(&s, "%s:", (*t)->name);
        for (size_t i = 0; i < (*t)->n_columns; i++)
            if (*(*t)->columns[i].meaning)
                str_addf(&s, " %s%s", (*t)->columns[i].name,
                         (*t)->columns[i].searched ? "*" : "");
        str_add(&s, (*t)->sparse ? ", and the keys of the events*" : "");
        send_help_line(srv, c, topic, line);
    }
}

static void
send_capabilities(struct server *srv, struct client *c, const char *topic)
{
    for (size_t i = 0; i < CAP_COUNT; i++)
        send_help_line(srv, c, topic, cap_names[i]);
}

/* The topics of HELP that are not commands. */
static const struct {
    const char *name, *title;
    void (*send)(struct server *, struct client *, const char *topic);
} topics[] = {
    {"MODERATION", "Keeping order on a channel and on the server", send_moderation},
    {"EXTBANS", "Entries of the lists of a channel: MODE <#channel> +b <entry>",
     send_extbans},
    {"CMODES", "Modes of channels: MODE <#channel> <changes>", send_channel_modes},
    {"UMODES", "Modes of users: MODE <nick> <changes>", send_user_modes},
    {"SNOMASKS", "Server notices for operators: MODE <nick> +s <letters>",
     send_snomasks},
    {"PRIVILEGES", "What operators may be allowed to do", send_privileges},
    {"TABLES", "Rows for programs: the command TABLE", send_tables},
    {"CAPS", "Capabilities of IRCv3: CAP REQ :<names>", send_capabilities},
};

static bool
send_topic(struct request *req, const char *name)
{
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++) {
        if (!name_equal(topics[i].name, name))
            continue;
        reply(req, RPL_HELPSTART, topics[i].name, topics[i].title);
        topics[i].send(req->srv, req->client, topics[i].name);
        reply(req, RPL_ENDOFHELP, topics[i].name, "End of /HELP");
        return true;
    }
    return false;
}

static void
help_run(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct message *m = req->message;
    char line[MESSAGE_LINE];
    const struct command *row = NULL;
    if (m->nparams == 0 || m->params[0][0] == '\0') {
        list_commands(req);
        return;
    }
    row = registry_find(srv, m->params[0], strlen(m->params[0]));
    if (row == NULL) {
        if (!send_topic(req, m->params[0]))
            reply(req, ERR_HELPNOTFOUND, command_echo(m->params[0]));
        return;
    }
    str_format(line, sizeof line, "%s %s", row->name, row->syntax);
    reply(req, RPL_HELPSTART, row->name, line);
    str_format(line, sizeof line, "%s%s%s", row->help,
               row->example ? "; for example " : "", row->example ? row->example : "");
    send_help_line(srv, c, row->name, line);
    if (row->priv) {
        str_format(line, sizeof line, "Needs the privilege: %s%s",
                   privs_name(row->priv),
                   access_has(c, row->priv) ? " (you have it)" : "");
        send_help_line(srv, c, row->name, line);
    }
    reply(req, RPL_ENDOFHELP, row->name, "End of /HELP");
}

const struct command commands_help[] = {
    {
        .name = "HELP",
        .run = help_run,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .flags = COMMAND_WEIGHED,
        .group = GROUP_SERVER,
        .syntax = "[<command> | <topic>]",
        .help = "show what you may do, and how",
        .example = "HELP KLINE",
    },
    {
        .name = "HELPOP",
        .run = help_run,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .flags = COMMAND_WEIGHED,
        .group = GROUP_SERVER,
        .syntax = "[<command> | <topic>]",
        .help = "the same as HELP",
        .example = "HELPOP KLINE",
    },
    {.name = NULL},
};
