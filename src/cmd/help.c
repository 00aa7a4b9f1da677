/* HELP: from the rows of the commands, and only those that the asker may use. */
#include "base/str.h"
#include "command.h"
#include "dispatch.h"
#include "policy/access.h"
#include "proto/casemap.h"

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
        reply(srv, c, ERR_HELPNOTFOUND, m->params[0]);
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
    {"HELP", help_run, 0, WHEN_REGISTERED, 1, PRIV_NONE, 0, "[<command>]",
     "what you may do, and how"},
    {"HELPOP", help_run, 0, WHEN_REGISTERED, 1, PRIV_NONE, 0, "[<command>]",
     "the same as HELP"},
    {NULL, NULL, 0, WHEN_ANY, 0, PRIV_NONE, 0, NULL, NULL},
};
