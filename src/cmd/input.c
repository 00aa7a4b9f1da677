/* Input: bytes to lines, and flood control's verdict on each (policy.md 3 and 9).
 *
 * A line is priced before anything looks into it, so that held lines keep their order
 * and refused ones cost next to nothing. Bounded: what waits of one client is at most
 * its receive queue. */
#include "input.h"

#include "base/linebuf.h"
#include "cmd/session.h"
#include "command.h"
#include "dispatch.h"
#include "held.h"
#include "policy/flood.h"
#include "policy/strikes.h"

#define TAGS_MAX (MESSAGE_CLIENT_TAGS + 2) /* with '@' and the space */
#define BODY_MAX (MESSAGE_LINE - 2)

static void
excess_flood(struct server *srv, struct client *c)
{
    strike_client(srv, c, STRIKE_EXCESS_FLOOD);
    client_kill(srv, c, "Excess Flood");
}

/* One strike a second at most, however many lines are refused. */
static void
refuse(struct server *srv, struct client *c, const char *line, size_t len)
{
    size_t verb_len;
    const char *verb = message_verb(line, len, &verb_len);
    const struct command *row = dispatch_find(srv, verb, verb_len);
    out_notice(srv, c,
               "%s refused: you are sending too fast, and %d lines wait already",
               row ? row->name : "A line was", c->held_lines);
    if (srv->now - c->struck < MSEC_SECOND)
        return;
    c->struck = srv->now;
    strike_client(srv, c, STRIKE_FLOOD);
}

static void
take_line(struct server *srv, struct client *c, char *line, size_t len)
{
    if (!client_is_registered(c) && c->lines++ >= srv->config->flood.unregistered) {
        excess_flood(srv, c);
        return;
    }
    switch (flood_line(srv, c, dispatch_cost(srv, c, line, len))) {
    case FLOOD_RUN:
        dispatch_line(srv, c, line, len);
        break;
    case FLOOD_HOLD:
        held_add(srv, c, line, len);
        break;
    case FLOOD_REFUSE:
        refuse(srv, c, line, len);
        break;
    }
}

static void
too_long(struct server *srv, struct client *c)
{
    static char nothing[1];
    if (!client_is_registered(c))
        c->lines++;
    /* It costs a token like any other line, but there is nothing to hold. */
    if (flood_line(srv, c, 1) == FLOOD_REFUSE)
        refuse(srv, c, nothing, 0);
    else
        reply(srv, c, ERR_INPUTTOOLONG);
}

static bool
is_too_long(const char *line, size_t len)
{
    size_t tags = message_tags_length(line, len);
    return tags > TAGS_MAX || len - tags > BODY_MAX;
}

static size_t
longest_line(const struct client *c, const char *bytes)
{
    char first = c->in.len > 0 ? c->in.data[0] : *bytes;
    return first == '@' ? TAGS_MAX + BODY_MAX : BODY_MAX;
}

static bool
overruns(const struct server *srv, const struct client *c)
{
    int limit = c->flags & CLIENT_REGISTERED ? srv->config->limits.recvq
                                             : srv->config->limits.recvq_unregistered;
    return linebuf_pending(&c->in) + held_bytes(c) > (size_t)limit;
}

void
session_input(struct server *srv, struct client *c, char *bytes, size_t n)
{
    enum linebuf_got got = LINEBUF_LINE;
    if (c->flags & CLIENT_REGISTERED && !(c->flags & CLIENT_DEAF))
        client_touch(srv, c);
    while (!(c->flags & CLIENT_DEAF) && n > 0 && got != LINEBUF_MORE) {
        char *line;
        size_t len;
        got = linebuf_next(&c->in, longest_line(c, bytes), &bytes, &n, &line, &len);
        if (got == LINEBUF_TOO_LONG || (got == LINEBUF_LINE && is_too_long(line, len)))
            too_long(srv, c);
        else if (got == LINEBUF_LINE)
            take_line(srv, c, line, len);
        if (!(c->flags & CLIENT_DEAF) && overruns(srv, c))
            excess_flood(srv, c);
        session_reap(srv);
    }
}

static bool
release_one(struct server *srv, struct client *c)
{
    size_t len;
    char *line = held_first(c, &len);
    if (line == NULL || c->flags & CLIENT_DEAF)
        return false;
    if (!flood_release(srv, c, dispatch_cost(srv, c, line, len)))
        return false;
    held_drop(c);
    dispatch_line(srv, c, line, len);
    return true;
}

void
input_release_client(struct server *srv, struct client *c)
{
    while (release_one(srv, c))
        continue;
    held_trim(c);
}

void
input_release(struct server *srv)
{
    LIST_EACH_SAFE(&srv->holding, node, next)
        input_release_client(srv, LIST_ENTRY(node, struct client, holding));
    session_reap(srv);
}
