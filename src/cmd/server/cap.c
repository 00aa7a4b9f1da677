/* CAP (IRCv3 capability-negotiation 302): LS, LIST, REQ, END.
 *
 * A REQ is granted as a whole or not at all. LS and REQ of a client that has not
 * registered suspend its registration until END. */
#include "proto/cap.h"

#include "base/str.h"
#include "cmd/command.h"
#include "proto/casemap.h"
#include "register.h"
#include "state/relay.h"
#include "sts.h"

#include <stdlib.h>

static void
send_cap_line(struct request *req, const char *sub, const char *text)
{
    struct client *c = req->client;
    struct relay r;
    relay_begin(&r, req->srv, NULL, "CAP %s %s :%s", client_name(c), sub, text);
    relay_reply(&r, c);
    relay_end(&r);
}

/* The bytes of names that fit in a line with the "*" of a line that is not the last. */
static size_t
count_cap_room(const struct server *srv, const struct client *c)
{
    return MESSAGE_LINE - 2 - srv->me.name_len - strlen(client_name(c)) -
           (sizeof ": CAP  LIST * :" - 1);
}

/* Sends the names (and values) of these capabilities, and `last` behind them. `many`
 * (302): in as many lines as they need, with "*" in all but the last; else one line with
 * the names that fit. */
static void
send_cap_list(struct request *req, const char *sub, uint64_t caps, bool values,
              bool many, const char *last)
{
    char line[MESSAGE_LINE], more[16];
    unsigned next = 0;
    size_t room = count_cap_room(req->srv, req->client);
    str_format(more, sizeof more, "%s *", sub);
    for (;;) {
        cap_write(caps, values, &next, line, room);
        if (next == CAP_COUNT || !many)
            break;
        send_cap_line(req, more, line);
    }
    size_t n = strlen(line);
    if (*last && n + strlen(last) + 2 > room) {
        send_cap_line(req, more, line);
        n = 0;
    }
    if (*last)
        str_format(line + n, sizeof line - n, "%s%s", n ? " " : "", last);
    send_cap_line(req, sub, line);
}

static void
suspend_registration(struct client *c)
{
    if (!(c->out.flags & CLIENT_REGISTERED))
        c->out.flags |= CLIENT_CAP_HOLD;
}

static void
list_offered_caps(struct request *req, const char *arg)
{
    struct client *c = req->client;
    bool values = arg && strtoul(arg, NULL, 10) >= 302;
    char sts[STS_TEXT] = "";
    suspend_registration(c);
    if (values) {
        c->out.flags |= CLIENT_CAP_302;
        c->out.caps |= CAP_CAP_NOTIFY;
        sts_write(req->srv, c, sts, sizeof sts);
    }
    send_cap_list(req, "LS", (UINT64_C(1) << CAP_COUNT) - 1, values, values, sts);
}

static void
list_enabled_caps(struct request *req, const char *arg)
{
    struct client *c = req->client;
    (void)arg;
    send_cap_list(req, "LIST", c->out.caps, false, c->out.flags & CLIENT_CAP_302, "");
}

/* Computes the capabilities after a request. False: it names one that is unknown or
 * that cannot be turned off. */
static bool
apply_cap_request(const struct client *c, const char *request, uint64_t *caps)
{
    char word[64];
    *caps = c->out.caps;
    while (*request) {
        size_t n = strcspn(request, " ");
        struct str s;
        str_init(&s, word, sizeof word);
        str_addn(&s, request, n);
        request += n + strspn(request + n, " ");
        if (n == 0)
            continue;
        bool off = word[0] == '-';
        uint64_t bit = s.cut ? 0 : cap_find(word + off);
        /* With 302, cap-notify is on and cannot be turned off (302 "cap-notify"). */
        if (bit == 0 || (off && bit == CAP_CAP_NOTIFY && c->out.flags & CLIENT_CAP_302))
            return false;
        *caps = off ? *caps & ~bit : *caps | bit;
    }
    return true;
}

static void
request_caps(struct request *req, const char *arg)
{
    struct client *c = req->client;
    uint64_t caps;
    suspend_registration(c);
    bool granted = arg && apply_cap_request(c, arg, &caps);
    send_cap_line(req, granted ? "ACK" : "NAK", arg ? arg : "");
    if (granted)
        c->out.caps = caps;
}

static void
end_negotiation(struct request *req, const char *arg)
{
    struct client *c = req->client;
    (void)arg;
    c->out.flags &= ~(unsigned)CLIENT_CAP_HOLD;
    register_try(req->srv, c);
}

static const struct {
    const char *name;
    void (*run)(struct request *req, const char *arg);
} subcommands[] = {{"LS", list_offered_caps},
                   {"LIST", list_enabled_caps},
                   {"REQ", request_caps},
                   {"END", end_negotiation}};

static void
cap_run(struct request *req)
{
    struct message *m = req->message;
    for (size_t i = 0; i < sizeof subcommands / sizeof *subcommands; i++) {
        if (!name_equal(m->params[0], subcommands[i].name))
            continue;
        subcommands[i].run(req, m->params[1]);
        return;
    }
    reply(req, ERR_INVALIDCAPCMD, command_echo(m->params[0]));
}

static void
refuse_unread_cap(struct request *req, const char *why)
{
    (void)why;
    reply(req, ERR_INVALIDCAPCMD, "*");
}

const struct command commands_cap[] = {
    {
        .name = "CAP",
        .run = cap_run,
        .refused = refuse_unread_cap,
        .min_params = 1,
        .when = WHEN_ANY,
        .cost = 1,
        .group = GROUP_CONNECT,
        .syntax = "LS 302 | LIST | REQ :<names> | END",
        .help = "list and request capabilities of IRCv3",
        .example = "CAP REQ :server-time message-tags",
    },
    {.name = NULL},
};
