/* Judges the bearer token of a call of the API.
 *
 * The order is that of OPER: the connection, the host, the lockout, the token. So a token
 * is compared only where one may be right, and a wrong token counts like a wrong
 * password: in the same account, with the same strikes and the same lockout. The core
 * gets no token, only its SHA-256; neither is in the log. */
#include "acting.h"

#include "base/duration.h"
#include "base/str.h"
#include "enact/strike.h"
#include "policy/access.h"
#include "policy/oper_lockout.h"
#include "policy/privs.h"
#include "session/session.h"
#include "state/server.h"
#include "state/tell.h"

/* Logs and tells that a token is refused. oper: its block; NULL: none is known. */
static void
tell_token_refused(struct server *srv, const struct addr *addr,
                   const struct config_oper *oper, const char *why)
{
    char host[ADDR_TEXT];
    addr_format(addr, host, sizeof host);
    TELL(srv, TELL_FORMS(PRIV_see_address), token_failed, .host = host,
         .name = oper ? oper->name : NULL, .why = why, .hidden = "a host");
}

static const struct config_oper *
refuse_token(struct act_refusal *out, enum act_verdict verdict, const char *why)
{
    out->verdict = verdict;
    str_format(out->why, sizeof out->why, "%s", why);
    return NULL;
}

static const struct config_oper *
refuse_token_host(struct server *srv, const struct addr *addr,
                  const struct config_oper *oper, struct act_refusal *out)
{
    tell_token_refused(srv, addr, oper,
                       oper ? "its block does not admit this host"
                            : "no block with a token admits this host");
    return refuse_token(out, ACT_HOST,
                        "The oper block of this token does not admit your host; the "
                        "administrator adds it to the hosts of the block");
}

static const struct config_oper *
refuse_token_lockout(struct server *srv, const struct addr *addr, int seconds,
                     struct act_refusal *out)
{
    char wait[DURATION_TEXT], why[sizeof out->why];
    duration_words(seconds * MSEC_SECOND, wait, sizeof wait);
    str_format(why, sizeof why, "Too many failures from your host; try again in %s",
               wait);
    tell_token_refused(srv, addr, NULL, "too many earlier failures from that host");
    out->seconds = seconds;
    return refuse_token(out, ACT_LOCKED_OUT, why);
}

const struct config_oper *
acting_judge(struct server *srv, const struct connection_info *info,
             struct act_refusal *out)
{
    struct oper_attempt attempt;
    int seconds;
    *out = (struct act_refusal){.verdict = ACT_ADMITTED};
    if (!info->secure && !addr_is_loopback(&info->addr)) {
        tell_token_refused(srv, &info->addr, NULL, "the connection is not encrypted");
        return refuse_token(out, ACT_PLAIN,
                            "This connection is not encrypted: use https, and a new "
                            "token if you have sent yours");
    }
    if (!access_token_host(srv, &info->addr))
        return refuse_token_host(srv, &info->addr, NULL, out);
    if (!oper_lockout_enter_token(srv, &info->addr, &attempt, &seconds))
        return refuse_token_lockout(srv, &info->addr, seconds, out);
    const struct config_oper *oper = access_token(srv, info->token);
    if (oper == NULL) {
        tell_token_refused(srv, &info->addr, NULL, "no block has this token");
        enact_oper_fail(srv, &attempt, NULL);
        return refuse_token(out, ACT_UNKNOWN, "No oper block has this token");
    }
    oper_lockout_take_back(srv, &attempt);
    if (!access_token_admits(oper, &info->addr))
        return refuse_token_host(srv, &info->addr, oper, out);
    return oper;
}
