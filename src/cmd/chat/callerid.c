/* Caller-id (user mode +g): the numerics of a message that is refused, to its sender and
 * to its target.
 *
 * There is no specification: the numerics 716 to 718 are those of ratbox and hybrid. */
#include "callerid.h"

#include "cmd/command.h"
#include "state/accept.h"

void
callerid_refuse(struct request *req, struct client *to, bool quiet, bool tells)
{
    struct server *srv = req->srv;
    const struct client *from = req->client;
    if (!quiet)
        reply(req, RPL_TARGUMODEG, to->user.nick);
    if (!tells || !accept_may_tell(srv, to))
        return;
    if (!quiet)
        reply(req, RPL_TARGNOTIFY, to->user.nick);
    out_numeric(srv, to, RPL_UMODEGMSG, from->user.nick, from->user.username,
                from->user.host, from->user.nick);
}
