/* TRACE (RFC 2812 3.4.8): clients with class, address and times.
 *
 * The list of all clients is for operators. It is a cursor: first the nick table, then
 * the clients that have not registered, in the order of their connections. Any client
 * may trace itself. An address is shown to its own client and to operators with
 * see_address only. */
#include "base/str.h"
#include "cmd/command.h"
#include "cmd/info.h"
#include "policy/access.h"
#include "policy/client_policy.h"
#include "policy/flood.h"
#include "state/cursor.h"

#define TRACE_A_TOKEN 20 /* lines for one token */

/* The state of a TRACE of all clients. */
struct trace {
    struct cursor cursor; /* first */
    uint64_t after;       /* id of the last unregistered client shown */
    unsigned lines;       /* to be charged */
};

static const char *
find_class_name(const struct client *other)
{
    return policy_of(other)->class ? policy_of(other)->class->name : "*";
}

static void
send_trace_user(struct server *srv, struct client *c, const struct client *other)
{
    char room[CLIENT_HOST_TEXT], name[MASK_TEXT];
    const char *at = access_shown_address(c, other, room);
    long long idle = (srv->now - other->user.talked) / MSEC_SECOND;
    long long open = (srv->now - other->session->opened) / MSEC_SECOND;
    str_format(name, sizeof name, "%s[%s@%s]", other->user.nick, other->user.username,
               other->user.host);
    if (other->user.oper)
        out_numeric(srv, c, RPL_TRACEOPERATOR, find_class_name(other), name, at, idle,
                    open);
    else
        out_numeric(srv, c, RPL_TRACEUSER, find_class_name(other), name, at, idle,
                    open);
}

static void
send_trace_end(struct server *srv, struct client *c)
{
    out_numeric(srv, c, RPL_TRACEEND, srv->me.name, IRCD_VERSION);
}

/* Shows the clients that have not registered. False: the piece is full, and more come.
 */
static bool
show_unregistered(struct server *srv, struct trace *t)
{
    struct client *c = t->cursor.owner;
    char room[CLIENT_HOST_TEXT];
    LIST_EACH(&srv->unregistered, node) {
        const struct client *other = LIST_ENTRY(node, struct client, link);
        if (other->user.id <= t->after || other->out.flags & CLIENT_ACTING)
            continue;
        if (cursor_yields(&t->cursor))
            return false;
        t->after = other->user.id;
        t->lines++;
        out_numeric(srv, c, RPL_TRACEUNKNOWN, find_class_name(other),
                    access_shown_address(c, other, room),
                    (long long)((srv->now - other->session->opened) / MSEC_SECOND));
    }
    return true;
}

static bool
step_trace(struct server *srv, struct cursor *cur)
{
    struct trace *t = (struct trace *)(void *)cur;
    while (cur->client) {
        const struct client *other = cur->client;
        if (cursor_yields(cur))
            return false;
        cur->client = other->user.hh.next;
        if (!client_is_registered(other) || !other->session ||
            !access_sees_client(cur->owner, other))
            continue;
        send_trace_user(srv, cur->owner, other);
        t->lines++;
    }
    if (!show_unregistered(srv, t))
        return false;
    send_trace_end(srv, cur->owner);
    flood_charge(srv, cur->owner, (int)(t->lines / TRACE_A_TOKEN));
    return true;
}

static void
trace_run(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct message *m = req->message;
    const char *target = m->nparams ? m->params[0] : "";
    const struct client *one = client_find_connected(srv, target);
    if (one != c && !access_has(c, PRIV_OPER)) {
        reply(req, ERR_NOPRIVILEGES,
              "you are not an IRC operator; TRACE <your nick> is for all users");
        return;
    }
    if (one) {
        send_trace_user(srv, c, one);
        send_trace_end(srv, c);
        return;
    }
    if (!info_is_this_server(req, target))
        return;
    struct trace *t = cursor_new(srv, c, sizeof *t, step_trace);
    t->cursor.client = srv->nicks;
    cursor_start(srv, &t->cursor);
}

const struct command commands_trace[] = {
    {
        .name = "TRACE",
        .run = trace_run,
        .when = WHEN_REGISTERED,
        .cost = 2,
        .group = GROUP_SERVER,
        .syntax = "[<nick>]",
        .help =
            "show class, address and times of all clients (operators), or of yourself",
        .example = "TRACE bob",
    },
    {.name = NULL},
};
