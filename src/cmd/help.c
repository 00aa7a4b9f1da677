/* HELP: from the rows of the commands, and only those that the asker may use. */
#include "base/str.h"
#include "command.h"
#include "dispatch.h"
#include "policy/access.h"
#include "proto/cap.h"
#include "proto/casemap.h"
#include "proto/mode.h"

static void
text(struct server *srv, struct client *c, const char *topic, const char *line)
{
    reply(srv, c, RPL_HELPTXT, topic, line);
}

static void
list_commands(struct server *srv, struct client *c)
{
    char line[MESSAGE_LINE];
    struct str s;
    const struct command *row;
    str_init(&s, line, sizeof line);
    reply(srv, c, RPL_HELPSTART, "*",
          "Commands you may use; HELP <command> tells more");
    for (size_t i = 0; (row = dispatch_row(srv, i, NULL, NULL)) != NULL; i++) {
        if (!access_has(c, row->priv))
            continue;
        str_addf(&s, "%s%s", s.len ? " " : "", row->name);
        if (s.len > 60) {
            text(srv, c, "*", line);
            str_init(&s, line, sizeof line);
        }
    }
    if (s.len)
        text(srv, c, "*", line);
    text(srv, c, "*", "More topics: CMODES UMODES SNOMASKS PRIVILEGES CAPS");
    for (unsigned p = 0; p < PRIV_COUNT; p++) {
        if (!access_has(c, (uint64_t)1 << p))
            continue;
        str_init(&s, line, sizeof line);
        str_addf(&s, "You have '%s': %s", privs_names[p], privs_help[p]);
        text(srv, c, "*", line);
    }
    reply(srv, c, RPL_ENDOFHELP, "*", "End of /HELP");
}

static void
mode_topic(struct server *srv, struct client *c, const char *topic,
           const struct mode_row *rows, size_t n)
{
    char line[MESSAGE_LINE];
    for (size_t i = 0; i < n; i++) {
        str_format(line, sizeof line, "+%c  %s", rows[i].letter, rows[i].help);
        text(srv, c, topic, line);
    }
}

static void
channel_modes(struct server *srv, struct client *c, const char *topic)
{
    mode_topic(srv, c, topic, mode_channel, CHAN_MODE_COUNT);
}

static void
user_modes(struct server *srv, struct client *c, const char *topic)
{
    mode_topic(srv, c, topic, mode_user, USER_MODE_COUNT);
}

static void
snomasks(struct server *srv, struct client *c, const char *topic)
{
    char line[MESSAGE_LINE];
    for (size_t i = 0; i < SNO_COUNT; i++) {
        str_format(line, sizeof line, "%c  %s%s", snomask_rows[i].letter,
                   snomask_rows[i].help,
                   SNO_DEFAULT & 1U << i ? "" : " (only when asked for)");
        text(srv, c, topic, line);
    }
}

static void
privileges(struct server *srv, struct client *c, const char *topic)
{
    char line[MESSAGE_LINE];
    for (unsigned p = 0; p < PRIV_COUNT; p++) {
        str_format(line, sizeof line, "%s: %s%s", privs_names[p], privs_help[p],
                   access_has(c, (uint64_t)1 << p) ? " (you have it)" : "");
        text(srv, c, topic, line);
    }
}

static void
capabilities(struct server *srv, struct client *c, const char *topic)
{
    for (size_t i = 0; i < CAP_COUNT; i++)
        text(srv, c, topic, cap_names[i]);
}

/* What is not a command. */
static const struct {
    const char *name, *title;
    void (*send)(struct server *, struct client *, const char *topic);
} topics[] = {
    {"CMODES", "Modes of channels: MODE <#channel> <changes>", channel_modes},
    {"UMODES", "Modes of users: MODE <nick> <changes>", user_modes},
    {"SNOMASKS", "Server notices for operators: MODE <nick> +s <letters>", snomasks},
    {"PRIVILEGES", "What operators may be allowed to do", privileges},
    {"CAPS", "Capabilities of IRCv3: CAP REQ :<names>", capabilities},
};

static bool
send_topic(struct server *srv, struct client *c, const char *name)
{
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++) {
        if (!name_equal(topics[i].name, name))
            continue;
        reply(srv, c, RPL_HELPSTART, topics[i].name, topics[i].title);
        topics[i].send(srv, c, topics[i].name);
        reply(srv, c, RPL_ENDOFHELP, topics[i].name, "End of /HELP");
        return true;
    }
    return false;
}

static void
help_run(struct server *srv, struct client *c, struct message *m)
{
    char line[MESSAGE_LINE];
    const struct command *row = NULL;
    if (m->nparams == 0 || m->params[0][0] == '\0') {
        list_commands(srv, c);
        return;
    }
    row = dispatch_find(srv, m->params[0], strlen(m->params[0]));
    if (row == NULL) {
        if (!send_topic(srv, c, m->params[0]))
            reply(srv, c, ERR_HELPNOTFOUND, command_echo(m->params[0]));
        return;
    }
    str_format(line, sizeof line, "%s %s", row->name, row->syntax);
    reply(srv, c, RPL_HELPSTART, row->name, line);
    text(srv, c, row->name, row->help);
    if (row->priv) {
        str_format(line, sizeof line, "Needs the privilege: %s%s",
                   privs_name(row->priv),
                   access_has(c, row->priv) ? " (you have it)" : "");
        text(srv, c, row->name, line);
    }
    reply(srv, c, RPL_ENDOFHELP, row->name, "End of /HELP");
}

const struct command commands_help[] = {
    {"HELP", help_run, 0, WHEN_REGISTERED, 1, PRIV_NONE, COMMAND_WEIGHED,
     "[<command> | <topic>]", "what you may do, and how"},
    {"HELPOP", help_run, 0, WHEN_REGISTERED, 1, PRIV_NONE, COMMAND_WEIGHED,
     "[<command> | <topic>]", "the same as HELP"},
    {NULL, NULL, 0, WHEN_ANY, 0, PRIV_NONE, 0, NULL, NULL},
};
