/* WEBIRC: a gateway tells the address of its client (IRCv3 webirc).
 *
 * The address decides which limits and bans apply to the client, so a gateway must prove
 * itself, and WEBIRC must be the first command: no other command has run for the address
 * of the gateway. A line that is refused ends the client, because otherwise it
 * would go on with the address of the gateway, which has no limits of a host. */
#include "cmd/webirc.h"

#include "base/duration.h"
#include "base/str.h"
#include "cmd/command.h"
#include "config/config.h"
#include "enact/admit.h"
#include "policy/gateway.h"
#include "policy/throttle.h"
#include "proto/mode.h"
#include "state/client_end.h"
#include "state/tell.h"

#include <string.h>

#define CERTFP_DIGITS 64 /* of SHA-256 in hex */

/* The options of the line that change a fact. */
struct webirc_options {
    bool secure;
    char certfp[CERTFP_DIGITS + 1]; /* "": none */
};

/* Ends c; the text reaches c. */
static void
refuse_webirc(struct server *srv, struct client *c, const char *text, const char *why)
{
    char source[MASK_TEXT];
    client_real_source(c, source, sizeof source);
    srv->refusals[REFUSAL_webirc]++;
    TELL(srv, TELL_FORMS(PRIV_see_address), webirc_failed, .client = source, .why = why,
         .hidden = "a client");
    client_kill(srv, c, END_GATEWAY, text);
}

static void
refuse_more_passwords(struct server *srv, struct client *c, msec wait)
{
    char why[128], length[DURATION_TEXT];
    duration_format(msec_seconds_up(wait) * MSEC_SECOND, length, sizeof length);
    str_format(why, sizeof why,
               "Too many wrong WebIRC passwords from your host; try again in %s",
               length);
    refuse_webirc(srv, c, why, "too many wrong passwords");
}

/* The gateway that c has proven to be; NULL: c is none, and is ended. A wrong token counts as a
 * wrong server password of its host. */
static const struct config_proxy *
prove_gateway(struct server *srv, struct client *c, const char *token)
{
    struct password_try try;
    msec wait;
    if (!throttle_password(srv, c, &try, &wait)) {
        refuse_more_passwords(srv, c, wait);
        return NULL;
    }
    const struct config_proxy *p = gateway_proven(srv, c, token);
    if (p) {
        throttle_password_right(srv, &try);
        return p;
    }
    enact_password_wrong(srv, &try, c);
    refuse_webirc(srv, c, "Invalid WebIRC password",
                  gateway_find(srv, &c->session->addr, ACCEPTS_WEBIRC)
                      ? "the token or certificate is not that of its proxy block"
                      : "no proxy block with webirc matches the address");
    return NULL;
}

/* Copies a fingerprint in either case to lower case; leaves out empty if the value is
 * none. */
static void
read_certfp(const char *value, size_t n, char out[CERTFP_DIGITS + 1])
{
    if (n != CERTFP_DIGITS)
        return;
    for (size_t i = 0; i < n; i++)
        out[i] =
            value[i] >= 'A' && value[i] <= 'F' ? (char)(value[i] | 0x20) : value[i];
    out[n] = '\0';
    if (strspn(out, "0123456789abcdef") != n)
        out[0] = '\0';
}

/* Reads "secure certfp-sha-256=0123… local-port=6697"; unknown options are
 * ignored. */
static void
read_webirc_options(const char *text, struct webirc_options *out)
{
    static const char certfp[] = "certfp-sha-256=";
    while (*(text += strspn(text, " "))) {
        size_t n = strcspn(text, " "), key = strcspn(text, "= ");
        if (key == 6 && memcmp(text, "secure", 6) == 0)
            out->secure = true;
        if (n >= sizeof certfp && memcmp(text, certfp, sizeof certfp - 1) == 0)
            read_certfp(text + sizeof certfp - 1, n - (sizeof certfp - 1), out->certfp);
        text += n;
    }
}

/* The way from the client is secure if both its parts are. */
static bool
is_gateway_secure(const struct client *c)
{
    return c->user.modes & USER_SECURE || client_is_local(c);
}

/* WEBIRC <password> <gateway> <host> <address> [:<options>] */
static void
webirc_run(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct message *m = req->message;
    struct webirc_options options = {0};
    struct addr addr;
    if (m->nparams < 4) {
        refuse_webirc(srv, c,
                      "WEBIRC needs a password, a gateway, a host and an address",
                      "a parameter is missing");
        return;
    }
    if (c->session->commands != 1) {
        refuse_webirc(srv, c, "WEBIRC must be the first command",
                      "another command came first");
        return;
    }
    const struct config_proxy *p = prove_gateway(srv, c, m->params[0]);
    if (p == NULL)
        return;
    if (!addr_parse(m->params[3], &addr)) {
        refuse_webirc(srv, c, "Invalid WebIRC address", "the address is wrong");
        return;
    }
    if (m->nparams > 4)
        read_webirc_options(m->params[4], &options);
    bool has_certfp = p->trusts & TRUSTS_CERTFP && options.certfp[0];
    struct connection_facts facts = {.secure = options.secure && is_gateway_secure(c),
                                     .certfp = has_certfp ? options.certfp : NULL,
                                     .gateway = p->name};
    enact_rehome(srv, c, &addr, &facts);
}

static void
refuse_unread_webirc(struct request *req, const char *why)
{
    if (!client_is_registered(req->client))
        refuse_webirc(req->srv, req->client, "Invalid WEBIRC line", why);
}

bool
webirc_refuse_long(struct server *srv, struct client *c)
{
    bool awaited = !client_is_registered(c) && c->session->commands == 0 &&
                   gateway_find(srv, &c->session->addr, ACCEPTS_WEBIRC);
    if (awaited)
        refuse_webirc(srv, c, "Invalid WEBIRC line", "the line is too long");
    return awaited;
}

const struct command commands_webirc[] = {
    {
        .name = "WEBIRC",
        .run = webirc_run,
        .refused = refuse_unread_webirc,
        .when = WHEN_UNREGISTERED,
        .cost = 1,
        .group = GROUP_CONNECT,
        .syntax = "<password> <gateway> <host> <address> [:<options>]",
        .help = "tell the address of a user; for gateways of a proxy block, as their "
                "first command",
        .example = "WEBIRC secret kiwi host.example 192.0.2.7 :secure",
    },
    {.name = NULL},
};
