/* The report of what an operator did by the privilege override alone. Must never be
 * called for what was refused. */
#include "cmd/override.h"

#include "state/client.h"
#include "state/out.h"
#include "state/server.h"

void
override_report(struct server *srv, const struct client *c, const char *command,
                const char *channel, const char *nick, const char *text)
{
    bool has_text = text && *text;
    out_opers_by(srv, c, SNO_OPERS, 0, "", "", "%s used %s: %s%s%s%s%s", c->user.nick,
                 command, channel, nick ? " " : "", nick ? nick : "",
                 has_text ? " " : "", has_text ? text : "");
    log_event(srv->log, LOG_LEVEL_INFO, "override", "by", c->user.oper, "command",
              command, "channel", channel, "nick", nick, "text", has_text ? text : NULL,
              NULL);
}
