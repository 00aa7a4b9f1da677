/* PING, PONG, QUIT and ERROR (RFC 2812 3.1.7, 3.7), which keep or end a connection. */
#include "base/attr.h"
#include "base/str.h"
#include "cmd/command.h"
#include "policy/access.h"
#include "proto/mode.h"
#include "proto/utf8.h"
#include "state/client.h"
#include "state/client_end.h"
#include "state/out.h"
#include "state/relay.h"
#include "state/request.h"
#include "state/server.h"

#include <string.h>

#define QUIT_MAX 300 /* bytes of a QUIT reason */

static ATTR_HOT void
ping_run(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct message *m = req->message;
    struct relay r;
    if (m->nparams == 0) {
        reply(req, ERR_NOORIGIN);
        return;
    }
    relay_begin(&r, srv, NULL, "PONG %s :%s", srv->me.name, m->params[0]);
    relay_reply(&r, c);
    relay_end(&r);
}

static void
pong_run(struct request *req)
{
    (void)req;
    /* session_input has already noted that the client has sent a line. */
}

static void
quit_run(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct message *m = req->message;
    char why[QUIT_MAX + 8];
    struct str s;
    const char *text = m->nparams ? m->params[0] : "";
    str_init(&s, why, sizeof why);
    str_add(&s, "Quit: ");
    str_addn(&s, text, utf8_cut(text, strlen(text), QUIT_MAX));
    if (!(c->out.flags & CLIENT_ENDING)) {
        c->out.flags |= CLIENT_LEFT;
        access_withhold_text(srv, c, text);
    }
    client_kill(srv, c, END_QUIT, *text ? why : "Client quit");
}

static void
error_run(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    if (!client_is_registered(c))
        client_kill(srv, c, END_SERVER_PROTOCOL, NULL);
}

/* Refused by design: bytes in front of a handshake can be forged. */
static void
starttls_run(struct request *req)
{
    const struct client *c = req->client;
    char why[80] = "this server has no port with TLS";
    unsigned port = config_tls_port(req->srv->config, client_is_local(c));
    if (c->user.modes & USER_SECURE)
        str_format(why, sizeof why, "this connection has TLS already");
    else if (c->out.flags & CLIENT_WEB)
        str_format(why, sizeof why, "connect to an address that begins with wss");
    else if (port)
        str_format(why, sizeof why, "connect with TLS to port %u instead", port);
    reply(req, ERR_STARTTLS, why);
}

const struct command commands_connection[] = {
    {
        .name = "PING",
        .run = ping_run,
        .when = WHEN_ANY,
        .flags = COMMAND_BETWEEN,
        .group = GROUP_CONNECT,
        .syntax = "<token>",
        .help = "make the server answer with PONG",
        .example = "PING 12345",
    },
    {
        .name = "PONG",
        .run = pong_run,
        .when = WHEN_ANY,
        .flags = COMMAND_BETWEEN,
        .group = GROUP_CONNECT,
        .syntax = "<token>",
        .help = "answer a PING of the server",
        .example = "PONG 12345",
    },
    {
        .name = "QUIT",
        .run = quit_run,
        .when = WHEN_ANY,
        .flags = COMMAND_BETWEEN,
        .group = GROUP_CHAT,
        .syntax = "[:<reason>]",
        .help = "leave the server",
        .example = "QUIT :good night",
    },
    {
        .name = "ERROR",
        .run = error_run,
        .when = WHEN_ANY,
        .cost = 1,
        .group = GROUP_CONNECT,
        .syntax = ":<text>",
        .help = "is sent by servers; ignored from clients",
        .example = "ERROR :closing",
    },
    {
        .name = "STARTTLS",
        .run = starttls_run,
        .when = WHEN_ANY,
        .cost = 1,
        .group = GROUP_CONNECT,
        .syntax = "",
        .help = "is refused, and tells the port with TLS",
    },
    {.name = NULL},
};
