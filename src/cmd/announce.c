/* Events of what a client changes about itself: join, away text, real name, host, exit.
 *
 * The caller has decided that the change is allowed. If a channel may not read the text
 * of a client, the membership is withheld (access_withhold_text), and the relay leaves
 * the text out there. */
#include "cmd/announce.h"

#include "policy/access.h"
#include "policy/privs.h"
#include "state/client.h"
#include "state/irc_event.h"
#include "state/out.h"
#include "state/request.h"
#include "state/server.h"
#include "state/subsystem.h"
#include "state/tell.h"

#include <string.h>

void
announce_connect(struct server *srv, const struct client *c, bool comes)
{
    char shown[MASK_TEXT], real[MASK_TEXT];
    enum event event = comes ? EVENT_client_connecting : EVENT_client_exiting;
    if (c->out.flags & CLIENT_ACTING || !tell_wants(srv, event))
        return;
    client_source(c, shown, sizeof shown);
    client_real_source(c, real, sizeof real);
    TELL_LIKE(srv, TELL_FORMS(PRIV_see_address), event, client_connecting,
              .client = real, .shown = shown, .reason = c->quit);
}

void
announce_join(struct server *srv, struct client *c, struct channel *chan)
{
    struct irc_event e = {.kind = IRC_JOIN, .source = c, .channel = chan};
    irc_event_emit(srv, &e);
}

void
announce_away(struct request *req)
{
    struct client *c = req->client;
    struct irc_event e = {
        .kind = IRC_AWAY, .source = c, .text = c->user.away, .withheld = true};
    access_withhold_text(req->srv, c, c->user.away ? c->user.away : "");
    irc_event_emit(req->srv, &e);
}

void
announce_realname(struct request *req)
{
    struct client *c = req->client;
    struct irc_event e = {
        .kind = IRC_SETNAME, .source = c, .text = c->user.realname, .withheld = true};
    access_withhold_text(req->srv, c, c->user.realname);
    irc_event_emit(req->srv, &e);
}

void
announce_host(struct request *req, const char *host)
{
    struct client *c = req->client;
    char before[MASK_TEXT];
    if (strcmp(c->user.host, host) == 0)
        return;
    client_source(c, before, sizeof before);
    client_set_host(c, host);
    struct irc_event e = {
        .kind = IRC_CHGHOST, .source = c, .mask = before, .param = c->user.host};
    irc_event_emit(req->srv, &e);
    reply(req, RPL_VISIBLEHOST, c->user.host);
}

/* Only the reason of a QUIT command is the client's own text; all others are the
 * server's, and never withheld. */
static void
announce_quit(struct server *srv, struct client *c)
{
    struct irc_event e = {.kind = IRC_QUIT,
                          .source = c,
                          .text = c->quit ? c->quit : "",
                          .withheld = c->out.flags & CLIENT_LEFT};
    if (c->out.flags & CLIENT_REGISTERED)
        irc_event_emit(srv, &e);
}

static void
announce_exit(struct server *srv, struct client *c)
{
    if (c->out.flags & CLIENT_REGISTERED)
        announce_connect(srv, c, false);
}

const struct subsystem announce_subsystem = {
    .id = SUBSYSTEM_announce,
    .client_leaves = announce_exit,
};

const struct subsystem quit_subsystem = {
    .id = SUBSYSTEM_quit,
    .client_leaves = announce_quit,
};
