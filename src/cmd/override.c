/* The report of an act that only the privilege override allowed. Must never be called
 * for an act that was refused. */
#include "cmd/override.h"

#include "state/client.h"
#include "state/out.h"
#include "state/server.h"
#include "state/tell.h"

void
override_report(struct server *srv, const struct client *c, const char *command,
                const char *channel, const char *nick, const char *text)
{
    bool has_text = text && *text;
    TELL(srv, TELL_OTHERS(c, 0), override, .by = c->user.oper, .command = command,
         .channel = channel, .nick = nick, .text = has_text ? text : NULL,
         .oper = client_act_name(c));
}
