/* Server notices: to operators alone, by kind, in one form or two.
 *
 * What an outsider can cause at will is limited here, and what was left out is told as
 * a number. Must never show the open form of a notice to who may not read it. */
#include "state/out.h"

#include "base/bucket.h"
#include "base/str.h"
#include "state/client.h"
#include "state/server.h"
#include "state/subsystem.h"

#include <stdarg.h>
#include <string.h>

#define NOTICE_BURST 10             /* limited notices of one kind at once, */
#define NOTICE_INTERVAL MSEC_SECOND /* and one more each */

static void ATTR_PRINTF(7, 0)
    to_opers(struct server *srv, const struct client *but, uint16_t kind,
             uint64_t privileges, const char *open, const char *hidden, const char *fmt,
             va_list args)
{
    char text[MESSAGE_LINE];
    struct str s;
    str_init(&s, text, sizeof text);
    str_addv(&s, fmt, args);
    size_t n = strcspn(text, OUT_EITHER);
    const char *rest = text + n + (text[n] != '\0');
    for (size_t i = 0; i < srv->n_opers; i++) {
        struct client *to = srv->opers[i];
        if (to != but && to->user.snomask & kind)
            out_notice(srv, to, "*** %.*s%s%s", (int)n, text,
                       to->user.privileges & privileges ? open : hidden, rest);
    }
}

void
out_opers(struct server *srv, uint16_t kind, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    to_opers(srv, NULL, kind, 0, "", "", fmt, args);
    va_end(args);
}

void
out_opers_both(struct server *srv, uint16_t kind, uint64_t privileges, const char *open,
               const char *hidden, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    to_opers(srv, NULL, kind, privileges, open, hidden, fmt, args);
    va_end(args);
}

void
out_opers_by(struct server *srv, const struct client *actor, uint16_t kind,
             uint64_t privileges, const char *open, const char *hidden, const char *fmt,
             ...)
{
    va_list args;
    va_start(args, fmt);
    to_opers(srv, actor, kind, privileges, open, hidden, fmt, args);
    va_end(args);
}

static void
tell_left_out(struct server *srv, struct notice_limit *l)
{
    uint16_t kind = (uint16_t)(1U << (l - srv->notice_limits));
    unsigned n = l->suppressed;
    l->suppressed = 0;
    if (n)
        out_opers(srv, kind, "%u notices of this kind were left out", n);
}

bool
out_opers_due(struct server *srv, uint16_t kind)
{
    struct notice_limit *l = srv->notice_limits;
    bool wanted = false;
    for (size_t i = 0; i < srv->n_opers && !wanted; i++)
        wanted = srv->opers[i]->user.snomask & kind;
    if (!wanted)
        return false;
    while (!(kind & 1U << (l - srv->notice_limits)))
        l++;
    if (!bucket_take(&l->bucket, srv->now, NOTICE_BURST, NOTICE_INTERVAL, 1)) {
        l->suppressed++;
        l->left_at = srv->now;
        return false;
    }
    tell_left_out(srv, l);
    return true;
}

/* As long as more are left out, the next one that is due says so. */
void
out_opers_tick(struct server *srv)
{
    for (size_t i = 0; i < SNO_COUNT; i++)
        if (srv->now - srv->notice_limits[i].left_at >= NOTICE_INTERVAL)
            tell_left_out(srv, &srv->notice_limits[i]);
}

const struct subsystem notices_subsystem = {
    .id = SUBSYSTEM_notices,
    .tick = out_opers_tick,
};
